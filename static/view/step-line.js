// The one plain line of a step row.

import { field, shortLine, textIn } from '../json.js';
import { text } from '../strings.js';

/**
 * @param {import('../fold.js').CallStep} step
 * @param {import('./tools/registry.js').Face} face
 * @param {(id: string) => string} modelName
 * @returns {string}
 */
export function lineOf({ arguments: input, outcome, attempt, model, ended }, face, modelName) {
  const line = outcome && !outcome.ok ? failureOf(outcome.result) : face.line(input, outcome);
  if (attempt === 1) return line;
  const before = ended[ended.length - 1]?.model;
  const isOther = model !== null && before !== null && before !== undefined && before !== model;
  return `${line} · ${isOther ? text.fellBack(modelName(model), modelName(before)) : text.attempt(attempt)}`;
}

/** @param {unknown} result */
function failureOf(result) {
  const error = field(result, 'error');
  return shortLine(textIn(error, 'message') || (typeof error === 'string' ? error : '') || text.fates.failed);
}
