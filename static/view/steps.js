// The list of steps. A row is made once for each step and then only updated; a row that a person opened or closed stays so.

import { begunTogether, fateOf, innerOf, isDeciding, textOf } from '../derive.js';
import { clock, duration, shortened, text } from '../strings.js';
import { guarded } from './boundary.js';
import { el, setText } from './dom.js';
import { isFrameFull } from './frames.js';
import { callBody, thinkingBody } from './step-body.js';
import { lineOf } from './step-line.js';
import { faceOfStep } from './tools/chain.js';
import { shortName } from './tools/names.js';
import { faceOf } from './tools/registry.js';

const LINE_CHARACTERS = 240;
/** @type {CallStep[]} */
const NONE = [];
const OPEN_AFTER_MS = 400; // A step that is done sooner would only flicker.

/**
 * @typedef {import('../fold.js').Step} Step
 * @typedef {{state: import('../fold.js').RunState, shownBelow: string | null, now: number, ticking: boolean,
 *   modelName: (id: string) => string}} View `ticking`: the run began on this page, so a running step's time is known
 * @typedef {import('../fold.js').CallStep} CallStep
 * @typedef {{node: HTMLElement, inner?: HTMLElement, update(step: any, view: View, within: CallStep[], together: CallStep[]): void}} Row `within`: the steps within it; `together`: those that were begun with it, and itself
 */

/**
 * @param {HTMLElement} list
 * @returns {{render(view: View): boolean, clear(): void}} `render` says whether all steps are on the page: of very many, each
 *   frame takes as many as it has room for
 */
export function createSteps(list) {
  /** Rows in the order of the steps, which are only ever added to. @type {Row[]} */
  const rows = [];
  /** Where the inner steps of a call stand. @type {Map<string | null | undefined, HTMLElement>} */
  const inner = new Map();
  /** The steps within each call, of the steps that are shown. @type {ReturnType<typeof innerOf>} */
  let within = new Map();
  /** @type {ReturnType<typeof begunTogether>} */
  let together = new Map();
  /** @type {Step[]} */
  let shownSteps = [];
  const deciding = plainRow('orchestrator', 'running', text.orchestrator, text.deciding);

  /** @param {Step} step @param {number} at @param {View} view */
  function renderRow(step, at, view) {
    const isNew = at === rows.length;
    const row = guarded(() => {
      const made = rows[at] ?? createRow(step, view.now);
      made.update(step, view, within.get(step.key) ?? NONE, (step.kind === 'call' && together.get(step)) || NONE);
      return made;
    }, unpaintedRow);
    if (row === rows[at]) return;
    const home = (step.kind === 'call' && inner.get(step.within)) || list;
    if (isNew) home.insertBefore(row.node, deciding.parentNode === home ? deciding : null);
    else rows[at].node.replaceWith(row.node);
    rows[at] = row;
    if (row.inner) inner.set(step.key, row.inner);
  }

  return {
    render(view) {
      const { steps } = view.state;
      if (steps !== shownSteps) {
        within = innerOf(view.state);
        together = begunTogether(view.state);
      }
      shownSteps = steps;
      // From the first row on: a list that came into sight as a whole would be laid out in one frame.
      list.hidden = steps.length === 0 && !isDeciding(view.state);
      for (let at = 0; at < steps.length; at += 1) {
        if (at === rows.length && isFrameFull()) return false;
        renderRow(steps[at], at, view);
      }
      if (!isDeciding(view.state)) deciding.remove();
      else if (deciding.parentNode !== list) list.append(deciding);
      return true;
    },
    clear() {
      rows.length = 0;
      inner.clear();
      list.replaceChildren();
    },
  };
}

/** Stands for a step that cannot be painted, for good. @returns {Row} */
function unpaintedRow() {
  return { node: plainRow('error', 'failed', text.errorTitle, text.unpainted), update() {} };
}

/** @param {Step} step @param {number} now @returns {Row} */
function createRow(step, now) {
  switch (step.kind) {
    case 'call':
      return callRow(step, now);
    case 'thinking':
      return thinkingRow(step);
    case 'resumed':
      return { node: plainRow('orchestrator', 'done', text.resumedTitle, text.resumed(step.reason)), update() {} };
    case 'error': {
      const line = [step.error.message, step.error.remedy].filter(Boolean).join(' ');
      return { node: plainRow('error', 'failed', text.errorTitle, line), update() {} };
    }
  }
}

