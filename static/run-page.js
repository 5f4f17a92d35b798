// The run on the page: it is followed, painted and stopped here. Loaded with the first run: a first visit shows none.

import { ask as askApi, runPath } from './api.js';
import { followRun } from './connection.js';
import { addressOf, isLive, titleOf } from './current.js';
import { answerOf } from './derive.js';
import { emptyRun, fold, passedBy } from './fold.js';
import { text } from './strings.js';
import { createActions } from './view/actions.js';
import { guarded } from './view/boundary.js';
import { byId, el, setText } from './view/dom.js';
import { followEnd } from './view/follow-end.js';
import { createPainting } from './view/painting.js';
import { statusOf } from './view/run.js';
import { setTab, tabTitle } from './view/tab.js';
import { namesOf } from './view/tools/chain.js';
import { endsRun } from './view/tools/registry.js';

const TICK_MS = 100;
const PAINT_MS = 50; // A text that grows is read as well at this pace, and the rest of each second is the person's.

/**
 * @typedef {import('./current.js').Current} Current
 * @typedef {import('./current.js').PreviousTurn} PreviousTurn
 * @typedef {{banners: ReturnType<typeof import('./view/banners.js').createBanners>, composer: ReturnType<typeof import('./view/composer.js').createComposer>,
 *   past: ReturnType<typeof import('./view/history.js').createHistory>, service: ReturnType<typeof import('./view/service.js').createService>,
 *   confirm: import('./view/confirm.js').Confirm, openPreferences(): void, newQuestion(): void, askAgain(query: string, origin: PreviousTurn | null): void, setFollowUp(previous: PreviousTurn | null): void}} Around
 *   the parts of the page that are there without a run
 * @param {Around} around
 */
export function createRunPage({ banners, composer, past, service, confirm, openPreferences, newQuestion, askAgain, setFollowUp }) {
  /** @type {Current | null} */
  let current = null;
  let paintPlanned = false;
  let paintedAt = -PAINT_MS;
  const jump = el('button', { type: 'button', class: 'jump', hidden: true }, text.jump);
  byId('composer').prepend(jump);
  const end = followEnd(byId('run'), jump);
  const actions = createActions({
    answer: () => (current && answerOf(current.state, endsRun)?.text) ?? '',
    link: () => location.origin + addressOf(current?.runId ?? ''),
    again: () => current && askAgain(current.state.query, current.origin),
    edit: () => void edit(),
    export: () => void exportRun(),
    followUp() {
      if (current) setFollowUp({ runId: current.runId, title: titleOf(current.state.query) });
      composer.focus();
    },
    say: (message) => setText(byId('announcer'), message),
  });
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

  async function edit() {
    if (!current) return;
    const { query } = current.state;
    const typed = composer.typed().trim();
    if (typed !== '' && typed !== query && !(await confirm('replace'))) return;
    setFollowUp(current.origin);
    composer.put(query);
    composer.focus();
  }

  async function exportRun() {
    const run = current;
    if (!run) return;
    const { openExport } = await import('./view/export.js');
    if (run === current) openExport(run.state, { ...namesOf(run.state, service.modelName), runId: run.runId, link: location.origin + addressOf(run.runId), status: text.status(statusOf(run.state)) });
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
    const { state, asked, origin } = run;
    if (!painting.paint(run, { askAgain: () => askAgain(state.query || asked, origin), openPreferences, newQuestion })) goOn();
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

/**
 * Follows a run from here on.
 * @param {Pick<Current, 'runId' | 'asked' | 'origin' | 'usd'> & {first: Response | null, changed(run: Current): void}} of
 * @returns {Current}
 */
function begin({ runId, asked, origin, usd, first, changed }) {
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
