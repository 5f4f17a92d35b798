// The tool whose text is the answer.

import { asked, written } from './model.js';

/** @type {import('./registry.js').Face} */
export const answer = {
  tone: 'answer',
  endsRun: true,
  line: (_, outcome) => (outcome ? 'Answered' : 'Writing the answer'),
  input: asked,
  output: written,
};
