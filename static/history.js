// The list of runs as the page knows it: pages that were read, changed by what happens here. No DOM, no network.

import { asText, field, listIn, textIn } from './json.js';

/**
 * @typedef {{run_id: string, title: string, status: string, created_at: string, duration_ms: number | null}} Entry
 * @typedef {{entries: Entry[], cursor: string | null}} History `cursor` leads to older runs that were not read yet
 * @typedef {{runs: Entry[], cursor: string | null, unreadable: number}} Page `unreadable`: entries without an id, which cannot be opened
 */

// Ids and cursors are plain ASCII: no other text can stand in an address as it is.
const ID = /^[\x21-\x7e]{1,1000}$/;

/** @type {History} */
export const emptyHistory = { entries: [], cursor: null };

/** A page of the list as the server sends it, whatever its version. @param {unknown} body @returns {Page} */
export function readPage(body) {
  const all = listIn(body, 'runs');
  const runs = all.filter((run) => ID.test(textIn(run, 'run_id'))).map(readEntry);
  const cursor = textIn(body, 'cursor');
  return { runs, cursor: ID.test(cursor) ? cursor : null, unreadable: all.length - runs.length };
}

/** @param {unknown} run @returns {Entry} */
function readEntry(run) {
  const ms = field(run, 'duration_ms');
  return {
    run_id: textIn(run, 'run_id'),
    title: asText(field(run, 'title')),
    status: asText(field(run, 'status')),
    created_at: textIn(run, 'created_at'),
    duration_ms: typeof ms === 'number' && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER ? ms : null,
  };
}

/**
 * The newest page, read again: what it says counts; older entries that were read before stay behind it.
 * @param {History} history
 * @param {{runs: Entry[], cursor: string | null}} page
 * @returns {History}
 */
export function withNewest({ entries, cursor }, page) {
  const last = page.runs.at(-1);
  // A cursor of null, or a page that does not reach what was there, leaves nothing to keep.
  const joins = page.cursor !== null && last && entries.some(({ run_id: id }) => id === last.run_id);
  if (!joins) return { entries: page.runs, cursor: page.cursor };
  const older = entries.slice(entries.findIndex(({ run_id: id }) => id === last.run_id) + 1);
  return { entries: [...page.runs, ...older], cursor: older.length > 0 ? cursor : page.cursor };
}

/** @param {History} history @param {{runs: Entry[], cursor: string | null}} page @returns {History} */
export function withOlder({ entries }, page) {
  const known = new Set(entries.map(({ run_id: id }) => id));
  return { entries: [...entries, ...page.runs.filter(({ run_id: id }) => !known.has(id))], cursor: page.cursor };
}

/** A run that has just begun, first in the list. @param {History} history @param {Entry} entry @returns {History} */
export function withBegun({ entries, cursor }, entry) {
  return { entries: [entry, ...entries.filter(({ run_id: id }) => id !== entry.run_id)], cursor };
}

/**
 * What the page has seen of a run that may be in the list.
 * @param {History} history
 * @param {string} runId
 * @param {{status: string, duration_ms: number | null}} seen
 * @returns {History} the same one where nothing has changed
 */
export function withSeen(history, runId, seen) {
  const old = history.entries.find(({ run_id: id }) => id === runId);
  if (!old || (old.status === seen.status && old.duration_ms === seen.duration_ms)) return history;
  return { ...history, entries: history.entries.map((entry) => (entry === old ? { ...entry, ...seen } : entry)) };
}

/** @param {History} history @param {string} runId @returns {History} */
export function without({ entries, cursor }, runId) {
  return { entries: entries.filter(({ run_id: id }) => id !== runId), cursor };
}

/** The entries of the day of `now`, by this machine's clock, and the earlier ones. @param {Entry[]} entries @param {number} now */
export function byDay(entries, now) {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const isToday = (/** @type {Entry} */ entry) => Date.parse(entry.created_at) >= midnight;
  return { today: entries.filter(isToday), earlier: entries.filter((entry) => !isToday(entry)) };
}

/** @param {string} status */
export function isGoingOn(status) {
  return ['starting', 'running', 'suspended', 'stopping'].includes(status);
}
