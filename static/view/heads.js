// The heads of a table that goes on in the next: they are seen and read out there too, and are no part of the text. Loaded with the first such table.

import { el } from './dom.js';
import { withSheet } from './sheet.js';

await withSheet('again.css');

/** @param {Element} before @param {Element} next which goes on with its rows */
export function repeatHeads(before, next) {
  const heads = [...(before.querySelector('tr')?.querySelectorAll('th') ?? [])];
  if (heads.length > 0) next.prepend(el('tr', { class: 'again' }, ...heads.map((head) => el('th', { scope: 'col', 'data-align': head.dataset.align ?? false, 'data-head': head.dataset.head ?? seen(head).trim() }))));
}

/** The text of a node as it is seen. @param {Node} node @returns {string} */
export function seen(node) {
  if (node instanceof HTMLElement && node.hidden) return '';
  if (node instanceof HTMLBRElement) return '\n';
  return node instanceof Text ? node.data : [...node.childNodes].map(seen).join('');
}
