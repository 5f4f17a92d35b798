// The list of runs as what a person does with one changes it, and what a title may be. Loaded on need. No DOM, no network.

import { entryOf, everywhere, notIn, withSeen } from './history.js';

/** @typedef {import('./history.js').Entry} Entry */
/** @typedef {import('./history.js').History} History */

/** Longest title, and longest words that are looked for, in Unicode scalar values; the server's rule. */
export const MOST_CHARACTERS = 120;

/**
 * A run that was renamed, pinned or is pinned no longer. Of how it fares the page may know more.
 * @param {History} history
 * @param {Entry} entry
 * @param {Pick<Entry, 'title' | 'pinned'>} changed
 * @returns {History}
 */
export function withChanged(history, entry, { title, pinned }) {
  const next = withSeen(history, entry.run_id, { title, pinned });
  const { begun, entries, pins, found } = next;
  const known = entryOf([...begun, ...entries, ...pins, ...(found?.entries ?? [])], entry.run_id) ?? { ...entry, title, pinned };
  const others = notIn(pins, [entry]);
  const at = others.findIndex(({ created_at: other }) => other <= known.created_at);
  return { ...next, pins: pinned ? others.toSpliced(at < 0 ? others.length : at, 0, known) : others };
}

/** @param {History} history @param {string} runId @returns {History} */
export function without(history, runId) {
  return everywhere(history, (entries) => entries.filter(({ run_id: id }) => id !== runId));
}

/** A text on one line, as the server keeps titles and reads words. @param {string} text */
export function onOneLine(text) {
  return text.trim().replace(/\s+/g, ' ');
}
