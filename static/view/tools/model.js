// Tools whose target is a model: what it is asked, and what it has written.

import { field, shortLine, textIn } from '../../json.js';
import { text } from '../../strings.js';
import { json, optional, part, prose } from '../parts.js';

const { labels } = text;

/** @type {NonNullable<import('./registry.js').Face['input']>} */
export const asked = {
  shape: { problem: 'string', reasoning_focus: 'string', model: 'string', stage: 'string' },
  parts: (input) => optional(labels.input, [textIn(input, 'problem'), textIn(input, 'reasoning_focus')].filter(Boolean).join('\n\n'), prose),
};

/** @param {unknown} result */
export function written(result) {
  const content = field(result, 'content');
  return [part(labels.output, typeof content === 'string' ? prose(content) : json(result))];
}

/** The tool whose text is the answer. @type {import('./registry.js').Face} */
export const answer = {
  tone: 'answer',
  endsRun: true,
  line: (_, outcome) => (outcome ? 'Answered' : 'Writing the answer'),
  input: asked,
  output: written,
};

/** A model that works on a part of the question. @type {import('./registry.js').Face} */
export const enhanceReasoning = {
  tone: 'reasoning',
  line: (input) => shortLine(textIn(input, 'reasoning_focus') || textIn(input, 'problem') || 'Works on the question'),
  input: asked,
  output: written,
};
