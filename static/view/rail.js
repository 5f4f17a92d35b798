// The run rail: what the run has taken so far, where the time went, and the sources.

import { timeline, toolsUsed, totals } from '../derive.js';
import { clock, cost, duration, text } from '../strings.js';
import { el, hostOf, safeLink, setText } from './dom.js';

const { labels } = text;

/**
 * @param {HTMLElement} rail
 * @returns {{render(state: import('../fold.js').RunState, elapsedMs: number | null, statusName: string): void}}
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
  const sources = el('ul', { class: 'sources' });
  const sourcesPart = el('section', {}, el('h2', {}, labels.sources), sources);
  rail.replaceChildren(
    el('section', {}, el('h2', {}, labels.summary), el('dl', { class: 'cells' }, ...cells)),
    el('section', {}, el('h2', {}, labels.timeline), lanes, nothing),
    sourcesPart,
  );
  /** @type {unknown} */
  let shownSteps = null;
  /** @type {unknown} */
  let shownDecisions = null;
  /** @type {unknown} */
  let shownFinal;

  return {
    render(state, elapsedMs, statusName) {
      const { tokens: tokenCount, costUsd } = totals(state);
      setText(status, text.status(statusName));
      status.dataset.status = statusName;
      setText(rounds, `${text.number(state.round)} / ${text.number(state.maxRounds)}`);
      setText(used, text.number(toolsUsed(state)));
      setText(elapsed, elapsedMs === null ? '–' : state.phase.name === 'over' ? duration(elapsedMs) : clock(elapsedMs));
      setText(tokens, text.number(tokenCount));
      setText(dollars, cost(costUsd));
      if (state.steps !== shownSteps || state.decisions !== shownDecisions) {
        lanes.replaceChildren(...laneRows(state));
        nothing.hidden = lanes.childElementCount > 0;
      }
      if (state.final !== shownFinal) {
        sources.replaceChildren(...(state.final?.sources ?? []).map(sourceRow));
        sourcesPart.hidden = sources.childElementCount === 0;
      }
      shownSteps = state.steps;
      shownDecisions = state.decisions;
      shownFinal = state.final;
    },
  };
}

/** @param {import('../fold.js').RunState} state */
function laneRows(state) {
  const { lanes, ms: total } = timeline(state);
  return lanes.map(({ name, calls, ms, spans }) => {
    const track = el('span', { class: 'track', 'aria-hidden': 'true' });
    for (const span of spans) {
      const bar = el('span', { class: 'bar' });
      bar.style.setProperty('inset-inline-start', `${percent(span.from, total)}%`);
      bar.style.setProperty('inline-size', `${percent(span.ms, total)}%`);
      track.append(bar);
    }
    const label = el('span', { class: 'lane-name' }, text.tool(name), el('span', { class: 'muted' }, text.times(calls)));
    return el('li', { 'data-kind': name }, label, track, el('span', { class: 'time' }, duration(ms)));
  });
}

/** @param {{title: string, url: string}} source */
function sourceRow({ title, url }) {
  return el('li', {}, safeLink(url, title || url), el('span', { class: 'host' }, hostOf(url)));
}

/** @param {string} name @param {HTMLElement} value */
function cell(name, value) {
  return el('div', {}, el('dt', {}, name), value);
}

/** @param {number} part @param {number} total */
function percent(part, total) {
  return total === 0 ? 0 : (part / total) * 100;
}
