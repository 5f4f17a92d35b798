// A tool that the page does not know: everything as JSON.

import { asLine } from '../../json.js';
import { text } from '../../strings.js';
import { json, part } from '../parts.js';

/** @type {import('./registry.js').Face} */
export const other = {
  line: (input) => asLine(input),
  output: (result) => [part(text.labels.output, json(result))],
};
