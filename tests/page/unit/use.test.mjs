// What runs took: days without a gap, sums that are exact, and tables that say the same as the pictures.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvOf } from '../../../static/csv.js';
import { barsOf, byCalls, daysAskedFor, endsOf, joined, readUse, usdOf } from '../../../static/use.js';
import { daysTable, ratingCounts, rowsForFile, sharesTable, statusCounts, talliesTable } from '../../../static/use-tables.js';
import { sentences, useWords } from '../../../static/use-words.js';
import { anyJson } from '../any-json.mjs';
import { dayOf, tally, usage } from '../use-stats.mjs';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const read = (days, count = 7, now = NOON) => readUse({ days }, count, now);
const runsOf = ({ days }) => days.map(({ first, runs }) => [first.slice(5), runs]);

test('days that are left out are there with nothing, from the oldest to today, over the end of a month', () => {
  assert.deepEqual(runsOf(read([dayOf('2026-03-02', { by_status: { completed: 2 } }), dayOf('2026-02-27')])),
    [['02-24', 0], ['02-25', 0], ['02-26', 0], ['02-27', 1], ['02-28', 0], ['03-01', 0], ['03-02', 2]]);
  assert.deepEqual(runsOf(readUse({ days: [dayOf('2028-02-29')] }, 2, Date.parse('2028-03-01T00:00:00Z'))), [['02-29', 1], ['03-01', 0]]);
});

test('today is that of UTC up to its last millisecond, and the sums may be of a day that has just begun', () => {
  assert.deepEqual(runsOf(read([], 1, Date.parse('2026-03-02T23:59:59.999Z'))), [['03-02', 0]]);
  assert.deepEqual(runsOf(read([dayOf('2026-03-03')], 2, Date.parse('2026-03-02T23:59:59.999Z'))), [['03-02', 0], ['03-03', 1]]);
});

test('what is no day of the time that was asked for is counted, and changes nothing', () => {
  const odd = [dayOf('2026-02-30'), dayOf('2026-3-2'), dayOf('9999-12-31'), dayOf('2026-02-23'), dayOf(''), { runs: 3 }, null, 'x', 7, [dayOf('2026-03-02')]];
  const use = read([...odd, dayOf('2026-03-02')]);
  assert.equal(use.unreadable, odd.length);
  assert.equal(joined(use.days).runs, 1);
  for (const body of [null, 'x', {}, { days: {} }, []]) assert.deepEqual(runsOf(readUse(body, 1, NOON)), [['03-02', 0]]);
});

test('one day and 400 of them are whole', () => {
  assert.equal(read([], 1).days.length, 1);
  const { days } = read([dayOf('2025-01-27'), dayOf('2025-01-26')], 400);
  assert.deepEqual([days.length, days[0].first, days[0].runs, days.at(-1).first], [400, '2025-01-27', 1, '2026-03-02']);
});

test('sums of many small amounts of money are exact', () => {
  const { days } = read(Array.from({ length: 7 }, (_, at) => dayOf(`2026-02-2${at + 2}`, { cost_usd: 0.1 })).slice(2), 7);
  assert.equal(joined(days).nanoUsd, 500_000_000);
  const large = joined(read([dayOf('2026-03-01', { cost_usd: 12345.678901 }), dayOf('2026-03-02', { cost_usd: 1e-9 })]).days);
  assert.equal(useWords.exactUsd(usdOf(large.nanoUsd)), '$12,345.678901001');
  assert.equal(sentences.usd(0), 'nothing was charged');
});

test('models and tools are added up by name, whatever their names are, and those that are called most stand first', () => {
  const names = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3, "": 4}');
  const byModel = (times) => Object.fromEntries(Object.entries(names).map(([name, calls]) => [name, tally(calls * times, { usage: usage(calls, 2, 1), cost_usd: 0.2, duration_ms: 5 })]));
  const sums = joined(read([dayOf('2026-03-01', { by_model: byModel(1) }), dayOf('2026-03-02', { by_model: byModel(10) })]).days);
  assert.deepEqual(byCalls(sums.models).map(([name, { calls }]) => [name, calls]), [['', 44], ['toString', 33], ['constructor', 22], ['__proto__', 11]]);
  assert.deepEqual(sums.models.get('constructor'), { calls: 22, input: 4, cached: 2, output: 4, nanoUsd: 400_000_000, ms: 10 });
  assert.deepEqual(byCalls(new Map([['b', tally(1)], ['a', tally(1)]])).map(([name]) => name), ['a', 'b']);
});

test('each run is told by how it ended, also where it ended in a way that the page does not know', () => {
  const one = joined(read([dayOf('2026-03-02', { by_status: { completed: 1, failed: 2, cancelled: 3, novel: 4 } })]).days);
  assert.deepEqual([one.runs, endsOf(one)], [10, [1, 2, 7]]);
  assert.deepEqual(statusCounts(one), [['novel', 4], ['Stopped', 3], ['Failed', 2], ['Complete', 1]]);
  const failed = joined(read([dayOf('2026-03-02', { by_status: { failed: 2 } })]).days);
  assert.equal(sentences.runs(failed, endsOf(failed)), '2 runs: 0 complete, 2 failed, 0 ended otherwise');
});

test('more days than can be seen as bars are weeks, of which the last is whole, and nothing is lost', () => {
  assert.equal(barsOf(read([], 92).days).length, 92);
  const { days } = read([dayOf('2026-03-02'), dayOf('2026-02-24'), dayOf('2026-02-23'), dayOf('2025-03-03')], 365);
  const weeks = barsOf(days);
  assert.deepEqual(weeks.slice(-2).map(({ first, last, runs }) => [first, last, runs]), [['2026-02-17', '2026-02-23', 1], ['2026-02-24', '2026-03-02', 2]]);
  assert.deepEqual([weeks.length, weeks[0].first, weeks[0].last, joined(weeks).runs], [53, '2025-03-03', '2025-03-03', 4]);
});

