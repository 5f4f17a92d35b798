// A table behind pictures: it unfolds on need, scrolls by itself, and can be saved as CSV.

import { csvOf } from '../csv.js';
import { rowsForFile } from '../use-tables.js';
import { useWords as words } from '../use-words.js';
import { byId, el, setText } from './dom.js';
import { handOver } from './hand-over.js';

const BYTE_ORDER_MARK = '\ufeff'; // Spreadsheets take a file without it for one of an older encoding.

/**
 * @typedef {import('../use-tables.js').Cell} Cell
 * @typedef {import('../use-tables.js').Table} Table
 */

/** @returns {{nodes: HTMLElement[], show(table: Table): void}} what is unfolded stays so when another table is shown */
export function createTable() {
  const summary = el('summary');
  const place = el('div', { class: 'use-scroll', role: 'region', tabindex: '0' });
  const details = el('details', { class: 'use-table' }, summary, place);
  const save = el('button', { type: 'button', class: 'secondary' }, words.save);
  /** @type {Table | null} */
  let shown = null;
  const fill = () => {
    if (shown && details.open && place.childElementCount === 0) place.replaceChildren(tableOf(shown));
  };
  details.addEventListener('toggle', fill);
  save.addEventListener('click', () => {
    if (!shown) return;
    handOver(shown.file, BYTE_ORDER_MARK + csvOf(rowsForFile(shown)));
    setText(byId('announcer'), words.saved(shown.file));
  });
  return {
    nodes: [details, save],
    show(table) {
      shown = table;
      setText(summary, words.tableNamed(table.name));
      place.setAttribute('aria-label', words.tableNamed(table.name));
      save.setAttribute('aria-label', words.saveNamed(table.name));
      place.replaceChildren();
      fill();
    },
  };
}

/** @param {Table} table */
function tableOf({ name, head, rows, total }) {
  const row = (/** @type {Cell[]} */ cells) => el('tr', {}, ...cells.map((cell, at) => cellOf(cell, at)));
  return el(
    'table',
    {},
    el('caption', { class: 'visually-hidden' }, name),
    el('thead', {}, el('tr', {}, ...head.map(({ shown, isName }) => el('th', { scope: 'col', class: isName ? 'name' : false }, shown)))),
    el('tbody', {}, ...rows.map(row)),
    ...(total ? [el('tfoot', {}, row(total))] : []),
  );
}

/** @param {Cell} cell @param {number} at its column */
function cellOf({ shown, isName }, at) {
  if (at === 0) return el('th', { scope: 'row', class: 'name' }, el('bdi', {}, shown));
  return isName ? el('td', { class: 'name' }, el('bdi', {}, shown)) : el('td', {}, shown);
}
