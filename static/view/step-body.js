// What a step shows when it is opened: its input, its output, and the model and cost.

import { asText, field, misfits, textIn } from '../json.js';
import { cost, text } from '../strings.js';
import { guarded } from './boundary.js';
import { el } from './dom.js';
import { json, optional, part, prose } from './parts.js';
import { createProse } from './prose.js';
import { faceOf } from './tools/registry.js';

const { labels } = text;
const NEAR_END_PX = 24;

/**
 * @typedef {import('../fold.js').CallStep} CallStep
 * @typedef {{showBelow: boolean, streamed: string, modelName: (id: string) => string}} Around
 */

/**
 * The body of a call. `update` may be called as often as there is something new.
 * @param {CallStep} first
 * @returns {{node: HTMLElement, update(step: CallStep, around: Around): void}}
 */
export function callBody(first) {
  const live = el('p', { class: 'prose' });
  const streaming = createProse(live);
  const output = el('div', { class: 'parts' }, part(labels.output, live));
  const facts = el('dl', { class: 'facts' });
  const node = el('div', { class: 'body' }, el('div', { class: 'parts' }, ...guardedParts(() => inputParts(first))), output, facts);
  /** @type {import('../fold.js').Outcome | null} */
  let shownOutcome = null;
  let shownBelow = false;

  return {
    node,
    update(step, { showBelow, streamed, modelName }) {
      const { outcome } = step;
      if (!outcome) keepAtEnd(live, () => streaming.show(showBelow ? text.shownBelow : streamed));
      else if (outcome !== shownOutcome || showBelow !== shownBelow) {
        output.replaceChildren(...(showBelow ? [part(labels.output, el('p', {}, text.shownBelow))] : guardedParts(() => outputParts(step.tool, outcome, streamed, modelName))));
      }
      shownOutcome = outcome;
      shownBelow = showBelow;
      output.hidden = !outcome && !showBelow && streamed === '';
      writeFacts(facts, callFacts(step, modelName));
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

/** @param {CallStep} step @returns {HTMLElement[]} */
function inputParts({ tool, arguments: input }) {
  if (input === undefined) return [];
  const known = faceOf(tool).input;
  if (!known || (known.needed && textIn(input, known.needed) === '')) return [part(labels.input, json(input))];
  const rest = misfits(input, known.shape, true);
  return rest === undefined ? known.parts(input) : [...known.parts(input), part(labels.input, json(rest))];
}

/**
 * @param {string} tool
 * @param {import('../fold.js').Outcome} outcome
 * @param {string} streamed
 * @param {(id: string) => string} modelName
 * @returns {HTMLElement[]}
 */
function outputParts(tool, { ok, result }, streamed, modelName) {
  return ok ? faceOf(tool).output(result, modelName) : [...optional(labels.output, streamed, prose), part(labels.error, failure(result))];
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

/** @param {CallStep} step @param {(id: string) => string} modelName @returns {string[][]} */
function callFacts(step, modelName) {
  const facts = [[labels.round, text.number(step.round)]];
  if (step.model) facts.push([labels.model, textIn(step.outcome?.result, 'model_name') || modelName(step.model)]);
  if (step.retryReason !== null) facts.push([labels.attempt, `${text.number(step.attempt)} (${step.retryReason})`]);
  if (!step.outcome) return facts;
  const own = step.outcome.ok ? (faceOf(step.tool).facts?.(step.outcome.result) ?? []) : [];
  return [...facts, ...own, ...usageFacts(step.outcome)];
}

/** @param {{usage: import('../fold.js').Usage | null, costUsd: number | null}} part @returns {string[][]} */
function usageFacts({ usage, costUsd }) {
  const tokens = usage ? [[labels.tokens, text.about(usage.estimated) + text.number(usage.input_tokens + usage.output_tokens)]] : [];
  return [...tokens, [labels.cost, costUsd === null ? text.none : cost(costUsd)]];
}

/** @param {HTMLElement} node @param {string[][]} facts */
function writeFacts(node, facts) {
  const key = JSON.stringify(facts);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}