/** @param {import('../fold.js').CallStep} first @param {number} since @returns {Row} */
function callRow(first, since) {
  const row = openableRow(first.tool, faceOf(first.tool).tone ?? '', first.tool, first.key);
  const body = callBody();
  const inner = el('ol', { class: 'steps' });
  row.details.append(body.node, inner);
  /** What the row shows now. @type {unknown[]} */
  let shown = [];
  return {
    node: row.node,
    inner,
    update(/** @type {CallStep} */ step, { state, shownBelow, now, ticking, modelName }, within, together) {
      const showBelow = shownBelow === step.key;
      const over = state.phase.name === 'over' || state.fatal !== null;
      const streamed = textOf(state, step.key);
      const fate = fateOf(step);
      const stateName = fate === 'running' && over ? 'left' : fate;
      if (!step.outcome) row.time(over ? '' : ticking ? clock(now - since) : text.running);
      if (stateName !== 'running') row.open(false);
      else if (!showBelow && now - since > OPEN_AFTER_MS) row.open(true);
      const beside = text.counted(together.flatMap((other) => (other === step ? [] : other.within && other.model ? modelName(other.model) : shortName(other.tool))));
      const showing = [step, showBelow, stateName, streamed, beside, modelName(step.model ?? ''), ...within];
      if (showing.length === shown.length && showing.every((value, index) => value === shown[index])) return;
      shown = showing;
      const face = guarded(() => faceOfStep(step, within, modelName), () => faceOf(step.tool));
      if (step.within && step.model) row.name(modelName(step.model));
      row.mark(stateName, stateName === 'left' ? text.unfinished : lineOf(step, face, modelName));
      if (step.outcome) row.time(duration(step.outcome.durationMs));
      body.update(step, { showBelow, streamed, face, within, beside, modelName });
    },
  };
}

/** @param {import('../fold.js').ThinkingStep} first @returns {Row} */
function thinkingRow(first) {
  const row = openableRow('orchestrator', 'orchestrator', text.orchestrator, first.key);
  const body = thinkingBody(first);
  row.details.append(body.node);
  row.mark('done', firstLine(first.content));
  /** @type {unknown[] | null} */
  let shown = null;
  return {
    node: row.node,
    update(/** @type {import('../fold.js').ThinkingStep} */ step, { state, modelName }) {
      const decision = state.decisions.find(({ round }) => round === step.round);
      const showing = [decision, modelName(decision?.model ?? '')];
      if (shown && showing.every((value, index) => value === shown?.[index])) return;
      shown = showing;
      if (decision) row.time(duration(decision.durationMs));
      body.update(decision, modelName);
    },
  };
}

/** @param {string} content */
function firstLine(content) {
  const [line] = content.trimStart().slice(0, LINE_CHARACTERS).split('\n', 1);
  return line.trimEnd();
}

/** @param {string} kind @param {string} tone @param {string} name @param {string} key */
function openableRow(kind, tone, name, key) {
  const word = el('span', { class: 'word' });
  const line = el('span', { class: 'line' });
  const time = el('span', { class: 'time' });
  const label = el('span', { class: 'tool' }, shortened(name));
  const summary = el('summary', {}, el('span', { class: 'node' }), label, word, line, time, el('span', { class: 'chevron' }));
  const details = el('details', {}, summary);
  const node = el('li', { class: 'step', 'data-kind': kind, 'data-tone': tone, 'data-key': key }, details);
  let byPerson = false;
  summary.addEventListener('click', () => {
    byPerson = true;
  });
  return {
    node,
    details,
    /** @param {keyof typeof text.fates} state @param {string} content */
    mark(state, content) {
      node.dataset.state = state;
      writeWord(word, state);
      setText(line, content);
    },
    /** @param {string} content */
    name: (content) => setText(label, shortened(content)),
    /** @param {string} content */
    time: (content) => setText(time, content),
    /** @param {boolean} open */
    open(open) {
      if (!byPerson && details.open !== open) details.open = open;
    },
  };
}

/** @param {string} kind @param {keyof typeof text.fates} state @param {string} name @param {string} content */
function plainRow(kind, state, name, content) {
  const word = el('span', { class: 'word' });
  writeWord(word, state);
  const row = el('div', { class: 'plain' }, el('span', { class: 'node' }), el('span', { class: 'tool' }, name), word, el('span', { class: 'line' }, content));
  return el('li', { class: 'step', 'data-kind': kind, 'data-tone': kind, 'data-state': state }, row);
}

/** Colour never stands alone: the state is a word too, seen only where it says more than the row. @param {HTMLElement} word @param {keyof typeof text.fates} state */
function writeWord(word, state) {
  word.classList.toggle('visually-hidden', ['running', 'done', 'left'].includes(state));
  setText(word, text.fates[state]);
}
