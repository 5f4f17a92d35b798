// A model that works on a part of the question.

import { shortLine, textIn } from '../../json.js';
import { asked, written } from './model.js';

/** @type {import('./registry.js').Face} */
export const enhanceReasoning = {
  tone: 'reasoning',
  line: (input) => shortLine(textIn(input, 'reasoning_focus') || textIn(input, 'problem') || 'Works on the question'),
  input: asked,
  output: written,
};
