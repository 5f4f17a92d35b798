// The labelled parts that the body of a step is made of.

import { written } from '../json.js';
import { bytes, text } from '../strings.js';
import { guardedNode } from './boundary.js';
import { el } from './dom.js';
import { createProse, fillText } from './prose.js';

const SHOWN_CHARACTERS = 65_536;
const SHOWN_ROWS = 50;

/** @param {string} label @param {...HTMLElement} content */
export function part(label, ...content) {
  return el('section', { class: 'part' }, el('h3', {}, label), ...content);
}

/** A part for a text, none where there is no text. @param {string} label @param {string} content @param {(content: string) => HTMLElement} paint @returns {HTMLElement[]} */
export function optional(label, content, paint) {
  return content === '' ? [] : [part(label, paint(content))];
}

/** A text as it is. Of a very long one only the beginning, until the person asks for all. @param {string} content */
export function code(content) {
  const node = el('pre', { tabindex: '0' });
  fillText(node, content.slice(0, SHOWN_CHARACTERS));
  return withRest(node, content, () => fillText(node, content, SHOWN_CHARACTERS));
}

/** Whatever has another shape than the page knows. @param {unknown} value */
export function json(value) {
  return code(written(value));
}

/** @param {string} content */
export function prose(content) {
  const node = el('div', { class: 'prose' });
  const grown = createProse(node);
  grown.show(content.slice(0, SHOWN_CHARACTERS));
  return withRest(node, content, () => grown.show(content));
}

/**
 * A list. Of a very long one only the beginning; each press adds as many rows again.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => HTMLElement} toRow
 * @param {{class?: string}} [attributes]
 * @returns {HTMLElement}
 */
export function list(items, toRow, attributes = {}) {
  const node = el('ul', attributes);
  if (items.length <= SHOWN_ROWS) {
    node.append(...items.map((item) => guardedNode(() => toRow(item), 'li')));
    return node;
  }
  const button = el('button', { type: 'button', class: 'secondary' });
  let shown = 0;
  const more = () => {
    const rows = items.slice(shown, shown + SHOWN_ROWS).map((item) => guardedNode(() => toRow(item), 'li'));
    node.append(...rows);
    shown += rows.length;
    button.textContent = text.showMore(items.length - shown);
    button.hidden = shown === items.length;
    return rows[0];
  };
  more();
  button.addEventListener('click', () => {
    const first = more();
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  });
  return el('div', { class: 'many' }, node, button);
}

/** @param {HTMLElement} node @param {string} content @param {() => void} showAll */
function withRest(node, content, showAll) {
  if (content.length <= SHOWN_CHARACTERS) return node;
  const button = el('button', { type: 'button', class: 'secondary' }, text.showAll(bytes(new Blob([content]).size)));
  button.addEventListener('click', () => {
    showAll();
    node.tabIndex = 0;
    node.focus({ preventScroll: true });
    button.remove();
  });
  return el('div', { class: 'long' }, node, button);
}
