// What tools whose target is a model have in common: what it is asked, and what it has written.

import { field, textIn } from '../../json.js';
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
