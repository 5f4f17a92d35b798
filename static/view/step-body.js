// What a step shows when it is opened: its input, its output, and the model and cost.

import { fateOf, takenWithin } from '../derive.js';
import { asText, field, misfits, textIn } from '../json.js';
import { cost, text } from '../strings.js';
import { guarded } from './boundary.js';
import { el } from './dom.js';
import { json, optional, part, prose } from './parts.js';
import { createProse } from './prose.js';

const { labels } = text;
const NEAR_END_PX = 24;

/**
 * @typedef {import('../fold.js').CallStep} CallStep
 * @typedef {import('./tools/registry.js').Face} Face
 * @typedef {{showBelow: boolean, streamed: string, face: Face, within: CallStep[], beside: string, modelName: (id: string) => string}} Around `within`: the steps within it; `beside`: those that ran beside it
 */

/**
 * The body of a call. `update` may be called as often as there is something new.
 * @returns {{node: HTMLElement, update(step: CallStep, around: Around): void}}
 */
export function callBody() {
  const live = el('div', { class: 'prose' });
  const streaming = createProse(live);
  const output = el('div', { class: 'parts' }, part(labels.output, live));
  const facts = el('dl', { class: 'facts' });
  const input = el('div', { class: 'parts' });
  const node = el('div', { class: 'body' }, input, output, facts);
  /** Whose arguments are shown. @type {CallStep['key'] | null} */
  let shownInput = null;
  /** @type {import('../fold.js').Outcome | null} */
  let shownOutcome = null;
  let shownBelow = false;

  return {
    node,
    update(step, { showBelow, streamed, face, within, beside, modelName }) {
      const { outcome } = step;
      const inputKey = (face.input?.of ?? step).key;
      if (inputKey !== shownInput) input.replaceChildren(...guardedParts(() => inputParts(step, face)));
      shownInput = inputKey;
      if (!outcome) keepAtEnd(live, () => streaming.show(showBelow ? text.shownBelow : streamed, !showBelow));
      else if (outcome !== shownOutcome || showBelow !== shownBelow) {
        output.replaceChildren(...(showBelow ? [part(labels.output, el('p', {}, text.shownBelow))] : guardedParts(() => outputParts(face, outcome, streamed, modelName))));
      }
      shownOutcome = outcome;
      shownBelow = showBelow;
      output.hidden = !outcome && !showBelow && streamed === '';
      writeFacts(facts, callFacts(step, face, within, beside, modelName));
    },
  };
}

/**
 * @param {import('../fold.js').ThinkingStep} step
 * @returns {{node: HTMLElement, update(decision: import('../fold.js').Decision | undefined, modelName: (id: string) => string): void}}
 */
export function thinkingBody(step) {
  const facts = el('dl', { class: 'facts' });
  const node = el('div', { class: 'body' }, el('div', { class: 'parts' }, part(labels.thinking, prose(step.content))), facts);
  return {
    node,
    update(decision, modelName) {
      const own = decision ? [[labels.model, modelName(decision.model)], ...usageFacts(decision)] : [];
      writeFacts(facts, [[labels.round, text.number(step.round)], ...own]);
    },
  };
}

/** Keeps the end of a growing text in sight in its own small window, unless the person has scrolled up in it. @param {HTMLElement} node @param {() => void} grow */
function keepAtEnd(node, grow) {
  const atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_END_PX;
  grow();
  if (atEnd) node.scrollTop = node.scrollHeight;
}

/** @param {() => HTMLElement[]} make @returns {HTMLElement[]} */
function guardedParts(make) {
  return guarded(make, () => [part(labels.error, el('p', { class: 'unpainted' }, text.unpainted))]);
}

/** @param {CallStep} step @param {Face} face @returns {HTMLElement[]} */
function inputParts({ arguments: input }, { input: known }) {
  if (known?.of) return known.parts(input);
  if (input === undefined) return [];
  if (!known || (known.needed && textIn(input, known.needed) === '')) return [part(labels.input, json(input))];
  const rest = misfits(input, known.shape, true);
  return rest === undefined ? known.parts(input) : [...known.parts(input), part(labels.input, json(rest))];
}

/**
 * @param {Face} face
 * @param {import('../fold.js').Outcome} outcome
 * @param {string} streamed
 * @param {(id: string) => string} modelName
 * @returns {HTMLElement[]}
 */
function outputParts(face, outcome, streamed, modelName) {
  const { ok, result } = outcome;
  return ok ? face.output(result, modelName) : [...optional(labels.output, streamed, prose), part(labels.error, failure(result), ...nextStep(outcome))];
}

/** What a person can do now, where it is known. Not where the run ended the call, or its money did: that is told of the run. @param {import('../fold.js').Outcome} outcome @returns {HTMLElement[]} */
function nextStep(outcome) {
  const error = field(outcome.result, 'error');
  const retryable = field(error, 'retryable');
  const isOfTool = fateOf({ outcome }) === 'failed' && field(error, 'code') !== 'over_budget';
  return isOfTool && typeof retryable === 'boolean' ? [el('p', { class: 'note' }, text.afterFailure(retryable))] : [];
}

/** @param {unknown} result */
function failure(result) {
  const error = field(result, 'error');
  if (typeof error === 'string') return prose(error);
  const message = field(error, 'message');
  if (typeof message !== 'string') return json(result);
  const code = asText(field(error, 'code'));
  return prose(code === '' ? message : `${message} (${code})`);
}

/** @param {CallStep} step @param {Face} face @param {CallStep[]} within @param {string} beside @param {(id: string) => string} modelName @returns {string[][]} */
function callFacts(step, face, within, beside, modelName) {
  const facts = [[labels.round, text.number(step.round)]];
  if (beside !== '') facts.push([labels.beside, beside]);
  const model = step.model ?? face.model;
  if (model) facts.push([labels.model, textIn(step.outcome?.result, 'model_name') || modelName(model)]);
  if (step.retryReason !== null) facts.push([labels.attempt, `${text.number(step.attempt)} (${step.retryReason})`]);
  if (!step.outcome) return facts;
  const own = step.outcome.ok ? (face.facts?.(step.outcome.result) ?? []) : [];
  return [...facts, ...own, ...usageFacts(step.outcome, takenWithin(within))];
}

/** @param {ReturnType<typeof takenWithin>} own @param {ReturnType<typeof takenWithin>} [within] what the steps within it took, where it took nothing itself @returns {string[][]} */
function usageFacts({ usage, costUsd }, within = { usage: null, costUsd: null }) {
  const [used, ofTokens] = usage || !within.usage ? [usage, labels.tokens] : [within.usage, labels.tokensWithin];
  const [paid, ofCost] = costUsd !== null || within.costUsd === null ? [costUsd, labels.cost] : [within.costUsd, labels.costWithin];
  const tokens = used ? [[ofTokens, text.about(used.estimated) + text.number(used.input_tokens + used.output_tokens)]] : [];
  return [...tokens, [ofCost, paid === null ? text.none : cost(paid)]];
}

/** @param {HTMLElement} node @param {string[][]} facts */
function writeFacts(node, facts) {
  const key = JSON.stringify(facts);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}
