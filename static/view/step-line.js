// The one plain line of a step row.

import { field, shortLine, textIn } from '../json.js';
import { text } from '../strings.js';

/**
 * @param {import('../fold.js').CallStep} step
 * @param {import('./tools/registry.js').Face} face
 * @returns {string}
 */
export function lineOf({ arguments: input, outcome, attempt }, face) {
  const line = outcome && !outcome.ok ? failureOf(outcome.result) : face.line(input, outcome);
  return attempt > 1 ? `${line} · ${text.attempt(attempt)}` : line;
}

/** @param {unknown} result */
function failureOf(result) {
  const error = field(result, 'error');
  return shortLine(textIn(error, 'message') || (typeof error === 'string' ? error : '') || text.fates.failed);
}
