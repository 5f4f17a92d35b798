// Two runs side by side: each is followed, painted and stopped by itself. Loaded with the first two that are seen so.

import { ask, runPath } from './api.js';
import { elapsedMs, isLive, titleOf } from './current.js';
import { field } from './json.js';
import { begin } from './run-page.js';
import { besideWords as words } from './strings-again.js';
import { text } from './strings.js';
import { createColumn } from './view/beside.js';
import { byId, el, setText } from './view/dom.js';
import { statusOf } from './view/run.js';
import { withSheet } from './view/sheet.js';
import { setTab } from './view/tab.js';

await withSheet('again.css');

const TICK_MS = 100;
const PAINT_MS = 50;

/**
 * @typedef {import('./current.js').Current} Current
 * @typedef {{run: Current, column: ReturnType<typeof createColumn>, request: unknown, told: string}} Side
 * @param {{past: ReturnType<typeof import('./view/history.js').createHistory>, service: ReturnType<typeof import('./view/service.js').createService>,
 *   composer: ReturnType<typeof import('./view/composer.js').createComposer>, confirm: import('./view/confirm.js').Confirm, openRun(runId: string): void}} page
 */
export function createBesidePage({ past, service, confirm, composer, openRun }) {
  const question = el('h1', { class: 'question', tabindex: '-1' });
  const columns = el('div', { class: 'columns' });
  const node = el('article', { id: 'beside', class: 'beside', 'aria-label': words.title, hidden: true }, question, columns);
  byId('run').after(node);
  /** @type {Side[]} */
  let sides = [];
  let isPlanned = false;
  let paintedAt = -PAINT_MS;
  setInterval(() => {
    if (sides.some(({ run }) => isLive(run))) plan();
  }, TICK_MS);

  /** @param {string[]} runIds @param {string} asked @param {Response | null} first that of the second run, where it has just begun */
  async function open(runIds, asked, first) {
    leave();
    const opened = runIds.map((runId, at) => {
      const run = begin({ runId, asked, origin: null, usd: null, first: at === 1 ? first : null, changed: plan });
      const column = createColumn(at, { stop: () => void stop(side), open: () => openRun(runId), retry: () => run.follower.retryNow(), modelName: service.modelName });
      /** @type {Side} */
      const side = { run, column, request: null, told: '' };
      return side;
    });
    sides = opened;
    columns.replaceChildren(...opened.map(({ column }) => column.node));
    node.hidden = false;
    plan();
    if (first) question.focus({ preventScroll: true });
    await Promise.all(opened.map(async (side) => {
      const answer = await ask(runPath(side.run.runId));
      if (answer.ok) side.request = field(answer.body, 'request');
      plan();
    }));
  }

  function leave() {
    for (const { run } of sides) run.follower.close();
    sides = [];
    node.hidden = true;
    columns.replaceChildren();
  }

  /** @param {Side} side */
  async function stop({ run, column }) {
    if (!isLive(run) || run.stopping) return;
    run.stopping = true;
    plan();
    const answer = await ask(`${runPath(run.runId)}/cancel`, { method: 'POST' });
    if (answer.ok) return;
    run.stopping = false;
    column.fail(`${text.notStopped} ${answer.error.message}`);
    plan();
  }

  function plan() {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(paintWhenDue);
  }

  /** @param {number} now */
  function paintWhenDue(now) {
    if (now - paintedAt < PAINT_MS) return void requestAnimationFrame(paintWhenDue);
    isPlanned = false;
    paintedAt = now;
    if (sides.length > 0) paint(now);
  }

  /** @param {number} now */
  function paint(now) {
    const questions = sides.map(({ run }) => run.state.query || run.asked);
    const shown = questions.find((query) => query !== '') ?? '';
    setText(question, shown);
    setTab(text.tab(words.tab, titleOf(shown)));
    for (const [at, side] of sides.entries()) {
      const { run, column, request } = side;
      const { state } = run;
      const status = run.link.name === 'refused' ? '' : run.stopping && isLive(run) ? 'stopping' : statusOf(state);
      const own = questions[at] !== shown ? questions[at] : '';
      const isWhole = column.render({ run, request, status, question: own, elapsedMs: elapsedMs(run, now, service.aheadMs()), now });
      if (!isWhole) plan();
      if (state.phase.name !== 'over') continue;
      past.seen(run.runId, { status, duration_ms: state.phase.summary.duration_ms });
      tell(at, side, text.announce.ended(text.status(status)));
    }
    composer.going('none');
  }

  /** Says of a run what was not said yet. @param {number} at @param {Side} side @param {string} message */
  function tell(at, side, message) {
    if (side.told === message) return;
    side.told = message;
    setText(byId('announcer'), words.said(at, message));
  }

  return {
    /** @param {string[]} runIds @param {string} asked @param {Response | null} first */
    open: (runIds, asked, first) => void open(runIds, asked, first),
    leave,
    async stopAfterAsking() {
      const live = sides.filter(({ run }) => isLive(run) && !run.stopping);
      if (live.length > 0 && (await confirm('stop'))) for (const side of live) if (sides.includes(side)) void stop(side);
    },
    repaint: () => sides.length > 0 && plan(),
    refused: () => sides.some(({ run }) => run.link.name === 'refused'),
  };
}
