// What was looked for in the list of runs, and what of it was found. No DOM, no network. Loaded on need.

import { emptyHistory, holds, joined, once } from './history.js';

/** @typedef {import('./history.js').History} History */

/**
 * Runs whose titles hold the words. A server that does not know the question answers with all runs.
 * @param {History} history
 * @param {string} words
 * @param {import('./history.js').Runs} page
 * @param {string | null} [from] the cursor it was asked with, null for the first page
 * @returns {History}
 */
export function withFound(history, words, page, from = null) {
  const old = history.found?.words === words ? history.found : null;
  if (from !== null && from !== old?.cursor) return history;
  const runs = page.runs.filter(({ title, pinned }) => pinned !== null || holds(title, words));
  const part = from === null ? joined(old ?? emptyHistory, { runs, cursor: page.cursor }) : { entries: once([...(old?.entries ?? []), ...runs]), cursor: page.cursor };
  return { ...history, found: { ...part, words } };
}

/** @param {History} history @returns {History} the same one where nothing was looked for */
export function withoutFound(history) {
  return history.found ? { ...history, found: null } : history;
}
