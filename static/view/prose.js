// Text of a model: as it was written, but with its code blocks set as code.

import { segments } from '../fences.js';
import { el, growText } from './dom.js';

/**
 * Shows a growing text. Parts that are on the page already stay, and with them a person's selection. The lines that fence
 * code stay in the page unseen, so that its text is always the whole text.
 * @param {HTMLElement} node holds nothing else
 * @param {string} text
 */
export function growProse(node, text) {
  const parts = segments(text);
  parts.forEach(({ kind, text: content }, index) => {
    const shown = node.children[index];
    const part = shown instanceof HTMLElement && shown.dataset.part === kind ? shown : create(kind);
    if (part !== shown) {
      while (node.children.length > index) node.lastElementChild?.remove();
      node.append(part);
    }
    growText(part, content);
  });
  while (node.children.length > parts.length) node.lastElementChild?.remove();
}

/** @param {import('../fences.js').Segment['kind']} kind */
function create(kind) {
  switch (kind) {
    case 'code':
      return el('code', { class: 'block', 'data-part': kind, tabindex: '0' });
    case 'fence':
      return el('span', { 'data-part': kind, hidden: true });
    case 'text':
      return el('span', { 'data-part': kind });
  }
}
