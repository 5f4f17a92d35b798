// The banners of a run that has failed, has used up what it may take, or is not to be shown. Loaded on need.

import { isShared } from '../api.js';
import { endingWords as words } from '../strings-again.js';

/** Endings of which a person can get more by allowing more. */
const usedUp = new Map([['over_budget', words.overBudget], ['out_of_rounds', words.outOfRounds]]);

/**
 * @typedef {import('./banners.js').Banner} Banner
 * @typedef {{askAgain: () => void, openPreferences: () => void, newQuestion: () => void}} Acts
 * @param {import('../current.js').Current} run @param {Acts} acts
 * @returns {Record<'fatal' | 'ended' | 'refused', Banner | null>}
 */
export function endingsOf({ link, state }, { askAgain, openPreferences, newQuestion }) {
  const over = state.phase.name === 'over' && !state.fatal ? usedUp.get(state.phase.summary.status) : undefined;
  // That a key is needed is told once, for all of the page.
  const refused = link.name === 'refused' && link.error.code !== 'unauthorized' ? link.error : null;
  const gone = isShared ? words.linkGone : words.gone;
  return {
    fatal: failure(state, askAgain),
    ended: over ? { kind: 'warn', what: over.what, then: isShared ? '' : over.then, ...act(words.preferences, openPreferences) } : null,
    refused: refused && { kind: 'danger', ...(refused.code === 'not_found' ? gone : { what: words.refused, then: refused.message }), ...act(words.newQuestion, newQuestion) },
  };
}

/** @param {import('../fold.js').RunState} state @param {() => void} askAgain @returns {Banner | null} */
function failure(state, askAgain) {
  const failed = state.fatal || (state.phase.name === 'over' && state.phase.summary.status === 'failed');
  if (!failed) return null;
  const then = isShared ? '' : [state.fatal?.remedy, words.saved].filter(Boolean).join(' ');
  return { kind: 'danger', what: state.fatal?.message ?? words.failed, then, ...act(words.again, askAgain) };
}

/** Who was only given the link cannot do anything about it. @param {string} label @param {() => void} act @returns {Pick<Banner, 'action'>} */
function act(label, act) {
  return isShared ? {} : { action: { label, act } };
}
