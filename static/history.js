// The list of runs as the page knows it: pages that were read, changed by what happens here. No DOM, no network.

import { asText, field, listIn, textIn } from './json.js';

/**
 * @typedef {{run_id: string, title: string, status: string, created_at: string, duration_ms: number | null, pinned: boolean | null, rating?: string}} Entry
 *   `pinned`: null where the server knows of no pins
 * @typedef {{entries: Entry[], cursor: string | null}} Part newest first; `cursor` leads to older runs that were not read yet
 * @typedef {Part & {begun: Entry[], pins: Entry[], found: (Part & {words: string}) | null}} History `begun`: runs begun here that no page
 *   has held yet; `pins`: pinned runs, also older ones than any page that was read; `found`: the runs whose titles hold the words
 * @typedef {{runs: Entry[], cursor: string | null, unreadable: number}} Page `unreadable`: entries without an id, which cannot be opened
 * @typedef {Pick<Page, 'runs' | 'cursor'>} Runs
 */

// Ids and cursors are plain ASCII: no other text can stand in an address as it is.
const ID = /^[\x21-\x7e]{1,1000}$/;

/** @type {History} */
export const emptyHistory = { entries: [], cursor: null, begun: [], pins: [], found: null };

/** A page of the list as the server sends it, whatever its version. @param {unknown} body @returns {Page} */
export function readPage(body) {
  const all = listIn(body, 'runs');
  const runs = all.filter((run) => ID.test(textIn(run, 'run_id'))).map(readEntry);
  const cursor = textIn(body, 'cursor');
  return { runs, cursor: ID.test(cursor) ? cursor : null, unreadable: all.length - runs.length };
}

/** @param {unknown} run @returns {Entry} */
export function readEntry(run) {
  const ms = field(run, 'duration_ms');
  const pinned = field(run, 'pinned');
  const rating = textIn(run, 'rating');
  return {
    ...(rating && { rating }),
    run_id: textIn(run, 'run_id'),
    title: asText(field(run, 'title')),
    status: asText(field(run, 'status')),
    created_at: textIn(run, 'created_at'),
    duration_ms: typeof ms === 'number' && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER ? ms : null,
    pinned: typeof pinned === 'boolean' ? pinned : null,
  };
}

/** @param {Entry[]} entries @param {string | null | undefined} runId */
export function entryOf(entries, runId) {
  return entries.find(({ run_id: id }) => id === runId);
}

/** Each run once, as it stands first. @param {Entry[]} entries */
export function once(entries) {
  const ids = new Set();
  return entries.filter(({ run_id: id }) => !ids.has(id) && ids.add(id));
}

/** @param {Entry[]} entries @param {Entry[]} others */
export function notIn(entries, others) {
  const ids = new Set(others.map(({ run_id: id }) => id));
  return entries.filter(({ run_id: id }) => !ids.has(id));
}

/** A first page, read again: what it says counts; older entries that were read before stay behind it. @param {Part} part @param {Runs} page @returns {Part} */
export function joined({ entries, cursor }, page) {
  // One that holds nothing and goes on says nothing of what was there.
  if (page.runs.length === 0 && page.cursor !== null && entries.length > 0) return { entries, cursor };
  const runs = once(page.runs);
  const last = entries.findIndex(({ run_id: id }) => id === page.runs.at(-1)?.run_id);
  // A cursor of null, or a page that does not reach what was there, leaves nothing to keep.
  const older = page.cursor === null || last < 0 ? [] : notIn(entries.slice(last + 1), runs);
  return { entries: [...runs, ...older], cursor: older.length > 0 ? cursor : page.cursor };
}

/**
 * The newest page, read again, and the pinned runs with it.
 * @param {History} history
 * @param {Runs} page
 * @param {Runs | null} [pins] null where they could not be read: those that are known stay
 * @returns {History}
 */
export function withNewest(history, page, pins = null) {
  const part = joined(history, page);
  const known = once(pins ? pins.runs.filter(({ pinned }) => pinned) : [...history.entries.filter(({ pinned }) => pinned), ...history.pins]);
  const fresh = (/** @type {Entry} */ entry) => (entryOf(page.runs, entry.run_id) ? entry : (entryOf(known, entry.run_id) ?? (pins?.cursor === null && entry.pinned ? { ...entry, pinned: false } : entry)));
  return {
    ...history,
    entries: part.entries.map(fresh),
    cursor: part.cursor,
    // A list of runs may lag behind their starts.
    begun: notIn(history.begun, page.runs).filter(({ status }) => isGoingOn(status)),
    pins: page.cursor === null ? [] : notIn(known, page.runs),
  };
}

/** @param {History} history @param {Runs} page @param {string | null} [from] the cursor it was asked with: a page that no longer fits changes nothing @returns {History} */
export function withOlder(history, page, from = history.cursor) {
  if (from !== history.cursor) return history;
  return { ...history, entries: once([...history.entries, ...page.runs]), cursor: page.cursor };
}

/** Whether a title holds all the words, in whatever case. @param {string} title @param {string} words */
export function holds(title, words) {
  const folded = title.toLowerCase();
  return words.toLowerCase().split(' ').every((word) => folded.includes(word));
}

/** A run that has just begun, first in the list. @param {History} history @param {Entry} entry @returns {History} */
export function withBegun(history, entry) {
  const first = (/** @type {Entry[]} */ entries) => [entry, ...notIn(entries, [entry])];
  const { found } = history;
  return { ...history, begun: first(history.begun), found: found && holds(entry.title, found.words) ? { ...found, entries: first(found.entries) } : found };
}

/**
 * What the page has seen of a run that may be in the list.
 * @param {History} history
 * @param {string} runId
 * @param {Partial<Entry>} seen
 * @returns {History} the same one where nothing has changed
 */
export function withSeen(history, runId, seen) {
  let changed = false;
  const next = everywhere(history, (entries) =>
    entries.map((entry) => {
      if (entry.run_id !== runId || Object.entries(seen).every(([name, value]) => entry[/** @type {keyof Entry} */ (name)] === value)) return entry;
      changed = true;
      return { ...entry, ...seen };
    }),
  );
  return changed ? next : history;
}

/** @param {History} history @param {(entries: Entry[]) => Entry[]} change @returns {History} */
export function everywhere({ entries, cursor, begun, pins, found }, change) {
  return { entries: change(entries), cursor, begun: change(begun), pins: change(pins), found: found && { ...found, entries: change(found.entries) } };
}

/**
 * The groups of the list, each run in one: what was found, where something was looked for; else the pinned runs, then those of the day of
 * `now`, by this machine's clock, and the earlier ones.
 * @param {History} history
 * @param {number} now
 */
export function groupsOf({ entries, begun, pins, found }, now) {
  const all = found ? [] : once([...begun, ...entries]);
  const pinned = found ? [] : once([...all.filter((entry) => entry.pinned), ...pins]);
  return { found: found?.entries ?? [], pinned, ...byDay(notIn(all, pinned), now) };
}

/** @param {Entry[]} entries @param {number} now */
function byDay(entries, now) {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const isToday = (/** @type {Entry} */ entry) => Date.parse(entry.created_at) >= midnight;
  return { today: entries.filter(isToday), earlier: entries.filter((entry) => !isToday(entry)) };
}

/** @param {string} status */
export function isGoingOn(status) {
  return ['starting', 'running', 'suspended', 'stopping'].includes(status);
}
