// Which face each tool has on the page. A tool that has none of its own gets that of all others.

import { answer } from './answer.js';
import { codeInterpreter } from './code_interpreter.js';
import { enhanceReasoning } from './enhance_reasoning.js';
import { other } from './other.js';
import { search } from './search.js';
import { shortened } from '../../strings.js';

/**
 * What the page knows of a tool.
 * @typedef {object} Face
 * @property {string} [name] what it is called where there is little room
 * @property {string} [tone] its colour, by a name of `run.css`
 * @property {boolean} [endsRun] its text is the answer
 * @property {(input: unknown, outcome: import('../../fold.js').Outcome | null) => string} line of a call that has not failed
 * @property {{shape: import('../../json.js').Shape, needed?: string, parts(input: unknown): HTMLElement[]}} [input] arguments that have
 *   another shape, or not the text that is needed, are shown as JSON
 * @property {(result: unknown) => HTMLElement[]} output
 * @property {(result: unknown) => string[][]} [facts] names and values below the output
 */

/** @type {[string, Face][]} */
const known = [
  ['answer', answer],
  ['code_interpreter', codeInterpreter],
  ['enhance_reasoning', enhanceReasoning],
  ['search', search],
];
const faces = new Map(known);

/** @param {string} tool @returns {Face} */
export function faceOf(tool) {
  return faces.get(tool) ?? other;
}

/** What a tool is called where there is little room. @param {string} tool */
export function shortName(tool) {
  return faceOf(tool).name ?? shortened(tool);
}

/** Whether the text of a tool's calls is the answer. @param {string} tool */
export function endsRun(tool) {
  return faceOf(tool).endsRun === true;
}
