// What a search found. Loaded on need, when its step is first painted.

import { field, listIn, misfits, textIn } from '../../json.js';
import { text } from '../../strings.js';
import { el, hostOf, safeLink } from '../dom.js';
import { json, list, part } from '../parts.js';
import { written } from './model.js';

/** @type {import('../../json.js').Shape} */
const hitShape = { title: 'string', snippet: 'string', url: 'string' };

/** @param {unknown} result any JSON @returns {HTMLElement[]} */
export function output(result) {
  if (!Array.isArray(field(result, 'results'))) return written(result);
  return [part(text.labels.output, hits(listIn(result, 'results')))];
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
