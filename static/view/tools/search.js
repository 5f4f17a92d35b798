// A search: what was looked for, and what was found.

import { field, lineIn, listIn, misfits, textIn } from '../../json.js';
import { count } from '../../numbers.js';
import { text } from '../../strings.js';
import { el, hostOf, safeLink } from '../dom.js';
import { json, list, optional, part, prose } from '../parts.js';

const { labels } = text;

/** @type {import('../../json.js').Shape} */
const hitShape = { title: 'string', snippet: 'string', url: 'string' };

/** @type {import('./registry.js').Face} */
export const search = {
  tone: 'search',
  line: (input, outcome) => `“${lineIn(input, 'query')}”${outcome ? found(outcome.result) : ''}`,
  input: { shape: { query: 'string', num_results: 'number' }, needed: 'query', parts: (input) => optional(labels.input, textIn(input, 'query'), prose) },
  output: (result) => [part(labels.output, Array.isArray(field(result, 'results')) ? hits(listIn(result, 'results')) : json(result))],
};

/** How many results there are, where it is said. @param {unknown} result */
function found(result) {
  const told = field(result, 'num_results');
  if (typeof told !== 'number' || !Number.isFinite(told)) return '';
  return ` · ${told === 0 ? 'no results' : count(told, 'result', 'results')}`;
}

/** @param {unknown[]} results */
function hits(results) {
  return results.length === 0 ? el('p', {}, 'No results.') : list(results, hitRow, { class: 'results' });
}

/** @param {unknown} given */
function hitRow(given) {
  if (misfits(given, hitShape, false) !== undefined) return el('li', {}, json(given));
  const url = textIn(given, 'url');
  return el('li', {}, safeLink(url, textIn(given, 'title') || url), el('span', { class: 'host' }, hostOf(url)), el('p', {}, textIn(given, 'snippet')));
}
