// The one plain line of a step row.

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
  return step.outcome !== null && (!step.outcome.ok || step.outcome.result.success === false);
}

/** @param {import('../fold.js').CallStep} step @returns {string} */
function plainLine({ tool, arguments: input, outcome }) {
  switch (tool) {
    case 'enhance_reasoning':
      return oneLine(input.reasoning_focus ?? input.problem ?? text.reasoning);
    case 'search':
      return text.search(oneLine(input.query), outcome ? outcome.result.num_results : null);
    case 'code_interpreter':
      return codeLine(input, outcome);
    case 'answer':
      return outcome ? text.answered : text.writing;
    default:
      return oneLine(JSON.stringify(input));
  }
}

/** @param {Record<string, any>} input @param {import('../fold.js').Outcome | null} outcome */
function codeLine(input, outcome) {
  const line = text.code(String(input.code).trim().split('\n').length);
  if (!outcome) return line;
  const { success, stdout, stderr, value, error } = outcome.result;
  const shown = success ? stdout.trim() || value : stderr.trim().split('\n').at(-1) || error || text.programFailed;
  return shown ? `${line} · ${oneLine(shown)}` : line;
}

/** @param {Record<string, any>} result */
function failureOf(result) {
  return oneLine(result.error?.message ?? text.failed);
}

/** @param {unknown} value */
function oneLine(value) {
  return String(value).trim().replace(/\s+/g, ' ').slice(0, LINE_LIMIT);
}

const LINE_LIMIT = 240;
