// Whatever JSON stands in a log, the reducer takes it, and no step and no answer is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { announcement } from '../../../static/view/announce.js';
import { artifactsOf } from '../../../static/artifacts.js';
import { answerOf, callsOf, fateOf, isDeciding, timeline, toolsUsed, totals } from '../../../static/derive.js';
import { readEvent } from '../../../static/events.js';
import { emptyRun, fold } from '../../../static/fold.js';
import { withFound } from '../../../static/found.js';
import { emptyHistory, groupsOf, readPage, withNewest, withOlder } from '../../../static/history.js';
import { clock, cost, duration, text } from '../../../static/strings.js';
import { tabTitle } from '../../../static/view/tab.js';
import { shortName } from '../../../static/view/tools/names.js';
import { endsRun } from '../../../static/view/tools/registry.js';
import { anyJson } from '../any-json.mjs';
import * as run from '../runs.mjs';

const TOOLS = ['search', 'code_interpreter', 'enhance_reasoning', 'answer', 'weather', 'constructor', '__proto__', 'toString', ''];
const EVENTS = ['start', 'round_start', 'orchestrator_thinking', 'round_decided', 'tool_call', 'delta', 'retry', 'tool_result', 'final_answer', 'error', 'suspended', 'resumed', 'cancel_requested', 'complete', 'ping', 'constructor', 'x'];
const FIELDS = [
  'run_id', 'query', 'max_rounds', 'created_at', 'round', 'content', 'model', 'usage', 'cost_usd', 'duration_ms', 'call_id', 'tool', 'arguments', 'attempt', 'offset', 'reason', 'ok', 'result',
  'sources', 'error', 'fatal', 'resume_after_ms', 'summary', 'input_tokens', 'status',
];

const read = (events) => events.map((event, index) => readEvent(event, index + 1));
const after = (events) => read(events).reduce(fold, emptyRun);

/** All that the page asks of a state. Each answer must be one that can be shown. */
function shown(state) {
  const { lanes, ms } = timeline(state);
  const { tokens, costUsd } = totals(state);
  const answer = answerOf(state, endsRun);
  const texts = [
    duration(ms), clock(ms), cost(costUsd), text.tokens(tokens), text.number(toolsUsed(state)), answer?.text ?? '', announcement(state, false), String(isDeciding(state)),
    tabTitle({ state, asked: '', link: { name: 'open' }, stopping: false }, false), text.round(state.round, state.maxRounds), state.query, ...lanes.map(({ tool, ms: part }) => shortName(tool ?? '') + duration(part)),
    ...artifactsOf(state, 'https://page.example').map(({ name }) => name),
    ...state.steps.map((step) => (step.kind === 'call' ? `${run.lineOf(state, step)}${text.fates[fateOf(step)].length}${shortName(step.tool)}` : step.kind === 'error' ? step.error.message : step.kind === 'thinking' ? step.content : step.reason)),
  ];
  for (const each of texts) assert.equal(typeof each, 'string');
  assert.ok([ms, tokens, costUsd].every((value) => Number.isFinite(value) && value >= 0));
  return texts;
}

test('whatever JSON stands in arguments and results, every step is there, and the answer', () => {
  const call = fc.record({ tool: fc.constantFrom(...TOOLS), input: anyJson(), result: anyJson(), ok: fc.boolean() });
  fc.assert(fc.property(fc.array(call, { maxLength: 5 }), (calls) => {
    const steps = calls.flatMap(({ tool, input, result, ok }, index) => [run.call(1, `c${index}`, tool, input), run.result(1, `c${index}`, tool, result, { ok })]);
    const state = after([run.start('Why?'), run.round(1), ...steps, run.final(null, 'Because.'), run.complete()]);
    assert.equal(state.ignored, 0);
    assert.deepEqual(callsOf(state).map(({ tool, arguments: input, outcome }) => [tool, input, outcome?.ok, outcome?.result]), calls.map(({ tool, input, result, ok }) => [tool, input, ok, result]));
    assert.equal(answerOf(state, endsRun)?.text, 'Because.');
    assert.ok(callsOf(state).every((step) => run.lineOf(state, step).length < 600));
    shown(state);
  }), { numRuns: 300 });
});

test('events of any shape are taken, and what follows them is shown', () => {
  const event = fc.oneof(anyJson(), fc.tuple(fc.constantFrom(...EVENTS), fc.array(fc.tuple(fc.constantFrom(...FIELDS), anyJson()), { maxLength: 8 })).map(([name, fields]) => ({ ...Object.fromEntries(fields), event: name })));
  fc.assert(fc.property(fc.array(event, { maxLength: 12 }), (events) => {
    shown(after(events));
    const state = after([...events, run.call(1, 'the last', 'search', { query: 'x' }), run.result(1, 'the last', 'search', run.found), run.final(null, 'Because.'), run.complete()]);
    assert.equal(answerOf(state, endsRun)?.text, 'Because.');
    assert.ok(callsOf(state).some(({ key, outcome }) => key === 'the last' && outcome?.ok));
    assert.equal(state.lastSeq, events.length + 4);
    shown(state);
  }), { numRuns: 500 });
});

