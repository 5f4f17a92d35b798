// What runs took, day by day: the server's sums with the days that it leaves out, as nothing was asked on them. A day is one of UTC.

import { field, isObject, listIn, textIn } from './json.js';

export const CHOICES = [7, 30, 90, 365];
export const DEFAULT_DAYS = 30;
const MOST_DAYS = 400; // So long the server keeps its sums.
const DAY_MS = 86_400_000;
/** More days than this are shown as weeks: a bar of a day would be too thin to be seen. */
const MOST_BARS = 92;
const NANOS_PER_USD = 1e9;
const MOST_AMOUNT = 1e15; // More than is ever counted, so that no sum runs out of numbers.

/**
 * What calls of one model or tool took. Money is counted in whole billionths, so that sums of many small amounts are exact.
 * @typedef {{calls: number, input: number, cached: number, output: number, nanoUsd: number, ms: number}} Tally
 * What a day took, or several: `first` and `last` are days as `2026-11-28`. Tasks are what chat pages ask for themselves, and no runs; repeats joined
 * the run of an equal request.
 * @typedef {{first: string, last: string, runs: number, statuses: Map<string, number>, input: number, cached: number, output: number, isEstimated: boolean,
 *   nanoUsd: number, good: number, bad: number, tasks: number, repeats: number, models: Map<string, Tally>, tools: Map<string, Tally>}} Sums
 * @typedef {{days: Sums[], unreadable: number}} Use days from the oldest on, without a gap
 */

/** The days that an address asks for: what the server would refuse is asked for as if nothing was said. @param {string | null} text */
export function daysAskedFor(text) {
  return /^[1-9]\d{0,2}$/.test(text ?? '') && Number(text) <= MOST_DAYS ? Number(text) : DEFAULT_DAYS;
}

/**
 * The days up to today's. An entry of no such day is counted as unreadable.
 * @param {unknown} body of `GET /api/stats`
 * @param {number} count days
 * @param {number} nowMs by the server's clock
 * @returns {Use}
 */
export function readUse(body, count, nowMs) {
  const entries = listIn(body, 'days');
  const read = entries.flatMap((entry) => {
    const day = numberOf(textIn(entry, 'day'));
    return day === null ? [] : [{ day, entry }];
  });
  // The day may turn between the sums and the time that stands beside them.
  const today = Math.floor(nowMs / DAY_MS);
  const last = read.some(({ day }) => day === today + 1) ? today + 1 : today;
  const first = last - count + 1;
  const days = Array.from({ length: count }, (_, at) => empty(dayOf(first + at)));
  const within = read.filter(({ day }) => day >= first && day <= last);
  for (const { day, entry } of within) days[day - first] = joined([days[day - first], readDay(dayOf(day), entry)]);
  return { days, unreadable: entries.length - within.length };
}

/** A day as its number since 1970; null for what is none. @param {string} text */
function numberOf(text) {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return Number.isNaN(at) || dayOf(at / DAY_MS) !== text ? null : at / DAY_MS;
}

