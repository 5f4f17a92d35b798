// Events as they come, read into what the reducer takes. A stored log may be of an older or a newer version, and what models
// and tools wrote stands in it as they wrote it: whatever is not what it should be becomes the nearest thing that can be shown.

import { asText, field, isObject, listIn } from './json.js';

const NAME_CHARACTERS = 200;
const MOST_MS = 3_600_000;
const DEFAULT_PAUSE_MS = 1_000;
const MOST_ROUNDS = 1_000_000;

/**
 * @typedef {import('./fold.js').RunEvent} RunEvent
 * @typedef {import('./fold.js').Usage} Usage
 */

/** @param {unknown} value @param {number | null} seq the frame's id @returns {RunEvent} */
export function readEvent(value, seq) {
  const event = field(value, 'event');
  if (typeof event !== 'string') return { event: 'unreadable', seq };
  return { ...readers.get(event)?.(value), event, seq };
}

/** @type {[string, (e: unknown) => Record<string, unknown>][]} */
const known = [
  ['start', (e) => ({ run_id: text(e, 'run_id'), query: text(e, 'query'), max_rounds: round(e, 'max_rounds') ?? 0, created_at: date(e, 'created_at') })],
  ['round_start', (e) => ({ round: round(e, 'round') })],
  ['orchestrator_thinking', (e) => ({ round: round(e, 'round'), content: text(e, 'content') })],
  ['round_decided', (e) => ({ round: round(e, 'round'), model: name(e, 'model'), ...taken(e) })],
  ['tool_call', (e) => ({ ...call(e), arguments: field(e, 'arguments'), model: nameOrNull(e, 'model'), within: nameOrNull(e, 'within') })],
  ['delta', (e) => ({ call_id: name(e, 'call_id'), attempt: attempt(e), offset: offset(e), content: text(e, 'content') })],
  ['retry', (e) => ({ call_id: name(e, 'call_id'), attempt: attempt(e), reason: text(e, 'reason'), model: nameOrNull(e, 'model'), ...spent(e) })],
  ['tool_result', (e) => ({ ...call(e), called: field(e, 'called') !== false, ok: field(e, 'ok') === true, result: field(e, 'result'), ...taken(e) })],
  ['final_answer', (e) => ({ call_id: nameOrNull(e, 'call_id'), content: text(e, 'content'), model: nameOrNull(e, 'model'), sources: listIn(e, 'sources') })],
  ['error', (e) => ({ error: fault(field(e, 'error')), fatal: field(e, 'fatal') === true })],
  ['suspended', (e) => ({ reason: text(e, 'reason'), resume_after_ms: pause(e) })],
  ['resumed', (e) => ({ reason: text(e, 'reason') })],
  ['cancel_requested', () => ({})],
  ['complete', (e) => ({ summary: summary(field(e, 'summary')) })],
  ['ping', () => ({})],
];
const readers = new Map(known);

/** @param {unknown} e */
function call(e) {
  return { round: round(e, 'round'), call_id: name(e, 'call_id'), tool: name(e, 'tool') };
}

/** What a call or a decision took. @param {unknown} e */
function taken(e) {
  return { duration_ms: count(field(e, 'duration_ms')), ...spent(e) };
}

/** Null where nothing is known. @param {unknown} e */
function spent(e) {
  return { usage: usage(field(e, 'usage')), cost_usd: amount(field(e, 'cost_usd')) };
}

/** @param {unknown} e @param {string} key @returns {string} */
function text(e, key) {
  return asText(field(e, key));
}

/** @param {unknown} e @param {string} key @returns {string} */
function name(e, key) {
  return asText(field(e, key), NAME_CHARACTERS);
}

/** @param {unknown} e @param {string} key @returns {string | null} */
function nameOrNull(e, key) {
  return name(e, key) || null;
}

/** Undefined where the event names none: it is the round that goes on. @param {unknown} e @param {string} key @returns {number | undefined} */
function round(e, key) {
  const found = field(e, key);
  return Number.isInteger(found) && Number(found) >= 0 && Number(found) <= MOST_ROUNDS ? Number(found) : undefined;
}

/** @param {unknown} e @returns {number} */
function attempt(e) {
  const found = field(e, 'attempt');
  return Number.isSafeInteger(found) && Number(found) > 0 ? Number(found) : 1;
}

/** One that is none lies beyond every text, so that what stands there is never joined. @param {unknown} e @returns {number} */
function offset(e) {
  const found = field(e, 'offset');
  return Number.isSafeInteger(found) && Number(found) >= 0 ? Number(found) : Infinity;
}

/** A number of 0 or more that can be written out; 0 for anything else. @param {unknown} value @returns {number} */
function count(value) {
  return amount(value) ?? 0;
}

/** @param {unknown} value @returns {number | null} */
function amount(value) {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null;
}

/** @param {unknown} value @returns {Usage | null} */
function usage(value) {
  return isObject(value) ? { input_tokens: count(value.input_tokens), output_tokens: count(value.output_tokens), estimated: value.estimated === true } : null;
}

/** @param {unknown} e @param {string} key @returns {string | null} */
function date(e, key) {
  const found = field(e, key);
  return typeof found === 'string' && Number.isFinite(Date.parse(found)) ? found : null;
}

/** Longer pauses than a timer can hold would be none. @param {unknown} e @returns {number} */
function pause(e) {
  return Math.min(MOST_MS, amount(field(e, 'resume_after_ms')) ?? DEFAULT_PAUSE_MS);
}

/** @param {unknown} value @returns {import('./fold.js').RunError} */
function fault(value) {
  if (!isObject(value)) return { code: '', message: asText(value), remedy: null };
  const message = text(value, 'message') || asText(value);
  return { code: name(value, 'code'), message, remedy: text(value, 'remedy') || null };
}

/** @param {unknown} value @returns {import('./fold.js').Summary} */
function summary(value) {
  return {
    status: name(value, 'status') || 'ended',
    total_rounds: round(value, 'total_rounds') ?? 0,
    duration_ms: count(field(value, 'duration_ms')),
    usage: usage(field(value, 'usage')) ?? { input_tokens: 0, output_tokens: 0, estimated: false },
    cost_usd: count(field(value, 'cost_usd')),
  };
}
