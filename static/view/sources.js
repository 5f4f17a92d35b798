// The sources of an answer, each with its site and the passage that was found there. Loaded with the first answer that has any.

import { isObject, textIn } from '../json.js';
import { passagesOf } from '../sources.js';
import { text } from '../strings.js';
import { el, hostOf, safeLink } from './dom.js';
import { json } from './parts.js';

/** What makes the row of each source. @param {import('../fold.js').RunState} state @param {unknown[]} sources @returns {(() => HTMLElement)[]} */
export function sourceRows(state, sources) {
  const passages = passagesOf(state);
  return sources.map((source, at) => () => sourceRow(source, at + 1, passages.get(textIn(source, 'url')) ?? ''));
}

/** @param {unknown} source @param {number} number @param {string} passage */
function sourceRow(source, number, passage) {
  const url = textIn(source, 'url');
  const title = textIn(source, 'title') || url;
  if (!isObject(source) || title === '') return el('li', {}, json(source));
  const line = el('p', {}, el('span', { class: 'number' }, text.number(number)), ' ', safeLink(url, title));
  return el('li', { id: `source-${number}` }, line, el('span', { class: 'host' }, hostOf(url)), ...(passage === '' ? [] : [el('p', { class: 'passage', dir: 'auto' }, passage)]));
}
