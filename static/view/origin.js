// Which run a run follows up: known where it was asked in this browser's tab, else read from the server. Loaded on need.

import { ask, runPath } from '../api.js';
import { titleOf } from '../current.js';
import { field, textIn } from '../json.js';
import { againWords as words } from '../strings-again.js';

/**
 * @typedef {{isKnown: boolean, origin: import('../current.js').PreviousTurn | null, problem: string}} Found `problem`: what is told of it, '' for nothing
 * @param {import('../current.js').Current} run is told its origin
 * @returns {Promise<Found>}
 */
export async function originOf(run) {
  if (run.origin || run.begunAt !== null) return { isKnown: true, origin: run.origin, problem: '' };
  const asked = await requestOf(run.runId);
  // A run that is gone follows up nothing that could be asked about.
  if (!asked) return { isKnown: false, origin: null, problem: words.unread };
  const runId = textIn(asked.request, 'previous_run_id');
  if (runId === '') return { isKnown: true, origin: null, problem: '' };
  const before = await requestOf(runId);
  if (!before) return { isKnown: false, origin: null, problem: words.unread };
  if (before.isGone) return { isKnown: true, origin: null, problem: words.before };
  run.origin = { runId, title: titleOf(textIn(before.request, 'query')) };
  return { isKnown: true, origin: run.origin, problem: '' };
}

/** What was asked in a run, null where that cannot be read now. @param {string} runId @returns {Promise<{request: unknown, isGone: boolean} | null>} */
export async function requestOf(runId) {
  const answer = await ask(runPath(runId));
  if (answer.ok) return { request: field(answer.body, 'request'), isGone: false };
  return answer.error.code === 'not_found' ? { request: null, isGone: true } : null;
}
