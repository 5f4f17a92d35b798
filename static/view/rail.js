// The run rail: what the run has taken so far, where the time went, and the sources.

import { timeline, toolsUsed, totals } from '../derive.js';
import { clock, cost, duration, text } from '../strings.js';
import { guarded } from './boundary.js';
import { el, setText } from './dom.js';
import { shortName } from './tools/names.js';
import { faceOf } from './tools/registry.js';

const { labels } = text;
const SHOWN_LANES = 12;
const SHOWN_BARS = 60;
const MOST_ROWS = 6;
const ROW_PX = 8;

/**
 * @param {HTMLElement} rail
 * @returns {{render(state: import('../fold.js').RunState, elapsedMs: number | null, statusName: string, modelName: (id: string) => string): void}}
 */
export function createRail(rail) {
  const status = el('dd');
  const rounds = el('dd');
  const used = el('dd');
  const elapsed = el('dd');
  const tokens = el('dd');
  const dollars = el('dd');
  const cells = [
    cell(labels.status, status),
    cell(labels.rounds, rounds),
    cell(labels.tools, used),
    cell(labels.elapsed, elapsed),
    cell(labels.tokens, tokens),
    cell(labels.cost, dollars),
  ];
  const lanes = el('ul', { class: 'lanes' });
  const nothing = el('p', { class: 'muted' }, text.noTools);
  const timelinePart = el('section', {}, el('h2', {}, labels.timeline), lanes, nothing);
  rail.replaceChildren(el('section', {}, el('h2', {}, labels.summary), el('dl', { class: 'cells' }, ...cells)), timelinePart);
  /** Loaded on need: a run that has just begun has none. @type {Promise<ReturnType<typeof import('./rail-parts.js').createRailParts>> | null} */
  let parts = null;
  /** @type {unknown} */
  let shownSteps = null;
  /** @type {unknown} */
  let shownDecisions = null;
  /** @type {unknown} */
  let shownFinal;

  /** @param {import('../fold.js').RunState} state @param {(id: string) => string} modelName */
  async function showParts(state, modelName) {
    if (!parts) timelinePart.setAttribute('aria-busy', 'true');
    try {
      parts ??= import('./rail-parts.js').then(({ createRailParts }) => createRailParts(rail, timelinePart));
      const show = await parts;
      // What has come since is shown by itself.
      if (state.steps === shownSteps && state.decisions === shownDecisions && state.final === shownFinal) guarded(() => show(state, modelName), () => undefined);
    } catch (error) {
      // The next change asks for it again.
      parts = null;
      throw error;
    } finally {
      timelinePart.removeAttribute('aria-busy');
    }
  }

  return {
    render(state, elapsedMs, statusName, modelName) {
      const { tokens: tokenCount, costUsd, estimated } = totals(state);
      setText(status, text.status(statusName));
      status.dataset.status = statusName;
      setText(rounds, `${text.number(state.round)} / ${text.number(state.maxRounds)}`);
      setText(used, text.number(toolsUsed(state)));
      setText(elapsed, elapsedMs === null ? '–' : state.phase.name === 'over' ? duration(elapsedMs) : clock(elapsedMs));
      setText(tokens, text.about(estimated) + text.number(tokenCount));
      setText(dollars, cost(costUsd));
      if (state.steps !== shownSteps || state.decisions !== shownDecisions) {
        lanes.replaceChildren(...guarded(() => laneRows(state), () => [el('li', { class: 'unpainted' }, text.unpainted)]));
        nothing.hidden = lanes.childElementCount > 0;
      }
      const isNew = state.steps !== shownSteps || state.decisions !== shownDecisions || state.final !== shownFinal;
      shownSteps = state.steps;
      shownDecisions = state.decisions;
      shownFinal = state.final;
      if (isNew && (parts || state.final || state.steps.length + state.decisions.length > 0)) void showParts(state, modelName);
    },
  };
}

/** @param {import('../fold.js').RunState} state */
function laneRows(state) {
  const { lanes, ms: total } = timeline(state);
  const rows = lanes.slice(0, SHOWN_LANES).map(({ tool, calls, ms, spans, rows }) => {
    const [name, tone] = tool === null ? [text.orchestrator, 'orchestrator'] : [shortName(tool), faceOf(tool).tone ?? ''];
    const label = el('span', { class: 'lane-name' }, name, el('span', { class: 'muted' }, text.times(calls)));
    return el('li', { 'data-tone': tone }, label, track(spans, Math.min(rows, MOST_ROWS), total), el('span', { class: 'time' }, duration(ms)));
  });
  return lanes.length > SHOWN_LANES ? [...rows, el('li', { class: 'muted' }, text.moreLanes(lanes.length - SHOWN_LANES))] : rows;
}

/** The bars of a lane, those that ran side by side below each other. Of very many, those that are left are drawn as one. @param {import('../derive.js').Lane['spans']} spans @param {number} rows @param {number} total */
function track(spans, rows, total) {
  const node = el('span', { class: 'track', 'aria-hidden': 'true', 'data-rows': String(rows) });
  const last = spans[spans.length - 1];
  const rest = spans.length > SHOWN_BARS ? spans[SHOWN_BARS - 1] : null;
  const bars = rest ? [...spans.slice(0, SHOWN_BARS - 1), { from: rest.from, ms: last.from + last.ms - rest.from, row: 0 }] : spans;
  for (const { from, ms, row } of bars) {
    const bar = el('span', { class: 'bar' });
    bar.style.setProperty('inset-inline-start', `${percent(from, total)}%`);
    bar.style.setProperty('inline-size', `${percent(ms, total)}%`);
    if (rows > 1) {
      bar.style.setProperty('inset-block-start', `${(row % rows) * ROW_PX}px`);
      bar.style.setProperty('block-size', `${ROW_PX - 2}px`);
    }
    node.append(bar);
  }
  return node;
}

/** @param {string} name @param {HTMLElement} value */
function cell(name, value) {
  return el('div', {}, el('dt', {}, name), value);
}

/** @param {number} part @param {number} total */
function percent(part, total) {
  return total === 0 ? 0 : (part / total) * 100;
}
