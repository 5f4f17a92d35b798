// The one plain line of a step row.

import { asText, field, textIn } from '../json.js';
import { text } from '../strings.js';

/**
 * @param {import('../fold.js').CallStep} step
 * @returns {string}
 */
export function lineOf(step) {
  const line = step.outcome && !step.outcome.ok ? failureOf(step.outcome.result) : plainLine(step);
  return step.attempt > 1 ? `${line} · ${text.attempt(step.attempt)}` : line;
}

/** Whether the row is marked as failed: the call failed, or the program it ran did. @param {import('../fold.js').CallStep} step */
export function hasFailed(step) {
  return step.outcome !== null && (!step.outcome.ok || field(step.outcome.result, 'success') === false);
}

/** @param {import('../fold.js').CallStep} step @returns {string} */
function plainLine({ tool, arguments: input, outcome }) {
  switch (tool) {
    case 'enhance_reasoning':
      return oneLine(textIn(input, 'reasoning_focus') || textIn(input, 'problem') || text.reasoning);
    case 'search':
      return text.search(argument(input, 'query'), outcome ? found(outcome.result) : null);
    case 'code_interpreter':
      return codeLine(input, outcome);
    case 'answer':
      return outcome ? text.answered : text.writing;
    default:
      return oneLine(asText(input, LINE_LIMIT));
  }
}

/** How many results there are; null where it is not said. @param {unknown} result @returns {number | null} */
function found(result) {
  const told = field(result, 'num_results');
  return typeof told === 'number' && Number.isFinite(told) ? told : null;
}

/** @param {unknown} input @param {import('../fold.js').Outcome | null} outcome */
function codeLine(input, outcome) {
  const program = field(input, 'code');
  const line = typeof program === 'string' ? text.code(program.trim().split('\n').length) : argument(input, 'code');
  if (!outcome) return line;
  const { result } = outcome;
  const printed = textIn(result, 'stdout').trim() || textIn(result, 'value');
  const fault = lastLine(textIn(result, 'stderr')) || textIn(result, 'error') || text.programFailed;
  const shown = field(result, 'success') === false ? fault : printed;
  return [line, oneLine(shown)].filter(Boolean).join(' · ');
}

/** The argument that the line tells, or all arguments where that is no text. @param {unknown} input @param {string} name */
function argument(input, name) {
  const given = field(input, name);
  return oneLine(typeof given === 'string' ? given : asText(input, LINE_LIMIT));
}

/** @param {unknown} result */
function failureOf(result) {
  const error = field(result, 'error');
  return oneLine(textIn(error, 'message') || (typeof error === 'string' ? error : '') || text.failed);
}

/** @param {string} value */
function lastLine(value) {
  const kept = value.trimEnd();
  return kept.slice(kept.lastIndexOf('\n') + 1);
}

/** @param {string} value */
function oneLine(value) {
  return value.slice(0, LOOKED_AT).trim().replace(/\s+/g, ' ').slice(0, LINE_LIMIT);
}

const LINE_LIMIT = 240;
const LOOKED_AT = 4_096;
