// Which face each tool has on the page. A tool that has none of its own gets that of all others.

import { answer } from './answer.js';
import { enhanceReasoning } from './enhance_reasoning.js';
import { asked } from './model.js';
import { asLine, field, lineIn, shortLine, textIn } from '../../json.js';
import { count } from '../../numbers.js';
import { text } from '../../strings.js';
import { el } from '../dom.js';
import { isFrameFull, overFrames } from '../frames.js';
import { code, json, optional, part, prose } from '../parts.js';

const { labels } = text;

/**
 * What the page knows of a tool.
 * @typedef {object} Face
 * @property {string} [tone] its colour, by a name of `run.css`
 * @property {boolean} [endsRun] its text is the answer
 * @property {(input: unknown, outcome: import('../../fold.js').Outcome | null) => string} line of a call that has not failed
 * @property {{shape: import('../../json.js').Shape, needed?: string, of?: import('../../fold.js').CallStep, parts(input: unknown): HTMLElement[]}} [input]
 *   arguments of another shape, or without the text that is needed, are shown as JSON; `of`: the step whose arguments are shown in place of its own
 * @property {(result: unknown, modelName: (id: string) => string) => HTMLElement[]} output
 * @property {(result: unknown) => string[][]} [facts] below the output
 * @property {string | null} [model] who works within it
 */

/** Any other tool: all as JSON. @type {Face} */
const other = {
  line: (input) => asLine(input),
  output: (result) => [part(labels.output, json(result))],
};

/** What is shown by a file that most runs do not need. @param {() => Promise<{output: Face['output']}>} load @returns {Face['output']} */
function onNeed(load) {
  return (result, modelName) => {
    const node = el('div', { 'aria-busy': 'true' });
    /** @param {Face['output']} output Those of many steps may come at once. */
    const show = (output) => overFrames(node, () => {
      if (isFrameFull()) return false;
      node.append(...output(result, modelName));
      node.removeAttribute('aria-busy');
      return true;
    });
    load().then(({ output }) => show(output)).catch(() => show(() => [json(result)]));
    return [node];
  };
}

/** @type {Face} */
const search = {
  tone: 'search',
  line: (input, outcome) => `“${lineIn(input, 'query')}”${outcome ? found(outcome.result) : ''}`,
  input: { shape: { query: 'string', num_results: 'number' }, needed: 'query', parts: (input) => optional(labels.input, textIn(input, 'query'), prose) },
  output: onNeed(() => import('./search.js')),
};

/** @type {[string, Face][]} */
const known = [
  ['answer', answer],
  ['code_interpreter', {
    tone: 'code',
    line: ranLine,
    input: {
      shape: { code: 'string', stdin: 'string', timeout: 'number' },
      needed: 'code',
      parts: (input) => [...optional(labels.code, textIn(input, 'code'), code), ...optional(labels.stdin, textIn(input, 'stdin'), code)],
    },
    output: onNeed(() => import('./code_interpreter.js')),
    facts: ranFacts,
  }],
  ['discuss', {
    tone: 'reasoning',
    line: (input) => shortLine(textIn(input, 'stage') || textIn(input, 'problem') || 'Several models discuss'),
    input: asked,
    output: onNeed(() => import('./discuss.js')),
  }],
  ['enhance_reasoning', enhanceReasoning],
  ['read_url', {
    tone: 'search',
    line: (input) => lineIn(input, 'url'),
    input: { shape: { url: 'string' }, needed: 'url', parts: (input) => optional(labels.input, textIn(input, 'url'), prose) },
    output: onNeed(() => import('./read_url.js')),
  }],
  ['search', search],
  // What the catalogue of the trained orchestrator calls it, where a model writes the query.
  ['web_search', search],
];
const faces = new Map(known);

/** How many results there are, where it is said. @param {unknown} result */
function found(result) {
  const told = field(result, 'num_results');
  return Number.isSafeInteger(told) && Number(told) >= 0 ? ` · ${told === 0 ? 'no results' : count(Number(told), 'result', 'results')}` : '';
}

/** How long a program is, and what it printed last or why it failed. @param {unknown} input @param {import('../../fold.js').Outcome | null} outcome */
function ranLine(input, outcome) {
  const program = field(input, 'code');
  const length = typeof program === 'string' ? `Python, ${count(program.trim().split('\n').length, 'line', 'lines')}` : lineIn(input, 'code');
  if (!outcome) return length;
  const { result } = outcome;
  const stderr = textIn(result, 'stderr').trimEnd();
  const printed = textIn(result, 'stdout').trim() || textIn(result, 'value');
  const fault = stderr.slice(stderr.lastIndexOf('\n') + 1) || textIn(result, 'error') || 'the program failed';
  return [length, shortLine(field(result, 'success') === false ? fault : printed)].filter(Boolean).join(' · ');
}

/** How a program ended, and how it was held. @param {unknown} result @returns {string[][]} */
function ranFacts(result) {
  const returncode = field(result, 'returncode');
  const isolation = textIn(result, 'isolation');
  const exit = typeof returncode === 'number' && returncode !== 0 ? [[labels.returncode, returncode < 0 ? `signal ${-returncode}` : String(returncode)]] : [];
  return isolation === '' ? exit : [...exit, [labels.isolation, isolation]];
}

/** @param {string} tool @returns {Face} */
export function faceOf(tool) {
  return faces.get(tool) ?? other;
}

/** Whether the text of a tool's calls is the answer. @param {string} tool */
export function endsRun(tool) {
  return faceOf(tool).endsRun === true;
}
