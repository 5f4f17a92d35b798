import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideOf } from '../../../static/beside.js';
import { answerOf, begunTogether, callsOf, fateOf, isDeciding, timeline, toolsUsed, totals } from '../../../static/derive.js';
import { byModel } from '../../../static/models.js';
import { emptyRun, fold } from '../../../static/fold.js';
import { shortName } from '../../../static/view/tools/names.js';
import { endsRun } from '../../../static/view/tools/registry.js';
import * as run from '../runs.mjs';

const after = (...events) => run.numbered(events).reduce(fold, emptyRun);
const answerCall = (callId) => run.call(1, callId, 'answer', {}, { model: 'qwen' });
const failed = { ok: false };
const answer = (state) => answerOf(state, endsRun);

test('the answer is the streamed text of the answer call, then what final_answer says', () => {
  const streaming = [run.start(), run.round(1), answerCall('c'), run.live(run.delta('c', 0, 'Yes'))];
  assert.deepEqual(answer(after(run.start(), run.round(1))), null);
  assert.deepEqual(answer(after(...streaming)), { callId: 'c', text: 'Yes', form: 'streaming' });
  const done = [...streaming, run.result(1, 'c', 'answer', run.answered('Yes'))];
  assert.deepEqual(answer(after(...done)), { callId: 'c', text: 'Yes', form: 'streaming' });
  assert.deepEqual(answer(after(...done, run.final('c', 'Yes.'))), { callId: 'c', text: 'Yes.', form: 'final' });
});

test('of several answers of a round the first that succeeded counts', () => {
  const state = after(run.round(1), answerCall('a'), answerCall('b'), run.delta('a', 0, 'A'), run.delta('b', 0, 'B'),
    run.result(1, 'a', 'answer', { error: { code: 'timeout', message: 'late', retryable: true } }, failed),
    run.result(1, 'b', 'answer', run.answered('B')));
  assert.deepEqual(answer(state), { callId: 'b', text: 'B', form: 'streaming' });
});

test('text without a tool call is the answer', () => {
  const state = after(run.round(2), run.delta('r2.orchestrator', 0, 'Four.'));
  assert.deepEqual(answer(state), { callId: 'r2.orchestrator', text: 'Four.', form: 'streaming' });
});

test('a run that ended without an answer keeps the text there was', () => {
  const begun = [run.round(1), answerCall('c'), run.delta('c', 0, 'Half an')];
  const error = { error: { code: 'timeout', message: 'late', retryable: true } };
  const partial = { callId: 'c', text: 'Half an', form: 'partial' };
  assert.deepEqual(answer(after(...begun, run.complete({ status: 'cancelled' }))), partial);
  assert.deepEqual(answer(after(...begun, run.result(1, 'c', 'answer', error, failed), run.complete({ status: 'failed' }))), partial);
});

test('the orchestrator is deciding from the start of a round to the first sign of its decision', () => {
  assert.equal(isDeciding(after(run.start())), false);
  assert.equal(isDeciding(after(run.start(), run.round(1))), true);
  assert.equal(isDeciding(after(run.start(), run.round(1), run.live(run.delta('r1.orchestrator', 0, 'F')))), false);
  assert.equal(isDeciding(after(run.start(), run.round(1), run.decided(1))), false);
});

test('totals add up what was reported, until the summary says it', () => {
  const events = run.answeredRun('q', 'Yes.');
  const { tokens, costUsd } = totals(after(...events.slice(0, -1)));
  assert.deepEqual([tokens, costUsd.toFixed(6)], [540, '0.000400']);
  assert.deepEqual(totals(after(...events)), { tokens: 2_412, costUsd: 0.0041, estimated: false });
});

test('calls that were never made are not counted as used', () => {
  const refused = run.result(1, 'b', 'weather', { error: { code: 'unknown_tool', message: 'no such tool', retryable: false } }, { called: false, ...failed });
  assert.equal(toolsUsed(after(run.call(1, 'a', 'search', {}), run.call(1, 'b', 'weather', {}), refused)), 1);
});

