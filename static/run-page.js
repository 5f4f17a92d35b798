// The run on the page: it is followed, painted and stopped here. Loaded with the first run: a first visit shows none.

import { ask as askApi, isShared, runPath } from './api.js';
import { followRun } from './connection.js';
import { isLive } from './current.js';
import { emptyRun, fold, passedBy } from './fold.js';
import { text } from './strings.js';
import { guarded } from './view/boundary.js';
import { byId, el } from './view/dom.js';
import { followEnd } from './view/follow-end.js';
import { createPainting } from './view/painting.js';
import { setTab, tabTitle } from './view/tab.js';

const TICK_MS = 100;
const PAINT_MS = 50; // A text that grows is read as well at this pace, and the rest of each second is the person's.

/**
 * @typedef {import('./current.js').Current} Current
 * @typedef {{banners: ReturnType<typeof import('./view/banners.js').createBanners>, composer: ReturnType<typeof import('./view/composer.js').createComposer>,
 *   past: ReturnType<typeof import('./view/history.js').createHistory>, service: ReturnType<typeof import('./view/service.js').createService>,
 *   confirm: import('./view/confirm.js').Confirm, openPreferences(): void, newQuestion(): void, setReply(reply: import('./current.js').Reply): void,
 *   choose: ReturnType<typeof import('./view/preferences.js').createPreferences>['choose'],
 *   askAgain(query: string, again: import('./current.js').Again): Promise<import('./api.js').Refusal | null>}} Around
 *   the parts of the page that are there without a run
 * @param {Pick<Around, 'banners' | 'confirm' | 'openPreferences' | 'newQuestion'> & import('./view/painting.js').Told & {composer: {fail(message: string, isWrong: boolean): void}}} around
 * @param {(run: () => Current | null) => ReturnType<typeof actionsOnNeed>} actionsOf what can be done with the run that is shown
 */
export function createRunPage({ banners, composer, past, service, confirm, openPreferences, newQuestion }, actionsOf) {
  /** @type {Current | null} */
  let current = null;
  let paintPlanned = false;
  let paintedAt = -PAINT_MS;
  const jump = el('button', { type: 'button', class: 'jump', hidden: true }, text.jump);
  byId('composer').prepend(jump);
  const end = followEnd(byId('run'), jump);
  const actions = actionsOf(() => current);
  const painting = createPainting({ banners, composer, past, service, actions, end });
  setInterval(() => {
    if (current && isLive(current)) plan();
  }, TICK_MS);

  /** @param {string} runId @param {string} asked @param {Response | null} first @param {import('./current.js').Asked} about */
  function open(runId, asked, first, { origin, usd }) {
    end.pin();
    current?.follower.close();
    const run = begin({ runId, asked, origin, usd, first, changed });
    current = run;
    // At once where there is something to show, so that it can take the focus.
    if (asked === '') plan();
    else paint(run);
    if (!isShared && hasBranches(runId)) void import('./view/branches.js').then(({ showBranches }) => showBranches(runId, () => run === current));
  }

  async function stop() {
    const run = current;
    if (!run || !isLive(run) || run.stopping) return;
    run.stopping = true;
    plan();
    const answer = await askApi(`${runPath(run.runId)}/cancel`, { method: 'POST' });
    if (answer.ok) return;
    run.stopping = false;
    if (run !== current) return;
    plan();
    composer.fail(`${text.notStopped} ${answer.error.message}`, false);
  }

  async function stopAfterAsking() {
    const run = current;
    if (!run || !isLive(run) || run.stopping) return;
    if ((await confirm('stop')) && run === current) void stop();
  }

  /** @param {Current} run */
  function changed(run) {
    if (run !== current) return;
    // Of a page that is not looked at nothing is painted, and its tab is all that can be seen.
    if (document.visibilityState === 'hidden') setTab(tabTitle(run, false));
    plan();
  }

  function plan() {
    if (paintPlanned) return;
    paintPlanned = true;
    requestAnimationFrame(paintWhenDue);
  }

  /** @param {number} now */
  function paintWhenDue(now) {
    if (now - paintedAt < PAINT_MS) return void requestAnimationFrame(paintWhenDue);
    paintPlanned = false;
    paintedAt = now;
    if (current) paint(current);
  }

  /** What the last frame had no room for does not wait. */
  function goOn() {
    paintedAt = -PAINT_MS;
    plan();
  }

  /** @param {Current} run */
  function paint(run) {
    if (!painting.paint(run, { askAgain: () => actions.again(run), openPreferences, newQuestion })) goOn();
  }

  return {
    open,
    leave() {
      current?.follower.close();
      current = null;
      painting.clear();
    },
    stop: () => void stop(),
    stopAfterAsking: () => void stopAfterAsking(),
    /** Paints again what follows from what the server is. */
    repaint: () => current && plan(),
    /** The run that the server did not show, if that is the one on the page. */
    refused: () => (current?.link.name === 'refused' ? current : null),
  };
}

/** What can be done with a run that is over. @param {Around & {run(): Current | null}} page */
export function actionsOnNeed(page) {
  const host = byId('actions');
  /** @type {ReturnType<typeof import('./view/actions.js').createActions> | null} */
  let loaded = null;
  let shown = { over: false, live: false, hasAnswer: false, failed: false };
  async function load() {
    host.setAttribute('aria-busy', 'true');
    try {
      const { createActions } = await import('./view/actions.js');
      loaded ??= createActions(page);
    } finally {
      host.removeAttribute('aria-busy');
    }
    loaded.show(shown);
    return loaded;
  }
  return {
    /** @param {typeof shown} what */
    show(what) {
      const isFirst = (!shown.over && what.over) || (!shown.live && what.live);
      shown = what;
      if (loaded) loaded.show(what);
      else if (isFirst) void load();
    },
    /** @param {Current} run */
    again: async (run) => (await load()).again(run),
  };
}

/** Whether this browser knows of runs that were asked in place of each other. @param {string} runId */
function hasBranches(runId) {
  try {
    return localStorage.getItem('branches')?.includes(runId) === true;
  } catch {
    return false;
  }
}

/**
 * Follows a run from here on.
 * @param {Pick<Current, 'runId' | 'asked' | 'origin' | 'usd'> & {first: Response | null, changed(run: Current): void}} of
 * @returns {Current}
 */
export function begin({ runId, asked, origin, usd, first, changed }) {
  /** @type {Current} */
  const run = {
    runId,
    state: emptyRun,
    asked,
    origin,
    usd,
    openedAt: performance.now(),
    begunAt: first ? performance.now() : null,
    stopping: false,
    pausedSince: null,
    link: { name: 'open' },
    follower: followRun({
      runId,
      first,
      lastSeq: () => run.state.lastSeq,
      onEvent(event) {
        run.state = guarded(() => fold(run.state, event), () => passedBy(run.state, event));
        changed(run);
      },
      onLink(link) {
        run.link = link;
        run.pausedSince = link.name === 'suspended' ? performance.now() : null;
        changed(run);
      },
    }),
  };
  return run;
}
