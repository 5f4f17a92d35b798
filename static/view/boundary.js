// The one place that keeps a fault in painting one thing from stopping the rest.

import { text } from '../strings.js';
import { el } from './dom.js';

const MOST_TOLD = 20;
/** @type {Set<string>} */
const told = new Set();

/**
 * Does one part of the painting. What it throws is told on the page (`faults.js`), each fault once.
 * @template T
 * @param {() => T} work
 * @param {() => T} instead what takes its place
 * @returns {T}
 */
export function guarded(work, instead) {
  try {
    return work();
  } catch (error) {
    const message = String(error);
    if (!told.has(message) && told.size < MOST_TOLD) {
      told.add(message);
      reportError(error);
    }
    return instead();
  }
}

/** An element, or a line that says that it could not be painted. @template {HTMLElement} T @param {() => T} make @param {'li' | 'p'} [tag] @returns {HTMLElement} */
export function guardedNode(make, tag = 'p') {
  return guarded(/** @returns {HTMLElement} */ () => make(), () => el(tag, { class: 'unpainted' }, text.unpainted));
}