test('an address asks for 1 to 400 days, and for 30 with anything else', () => {
  assert.deepEqual(['1', '7', '400', '401', '0', '-7', '7.5', '1e2', ' 7', '٧', '', null, '07'].map(daysAskedFor), [1, 7, 400, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30]);
});

test('the table of days has the newest first, all in all, and in a file plain numbers', () => {
  const table = daysTable(read([dayOf('2026-03-02', { by_status: { completed: 1_000, failed: 1 }, cost_usd: 12345.678901, usage: usage(1_234, 5, 6), ratings: { good: 2, bad: 1 }, tasks: 3, joined: 4 }), dayOf('2026-02-28', { cost_usd: 1e-9 })], 3).days);
  assert.deepEqual(rowsForFile(table), [
    ['Day (UTC)', 'Runs', 'Complete', 'Failed', 'Ended otherwise', 'Input tokens', 'Of them cached', 'Output tokens', 'Cost (US dollars)', 'Rated good', 'Rated bad', 'Titles and tags of chat pages', 'Repeats that joined a run'],
    ['2026-03-02', '1001', '1000', '1', '0', '1234', '6', '5', '12345.678901', '2', '1', '3', '4'],
    ['2026-03-01', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0'],
    ['2026-02-28', '1', '1', '0', '0', '0', '0', '0', '0.000000001', '0', '0', '0', '0'],
  ]);
  assert.deepEqual(table.total.map(({ shown }) => shown), ['In all', '1,002', '1,001', '1', '0', '1,234', '6', '5', '$12,345.678901001', '2', '1', '3', '4']);
  assert.equal(table.file, 'use-days-2026-02-28-to-2026-03-02.csv');
  assert.equal(daysTable(read([], 1).days).file, 'use-days-2026-03-02.csv');
});

test('tables of models, tools, ends and ratings say who, how often and what part, and no name is a formula in a file', () => {
  const sums = joined(read([dayOf('2026-03-02', { by_status: { completed: 2, failed: 1 }, by_model: { qwen: tally(2, { cost_usd: 0.5, duration_ms: 61_000 }) }, by_tool: { '=cmd()': tally(1) }, ratings: { good: 1, bad: 0 } })], 1).days);
  assert.deepEqual(rowsForFile(talliesTable('models', sums, () => 'Qwen')).at(1), ['qwen', 'Qwen', '2', '0', '0', '0', '0.5', '61000']);
  assert.deepEqual(talliesTable('models', sums, () => 'Qwen').rows[0].map(({ shown }) => shown), ['qwen', 'Qwen', '2', '0', '0', '0', '$0.50', '1 min 1 s']);
  assert.match(csvOf(rowsForFile(talliesTable('tools', sums, (id) => id))), /\r\n'=cmd\(\),1,0/);
  assert.deepEqual(rowsForFile(sharesTable('statuses', sums, statusCounts(sums))).slice(1), [['Complete', '2', '0.6667'], ['Failed', '1', '0.3333']]);
  assert.deepEqual(sharesTable('ratings', sums, ratingCounts(sums)).rows.map((row) => row.map(({ shown }) => shown)), [['Good', '1', '33.3%'], ['Bad', '0', '0%'], ['Not rated', '2', '66.7%']]);
  const none = joined(read([]).days);
  assert.deepEqual(sharesTable('ratings', none, ratingCounts(none)).rows.map((row) => row[2].shown), ['0%', '0%', '0%']);
});

test('a sentence tells all, how many days had any and which had the most; of one day it tells no more than all', () => {
  const { days } = read([dayOf('2026-03-02'), dayOf('2026-02-28', { by_status: { completed: 5 } })]);
  assert.equal(sentences.inAll('6 runs', days, [days[4], days[6]], days[4], '5 runs'), '6 runs. 2 of 7 days had any; the most: Feb 28, 2026, 5 runs.');
  assert.equal(sentences.inAll('6 runs', days, [days[4]], days[4], '5 runs'), '6 runs. All of it: Feb 28, 2026.');
  assert.equal(sentences.inAll('nothing was charged', days, [], null, ''), 'Nothing was charged.');
  assert.equal(sentences.inAll('1 run', days.slice(-1), days.slice(-1), days[6], '1 run'), '1 run.');
});

test('whatever JSON stands for the sums, the days are whole and every number can be counted with', () => {
  const odd = fc.record({ day: fc.constantFrom('2026-03-02', '2026-03-01', 'x'), runs: anyJson(), by_status: anyJson(), cost_usd: anyJson(), usage: anyJson(), by_model: anyJson(), by_tool: fc.dictionary(fc.string(), anyJson()), ratings: anyJson() });
  fc.assert(fc.property(fc.array(fc.oneof(odd, anyJson())), (entries) => {
    const { days, unreadable } = read(entries);
    assert.equal(days.length, 7);
    assert.ok(unreadable <= entries.length);
    const sums = joined(days);
    for (const n of [sums.runs, sums.input, sums.output, sums.nanoUsd, sums.good, ...endsOf(sums), ...[...sums.models.values(), ...sums.tools.values()].flatMap((one) => Object.values(one))]) assert.ok(n >= 0 && Number.isFinite(n), String(n));
    daysTable(days);
    talliesTable('tools', sums, (id) => id);
  }), { numRuns: 500 });
});
