// Copies a part of what the page shows: the code of a block, or a table as CSV. Loaded with the first press of such a button.

import { csvOf } from '../csv.js';
import { copyWords as words } from '../strings-again.js';
import { copied } from './copy.js';
import { byId, setText } from './dom.js';
import { seen } from './heads.js';

const TOLD_MS = 2_000;

/** @param {HTMLElement} button */
export async function copyFrom(button) {
  const isCode = button.dataset.copy === 'code';
  const content = isCode ? codeOf(button.parentElement) : tableOf(button.parentElement);
  const done = await copied(content);
  button.dataset.told = done ? words.copied : words.notCopied;
  setText(byId('announcer'), button.dataset.told);
  setTimeout(() => delete button.dataset.told, TOLD_MS);
}

/** A long block, or table, stands in several: those that it is made of. @param {Element | null} first @param {string} rest */
function wholeOf(first, rest) {
  /** @type {Element[]} */
  const all = [];
  for (let node = first; node && (node === first || node.matches(rest)); node = node.nextElementSibling) all.push(node);
  return all;
}

/** @param {Element | null} block */
function codeOf(block) {
  return wholeOf(block, '.fenced.goes-on').flatMap((node) => [...node.querySelectorAll('code')].map(seen)).join('');
}

/** @param {Element | null} table */
function tableOf(table) {
  const rows = wholeOf(table, '.table.goes-on').flatMap((node) => [...node.querySelectorAll('tr:not(.again)')]);
  return csvOf(rows.map((row) => [...row.children].filter((cell) => cell.matches('th, td')).map((cell) => seen(cell).trim())));
}