test('the timeline lays rounds end to end and calls of one round side by side', () => {
  const state = after(run.round(1), run.decided(1), run.call(1, 'a', 'search', {}), run.call(1, 'b', 'search', {}),
    run.result(1, 'a', 'search', run.found), run.result(1, 'b', 'search', run.found, { duration_ms: 1_500 }),
    run.round(2), run.decided(2));
  assert.deepEqual(timeline(state), {
    lanes: [
      { tool: null, calls: 2, ms: 1_000, spans: [{ from: 0, ms: 500, row: 0 }, { from: 2_000, ms: 500, row: 0 }], rows: 1 },
      { tool: 'search', calls: 2, ms: 2_500, spans: [{ from: 500, ms: 1_000, row: 0 }, { from: 500, ms: 1_500, row: 1 }], rows: 2 },
    ],
    ms: 2_500,
  });
});

test('what ended attempts took counts until the call says what all of them took', () => {
  const spent = { usage: run.usage(50, 5), cost_usd: 0.001 };
  const begun = [run.round(1), run.retry('r1.orchestrator', 2, spent), run.retry('r1.orchestrator', 3, { usage: null, cost_usd: null })];
  assert.deepEqual(totals(after(...begun)), { tokens: 55, costUsd: 0.001, estimated: false });
  const decided = [...begun, run.decided(1, { usage: run.usage(150, 15), cost_usd: 0.002 }), answerCall('c')];
  assert.deepEqual(totals(after(...decided)), { tokens: 165, costUsd: 0.002, estimated: false });
  const again = [...decided, run.retry('c', 2, spent), run.retry('c', 3, spent)];
  assert.deepEqual(totals(after(...again)), { tokens: 275, costUsd: 0.004, estimated: false });
  const done = [...again, run.result(1, 'c', 'answer', run.answered('Yes'), { usage: run.usage(200, 20), cost_usd: 0.003 })];
  assert.deepEqual(totals(after(...done)), { tokens: 385, costUsd: 0.005, estimated: false });
});

test('what each model has taken is told while the run goes on, each attempt for the model that made it', () => {
  const spent = { usage: run.usage(50, 5), cost_usd: 0.001 };
  const begun = [run.round(1), run.decided(1), answerCall('c'), run.retry('c', 2, { ...spent, model: 'phi' })];
  const qwen = { tokens: 110 + 55, costUsd: 0.0011, estimated: false };
  assert.deepEqual([...byModel(after(...begun))], [['qwen', qwen]]);
  const done = [...begun, run.result(1, 'c', 'answer', run.answered('Yes'), { usage: run.usage(200, 20), cost_usd: 0.003 })];
  assert.deepEqual([...byModel(after(...done))], [['qwen', qwen], ['phi', { tokens: 165, costUsd: 0.002, estimated: false }]]);
  assert.deepEqual([...byModel(after(run.call(1, 's', 'search', {}), run.result(1, 's', 'search', run.found)))], []);
});

test('a call that fell back on another model says so, and one that was asked again says how often', () => {
  const line = (...events) => { const state = after(answerCall('c'), ...events); return run.lineOf(state, callsOf(state)[0]); };
  assert.equal(line(run.retry('c', 2, { model: 'phi' })), 'Writing the answer · asked phi after qwen did not answer');
  assert.equal(line(run.retry('c', 2, { model: 'phi' }), run.retry('c', 3, { model: null })), 'Writing the answer · attempt 3');
  assert.equal(line(run.retry('c', 2, { model: null })), 'Writing the answer · attempt 2');
  assert.equal(line(), 'Writing the answer');
});

test('a call that is asked of another model is that model\'s from then on', () => {
  const [step] = callsOf(after(answerCall('c'), run.retry('c', 2, { model: 'phi' })));
  assert.deepEqual([step.model, step.attempt], ['phi', 2]);
  assert.equal(callsOf(after(answerCall('c'), run.retry('c', 2, { model: null })))[0].model, 'qwen');
});

