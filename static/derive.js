// What no single event says: the answer, the totals, each tool's time.

import { orchestratorCall } from './fold.js';
import { field } from './json.js';

/**
 * @typedef {import('./fold.js').RunState} RunState
 * @typedef {import('./fold.js').CallStep} CallStep
 * @typedef {{callId: string | null, text: string, form: 'streaming' | 'final' | 'partial'}} Answer
 * @typedef {{tool: string | null, calls: number, ms: number, spans: {from: number, ms: number, row: number}[], rows: number}} Lane `tool` is null for the orchestrator; calls of it that
 *   ran side by side lie in rows of their own
 * @typedef {'running' | 'done' | 'failed' | 'rejected' | 'not_run' | 'cancelled'} Fate
 */

/**
 * The answer as it stands now.
 * @param {RunState} state
 * @param {(tool: string) => boolean} endsRun whether the text of a tool's calls is the answer
 * @returns {Answer | null}
 */
export function answerOf(state, endsRun) {
  const over = state.phase.name === 'over';
  // What no call has given is the best text of a run whose money was used up.
  const isBest = state.phase.name === 'over' ? state.phase.summary.status === 'over_budget' : true;
  if (state.final) return { callId: state.final.callId, text: state.final.content, form: state.final.callId === null && isBest ? 'partial' : 'final' };
  const form = over ? 'partial' : 'streaming';
  const answers = callsOf(state).filter((step) => endsRun(step.tool));
  const current = answers.find((step) => step.outcome?.ok) ?? answers.find((step) => step.outcome === null);
  if (current) return { callId: current.key, text: textOf(state, current.key), form };
  const own = orchestratorCall(state.round);
  if (textOf(state, own) !== '') return { callId: own, text: textOf(state, own), form };
  const left = over ? answers.findLast((step) => textOf(state, step.key) !== '') : undefined;
  return left ? { callId: left.key, text: textOf(state, left.key), form: 'partial' } : null;
}

/** @param {RunState} state @param {string} callId */
export function textOf(state, callId) {
  return state.texts.get(callId)?.text ?? '';
}

/** Whether the orchestrator decides, with nothing shown of it. @param {RunState} state */
export function isDeciding(state) {
  const { round } = state;
  if (state.phase.name !== 'running' || round === 0 || state.final || state.fatal) return false;
  const decided = state.decisions.some((decision) => decision.round === round);
  return !decided && textOf(state, orchestratorCall(round)) === '';
}

/** The summary's, or what was told. @param {RunState} state */
export function totals(state) {
  if (state.phase.name === 'over') {
    const { usage, cost_usd: costUsd } = state.phase.summary;
    return { tokens: usage.input_tokens + usage.output_tokens, costUsd, estimated: usage.estimated };
  }
  const parts = [...state.decisions, ...callsOf(state).flatMap((step) => step.outcome ?? []), ...[...state.attempts.values()].flat()];
  return {
    tokens: parts.reduce((sum, { usage }) => sum + tokensOf(usage), 0),
    costUsd: parts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    estimated: parts.some(({ usage }) => usage?.estimated),
  };
}

/** @param {import('./fold.js').Usage | null} usage */
export function tokensOf(usage) {
  return usage ? usage.input_tokens + usage.output_tokens : 0;
}

/** Calls that were made, or may be; no inner steps. @param {RunState} state */
export function toolsUsed(state) {
  return callsOf(state).filter(({ within, outcome }) => !within && outcome?.called !== false).length;
}

/**
 * `rejected`: it could not be made, `not_run`: the run ended or its money was used up before it, `cancelled`: it was ended.
 * A program that raised has failed to the person.
 * @param {Pick<CallStep, 'outcome'>} step
 * @returns {Fate}
 */
export function fateOf({ outcome }) {
  if (!outcome) return 'running';
  const { ok, called, result } = outcome;
  if (ok) return field(result, 'success') === false ? 'failed' : 'done';
  const code = field(field(result, 'error'), 'code');
  if (!called) return code === 'not_run' ? 'not_run' : 'rejected';
  return code === 'cancelled' ? 'cancelled' : 'failed';
}

