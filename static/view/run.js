// The run: question, progress line, steps, answer and rail, drawn from the state and nothing else.

import { addressOf } from '../current.js';
import { answerOf, totals } from '../derive.js';
import { emptyRun } from '../fold.js';
import { clock, cost, duration, text } from '../strings.js';
import { guarded } from './boundary.js';
import { byId, el, setText } from './dom.js';
import { createProse } from './prose.js';
import { createRail } from './rail.js';
import { createSteps } from './steps.js';
import { endsRun } from './tools/registry.js';

const LONG_QUESTION = 240;

/**
 * @typedef {import('../current.js').Asked & {state: import('../fold.js').RunState, asked: string, elapsedMs: number | null, now: number, ticking: boolean,
 *   modelName: (id: string) => string}} RunView
 * @returns {{render(view: RunView): boolean, clear(): void}} `render` says whether all is on the page; else the next frame goes on
 */
export function createRunView() {
  const question = byId('question');
  const rail = byId('rail');
  const answer = answerPart(byId('answer'));
  const steps = createSteps(byId('steps'));
  const railView = createRail(rail);
  const origin = byId('origin');
  const below = belowAnswer();
  const progress = progressLine(byId('progress'));
  byId('run').addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('.copy') : null;
    if (button instanceof HTMLElement) void import('./copying.js').then(({ copyFrom }) => copyFrom(button));
  });
  /** @type {RunView | null} */
  let last = null;
  // A toggle does not bubble.
  byId('steps').addEventListener('toggle', ({ target }) => void import('./prompt.js').then(({ offerPrompts }) => last && offerPrompts(target, last), () => undefined), true);

  return {
    render(view) {
      const { state, asked, origin: previous, usd, elapsedMs, now, ticking, modelName } = view;
      last = view;
      const query = questionOf(state, asked);
      setText(question, query);
      question.classList.toggle('long', query.length > LONG_QUESTION);
      if (origin.hidden && previous) {
        origin.replaceChildren(text.followsUp, el('a', { href: addressOf(previous.runId) }, previous.title));
        origin.hidden = false;
      }
      const statusName = statusOf(state);
      const nothing = () => undefined;
      guarded(() => progress(state, elapsedMs, statusName, usd), nothing);
      const shown = answerOf(state, endsRun);
      // Before the steps: very many of them would take up the room of several frames.
      guarded(() => answer.render(state, shown), nothing);
      const isWhole = steps.render({ state, shownBelow: shown && shown.text !== '' ? shown.callId : null, now, ticking, modelName });
      void below.render(state, modelName);
      guarded(() => railView.render(state, elapsedMs, statusName, modelName), nothing);
      rail.hidden = query === '';
      return isWhole;
    },
    clear() {
      steps.clear();
      answer.clear();
      below.clear();
      origin.hidden = true;
      rail.hidden = true;
      // Whoever holds something of the run gives it back.
      byId('run').dispatchEvent(new Event('left'));
    },
  };
}

/** The question, '' while it is not known. A log may hold none. @param {import('../fold.js').RunState} state @param {string} asked */
export function questionOf(state, asked) {
  return state.query || asked || (state.lastSeq > 0 ? text.noQuestion : '');
}

/** The name of the state that a person is told. @param {import('../fold.js').RunState} state */
export function statusOf(state) {
  if (state.phase.name === 'over') return state.phase.summary.status;
  return state.fatal ? 'failed' : state.phase.name;
}

/** What stands below the answer of a run that is over. Loaded on need. */
function belowAnswer() {
  const files = byId('files');
  /** @type {ReturnType<typeof import('./run-over.js').createBelow> | null} */
  let loaded = null;
  /** @type {unknown} */
  let shown = null;
  return {
    /** @param {import('../fold.js').RunState} state @param {(id: string) => string} modelName */
    async render(state, modelName) {
      if (state.phase.name !== 'over') return;
      shown = state;
      if (!loaded) {
        files.setAttribute('aria-busy', 'true');
        const { createBelow } = await import('./run-over.js').finally(() => files.removeAttribute('aria-busy'));
        loaded ??= createBelow();
      }
      // Another run may be on the page by now.
      if (shown === state) loaded.render(state, modelName);
    },
    clear() {
      shown = null;
      loaded?.clear();
    },
  };
}

/** @param {HTMLElement} node */
function answerPart(node) {
  const label = el('h2', { class: 'answer-label' }, text.partial);
  const body = el('div', { class: 'prose' });
  const caret = el('span', { class: 'caret', 'aria-hidden': 'true' });
  node.replaceChildren(label, body, caret);
  /** @type {[import('../fold.js').RunState, string]} */
  let last = [emptyRun, ''];
  const writing = createProse(body, () => {
    // Loaded on need: many answers refer to nothing.
    if (body.querySelector('.cite, .file, [data-note]')) import('./references.js').then(({ refer }) => refer(body, ...last), () => undefined);
  });
  return {
    clear: () => writing.show(''),
    /** @param {import('../fold.js').RunState} state @param {import('../derive.js').Answer | null} shown */
    render(state, shown) {
      const over = state.phase.name === 'over';
      last = [state, shown?.text ?? ''];
      node.hidden = !over && !shown?.text;
      label.hidden = shown?.form !== 'partial';
      writing.show(shown?.text || (over ? text.noAnswer : ''), shown?.form === 'streaming');
      body.classList.toggle('muted', !shown?.text);
      caret.hidden = over || shown?.form !== 'streaming';
    },
  };
}

/** @param {HTMLElement} node */
function progressLine(node) {
  const status = el('span', { class: 'state' });
  const time = el('span');
  const tokens = el('span');
  const dollars = el('span');
  node.replaceChildren(status, time, tokens, dollars);

  /** @param {import('../fold.js').RunState} state @param {number | null} elapsedMs @param {string} statusName @param {number | null} usd what it may cost at most */
  return (state, elapsedMs, statusName, usd) => {
    const { tokens: tokenCount, costUsd, estimated } = totals(state);
    const inRound = statusName === 'running' && state.round > 0;
    status.dataset.status = statusName;
    const reason = state.phase.name === 'suspended' ? `: ${state.phase.reason}` : '';
    setText(status, inRound ? text.round(state.round, state.maxRounds) : `${text.status(statusName)}${reason}`);
    setText(time, elapsedMs === null ? '' : state.phase.name === 'over' ? duration(elapsedMs) : clock(elapsedMs));
    setText(tokens, text.about(estimated) + text.tokens(tokenCount));
    setText(dollars, usd === null ? cost(costUsd) : text.spentOf(cost(costUsd), usd));
  };
}
