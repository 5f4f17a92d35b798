// A call for which a model writes and another tool runs what it wrote: what each of its rows says, and whose the costs are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { callsOf, fateOf, innerOf, takenWithin, totals } from '../../../static/derive.js';
import { emptyRun, fold } from '../../../static/fold.js';
import * as run from '../runs.mjs';

const after = (...events) => run.numbered(events).reduce(fold, emptyRun);
const rowsOf = (...events) => {
  const state = after(run.start(), run.round(1), ...events);
  return callsOf(state).map((step) => [step.tool, fateOf(step), run.lineOf(state, step)]);
};

const outer = run.call(1, 'a', 'search', { model: 'search-1' });
const writer = run.call(1, 'b', 'search', { stage: 'writing' }, { model: 'qwen', within: 'a' });
const wrote = run.result(1, 'b', 'search', { content: 'So: <query>solar  coal</query>' });
const runner = run.call(1, 'c', 'web_search', { query: 'solar coal', num_results: 5 }, { within: 'a' });
const ran = run.result(1, 'c', 'web_search', run.found);
const done = run.result(1, 'a', 'search', run.found);
const failed = (callId, tool, message) => run.result(1, callId, tool, { error: { code: 'model_error', message } }, { ok: false });
const writing = ['search', 'running', 'qwen is writing'];
const written = ['search', 'done', 'So: <query>solar coal</query>'];
const found = '“solar coal” · 2 results';

for (const [name, events, rows] of [
  ['nothing is known of it but the call', [outer], [['search', 'running', '“{ "model": "search-1" }”']]],
  ['its model writes', [outer, writer], [writing, ['search', 'running', 'Writing']]],
  ['its model streams', [outer, writer, run.delta('b', 0, 'So:')], [writing, ['search', 'running', 'Writing']]],
  ['another model writes in its place', [outer, writer, run.retry('b', 2, { model: 'phi' })], [['search', 'running', 'phi is writing'], ['search', 'running', 'Writing · asked phi after qwen did not answer']]],
  ['its model has written', [outer, writer, wrote], [writing, written]],
  ['what was written runs', [outer, writer, wrote, runner], [['search', 'running', '“solar coal”'], written, ['web_search', 'running', '“solar coal”']]],
  ['it has run', [outer, writer, wrote, runner, ran, done], [['search', 'done', found], written, ['web_search', 'done', found]]],
  ['its model has failed', [outer, writer, failed('b', 'search', 'No answer.'), failed('a', 'search', 'No answer.')], [['search', 'failed', 'No answer.'], ['search', 'failed', 'No answer.']]],
  ['its model wrote nothing to run', [outer, writer, wrote, failed('a', 'search', 'There is no query.')], [['search', 'failed', 'There is no query.'], written]],
  ['what was written has failed', [outer, writer, wrote, runner, failed('c', 'web_search', 'Quota.'), failed('a', 'search', 'Quota.')], [['search', 'failed', 'Quota.'], written, ['web_search', 'failed', 'Quota.']]],
  ['it was rejected', [outer, run.result(1, 'a', 'search', { error: { message: 'model: expected one of search-1' } }, { ok: false, called: false })], [['search', 'rejected', 'model: expected one of search-1']]],
  ['what it runs is a tool that nobody knows', [outer, writer, wrote, run.call(1, 'c', 'ledger', { sql: 'select 1' }, { within: 'a' }), run.result(1, 'c', 'ledger', [1]), run.result(1, 'a', 'search', [1])],
    [['search', 'done', '{ "sql": "select 1" }'], written, ['ledger', 'done', '{ "sql": "select 1" }']]],
  ['what it runs raised', [outer, writer, wrote, run.call(1, 'c', 'code_interpreter', { code: 'x' }, { within: 'a' }), run.result(1, 'a', 'search', { success: false, stderr: 'E\nNameError: x' })],
    [['search', 'failed', 'Python, 1 line · NameError: x'], written, ['code_interpreter', 'running', 'Python, 1 line']]],
  ['a model has said what the service says of such a step', [run.call(1, 'a', 'enhance_reasoning', { stage: 'writing', problem: 'P' })], [['enhance_reasoning', 'running', 'P']]],
  ['a step is within itself', [run.call(1, 'a', 'search', { stage: 'writing' }, { model: 'qwen', within: 'a' })], [['search', 'running', 'Writing']]],
  ['two steps are within each other', [run.call(1, 'a', 'search', { stage: 'writing' }, { within: 'b', model: 'qwen' }), run.call(1, 'b', 'web_search', { query: 'q' }, { within: 'a' })],
    [['search', 'running', 'Writing'], ['web_search', 'running', 'qwen is writing']]],
]) test(`the rows of a chain: ${name}`, () => assert.deepEqual(rowsOf(...events), rows));

test('what the steps within a call took is theirs: it is told of the call, and counts once', () => {
  const part = fc.record({ input: fc.nat(10_000), output: fc.nat(10_000), nanoUsd: fc.nat(1e9), estimated: fc.boolean(), told: fc.boolean() });
  fc.assert(fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
    const steps = parts.flatMap(({ input, output, nanoUsd, estimated, told }, index) => [
      run.call(1, `i${index}`, 'search', { stage: 'writing' }, { model: 'qwen', within: 'a' }),
      run.result(1, `i${index}`, 'search', { content: '' }, told ? { usage: { ...run.usage(input, output), estimated }, cost_usd: nanoUsd / 1e9 } : { usage: null, cost_usd: null }),
    ]);
    const state = after(run.start(), run.round(1), outer, ...steps, run.result(1, 'a', 'search', run.found, { usage: null, cost_usd: null }));
    const { usage, costUsd } = takenWithin(innerOf(state).get('a') ?? []);
    const told = parts.filter((one) => one.told);
    const tokens = told.reduce((sum, { input, output }) => sum + input + output, 0);
    assert.deepEqual([usage === null, costUsd === null], [told.length === 0, told.length === 0]);
    assert.equal((usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0), tokens);
    assert.equal(usage?.estimated ?? false, told.some(({ estimated }) => estimated));
    assert.deepEqual([totals(state).tokens, totals(state).costUsd.toFixed(9)], [tokens, (costUsd ?? 0).toFixed(9)]);
  }));
});
