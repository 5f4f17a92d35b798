// What a step shows when it is opened: its input, its output, and the model and cost.

import { cost, text } from '../strings.js';
import { el, hostOf, safeLink } from './dom.js';
import { code, part, prose } from './parts.js';
import { programFacts, programParts } from './program.js';
import { growProse } from './prose.js';

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
  const output = el('div', { class: 'parts' }, part(labels.output, live));
  const facts = el('dl', { class: 'facts' });
  const node = el('div', { class: 'body' }, el('div', { class: 'parts' }, ...inputParts(first)), output, facts);
  /** @type {import('../fold.js').Outcome | null} */
  let shownOutcome = null;
  let shownBelow = false;

  return {
    node,
    update(step, { showBelow, streamed, modelName }) {
      if (!step.outcome) growAtEnd(live, showBelow ? text.shownBelow : streamed);
      else if (step.outcome !== shownOutcome || showBelow !== shownBelow) {
        output.replaceChildren(...(showBelow ? [part(labels.output, el('p', {}, text.shownBelow))] : outputParts(step.tool, step.outcome, streamed)));
      }
      shownOutcome = step.outcome;
      shownBelow = showBelow;
      output.hidden = !step.outcome && !showBelow && streamed === '';
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

/** Grows a text in its own small window and keeps the end in sight, unless the person has scrolled up in it. @param {HTMLElement} node @param {string} content */
function growAtEnd(node, content) {
  const atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_END_PX;
  growProse(node, content);
  if (atEnd) node.scrollTop = node.scrollHeight;
}

/** @param {CallStep} step @returns {HTMLElement[]} */
function inputParts({ tool, arguments: input }) {
  switch (tool) {
    case 'code_interpreter':
      return [part(labels.code, code(input.code)), ...optional(labels.stdin, input.stdin)];
    case 'search':
      return [part(labels.input, prose(input.query))];
    case 'enhance_reasoning':
    case 'answer': {
      const given = [input.problem, input.reasoning_focus].filter((value) => typeof value === 'string' && value !== '');
      return given.length > 0 ? [part(labels.input, prose(given.join('\n\n')))] : [];
    }
    default:
      return [part(labels.input, code(JSON.stringify(input, null, 2)))];
  }
}

/**
 * @param {string} tool
 * @param {import('../fold.js').Outcome} outcome
 * @param {string} streamed
 * @returns {HTMLElement[]}
 */
function outputParts(tool, { ok, result }, streamed) {
  if (!ok) {
    const partial = streamed === '' ? [] : [part(labels.output, prose(streamed))];
    return [...partial, part(labels.error, prose(result.error ? `${result.error.message} (${result.error.code})` : JSON.stringify(result)))];
  }
  switch (tool) {
    case 'enhance_reasoning':
    case 'answer':
      return [part(labels.output, prose(result.content))];
    case 'search':
      return [part(labels.output, results(result.results))];
    case 'code_interpreter':
      return programParts(result);
    default:
      return [part(labels.output, code(JSON.stringify(result, null, 2)))];
  }
}

/** @param {{title: string, snippet: string, url: string}[]} found */
function results(found) {
  if (found.length === 0) return el('p', {}, text.noResults);
  const items = found.map(({ title, snippet, url }) =>
    el('li', {}, safeLink(url, title), el('span', { class: 'host' }, hostOf(url)), el('p', {}, snippet)));
  return el('ul', { class: 'results' }, ...items);
}

/** @param {CallStep} step @param {(id: string) => string} modelName @returns {string[][]} */
function callFacts(step, modelName) {
  const facts = [[labels.round, text.number(step.round)]];
  if (step.model) facts.push([labels.model, String(step.outcome?.result.model_name ?? modelName(step.model))]);
  if (step.retryReason !== null) facts.push([labels.attempt, `${text.number(step.attempt)} (${step.retryReason})`]);
  if (!step.outcome) return facts;
  const own = step.tool === 'code_interpreter' && step.outcome.ok ? programFacts(step.outcome.result) : [];
  return [...facts, ...own, ...usageFacts(step.outcome)];
}

/** @param {{usage: import('../fold.js').Usage | null, costUsd: number | null}} part @returns {string[][]} */
function usageFacts({ usage, costUsd }) {
  const tokens = usage ? [[labels.tokens, text.number(usage.input_tokens + usage.output_tokens)]] : [];
  return [...tokens, [labels.cost, costUsd === null ? text.none : cost(costUsd)]];
}

/** @param {HTMLElement} node @param {string[][]} facts */
function writeFacts(node, facts) {
  const key = JSON.stringify(facts);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

/** @param {string} label @param {unknown} value @returns {HTMLElement[]} */
function optional(label, value) {
  return typeof value === 'string' && value !== '' ? [part(label, code(value))] : [];
}