test('how a call fares has one word for each end', () => {
  const of = (result, fields = {}) => fateOf(callsOf(after(run.call(1, 'c', 'search', {}), run.result(1, 'c', 'search', result, fields)))[0]);
  const error = (code) => ({ error: { code, message: '', retryable: false } });
  assert.equal(fateOf(callsOf(after(run.call(1, 'c', 'search', {})))[0]), 'running');
  assert.deepEqual([of({}), of({ success: true }), of({ success: false })], ['done', 'done', 'failed']);
  for (const code of ['unknown_tool', 'invalid_arguments', 'too_many_calls', 'a code of tomorrow']) assert.equal(of(error(code), { ...failed, called: false }), 'rejected');
  assert.equal(of(error('not_run'), { ...failed, called: false }), 'not_run');
  assert.equal(of(error('cancelled'), failed), 'cancelled');
  for (const code of ['timeout', 'not_run', 'unknown_tool', 7, null]) assert.equal(of(error(code), failed), 'failed');
  assert.equal(of(error('cancelled'), { ...failed, called: false }), 'rejected');
});

test('calls that were not made take no time and no lane', () => {
  const refused = run.result(1, 'b', 'weather', {}, { ...failed, called: false, duration_ms: 9_000 });
  const { lanes, ms } = timeline(after(run.decided(1), run.call(1, 'b', 'weather', {}), refused));
  assert.deepEqual([lanes.map(({ tool }) => tool), ms], [[null], 500]);
});

test('of several answers that are written the first is shown, and of those that failed the last that wrote something', () => {
  const begun = [run.round(1), answerCall('a'), answerCall('b'), answerCall('c'), run.delta('a', 0, 'A'), run.delta('b', 0, 'B'), run.call(1, 's', 'search', {}), run.delta('s', 0, 'no answer')];
  const lost = (callId) => run.result(1, callId, 'answer', {}, failed);
  assert.deepEqual(answer(after(...begun)), { callId: 'a', text: 'A', form: 'streaming' });
  assert.deepEqual(answer(after(...begun, lost('a'))), { callId: 'b', text: 'B', form: 'streaming' });
  assert.deepEqual(answer(after(...begun, lost('a'), lost('b'))), { callId: 'c', text: '', form: 'streaming' });
  const all = [...begun, lost('a'), lost('b'), lost('c')];
  assert.equal(answer(after(...all)), null);
  assert.deepEqual(answer(after(...all, run.complete({ status: 'failed' }))), { callId: 'b', text: 'B', form: 'partial' });
  assert.equal(answer(after(run.round(1), answerCall('a'), lost('a'), run.complete({ status: 'failed' }))), null);
  assert.deepEqual(answer(after(...all, run.delta('r1.orchestrator', 0, 'Mine'))), { callId: 'r1.orchestrator', text: 'Mine', form: 'streaming' });
  assert.deepEqual(answer(after(...begun, run.result(1, 'b', 'answer', {}))), { callId: 'b', text: 'B', form: 'streaming' });
  assert.deepEqual(answer(after(run.round(1), run.delta('r1.orchestrator', 0, 'Mine'), run.complete())), { callId: 'r1.orchestrator', text: 'Mine', form: 'partial' });
  assert.deepEqual(answer(after(...begun, run.final('b', 'Final.'))), { callId: 'b', text: 'Final.', form: 'final' });
  assert.deepEqual(answer(after(...begun, run.final(null, 'So far.'))), { callId: null, text: 'So far.', form: 'partial' }, 'the money of the run was used up');
});

test('nothing is being decided before the first round, after the answer, after a fatal error, and while a run is paused or over', () => {
  const begun = [run.start(), run.round(1)];
  for (const event of [run.final(null, 'x'), run.failure(true), run.suspended(), run.cancelRequested(), run.complete()]) assert.equal(isDeciding(after(...begun, event)), false, event.event);
  for (const event of [run.failure(false), run.live({ event: 'ping' }), run.delta('r2.orchestrator', 0, 'x'), run.thinking(1, 'x')]) assert.equal(isDeciding(after(...begun, event)), true, event.event);
  assert.equal(isDeciding(after(run.start(), run.round(0))), false);
  assert.equal(isDeciding(after(...begun, run.decided(1), run.round(2))), true);
});

test('what took no tokens or costs nothing known counts as none', () => {
  const state = after(run.decided(1, { usage: null, cost_usd: null }), run.decided(2, { usage: run.usage(7, 2), cost_usd: 0.5 }), run.call(2, 's', 'search', {}), run.result(2, 's', 'search', {}));
  assert.deepEqual(totals(state), { tokens: 9, costUsd: 0.5, estimated: false });
  assert.deepEqual(totals(emptyRun), { tokens: 0, costUsd: 0, estimated: false });
});

