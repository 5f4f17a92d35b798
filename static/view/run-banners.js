// The banners that tell how the run on the page fares: lost, paused, failed, or not to be shown.

import { isShared } from '../api.js';
import { text } from '../strings.js';

const NOTICE_AFTER_MS = 2_000;
const ENDINGS = /** @type {const} */ (['fatal', 'ended', 'refused']);

/** @param {ReturnType<typeof import('./banners.js').createBanners>} banners */
export function createRunBanners(banners) {
  /** Loaded on need: most runs end well. That a connection is lost must be told without one. @type {typeof import('./run-endings.js') | null} */
  let endings = null;
  /** @type {import('../current.js').Current | null} */
  let shown = null;

  /** @param {import('../current.js').Current} run @param {import('./run-endings.js').Acts} acts */
  async function showEndings(run, acts) {
    shown = run;
    const { state, link } = run;
    const isGood = !state.fatal && (state.phase.name !== 'over' || ['completed', 'cancelled'].includes(state.phase.summary.status));
    if (isGood && link.name !== 'refused' && !endings) return;
    endings ??= await import('./run-endings.js');
    if (shown !== run) return;
    const told = endings.endingsOf(run, acts);
    for (const key of ENDINGS) banners.show(key, told[key]);
  }

  return {
    clear() {
      shown = null;
      for (const key of ['link', 'paused', ...ENDINGS]) banners.show(key, null);
    },
    /** @param {import('../current.js').Current} run @param {import('./run-endings.js').Acts & {now: number}} page @returns {boolean} whether the connection is lost */
    show(run, page) {
      const { link, state, pausedSince, follower } = run;
      const { now } = page;
      const lost = link.name === 'lost' && now - link.since > NOTICE_AFTER_MS;
      const seconds = link.name === 'lost' && link.retryAt !== null ? Math.ceil((link.retryAt - now) / 1_000) : 0;
      const lostWords = navigator.onLine ? { what: text.lostTitle, then: text.lost(seconds) } : text.offline;
      banners.show('link', lost ? { kind: 'warn', ...lostWords, action: { label: text.reconnectNow, act: follower.retryNow } } : null);
      const paused = pausedSince !== null && now - pausedSince > NOTICE_AFTER_MS && state.phase.name === 'suspended' ? state.phase.reason : null;
      banners.show('paused', paused === null ? null : { kind: 'info', what: text.pausedTitle, then: text.paused(paused), ...(isShared ? {} : { action: { label: text.resume, act: follower.retryNow } }) });
      void showEndings(run, page);
      return lost;
    },
  };
}
