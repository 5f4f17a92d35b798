import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRun, fold } from '../../../static/fold.js';
import * as run from '../runs.mjs';

const foldAll = (events, from = emptyRun) => events.reduce(fold, from);
const after = (...events) => foldAll(run.numbered(events));
const textOf = (state, callId) => state.texts.get(callId)?.text;
const content = 'Yes. Solar led in 2025. 🌍 Grüße';

test('a whole run becomes its steps, its answer and its end', () => {
  const state = after(...run.answeredRun('Did solar pass coal?', content, { sources: [{ title: 'Review', url: 'https://example.org/' }] }));
  assert.deepEqual(state, {
    lastSeq: 12,
    phase: { name: 'over', summary: run.complete({ final_answer: content }).summary },
    runId: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
    query: 'Did solar pass coal?',
    maxRounds: 5,
    createdAt: run.start().created_at,
    round: 2,
    steps: [
      {
        kind: 'call', key: 'c1', round: 1, tool: 'search', arguments: { query: 'solar coal EU 2025' }, model: null, attempt: 1, retryReason: null,
        outcome: { called: true, ok: true, result: run.found, durationMs: 1_000, usage: null, costUsd: null },
      },
      {
        kind: 'call', key: 'c2', round: 2, tool: 'answer', arguments: { model: 'answer-1' }, model: 'qwen', attempt: 1, retryReason: null,
        outcome: { called: true, ok: true, result: run.answered(content), durationMs: 2_000, usage: run.usage(300, 20), costUsd: 0.0002 },
      },
    ],
    decisions: [1, 2].map((round) => ({ round, model: 'qwen', usage: run.usage(100, 10), costUsd: 0.0001, durationMs: 500 })),
    attempts: new Map(),
    texts: new Map([['c2', { attempt: 1, text: content, ahead: [] }]]),
    final: { callId: 'c2', content, model: 'qwen', sources: [{ title: 'Review', url: 'https://example.org/' }] },
    fatal: null,
    ignored: 0,
  });
});

test('a run that is rejoined at any point ends in the same state', () => {
  const events = run.numbered(run.answeredRun('q', content));
  const stored = events.filter(({ seq }) => seq !== null);
  const whole = foldAll(events);
  for (let cut = 0; cut <= events.length; cut += 1) {
    const before = foldAll(events.slice(0, cut));
    const again = stored.filter(({ seq }) => seq > before.lastSeq);
    assert.deepEqual(foldAll(again, before), whole, `rejoined after ${cut} events`);
  }
});

test('a replay that sends everything twice changes nothing', () => {
  const events = run.numbered(run.answeredRun('q', content));
  const state = foldAll(events);
  assert.equal(foldAll(events.filter(({ seq }) => seq !== null), state), state);
});

test('folding does not change the state it was given', () => {
  const freeze = (state) => Object.freeze({ ...state, steps: Object.freeze(state.steps), decisions: Object.freeze(state.decisions) });
  const events = run.numbered(run.answeredRun('q', content));
  const state = events.reduce((frozen, event) => freeze(fold(frozen, event)), freeze(emptyRun));
  assert.deepEqual(state, foldAll(events));
});

test('stored chunks repeat live text and add nothing', () => {
  const state = after(run.live(run.delta('c', 0, 'Hello ')), run.live(run.delta('c', 6, 'world')), run.delta('c', 0, 'Hello world'), run.live(run.delta('c', 11, '!')));
  assert.equal(textOf(state, 'c'), 'Hello world!');
});

test('a chunk that overlaps what is there adds only its rest', () => {
  assert.equal(textOf(after(run.live(run.delta('c', 0, 'Hel')), run.delta('c', 0, 'Hello'), run.delta('c', 5, ' you')), 'c'), 'Hello you');
});

