// One of two runs that are seen side by side: how it was asked, what it took, its steps and its answer. Loaded on need.

import { askedIn } from '../asked.js';
import { addressOf, isLive } from '../current.js';
import { answerOf, toolsUsed, totals } from '../derive.js';
import { textIn } from '../json.js';
import { byModel } from '../models.js';
import { clock, cost, duration, shortened, text } from '../strings.js';
import { actionWords, besideWords as words, endingWords } from '../strings-again.js';
import { guarded } from './boundary.js';
import { copyButton } from './copy.js';
import { byId, el, hostOf, safeLink, setText } from './dom.js';
import { list } from './parts.js';
import { createProse } from './prose.js';
import { createSteps } from './steps.js';
import { endsRun } from './tools/registry.js';

const { labels } = text;
const NOTICE_AFTER_MS = 2_000;

/**
 * @typedef {{run: import('../current.js').Current, request: unknown, status: string, question: string, elapsedMs: number | null, now: number}} View `request`: what was asked, null
 *   while it is not known; `status` is '' where the run cannot be shown; `question`: its own, where it is another one
 * @param {number} at 0 or 1
 * @param {{stop(): void, open(): void, retry(): void, modelName(id: string): string}} on
 */
export function createColumn(at, { stop, open, retry, modelName }) {
  const of = `beside-${at + 1}-`;
  const alone = el('a', { class: 'secondary', 'aria-label': words.alone[at] }, words.open);
  const stopping = el('button', { type: 'button', class: 'secondary', 'aria-label': words.stops[at] }, text.stop);
  const own = el('p', { class: 'own', dir: 'auto' });
  const asked = el('p', { class: 'origin', dir: 'auto' });
  const notice = el('p', { class: 'notice', role: 'status' });
  const again = el('button', { type: 'button', class: 'secondary', hidden: true }, text.reconnectNow);
  const cells = createCells();
  const models = el('div');
  const stepsList = el('ol', { class: 'steps', 'aria-label': words.steps });
  const steps = createSteps(stepsList);
  const answer = createAnswer(of);
  const copy = copyButton(actionWords.copy, answer.text, (message) => setText(byId('announcer'), message));
  const sources = el('section', { hidden: true });
  const node = el('section', { class: 'column-run', 'aria-labelledby': `${of}title` },
    el('header', {}, el('h2', { id: `${of}title` }, words.names[at]), stopping, alone), own, asked, notice, again, cells.node, models, stepsList, answer.node, el('div', { class: 'actions' }, copy), sources);
  /** @type {unknown[]} */
  let shown = [];
  let failed = '';
  stopping.addEventListener('click', stop);
  again.addEventListener('click', retry);
  alone.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  });

  /** @param {View} view */
  function renderHead({ run, request, status, question, now }) {
    alone.href = addressOf(run.runId);
    const isGoing = isLive(run) && run.state.lastSeq > 0;
    stopping.hidden = !isGoing;
    stopping.setAttribute('aria-disabled', String(status === 'stopping'));
    if (!isGoing) failed = '';
    setText(own, question);
    setText(asked, request === null ? '' : askedIn(request, modelName).join(' · '));
    const isLost = run.link.name === 'lost' && now - run.link.since > NOTICE_AFTER_MS;
    setText(notice, run.link.name === 'refused' ? refusalOf(run.link.error) : isLost ? `${text.lostTitle} ${text.lost(0)}` : failed || (run.state.fatal?.message ?? ''));
    again.hidden = !isLost;
  }

  /** What changes with the log alone. @param {import('../fold.js').RunState} state */
  function renderLog(state) {
    const showing = [state.steps, state.decisions, state.final];
    if (showing.every((value, index) => value === shown[index])) return;
    shown = showing;
    models.replaceChildren(list([...byModel(state)], (/** @type {[string, {tokens: number, costUsd: number, estimated: boolean}]} */ [model, taken]) => el('li', {}, el('span', {}, shortened(modelName(model))), el('span', {}, text.about(taken.estimated) + text.tokens(taken.tokens)), el('span', {}, cost(taken.costUsd))), { class: 'models' }));
    const all = state.final?.sources ?? [];
    sources.hidden = all.length === 0;
    sources.replaceChildren(el('h3', {}, labels.sources), list(all.map((source, index) => ({ source, index })), (/** @type {{source: unknown, index: number}} */ { source, index }) => {
      const url = textIn(source, 'url');
      return el('li', { id: `${of}source-${index + 1}` }, el('span', { class: 'number' }, text.number(index + 1)), ' ', safeLink(url, textIn(source, 'title') || url), el('span', { class: 'host' }, hostOf(url)));
    }, { class: 'sources' }));
  }

  return {
    node,
    /** @param {string} message */
    fail(message) {
      failed = message;
    },
    /** Whether all is on the page; else the next frame goes on. @param {View} view */
    render(view) {
      const { run, status, elapsedMs, now } = view;
      const { state } = run;
      const nothing = () => undefined;
      guarded(() => renderHead(view), nothing);
      guarded(() => cells.render(state, status, elapsedMs), nothing);
      guarded(() => renderLog(state), nothing);
      const found = answerOf(state, endsRun);
      guarded(() => answer.render(state, found), nothing);
      copy.hidden = state.phase.name !== 'over' || !found?.text;
      return steps.render({ state, shownBelow: found && found.text !== '' ? found.callId : null, now, ticking: run.begunAt !== null, modelName });
    },
  };
}

