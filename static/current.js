// The run on the page: what is known of it besides its events, and what follows from that.

const TITLE_CHARACTERS = 60;
const SETTLED_AFTER_MS = 400;

/**
 * `begunAt` is set for a run that was asked on this very page: its clock needs no server time. Times are those of
 * `performance.now()`.
 * @typedef {{runId: string, title: string}} PreviousTurn a run that a question follows up
 * @typedef {{followUp: PreviousTurn | null, instead: PreviousTurn | null}} Reply what a question is typed for: to follow a run up, or in place of one
 * @typedef {{origin: PreviousTurn | null, instead: string | null, chosen: import('./preferences.js').Preferences | null, beside: string | null}} Again how a question is asked again:
 *   in place of which run, by which preferences if not by those that are kept, and beside which run it is shown
 * @typedef {{origin: PreviousTurn | null, usd: number | null}} Asked how a run was asked for, as far as this browser knows: `usd` is
 *   what it may cost at most, in dollars
 * @typedef {Asked & {runId: string, state: import('./fold.js').RunState, asked: string, openedAt: number,
 *   begunAt: number | null, stopping: boolean, pausedSince: number | null, link: import('./connection.js').Link,
 *   follower: ReturnType<typeof import('./connection.js').followRun>}} Current
 */

/** @param {Current} run */
export function isLive({ state, link }) {
  return state.phase.name !== 'over' && link.name !== 'refused' && link.name !== 'over';
}

/** Whether the page has seen enough to say that a run is going on: the events of one that has ended come at once. @param {Current} run @param {number} now */
export function isSettled({ begunAt, openedAt }, now) {
  return begunAt !== null || now - openedAt > SETTLED_AFTER_MS;
}

/** @param {Current} run @param {number} now @param {number} serverAheadMs */
export function elapsedMs({ state, begunAt, link }, now, serverAheadMs) {
  if (state.phase.name === 'over') return state.phase.summary.duration_ms;
  if (link.name === 'refused') return null;
  if (begunAt !== null) return now - begunAt;
  return state.createdAt === null ? null : Math.max(0, Date.now() + serverAheadMs - Date.parse(state.createdAt));
}

/** @param {string} runId @param {string | null} [beside] the run that is shown beside it */
export function addressOf(runId, beside = null) {
  return `/orchestrator?run=${encodeURIComponent(runId)}${beside === null ? '' : `&beside=${encodeURIComponent(beside)}`}`;
}

/** The beginning of a question, on one line. @param {string} query */
export function titleOf(query) {
  return [...query.trim().replace(/\s+/g, ' ')].slice(0, TITLE_CHARACTERS).join('');
}

/** A key of 128 random bits; `crypto.randomUUID` is missing on pages that are not served securely. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