/**
 * Where the time went, a lane for the orchestrator and one for each tool. Events carry no clock times: a round
 * begins when the slowest call of the one before it has ended.
 * @param {RunState} state
 * @returns {{lanes: Lane[], ms: number}}
 */
export function timeline(state) {
  /** @type {Map<string | null, Lane>} */
  const lanes = new Map();
  /** @param {string | null} tool @param {number} from @param {number} ms @param {number} [row] */
  const add = (tool, from, ms, row = 0) => {
    const lane = lanes.get(tool) ?? { tool, calls: 0, ms: 0, spans: [], rows: 1 };
    lane.calls += 1;
    lane.ms += ms;
    lane.spans.push({ from, ms, row });
    lane.rows = Math.max(lane.rows, row + 1);
    lanes.set(tool, lane);
    return row + 1;
  };
  let clock = 0;
  for (const { decisions, done } of byRound(state)) {
    for (const ms of decisions) {
      add(null, clock, ms);
      clock += ms;
    }
    /** @type {Map<string, number>} */
    const rows = new Map();
    for (const { tool, ms } of done) rows.set(tool, add(tool, clock, ms, rows.get(tool)));
    clock += done.reduce((longest, { ms }) => Math.max(longest, ms), 0);
  }
  return { lanes: [...lanes.values()], ms: clock };
}

/** @param {RunState} state */
function byRound(state) {
  /** @type {Map<number, {decisions: number[], done: {tool: string, ms: number}[]}>} */
  const rounds = new Map();
  const of = (/** @type {number} */ round) => {
    const found = rounds.get(round) ?? { decisions: [], done: [] };
    rounds.set(round, found);
    return found;
  };
  for (const { round, durationMs } of state.decisions) of(round).decisions.push(durationMs);
  const calls = callsOf(state);
  const tools = new Map(calls.map(({ key, tool }) => [key, tool]));
  // A tool's own steps are a part of its call.
  for (const { round, tool, within, outcome } of calls) if (outcome?.called && tools.get(within ?? '') !== tool) of(round).done.push({ tool, ms: outcome.durationMs });
  return [...rounds].sort(([a], [b]) => a - b).map(([, round]) => round);
}

/** The steps within each call. @param {RunState} state @returns {Map<string | null, CallStep[]>} */
export function innerOf(state) {
  /** @type {ReturnType<typeof innerOf>} */
  const inner = new Map();
  for (const step of callsOf(state)) if (step.within) inner.set(step.within, [...(inner.get(step.within) ?? []), step]);
  return inner;
}

/**
 * The calls that were begun together, for each of them: those of a round, and the steps of one stage within a call.
 * @param {RunState} state
 * @returns {Map<CallStep, CallStep[]>}
 */
export function begunTogether(state) {
  /** @type {Map<string, CallStep[]>} */
  const groups = new Map();
  for (const step of callsOf(state)) {
    if (step.outcome?.called === false) continue;
    const key = JSON.stringify([step.round, step.within, step.within && field(step.arguments, 'stage')]);
    const group = groups.get(key);
    if (group) group.push(step);
    else groups.set(key, [step]);
  }
  return new Map([...groups.values()].flatMap((group) => group.map((step) => [step, group])));
}

/** What the steps within a call took: it is theirs, and counts once. @param {CallStep[]} within @returns {{usage: import('./fold.js').Usage | null, costUsd: number | null}} */
export function takenWithin(within) {
  return within.reduce((/** @type {ReturnType<typeof takenWithin>} */ all, { outcome }) => ({
    usage: outcome?.usage ? sumOf(all.usage, outcome.usage) : all.usage,
    costUsd: typeof outcome?.costUsd === 'number' ? (all.costUsd ?? 0) + outcome.costUsd : all.costUsd,
  }), { usage: null, costUsd: null });
}

/** @param {import('./fold.js').Usage | null} a @param {import('./fold.js').Usage} b */
function sumOf(a, b) {
  return a ? { input_tokens: a.input_tokens + b.input_tokens, output_tokens: a.output_tokens + b.output_tokens, estimated: a.estimated || b.estimated } : b;
}

/** @param {RunState} state @returns {CallStep[]} */
export function callsOf(state) {
  return state.steps.flatMap((step) => (step.kind === 'call' ? step : []));
}
