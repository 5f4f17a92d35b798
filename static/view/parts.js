// The labelled parts that the body of a step is made of.

import { bytes, text } from '../strings.js';
import { el } from './dom.js';
import { growProse } from './prose.js';

const SHOWN_CHARACTERS = 65_536;

/** @param {string} label @param {...HTMLElement} content */
export function part(label, ...content) {
  return el('section', { class: 'part' }, el('h3', {}, label), ...content);
}

/** A text as it is. Of a very long one only the beginning, until the person asks for all. @param {string} content */
export function code(content) {
  const node = el('pre', { tabindex: '0' }, content.slice(0, SHOWN_CHARACTERS));
  return withRest(node, content, () => node.replaceChildren(content));
}

/** @param {string} content */
export function prose(content) {
  const node = el('p', { class: 'prose' });
  growProse(node, content.slice(0, SHOWN_CHARACTERS));
  return withRest(node, content, () => growProse(node, content));
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
