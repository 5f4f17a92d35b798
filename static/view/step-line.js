// The one plain line of a step row.

import { field, shortLine, textIn } from '../json.js';
import { text } from '../strings.js';
import { faceOf } from './tools/registry.js';

/**
 * @param {import('../fold.js').CallStep} step
 * @returns {string}
 */
export function lineOf({ tool, arguments: input, outcome, attempt }) {
  const line = outcome && !outcome.ok ? failureOf(outcome.result) : faceOf(tool).line(input, outcome);
  return attempt > 1 ? `${line} · ${text.attempt(attempt)}` : line;
}

/** @param {unknown} result */
function failureOf(result) {
  const error = field(result, 'error');
  return shortLine(textIn(error, 'message') || (typeof error === 'string' ? error : '') || text.fates.failed);
}