test('offsets count UTF-16 code units, so characters beyond the basic plane count two', () => {
  const state = after(run.live(run.delta('c', 0, 'a🌍')), run.delta('c', 0, 'a🌍b'), run.live(run.delta('c', 4, '👩‍🔬!')), run.delta('c', 4, '👩‍🔬!'));
  assert.equal(textOf(state, 'c'), 'a🌍b👩‍🔬!');
});

test('a live piece that is ahead waits for the stored chunk before it', () => {
  const ahead = after(run.live(run.delta('c', 6, 'world')), run.live(run.delta('c', 11, '!')));
  assert.equal(textOf(ahead, 'c'), '');
  assert.equal(textOf(fold(ahead, { ...run.delta('c', 0, 'Hello '), seq: 1 }), 'c'), 'Hello world!');
});

test('retry forgets the text of earlier attempts, and late pieces of those are dropped', () => {
  const state = after(
    run.call(1, 'c', 'answer', {}, { model: 'qwen' }),
    run.delta('c', 0, 'first try'),
    run.retry('c', 2),
    run.live(run.delta('c', 9, ' goes on', 1)),
    run.live(run.delta('c', 0, 'second', 2)),
  );
  assert.equal(textOf(state, 'c'), 'second');
  assert.deepEqual([state.steps[0].attempt, state.steps[0].retryReason], [2, 'the model closed the connection']);
});

test('text of a new attempt that comes before its retry event is kept', () => {
  const state = after(run.delta('c', 0, 'first'), run.live(run.delta('c', 0, 'new', 2)), run.retry('c', 2), run.live(run.delta('c', 3, 'er', 2)));
  assert.equal(textOf(state, 'c'), 'newer');
});

test('text beside a tool call stops being an answer', () => {
  const stored = after(run.round(1), run.live(run.delta('r1.orchestrator', 0, 'I will search. ')), run.thinking(1, 'I will search.'));
  assert.equal(textOf(stored, 'r1.orchestrator'), undefined);
  const called = after(run.round(1), run.delta('r1.orchestrator', 0, 'I will search.'), run.call(1, 'c', 'search', { query: 'x' }));
  assert.equal(textOf(called, 'r1.orchestrator'), undefined);
});

test('reasoning that is not the streamed text leaves the streamed text alone', () => {
  const state = after(run.round(1), run.delta('r1.orchestrator', 0, 'Four.'), run.thinking(1, 'Two and two.'));
  assert.equal(textOf(state, 'r1.orchestrator'), 'Four.');
});

test('errors: a fatal one ends the run, another is a step', () => {
  const passing = after(run.start(), run.failure(false));
  assert.deepEqual(passing.steps, [{ kind: 'error', key: 'error.0', error: run.failure(false).error }]);
  assert.equal(passing.fatal, null);
  assert.deepEqual(after(run.start(), run.failure(true)).fatal, run.failure(true).error);
});

test('a suspended run is paused until anything further happens', () => {
  const suspended = [run.start(), run.suspended({ reason: 'deadline' })];
  assert.deepEqual(after(...suspended).phase, { name: 'suspended', reason: 'deadline' });
  assert.deepEqual(after(...suspended, run.live({ event: 'ping' })).phase, { name: 'suspended', reason: 'deadline' });
  const resumed = after(...suspended, run.resumed({ reason: 'deadline' }));
  assert.deepEqual([resumed.phase, resumed.steps], [{ name: 'running' }, [{ kind: 'resumed', key: 'resumed.0', reason: 'deadline' }]]);
});

test('a cancelled run is stopping until it is complete', () => {
  const events = [run.start(), run.cancelRequested()];
  assert.deepEqual(after(...events).phase, { name: 'stopping' });
  assert.equal(after(...events, run.complete({ status: 'cancelled' })).phase.summary.status, 'cancelled');
});

test('unknown events are counted and move the sequence on', () => {
  const state = after(run.start(), { event: 'weather', wind: 'west' }, { event: 'constructor' });
  assert.deepEqual([state.ignored, state.lastSeq], [2, 3]);
});