/** That a key is needed is told once, for all of the page. @param {import('../api.js').Refusal} error */
function refusalOf({ code, message }) {
  if (code === 'unauthorized') return '';
  return code === 'not_found' ? `${endingWords.gone.what} ${endingWords.gone.then}` : `${endingWords.refused} ${message}`;
}

/** What a run took: the same cells in the same order, so that they can be compared. */
function createCells() {
  const names = /** @type {const} */ (['status', 'elapsed', 'cost', 'rounds', 'tokens', 'tools']);
  const cells = names.map((name) => ({ name, value: el('dd') }));
  const [status, elapsed, dollars, rounds, tokens, tools] = cells.map(({ value }) => value);
  return {
    node: el('dl', { class: 'cells' }, ...cells.map(({ name, value }) => el('div', {}, el('dt', {}, labels[name]), value))),
    /** @param {import('../fold.js').RunState} state @param {string} statusName @param {number | null} elapsedMs */
    render(state, statusName, elapsedMs) {
      const { tokens: tokenCount, costUsd, estimated } = totals(state);
      setText(status, statusName === '' ? '–' : text.status(statusName));
      status.dataset.status = statusName;
      setText(elapsed, elapsedMs === null ? '–' : state.phase.name === 'over' ? duration(elapsedMs) : clock(elapsedMs));
      setText(dollars, cost(costUsd));
      setText(rounds, `${text.number(state.round)} / ${text.number(state.maxRounds)}`);
      setText(tokens, text.about(estimated) + text.number(tokenCount));
      setText(tools, text.number(toolsUsed(state)));
    },
  };
}

/** @param {string} of tells the ids of this run from those of the other */
function createAnswer(of) {
  const label = el('h3', { class: 'answer-label' }, text.partial);
  const body = el('div', { class: 'prose' });
  const node = el('div', { class: 'answer' }, label, body);
  /** @type {[import('../fold.js').RunState, string] | null} */
  let last = null;
  const writing = createProse(body, () => {
    // Loaded on need: many answers refer to nothing.
    if (last && body.querySelector('.cite, .file, [data-note]')) import('./references.js').then(({ refer }) => last && refer(body, ...last, of), () => undefined);
  });
  return {
    node,
    text: () => last?.[1] ?? '',
    /** @param {import('../fold.js').RunState} state @param {import('../derive.js').Answer | null} found */
    render(state, found) {
      const over = state.phase.name === 'over';
      last = [state, found?.text ?? ''];
      node.hidden = !over && !found?.text;
      label.hidden = found?.form !== 'partial';
      writing.show(found?.text || (over ? text.noAnswer : ''), found?.form === 'streaming');
      body.classList.toggle('muted', !found?.text);
    },
  };
}
