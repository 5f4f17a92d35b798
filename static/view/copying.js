// Copies a part of what the page shows: the code of a block, or a table as CSV. Loaded with the first press of such a button.

import { csvOf } from '../csv.js';
import { copyWords as words } from '../strings-again.js';
import { copied } from './copy.js';
import { byId, setText } from './dom.js';

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

/** A long block stands in several. @param {Element | null} block */
function codeOf(block) {
  let code = '';
  for (let node = block; node; node = node.nextElementSibling) {
    if (node !== block && !node.matches('.fenced.goes-on')) break;
    code += [...node.querySelectorAll('code')].map(seen).join('');
  }
  return code;
}

/** @param {Element | null} table */
function tableOf(table) {
  const rows = [...(table?.querySelectorAll('tr') ?? [])];
  return csvOf(rows.map((row) => [...row.children].filter((cell) => cell.matches('th, td')).map((cell) => seen(cell).trim())));
}

/** The text of a node as it is seen. @param {Node} node @returns {string} */
function seen(node) {
  if (node instanceof HTMLElement && node.hidden) return '';
  if (node instanceof HTMLBRElement) return '\n';
  return node instanceof Text ? node.data : [...node.childNodes].map(seen).join('');
}