test('a list of runs of any shape is one, and each run that has an id is in it', () => {
  fc.assert(fc.property(anyJson(), fc.array(fc.oneof(anyJson(), anyJson().map((value) => ({ run_id: '01A', title: value, status: value, created_at: value, duration_ms: value, pinned: value })))), (body, runs) => {
    for (const page of [readPage(body), readPage({ runs, cursor: body })]) {
      const history = withOlder(withNewest(emptyHistory, page, page), page);
      const shown = [history, withFound(history, 'x', page)].flatMap((each) => Object.values(groupsOf(each, 0)).flat());
      for (const { title, status, duration_ms: ms } of shown) assert.ok(typeof title === 'string' && typeof text.status(status) === 'string' && (ms === null || duration(ms) !== ''));
    }
    assert.equal(readPage({ runs }).runs.length + readPage({ runs }).unreadable, runs.length);
  }));
});

// Found in the field: what others' pages fell over. Each is a small run that must show its step as it is named here.
for (const [name, events, line] of [
  ['a refused call without its argument', [run.call(1, 'c', 'search', {})], '“{}”'],
  ['a query that is a number', [run.call(1, 'c', 'search', { query: 7 })], '“{ "query": 7 }”'],
  ['arguments that are a text of JSON', [run.call(1, 'c', 'search', '{"query": "a'), run.result(1, 'c', 'search', { error: { code: 'invalid_arguments', message: 'That is no JSON.' } }, { ok: false })], 'That is no JSON.'],
  ['arguments that are an object where a text was awaited', [run.call(1, 'c', 'code_interpreter', { code: { toString: 1 } })], '{ "code": { "toString": 1 } }'],
  ['no arguments at all', [run.call(1, 'c', 'weather', null)], ''],
  ['a result that is null', [run.call(1, 'c', 'code_interpreter', { code: 'x' }), run.result(1, 'c', 'code_interpreter', null)], 'Python, 1 line'],
  ['an error that is a text', [run.call(1, 'c', 'search', { query: 'a' }), run.result(1, 'c', 'search', { error: 'quota' }, { ok: false })], 'quota'],
  ['an error that is an object in an object', [run.call(1, 'c', 'search', { query: 'a' }), run.result(1, 'c', 'search', { error: { message: { a: 1 } } }, { ok: false })], 'Failed'],
  ['a result without the list that was awaited', [run.call(1, 'c', 'search', { query: 'a' }), run.result(1, 'c', 'search', { results: null, num_results: 'many' })], '“a”'],
  ...[-1, -1e289, 1e300, 0.5, '2'].map((told) => [`a number of results that is none: ${told}`, [run.call(1, 'c', 'search', { query: 'a' }), run.result(1, 'c', 'search', { results: [], num_results: told })], '“a”']),
  ['a result for a call that was never announced', [run.result(3, 'c', 'search', run.found)], '“” · 2 results'],
  ['a tool whose name every object inherits', [run.call(1, 'c', 'constructor', { a: 1 })], '{ "a": 1 }'],
]) {
  test(`the line of a step: ${name}`, () => {
    const state = after(events);
    const [step] = callsOf(state);
    assert.equal(run.lineOf(state, step), line);
  });
}

test('two calls under one id are two steps, and each gets its result', () => {
  const state = after([run.call(1, 'c', 'search', { query: 'a' }), run.call(1, 'c', 'search', { query: 'b' }), run.result(1, 'c', 'search', 1), run.result(1, 'c', 'search', 2)]);
  assert.deepEqual(callsOf(state).map(({ outcome }) => outcome?.result), [1, 2]);
});

test('rounds of any number take no time to lay out', () => {
  const state = after([{ event: 'round_start', round: 1e6 }, run.decided(1e6), run.decided(3), run.call(2, 'c', 'search', {}), run.result(2, 'c', 'search', {})]);
  assert.deepEqual(timeline(state).lanes.map(({ tool, spans }) => [tool, spans.map(({ from }) => from)]), [['search', [0]], [null, [1_000, 1_500]]]);
  for (const round of [-1, 0.5, 1e7, 'x', null]) assert.equal(after([run.round(4), { event: 'round_decided', round }]).decisions[0].round, 4);
});

test('a pause is never longer than a timer can hold, nor none', () => {
  const paused = (ms) => readEvent({ event: 'suspended', resume_after_ms: ms }, 1).resume_after_ms;
  assert.deepEqual([2_500, 0, 1e12, -1, 'soon', undefined, Infinity].map(paused), [2_500, 0, 3_600_000, 1_000, 1_000, 1_000, 1_000]);
});

test('of pieces that wait for those before them no more than a bound is kept, and the stored text is whole', () => {
  const content = 'x'.repeat(2_000);
  const waiting = Array.from({ length: 1_000 }, (_, index) => ({ ...run.delta('c', 1_000 + index, 'x'), seq: null }));
  const state = [...waiting, { ...run.delta('c', 0, content), seq: 1 }].reduce((before, event) => fold(before, event), emptyRun);
  assert.equal(waiting.reduce(fold, emptyRun).texts.get('c').ahead.length, 256);
  assert.deepEqual(state.texts.get('c'), { attempt: 1, text: content, ahead: [] });
});
