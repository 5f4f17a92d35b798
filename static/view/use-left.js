// What is left of the caller's limits, on the page of use. Loaded with it.

import { isBound, readLimits } from '../limits.js';
import { limitWords as words } from '../strings-limits.js';
import { el } from './dom.js';

/** @returns {{node: HTMLElement, show(limits: unknown): void}} hidden where there is no limit */
export function createLeft() {
  const rows = el('dl', { class: 'use-numbers use-left' });
  const node = el('section', { 'aria-labelledby': 'use-left-title', hidden: true }, el('h2', { id: 'use-left-title' }, words.title), rows);
  return {
    node,
    show(given) {
      const limits = readLimits(given);
      const { minute, parallel, day } = limits;
      node.hidden = !isBound(limits);
      rows.replaceChildren(
        ...(minute ? [row(words.minute, words.leftOf(minute), words.minuteNote)] : []),
        ...(parallel ? [row(words.parallel, words.leftOf(parallel), words.parallelNote)] : []),
        ...(day ? [row(words.day, words.usdLeftOf(day), words.dayNote(day, Date.now()))] : []),
      );
    },
  };
}

/** @param {string} name @param {string} left @param {string} note */
function row(name, left, note) {
  return el('div', {}, el('dt', {}, name), el('dd', {}, left), el('dd', { class: 'note' }, note));
}
