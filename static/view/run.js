// The run: question, progress line, steps, answer and rail, drawn from the state and nothing else.

import { artifactsOf } from '../artifacts.js';
import { addressOf } from '../current.js';
import { answerOf, totals } from '../derive.js';
import { clock, cost, duration, text } from '../strings.js';
import { artifactList } from './artifacts.js';
import { byId, el, setText } from './dom.js';
import { release } from './files.js';
import { growProse } from './prose.js';
import { createRail } from './rail.js';
import { createSteps } from './steps.js';

const LONG_QUESTION = 240;

/**
 * @typedef {{state: import('../fold.js').RunState, asked: string, origin: import('../current.js').Earlier | null, elapsedMs: number | null, now: number, ticking: boolean,
 *   modelName: (id: string) => string}} RunView
 * @returns {{render(view: RunView): void, clear(): void}}
 */
export function createRunView() {
  const question = byId('question');
  const rail = byId('rail');
  const answer = byId('answer');
  const steps = createSteps(byId('steps'));
  const railView = createRail(rail);
  const files = byId('files');
  const origin = byId('origin');
  /** @type {unknown} */
  let shownFiles = null;
  const progress = progressLine(byId('progress'));

  const label = el('h2', { class: 'answer-label' }, text.partial);
  const body = el('span');
  const caret = el('span', { class: 'caret', 'aria-hidden': 'true' });
  answer.replaceChildren(label, el('div', { class: 'prose' }, body, caret));

  return {
    render({ state, asked, origin: earlier, elapsedMs, now, ticking, modelName }) {
      const query = state.query || asked;
      setText(question, query);
      question.classList.toggle('long', query.length > LONG_QUESTION);
      if (origin.hidden && earlier) {
        origin.replaceChildren(text.followsUp, el('a', { href: addressOf(earlier.runId) }, earlier.title));
        origin.hidden = false;
      }
      const statusName = statusOf(state);
      progress(state, elapsedMs, statusName);
      const shown = answerOf(state);
      steps.render({ state, shownBelow: shown && shown.text !== '' ? shown.callId : null, now, ticking, modelName });
      const over = state.phase.name === 'over';
      answer.hidden = !over && !shown?.text;
      label.hidden = shown?.form !== 'partial';
      growProse(body, shown?.text || (over ? text.noAnswer : ''));
      body.classList.toggle('muted', !shown?.text);
      caret.hidden = over || shown?.form !== 'streaming';
      // Not before the end: above a text that is still growing they would push it away.
      if (over && shownFiles !== state.steps) {
        shownFiles = state.steps;
        const artifacts = artifactsOf(state, location.origin);
        files.hidden = artifacts.length === 0;
        if (!files.hidden) files.replaceChildren(el('h2', {}, text.labels.files), artifactList(artifacts));
      }
      railView.render(state, elapsedMs, statusName);
      rail.hidden = query === '';
    },
    clear() {
      steps.clear();
      body.textContent = '';
      files.replaceChildren();
      files.hidden = true;
      shownFiles = null;
      origin.hidden = true;
      release();
      rail.hidden = true;
    },
  };
}

/** The name of the state that a person is told. @param {import('../fold.js').RunState} state */
export function statusOf(state) {
  if (state.phase.name === 'over') return state.phase.summary.status;
  return state.fatal ? 'failed' : state.phase.name;
}

/** @param {HTMLElement} node */
function progressLine(node) {
  const status = el('span', { class: 'state' });
  const time = el('span');
  const tokens = el('span');
  const dollars = el('span');
  node.replaceChildren(status, time, tokens, dollars);

  /** @param {import('../fold.js').RunState} state @param {number | null} elapsedMs @param {string} statusName */
  return (state, elapsedMs, statusName) => {
    const { tokens: tokenCount, costUsd } = totals(state);
    const inRound = statusName === 'running' && state.round > 0;
    status.dataset.status = statusName;
    const reason = state.phase.name === 'suspended' ? `: ${state.phase.reason}` : '';
    setText(status, inRound ? text.round(state.round, state.maxRounds) : `${text.status(statusName)}${reason}`);
    setText(time, elapsedMs === null ? '' : state.phase.name === 'over' ? duration(elapsedMs) : clock(elapsedMs));
    setText(tokens, text.tokens(tokenCount));
    setText(dollars, cost(costUsd));
  };
}
