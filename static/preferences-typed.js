// What is typed into the preferences, and which of them the server refuses. Loaded on need. No DOM, no network.

import { isLimit } from './preferences.js';

/** Which preference a field of a start is. @param {string | null} field */
export function preferenceOf(field) {
  return OF_FIELDS.get(field ?? '') ?? OF_FIELDS.get((field ?? '').split(/[.[]/, 2).join('.'));
}

export const OF_FIELDS = new Map([['max_rounds', 'rounds'], ['temperature', 'temperature'], ['max_tokens', 'tokens'], ['preferences.max_cost_usd', 'usd'], ['preferences.priority', 'priority'],
  ['preferences.mode', 'mode'], ['preferences.instructions', 'instructions'], ['preferences.models', 'models'], ['preferences.tools', 'tools']]);

/**
 * The limit that is typed: null where there is none, undefined where it cannot be one. A comma may stand for the point, but not where it
 * may as well part thousands.
 * @param {string} typed
 * @returns {number | null | undefined}
 */
export function limitIn(typed) {
  const plain = typed.normalize('NFKC').trim().replace(/^\$\s*/, '');
  if (plain === '') return null;
  if (!/^\d*[.,]?\d*$/.test(plain) || /^[^0].*,\d{3}$/.test(plain)) return undefined;
  const usd = Number(plain.replace(',', '.'));
  return isLimit(usd) ? usd : undefined;
}
