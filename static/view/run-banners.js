// The banners that tell how the run on the page fares: lost, paused, failed, or not to be shown.

import { text } from '../strings.js';

const NOTICE_AFTER_MS = 2_000;
/** Endings of which a person can get more by allowing more. */
const usedUp = new Map([['over_budget', text.overBudget], ['out_of_rounds', text.outOfRounds]]);

/**
 * @typedef {import('./banners.js').Banner} Banner
 * @param {ReturnType<typeof import('./banners.js').createBanners>} banners
 */
export function createRunBanners(banners) {
  return {
    clear() {
      for (const key of ['link', 'paused', 'fatal', 'ended', 'refused']) banners.show(key, null);
    },
    /** @param {import('../current.js').Current} run @param {{now: number, askAgain: () => void, openPreferences: () => void, newQuestion: () => void}} page @returns {boolean} whether the connection is lost */
    show({ link, state, pausedSince, follower }, { now, askAgain, openPreferences, newQuestion }) {
      const lost = link.name === 'lost' && now - link.since > NOTICE_AFTER_MS;
      const seconds = link.name === 'lost' && link.retryAt !== null ? Math.ceil((link.retryAt - now) / 1_000) : 0;
      const lostWords = navigator.onLine ? { what: text.lostTitle, then: text.lost(seconds) } : text.offline;
      banners.show('link', lost ? { kind: 'warn', ...lostWords, action: { label: text.reconnectNow, act: follower.retryNow } } : null);
      const paused = pausedSince !== null && now - pausedSince > NOTICE_AFTER_MS && state.phase.name === 'suspended' ? state.phase.reason : null;
      banners.show('paused', paused === null ? null : { kind: 'info', what: text.pausedTitle, then: text.paused(paused), action: { label: text.resume, act: follower.retryNow } });
      banners.show('fatal', failure(state, askAgain));
      const words = state.phase.name === 'over' && !state.fatal ? usedUp.get(state.phase.summary.status) : undefined;
      banners.show('ended', words ? { kind: 'warn', ...words, action: { label: text.changePreferences, act: openPreferences } } : null);
      // That a key is needed is told once, for all of the page.
      const refused = link.name === 'refused' && link.error.code !== 'unauthorized' ? link.error : null;
      const refusedWords = refused?.code === 'not_found' ? text.gone : { what: text.refusedTitle, then: refused?.message ?? '' };
      banners.show('refused', refused && { kind: 'danger', ...refusedWords, action: { label: text.newQuestion, act: newQuestion } });
      return lost;
    },
  };
}

/** @param {import('../fold.js').RunState} state @param {() => void} askAgain @returns {Banner | null} */
function failure(state, askAgain) {
  const failed = state.fatal || (state.phase.name === 'over' && state.phase.summary.status === 'failed');
  if (!failed) return null;
  const then = [state.fatal?.remedy, text.saved].filter(Boolean).join(' ');
  return { kind: 'danger', what: state.fatal?.message ?? text.failedTitle, then, action: { label: text.askAgain, act: askAgain } };
}