/** @param {number} number */
function dayOf(number) {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

/** @param {string} day @returns {Sums} */
function empty(day) {
  return { first: day, last: day, runs: 0, statuses: new Map(), input: 0, cached: 0, output: 0, isEstimated: false, nanoUsd: 0, good: 0, bad: 0, tasks: 0, repeats: 0, models: new Map(), tools: new Map() };
}

/** @param {string} day @param {unknown} entry @returns {Sums} */
function readDay(day, entry) {
  const statuses = new Map(entriesIn(entry, 'by_status').map(([name, runs]) => [name, amount(runs)]));
  const runs = [...statuses.values()].reduce((sum, one) => sum + one, 0);
  const usage = field(entry, 'usage');
  const ratings = field(entry, 'ratings');
  return {
    ...empty(day),
    ...tokensOf(usage),
    runs: Math.max(runs, amount(field(entry, 'runs'))),
    statuses,
    isEstimated: field(usage, 'estimated') === true,
    nanoUsd: nanosIn(entry),
    good: amount(field(ratings, 'good')),
    bad: amount(field(ratings, 'bad')),
    tasks: amount(field(entry, 'tasks')),
    repeats: amount(field(entry, 'joined')),
    models: talliesIn(entry, 'by_model'),
    tools: talliesIn(entry, 'by_tool'),
  };
}

/** @param {unknown} entry @param {string} name @returns {Map<string, Tally>} */
function talliesIn(entry, name) {
  return new Map(entriesIn(entry, name).map(([id, tally]) => [
    id,
    { calls: amount(field(tally, 'calls')), ...tokensOf(field(tally, 'usage')), nanoUsd: nanosIn(tally), ms: amount(field(tally, 'duration_ms')) },
  ]));
}

/** @param {unknown} usage */
function tokensOf(usage) {
  return { input: amount(field(usage, 'input_tokens')), cached: amount(field(usage, 'cached_input_tokens')), output: amount(field(usage, 'output_tokens')) };
}

/** @param {unknown} value */
function nanosIn(value) {
  return Math.round(amount(field(value, 'cost_usd')) * NANOS_PER_USD);
}

/** @param {unknown} value @param {string} name */
function entriesIn(value, name) {
  const found = field(value, name);
  return isObject(found) ? Object.entries(found) : [];
}

/** A number that can be counted with, 0 for anything else. @param {unknown} value */
function amount(value) {
  return typeof value === 'number' && value > 0 ? Math.min(value, MOST_AMOUNT) : 0;
}

/** What several days took together. @param {Sums[]} list one at least, from the oldest on @returns {Sums} */
export function joined(list) {
  const sums = { ...empty(list[0].first), last: list[list.length - 1].last };
  for (const one of list) {
    for (const name of /** @type {const} */ (['runs', 'input', 'cached', 'output', 'nanoUsd', 'good', 'bad', 'tasks', 'repeats'])) sums[name] += one[name];
    sums.isEstimated ||= one.isEstimated;
    for (const [status, runs] of one.statuses) sums.statuses.set(status, (sums.statuses.get(status) ?? 0) + runs);
    addTallies(sums.models, one.models);
    addTallies(sums.tools, one.tools);
  }
  return sums;
}

/** @param {Map<string, Tally>} sums @param {Map<string, Tally>} addends */
function addTallies(sums, addends) {
  for (const [id, addend] of addends) {
    const sum = sums.get(id) ?? { calls: 0, input: 0, cached: 0, output: 0, nanoUsd: 0, ms: 0 };
    sums.set(id, {
      calls: sum.calls + addend.calls, input: sum.input + addend.input, cached: sum.cached + addend.cached, output: sum.output + addend.output, nanoUsd: sum.nanoUsd + addend.nanoUsd, ms: sum.ms + addend.ms,
    });
  }
}

/** What the bars stand for: days, or weeks of which the last is whole. @param {Sums[]} days @returns {Sums[]} */
export function barsOf(days) {
  if (days.length <= MOST_BARS) return days;
  const weeks = [];
  for (let end = days.length; end > 0; end -= 7) weeks.unshift(joined(days.slice(Math.max(0, end - 7), end)));
  return weeks;
}

/** How runs ended: complete, failed, in any other way. @param {Sums} sums @returns {[number, number, number]} */
export function endsOf({ runs, statuses }) {
  const completed = statuses.get('completed') ?? 0;
  const failed = statuses.get('failed') ?? 0;
  return [completed, failed, Math.max(0, runs - completed - failed)];
}

/** Models or tools, those that were called most first. @param {Map<string, Tally>} tallies @returns {[string, Tally][]} */
export function byCalls(tallies) {
  return [...tallies].sort(([id, one], [otherId, other]) => other.calls - one.calls || (id < otherId ? -1 : 1));
}

/** @param {number} nanoUsd */
export function usdOf(nanoUsd) {
  return nanoUsd / NANOS_PER_USD;
}
