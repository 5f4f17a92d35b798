// The run rail: what the run has taken so far, where the time went, and the sources.

import { byModel, timeline, toolsUsed, totals } from '../derive.js';
import { clock, cost, duration, shortened, text } from '../strings.js';
import { guarded } from './boundary.js';
import { el, setText } from './dom.js';
import { list } from './parts.js';
import { shortName } from './tools/names.js';
import { faceOf } from './tools/registry.js';

const { labels } = text;
const SHOWN_LANES = 12;
const SHOWN_BARS = 60;

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
  const modelsPart = el('section', { hidden: true });
  const sourcesPart = el('section', { hidden: true });
  rail.replaceChildren(
    el('section', {}, el('h2', {}, labels.summary), el('dl', { class: 'cells' }, ...cells)),
    el('section', {}, el('h2', {}, labels.timeline), lanes, nothing),
    modelsPart,
    sourcesPart,
  );
  /** @type {unknown} */
  let shownSteps = null;
  /** @type {unknown} */
  let shownDecisions = null;
  /** @type {unknown} */
  let shownFinal;

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
        const models = [...byModel(state)];
        modelsPart.replaceChildren(el('h2', {}, labels.models), list(models, (taken) => modelRow(taken, modelName), { class: 'models' }));
        modelsPart.hidden = models.length === 0;
      }
      if (state.final !== shownFinal) void showSources(sourcesPart, state, () => shownFinal === state.final);
      shownSteps = state.steps;
      shownDecisions = state.decisions;
      shownFinal = state.final;
    },
  };
}

/** @param {import('../fold.js').RunState} state */
function laneRows(state) {
  const { lanes, ms: total } = timeline(state);
  const rows = lanes.slice(0, SHOWN_LANES).map(({ tool, calls, ms, spans }) => {
    const [name, tone] = tool === null ? [text.orchestrator, 'orchestrator'] : [shortName(tool), faceOf(tool).tone ?? ''];
    const label = el('span', { class: 'lane-name' }, name, el('span', { class: 'muted' }, text.times(calls)));
    return el('li', { 'data-tone': tone }, label, track(spans, total), el('span', { class: 'time' }, duration(ms)));
  });
  return lanes.length > SHOWN_LANES ? [...rows, el('li', { class: 'muted' }, text.moreLanes(lanes.length - SHOWN_LANES))] : rows;
}

/** @param {HTMLElement} node @param {import('../fold.js').RunState} state @param {() => boolean} isShown whether it is still the run on the page */
async function showSources(node, state, isShown) {
  const sources = state.final?.sources ?? [];
  node.replaceChildren(el('h2', {}, labels.sources));
  node.hidden = sources.length === 0;
  if (node.hidden) return;
  node.setAttribute('aria-busy', 'true');
  try {
    // Loaded on need: many answers have none.
    const { sourceRows } = await import('./sources.js');
    if (isShown()) node.append(list(sourceRows(state, sources), (row) => row(), { class: 'sources' }));
  } finally {
    node.removeAttribute('aria-busy');
  }
}

/** What a model has taken so far. @param {[string, {tokens: number, costUsd: number, estimated: boolean}]} taken @param {(id: string) => string} modelName */
function modelRow([model, { tokens, costUsd, estimated }], modelName) {
  return el('li', {}, el('span', { class: 'lane-name' }, shortened(modelName(model))), el('span', {}, text.about(estimated) + text.tokens(tokens)), el('span', {}, cost(costUsd)));
}

/** The bars of a lane. Of very many, those that are left are drawn as one. @param {{from: number, ms: number}[]} spans @param {number} total */
function track(spans, total) {
  const node = el('span', { class: 'track', 'aria-hidden': 'true' });
  const last = spans[spans.length - 1];
  const rest = spans.length > SHOWN_BARS ? spans[SHOWN_BARS - 1] : null;
  const bars = rest ? [...spans.slice(0, SHOWN_BARS - 1), { from: rest.from, ms: last.from + last.ms - rest.from }] : spans;
  for (const { from, ms } of bars) {
    const bar = el('span', { class: 'bar' });
    bar.style.setProperty('inset-inline-start', `${percent(from, total)}%`);
    bar.style.setProperty('inline-size', `${percent(ms, total)}%`);
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
