// What each model of a run has taken. Loaded with the first decision.

import { callsOf, tokensOf } from './derive.js';

/**
 * What each model has taken so far, in the order in which they were first asked. Where an attempt does not tell its model, it counts for the
 * one that was asked last.
 * @param {import('./fold.js').RunState} state
 * @returns {Map<string, {tokens: number, costUsd: number, estimated: boolean}>}
 */
export function byModel(state) {
  /** @type {ReturnType<typeof byModel>} */
  const models = new Map();
  const add = (/** @type {string | null} */ model, /** @type {number} */ tokens, /** @type {number} */ costUsd, /** @type {boolean} */ estimated) => {
    if (model === null) return;
    const sum = models.get(model) ?? { tokens: 0, costUsd: 0, estimated: false };
    models.set(model, { tokens: sum.tokens + tokens, costUsd: sum.costUsd + costUsd, estimated: sum.estimated || estimated });
  };
  const addAll = (/** @type {string | null} */ last, /** @type {import('./fold.js').Attempt[]} */ ended, /** @type {{usage: import('./fold.js').Usage | null, costUsd: number | null} | null} */ all) => {
    for (const { model, usage, costUsd } of ended) add(model ?? last, tokensOf(usage), costUsd ?? 0, usage?.estimated === true);
    if (!all || (all.usage === null && all.costUsd === null)) return;
    const before = ended.reduce((sum, { usage, costUsd }) => ({ tokens: sum.tokens + tokensOf(usage), costUsd: sum.costUsd + (costUsd ?? 0) }), { tokens: 0, costUsd: 0 });
    add(last, Math.max(0, tokensOf(all.usage) - before.tokens), Math.max(0, (all.costUsd ?? 0) - before.costUsd), all.usage?.estimated === true);
  };
  for (const decision of state.decisions) addAll(decision.model, decision.ended, decision);
  for (const { model, ended, outcome } of callsOf(state)) addAll(model, ended, outcome);
  return models;
}
