// Why an answer is what it is, in three sentences made from the log: how it came about, what it rests on, and what went otherwise. Loaded on need.

import { answerOf, callsOf, fateOf, totals } from './derive.js';
import { field, listIn, textIn } from './json.js';
import { cost, duration } from './numbers.js';
import { whyWords as words } from './strings-on-need.js';

/**
 * @typedef {import('./fold.js').RunState} RunState
 * @typedef {import('./fold.js').CallStep} CallStep
 * @typedef {{modelName: (id: string) => string, toolName: (tool: string) => string, endsRun: (tool: string) => boolean}} Names `endsRun`: whether the text of a tool's calls is the answer
 */

/**
 * The three sentences, of a run that is over.
 * @param {RunState} state @param {Names} names
 * @returns {string[]}
 */
export function whyOf(state, names) {
  const made = callsOf(state).filter(({ within, outcome }) => !within && outcome?.called === true);
  return [way(state, made, names), basis(state, made, names), otherwise(state, made, names)];
}

/** @param {RunState} state @param {CallStep[]} made @param {Names} names */
function way(state, made, { modelName, toolName }) {
  const chooser = modelName(state.decisions[state.decisions.length - 1]?.model ?? '');
  /** @type {Map<number, string[]>} */
  const rounds = new Map();
  for (const { round, tool } of made) rounds.set(round, [...(rounds.get(round) ?? []), toolName(tool)]);
  const stages = [...rounds.values()].map((tools) => words.atOnce([...new Set(tools)].map((tool) => words.times(tool, tools.filter((one) => one === tool).length)), tools.length));
  return stages.length === 0 ? words.byItself(chooser) : words.way(chooser, Math.max(state.round, 1), stages);
}

/** @param {RunState} state @param {CallStep[]} made @param {Names} names */
function basis(state, made, { modelName, endsRun }) {
  const answer = answerOf(state, endsRun);
  if (!answer || answer.text === '') return words.noAnswer;
  if (answer.form === 'partial') return words.partial;
  const writer = callsOf(state).find(({ key }) => key === answer.callId)?.model ?? state.final?.model ?? null;
  const sources = state.final?.sources ?? [];
  const programs = made.filter(({ outcome }) => outcome?.ok && field(outcome.result, 'success') === true).length;
  const files = made.reduce((sum, { outcome }) => sum + listIn(outcome?.result, 'artifacts').length, 0);
  return words.basis(writer === null ? null : modelName(writer), sources.length, textIn(sources[0], 'title'), programs, files);
}

/** @param {RunState} state @param {CallStep[]} made @param {Names} names */
function otherwise(state, made, { modelName, toolName }) {
  const all = callsOf(state);
  const fellBack = all.flatMap(({ ended, model }) => {
    const before = ended[0]?.model;
    return before && model && before !== model ? words.fellBack(modelName(model), modelName(before)) : [];
  });
  const again = all.filter(({ ended, model }) => ended.length > 0 && (ended[0].model ?? model) === model).length;
  const failed = made.filter((step) => fateOf(step) === 'failed').map(({ tool }) => toolName(tool));
  const rejected = all.filter((step) => ['rejected', 'not_run'].includes(fateOf(step))).length;
  const resumed = state.steps.filter(({ kind }) => kind === 'resumed').length;
  const events = [...new Set(fellBack), ...(again > 0 ? [words.again(again)] : []), ...(failed.length > 0 ? [words.failed(failed.length, [...new Set(failed)])] : []), ...(rejected > 0 ? [words.rejected(rejected)] : []),
    ...(resumed > 0 ? [words.resumed] : [])];
  const ms = state.phase.name === 'over' ? state.phase.summary.duration_ms : null;
  return words.otherwise(events, ms === null ? null : duration(ms), cost(totals(state).costUsd));
}
