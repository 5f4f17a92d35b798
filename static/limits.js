// What a key may take, and what of it is left, as the server tells it; and when a limit that was met lets in again. No DOM, no network.

import { field, textIn } from './json.js';

const LONGEST_WAIT_S = 86_400; // Until the day of UTC ends: no limit is about more.
const MOST = 1e12; // More than any limit that is meant.

/**
 * @typedef {'runs_per_minute' | 'parallel' | 'usd_per_day'} Name
 * @typedef {{limit: number, left: number}} Count
 * @typedef {{limit: number, left: number, used: number, reserved: number, resetsAt: number | null}} Dollars `resetsAt`: in ms
 * @typedef {{minute: Count | null, parallel: Count | null, day: Dollars | null}} Limits null where there is no such limit
 */

/** @param {unknown} limits of `GET /api/config` or `GET /api/stats`, whatever the version @returns {Limits} */
export function readLimits(limits) {
  return { minute: countIn(limits, 'runs_per_minute'), parallel: countIn(limits, 'parallel'), day: dollarsIn(limits) };
}

/** @param {Limits} limits */
export function isBound({ minute, parallel, day }) {
  return minute !== null || parallel !== null || day !== null;
}

/** @param {unknown} limits @param {Name} name @returns {Count | null} */
function countIn(limits, name) {
  const found = field(limits, name);
  const limit = numberIn(found, 'limit');
  if (limit === null) return null;
  return { limit, left: Math.max(0, limit - (numberIn(found, 'used') ?? 0)) };
}

/** @param {unknown} limits @returns {Dollars | null} */
function dollarsIn(limits) {
  const found = field(limits, 'usd_per_day');
  const limit = numberIn(found, 'limit');
  if (limit === null) return null;
  const used = numberIn(found, 'used') ?? 0;
  const reserved = numberIn(found, 'reserved') ?? 0;
  const at = Date.parse(textIn(found, 'resets_at'));
  // Decimals of dollars do not add up exactly; a billionth is the least that is counted.
  const left = Math.max(0, Math.round((limit - used - reserved) * 1e9) / 1e9);
  return { limit, left, used, reserved, resetsAt: Number.isNaN(at) ? null : at };
}

/** @param {unknown} value @param {string} name */
function numberIn(value, name) {
  const found = field(value, name);
  return typeof found === 'number' && found >= 0 && found <= MOST ? found : null;
}

/**
 * How long a `Retry-After` says to wait, in whole seconds: it may be a number of them or a date. Null where it says nothing.
 * @param {string | null | undefined} header
 * @param {number} nowMs
 */
export function secondsOf(header, nowMs) {
  const said = (header ?? '').trim();
  const seconds = /^\d+(\.\d+)?$/.test(said) ? Number(said) : /[a-z]/i.test(said) ? (Date.parse(said) - nowMs) / 1_000 : NaN;
  return Number.isNaN(seconds) ? null : Math.min(LONGEST_WAIT_S, Math.max(1, Math.ceil(seconds)));
}

/**
 * What is left of a wait, in whole seconds. The clock is that of the device, which goes on while it sleeps; where it is set back meanwhile,
 * the wait is no longer than it was.
 * @param {number} untilMs @param {number} seconds that it was in the beginning @param {number} nowMs
 */
export function leftOf(untilMs, seconds, nowMs) {
  return Math.min(seconds, Math.max(0, Math.ceil((untilMs - nowMs) / 1_000)));
}
