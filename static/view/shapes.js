// What the page expects in the arguments and results of the tools that it knows, and what is there that fits no such shape.

import { isObject } from '../json.js';

/**
 * Names and types of fields. A field may always be absent, or null for that.
 * @typedef {Record<string, 'string' | 'number' | 'boolean' | 'object' | 'list'>} Shape
 */

/** @type {Shape} */
const question = { problem: 'string', reasoning_focus: 'string', model: 'string' };

/** @type {[string, Shape][]} */
const known = [
  ['enhance_reasoning', question],
  ['answer', question],
  ['search', { query: 'string', num_results: 'number' }],
  ['code_interpreter', { code: 'string', stdin: 'string', timeout: 'number' }],
];

export const argumentsOf = new Map(known);

/** The text without which a call is not what it should be. */
export const needed = new Map([['search', 'query'], ['code_interpreter', 'code']]);

/** @type {Shape} */
export const programShape = {
  success: 'boolean', stdout: 'string', stderr: 'string', returncode: 'number', value: 'string', error: 'string', truncated: 'object', artifacts: 'list',
  omitted: 'list', isolation: 'string',
};

/** @type {Shape} */
export const resultShape = { title: 'string', snippet: 'string', url: 'string' };

/**
 * The fields that fit no shape: those that it does not name, too, where `isClosed`. What is no object is one misfit as a whole.
 * @param {unknown} value
 * @param {Shape} shape
 * @param {boolean} isClosed
 * @returns {unknown} undefined where there are none
 */
export function misfits(value, shape, isClosed) {
  if (!isObject(value)) return value ?? null;
  const entries = Object.entries(value);
  const odd = entries.filter(([name, given]) => (Object.hasOwn(shape, name) ? given !== null && typeOf(given) !== shape[name] : isClosed));
  if (entries.length > 0 && !entries.some(([name]) => Object.hasOwn(shape, name))) return value;
  return odd.length > 0 ? Object.fromEntries(odd) : undefined;
}

/** @param {unknown} value */
function typeOf(value) {
  return Array.isArray(value) ? 'list' : typeof value;
}