test('a round begins when the slowest call of the one before has ended, whatever order they are told in', () => {
  const calls = (round, ...ms) => ms.flatMap((duration, at) => [run.call(round, `c${round}.${at}`, 'search', {}), run.result(round, `c${round}.${at}`, 'search', {}, { duration_ms: duration })]);
  const state = after(...calls(2, 30, 20), run.decided(2, { duration_ms: 5 }), run.decided(1, { duration_ms: 7 }), ...calls(1, 10, 40, 20), run.call(1, 'open', 'search', {}));
  const { lanes, ms } = timeline(state);
  const spans = Object.fromEntries(lanes.map((lane) => [lane.tool, lane.spans.map(({ from, ms: length }) => [from, length])]));
  assert.deepEqual(spans, { null: [[0, 7], [47, 5]], search: [[7, 10], [7, 40], [7, 20], [52, 30], [52, 20]] });
  assert.deepEqual([ms, lanes.map((lane) => [lane.calls, lane.ms])], [82, [[2, 12], [5, 120]]]);
});

test('inner steps count in tokens and dollars alone: the call that they stand within stands for them', () => {
  const took = { usage: run.usage(10, 5), cost_usd: 0.5 };
  const state = after(run.decided(1, { usage: null, cost_usd: null }), run.call(1, 'a', 'discuss', {}), run.call(1, 'b', 'discuss', { stage: 'opinion' }, { model: 'phi', within: 'a' }),
    run.result(1, 'b', 'discuss', run.answered('Yes'), took), run.result(1, 'a', 'discuss', { content: 'Yes' }, { usage: null, cost_usd: null, duration_ms: 1_500 }));
  assert.equal(toolsUsed(state), 1);
  assert.deepEqual(totals(state), { tokens: 15, costUsd: 0.5, estimated: false });
  assert.deepEqual(timeline(state).lanes.filter(({ tool }) => tool !== null).map(({ tool, calls, ms }) => [tool, calls, ms]), [['discuss', 1, 1_500]]);
  assert.deepEqual(callsOf(state).map(({ within }) => within), [null, 'a']);
});

test('calls of a round are begun together, steps within a call by their stage, and each is told beside whom it ran', () => {
  const inner = (key, model, stage, ms) => [run.call(2, key, 'discuss', { stage }, { model, within: 'd' }), ...(ms ? [run.result(2, key, 'discuss', run.answered('x'), { duration_ms: ms })] : [])];
  const refused = run.result(1, 'n', 'weather', { error: { code: 'unknown_tool' } }, { called: false, ok: false });
  const state = after(run.round(1), run.call(1, 'a', 'search', {}), run.call(1, 'b', 'search', {}), run.call(1, 'c', 'code_interpreter', {}), run.call(1, 'n', 'weather', {}), refused,
    run.result(1, 'a', 'search', run.found), run.result(1, 'b', 'search', run.found, { duration_ms: 500 }), run.result(1, 'c', 'code_interpreter', {}, { duration_ms: 2_000 }),
    run.round(2), run.call(2, 'd', 'discuss', {}), ...inner('e', 'qwen', 'opinion', 100), ...inner('f', 'phi', 'opinion', 300), ...inner('g', 'qwen', 'judge', 100), run.round(3), run.call(3, 'h', 'search', {}), run.call(3, 'i', 'weather', {}));
  const together = begunTogether(state);
  assert.deepEqual([...together].map(([{ key }, group]) => [key, group.map((step) => step.key).join('')]), [['a', 'abc'], ['b', 'abc'], ['c', 'abc'], ['d', 'd'], ['e', 'ef'], ['f', 'ef'], ['g', 'g'], ['h', 'hi'], ['i', 'hi']]);
  assert.deepEqual(besideOf(state, { modelName: (id) => id, toolName: shortName }), [
    'Round 1: search × 2 and code ran side by side in 2.0 s, in place of 3.5 s one after another.',
    'Round 2, within discuss: qwen and phi ran side by side in 300 ms, in place of 400 ms one after another.',
    'Round 3: search and weather are running side by side.',
  ]);
  assert.deepEqual(besideOf(emptyRun, { modelName: (id) => id, toolName: shortName }), []);
});
