// The run on the page, painted as a whole: each section by itself, so that a fault in one stops no other.

import { elapsedMs, isLive, isSettled } from '../current.js';
import { answerOf } from '../derive.js';
import { announcement } from './announce.js';
import { guarded } from './boundary.js';
import { byId, setText } from './dom.js';
import { createRunBanners } from './run-banners.js';
import { createRunView, questionOf, statusOf } from './run.js';
import { setTab, tabTitle } from './tab.js';
import { endsRun } from './tools/registry.js';

/**
 * @typedef {import('../current.js').Current} Current
 * @typedef {{composer: {going(now: import('./composer.js').Going): void}, past: {seen(runId: string, seen: {status: string, duration_ms: number | null}): void},
 *   service: {modelName(id: string): string, aheadMs(): number}}} Told what is around the run, and is told how it fares
 * @param {Told & {banners: ReturnType<typeof import('./banners.js').createBanners>, end: ReturnType<typeof import('./follow-end.js').followEnd>,
 *   actions: {show(what: {over: boolean, live: boolean, hasAnswer: boolean, failed: boolean}): void}}} page
 * @returns {{paint(run: Current, on: {askAgain(): void, openPreferences(): void, newQuestion(): void}): boolean, clear(): void}} `paint` says whether all is on the page; else
 *   the next frame has to go on
 */
export function createPainting({ banners, composer, past, service, actions, end }) {
  const runView = createRunView();
  const runBanners = createRunBanners(banners);
  let announced = '';
  const nothing = () => undefined;

  /** Says how the run fares where that has changed; what else was said stays until then. @param {string} message */
  function announce(message) {
    if (message === announced) return;
    announced = message;
    setText(byId('announcer'), message);
  }

  /** What can be done with the run, and what is told of it around it. @param {Current} run @param {number} now */
  function paintAround(run, now) {
    const { state } = run;
    const status = statusOf(state);
    const over = state.phase.name === 'over';
    actions.show({ over, live: isLive(run) && state.lastSeq > 0 && isSettled(run, now), hasAnswer: Boolean(answerOf(state, endsRun)?.text), failed: status === 'failed' });
    if (!isLive(run)) composer.going('none');
    else if (isSettled(run, now)) composer.going(run.stopping || status === 'stopping' ? 'stopping' : 'live');
    if (over || run.begunAt !== null) past.seen(run.runId, { status, duration_ms: state.phase.name === 'over' ? state.phase.summary.duration_ms : null });
  }

  return {
    paint(run, on) {
      const { state, asked, link } = run;
      const now = performance.now();
      const query = questionOf(state, asked);
      const refused = link.name === 'refused' ? link.error : null;
      byId('run').hidden = query === '';
      byId('idle').hidden = !refused || query !== '';
      const isWhole = guarded(
        () => runView.render({ state, asked, origin: run.origin, usd: run.usd, elapsedMs: elapsedMs(run, now, service.aheadMs()), now, ticking: run.begunAt !== null, modelName: service.modelName }),
        () => true,
      );
      guarded(() => paintAround(run, now), nothing);
      const lost = guarded(() => runBanners.show(run, { now, ...on }), () => false);
      guarded(() => {
        setTab(tabTitle(run, lost));
        announce(refused ? refused.message : announcement(state, lost));
        end.follow(isLive(run) && run.begunAt !== null);
      }, nothing);
      return isWhole;
    },
    clear() {
      runView.clear();
      composer.going('none');
      actions.show({ over: false, live: false, hasAnswer: false, failed: false });
      runBanners.clear();
      byId('run').hidden = true;
      setTab(tabTitle(null, false));
      announced = '';
      setText(byId('announcer'), '');
    },
  };
}
