// What the page shows that no single event says: the text to show as the answer, the totals, the time each tool took.

import { orchestratorCall } from './fold.js';
import { field } from './json.js';

/**
 * @typedef {import('./fold.js').RunState} RunState
 * @typedef {import('./fold.js').CallStep} CallStep
 * @typedef {{callId: string | null, text: string, form: 'streaming' | 'final' | 'partial'}} Answer
 * @typedef {{name: string, calls: number, ms: number, spans: {from: number, ms: number}[]}} Lane
 */

/**
 * The text that stands as the answer now, or null while there is none.
 * @param {RunState} state
 * @returns {Answer | null}
 */
export function answerOf(state) {
  if (state.final) return { callId: state.final.callId, text: state.final.content, form: 'final' };
  const over = state.phase.name === 'over';
  const form = over ? 'partial' : 'streaming';
  const answers = callsOf(state).filter((step) => step.tool === 'answer');
  const current = answers.find((step) => step.outcome?.ok) ?? answers.find((step) => step.outcome === null);
  if (current) return { callId: current.key, text: textOf(state, current.key), form };
  const own = orchestratorCall(state.round);
  if (textOf(state, own) !== '') return { callId: own, text: textOf(state, own), form };
  const left = over ? answers.findLast((step) => textOf(state, step.key) !== '') : undefined;
  return left ? { callId: left.key, text: textOf(state, left.key), form: 'partial' } : null;
}

/** The text streamed so far for a call. @param {RunState} state @param {string} callId */
export function textOf(state, callId) {
  return state.texts.get(callId)?.text ?? '';
}

/** True while the orchestrator has a round to decide and has not shown anything of it. @param {RunState} state */
export function isDeciding(state) {
  const { round } = state;
  if (state.phase.name !== 'running' || round === 0 || state.final || state.fatal) return false;
  const decided = state.decisions.some((decision) => decision.round === round);
  return !decided && textOf(state, orchestratorCall(round)) === '';
}

/**
 * Tokens and dollars: the summary's once there is one, before that the sum of what was reported.
 * @param {RunState} state
 * @returns {{tokens: number, costUsd: number}}
 */
export function totals(state) {
  if (state.phase.name === 'over') {
    const { usage, cost_usd: costUsd } = state.phase.summary;
    return { tokens: usage.input_tokens + usage.output_tokens, costUsd };
  }
  const parts = [...state.decisions, ...callsOf(state).flatMap((step) => step.outcome ?? [])];
  return {
    tokens: parts.reduce((sum, { usage }) => sum + (usage ? usage.input_tokens + usage.output_tokens : 0), 0),
    costUsd: parts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
  };
}

/** How many calls count: one that named no tool or did not fit its arguments was never made. @param {RunState} state */
export function toolsUsed(state) {
  /** @type {unknown[]} */
  const refused = ['unknown_tool', 'invalid_arguments'];
  return callsOf(state).filter(({ outcome }) => !refused.includes(field(field(outcome?.result, 'error'), 'code'))).length;
}

/**
 * Where the time went, a lane for the orchestrator and one for each tool. Events carry durations and no clock times, so
 * the spans are laid end to end: a round begins when the slowest call of the round before it has ended.
 * @param {RunState} state
 * @returns {{lanes: Lane[], ms: number}}
 */
export function timeline(state) {
  /** @type {Map<string, Lane>} */
  const lanes = new Map();
  /** @param {string} name @param {number} from @param {number} ms */
  const add = (name, from, ms) => {
    const lane = lanes.get(name) ?? { name, calls: 0, ms: 0, spans: [] };
    lane.calls += 1;
    lane.ms += ms;
    lane.spans.push({ from, ms });
    lanes.set(name, lane);
  };
  let clock = 0;
  for (const { decisions, done } of byRound(state)) {
    for (const ms of decisions) {
      add('orchestrator', clock, ms);
      clock += ms;
    }
    for (const { tool, ms } of done) add(tool, clock, ms);
    clock += done.reduce((longest, { ms }) => Math.max(longest, ms), 0);
  }
  return { lanes: [...lanes.values()], ms: clock };
}

/** What each round that is in the log took, whatever numbers the rounds have. @param {RunState} state */
function byRound(state) {
  /** @type {Map<number, {decisions: number[], done: {tool: string, ms: number}[]}>} */
  const rounds = new Map();
  const of = (/** @type {number} */ round) => {
    const found = rounds.get(round) ?? { decisions: [], done: [] };
    rounds.set(round, found);
    return found;
  };
  for (const { round, durationMs } of state.decisions) of(round).decisions.push(durationMs);
  for (const { round, tool, outcome } of callsOf(state)) if (outcome) of(round).done.push({ tool, ms: outcome.durationMs });
  return [...rounds].sort(([a], [b]) => a - b).map(([, round]) => round);
}

/** @param {RunState} state @returns {CallStep[]} */
export function callsOf(state) {
  return state.steps.flatMap((step) => (step.kind === 'call' ? step : []));
}
