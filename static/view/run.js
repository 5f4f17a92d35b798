// The run: question, progress line, steps, answer and rail, drawn from the state and nothing else.

import { addressOf } from '../current.js';
import { answerOf, callsOf, totals } from '../derive.js';
import { emptyRun } from '../fold.js';
import { listIn } from '../json.js';
import { clock, cost, duration, text } from '../strings.js';
import { guarded } from './boundary.js';
import { byId, el, setText } from './dom.js';
import { createProse } from './prose.js';
import { createRail } from './rail.js';
import { createSteps } from './steps.js';
import { namesOf } from './tools/chain.js';
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
  const files = filesPart(byId('files'));
  const why = whyPart(/** @type {HTMLDetailsElement} */ (byId('why')));
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
      guarded(() => files.render(state), nothing);
      guarded(() => why.render(state, modelName), nothing);
      guarded(() => railView.render(state, elapsedMs, statusName, modelName), nothing);
      rail.hidden = query === '';
      return isWhole;
    },
    clear() {
      steps.clear();
      answer.clear();
      files.clear();
      why.clear();
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

/** The files of a run that is over: above a text that is still growing they would push it away. @param {HTMLElement} node */
function filesPart(node) {
  /** @type {unknown} */
  let shown = null;
  /** Loaded on need: most runs have no files. @type {typeof import('./artifacts.js') | null} */
  let loaded = null;
  return {
    /** @param {import('../fold.js').RunState} state */
    async render(state) {
      if (state.phase.name !== 'over' || shown === state.steps) return;
      shown = state.steps;
      if (!callsOf(state).some(({ outcome }) => listIn(outcome?.result, 'artifacts').length > 0)) return;
      node.setAttribute('aria-busy', 'true');
      try {
        loaded ??= await import('./artifacts.js');
      } finally {
        node.removeAttribute('aria-busy');
      }
      // Another run may be on the page by now.
      if (shown === state.steps) loaded.showFiles(node, state);
    },
    clear() {
      shown = null;
      node.replaceChildren();
      node.hidden = true;
    },
  };
}

/** How the answer of a run that is over came about, for whoever opens it. @param {HTMLDetailsElement} node */
function whyPart(node) {
  const words = /** @type {HTMLElement} */ (node.lastElementChild);
  /** @type {[import('../fold.js').RunState, (id: string) => string] | null} */
  let last = null;
  const write = async () => {
    // Loaded on need: most answers are believed.
    const { whyOf } = await import('../why.js');
    if (last && node.open) setText(words, whyOf(last[0], namesOf(...last)).join(' '));
  };
  node.addEventListener('toggle', () => node.open && void write());
  return {
    /** @param {import('../fold.js').RunState} state @param {(id: string) => string} modelName */
    render(state, modelName) {
      node.hidden = state.phase.name !== 'over';
      if (node.open && last?.[0] !== state) void write();
      last = [state, modelName];
    },
    clear() {
      node.open = false;
      node.hidden = true;
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
