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
        kind: 'call', key: 'c1', round: 1, tool: 'search', arguments: { query: 'solar coal EU 2025' }, model: null, within: null, attempt: 1, retryReason: null, ended: [],
        outcome: { called: true, ok: true, result: run.found, durationMs: 1_000, usage: null, costUsd: null },
      },
      {
        kind: 'call', key: 'c2', round: 2, tool: 'answer', arguments: { model: 'answer-1' }, model: 'qwen', within: null, attempt: 1, retryReason: null, ended: [],
        outcome: { called: true, ok: true, result: run.answered(content), durationMs: 2_000, usage: run.usage(300, 20), costUsd: 0.0002 },
      },
    ],
    decisions: [1, 2].map((round) => ({ round, model: 'qwen', usage: run.usage(100, 10), costUsd: 0.0001, durationMs: 500, ended: [] })),
    attempts: new Map(),
    texts: new Map([['c2', { attempt: 1, text: content, ahead: [] }]]),
    final: { callId: 'c2', content, model: 'qwen', sources: [{ title: 'Review', url: 'https://example.org/' }] },
    fatal: null,
    ignored: 0,
  });
});

test('before anything has come a run is starting, and pings change nothing', () => {
  const nothing = {
    lastSeq: 0, phase: { name: 'starting' }, runId: null, query: '', maxRounds: 0, createdAt: null, round: 0, steps: [], decisions: [], attempts: new Map(), texts: new Map(),
    final: null, fatal: null, ignored: 0,
  };
  assert.deepEqual(emptyRun, nothing);
  assert.deepEqual(fold(emptyRun, { event: 'ping', seq: null }), nothing);
});

test('a decision that is made again, as its calls were lost, is counted once: the later one tells what both took', () => {
  const decided = (usage) => ({ event: 'round_decided', round: 1, model: 'qwen', finish_reason: 'tool_calls', usage, cost_usd: 0.0001, duration_ms: 500 });
  const state = after(run.start(), { event: 'round_start', round: 1 }, decided(run.usage(100, 10)), decided(run.usage(200, 20)));
  assert.deepEqual(state.decisions.map((decision) => decision.usage), [run.usage(200, 20)]);
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

test('a retry names the model that is asked now, or leaves the one that was', () => {
  const model = (fields) => after(run.call(1, 'c', 'answer', {}, { model: 'qwen' }), { ...run.retry('c', 2), ...fields }).steps[0].model;
  assert.deepEqual([model({ model: 'phi' }), model({ model: undefined })], ['phi', 'qwen']);
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

test('whatever follows a suspension but text and pings says that the run goes on', () => {
  const suspended = [run.start(), run.round(1), run.call(1, 'c', 'search', {}), run.suspended()];
  const phaseAfter = (event) => after(...suspended, event).phase.name;
  for (const event of [run.round(2), run.thinking(1, 'x'), run.decided(1), run.call(1, 'd', 'search', {}), run.retry('c', 2), run.result(1, 'c', 'search', {}), run.final('c', 'x'), run.failure(false), run.resumed()]) {
    assert.equal(phaseAfter(event), 'running', event.event);
    assert.equal(after(run.start(), run.cancelRequested(), event).phase.name, 'stopping', event.event);
  }
  for (const event of [run.delta('c', 0, 'x'), run.failure(true), run.live({ event: 'ping' })]) assert.equal(phaseAfter(event), 'suspended', event.event);
  assert.deepEqual([phaseAfter(run.cancelRequested()), phaseAfter(run.complete()), phaseAfter(run.start())], ['stopping', 'over', 'running']);
});

test('pieces of text at the edges of what is there', () => {
  const has = (...pieces) => textOf(after(run.delta('c', 0, 'Hello'), ...pieces.map(([offset, content]) => run.live(run.delta('c', offset, content)))), 'c');
  assert.equal(has([5, '!']), 'Hello!');
  assert.equal(has([4, 'o!']), 'Hello!');
  assert.equal(has([0, 'Hello!']), 'Hello!');
  assert.equal(has([6, '!']), 'Hello');
  assert.equal(has([6, '?'], [5, '!']), 'Hello!?');
  assert.equal(has([7, '?'], [6, '.'], [5, '!']), 'Hello!.?');
  assert.equal(has([6, '?'], [5, '!.']), 'Hello!.');
  const before = after(run.delta('c', 0, 'Hello'));
  for (const [offset, content] of [[0, 'Hello'], [0, 'H'], [4, 'o'], [5, ''], [2, '']]) assert.equal(fold(before, { ...run.delta('c', offset, content), seq: null }), before, `${offset} ${content}`);
});

test('of attempts the latest counts, whichever is told first', () => {
  const first = after(run.delta('c', 0, 'one'));
  assert.equal(textOf(fold(first, { ...run.delta('c', 0, 'two', 2), seq: null }), 'c'), 'two');
  const second = after(run.retry('c', 2), run.delta('c', 0, 'two', 2));
  assert.equal(fold(second, { ...run.delta('c', 0, 'ones', 1), seq: null }), second);
  assert.equal(textOf(fold(second, { ...run.delta('c', 3, '!', 2), seq: null }), 'c'), 'two!');
  assert.equal(textOf(after(run.delta('c', 0, 'two', 2), run.retry('c', 3)), 'c'), '');
  assert.equal(textOf(after(run.delta('c', 0, 'two', 2), run.retry('c', 2)), 'c'), 'two');
  assert.deepEqual(after(run.retry('c', 4)).texts.get('c'), { attempt: 4, text: '', ahead: [] });
});

test('of events that name no round the round is the one that goes on', () => {
  const without = (event) => ({ ...event, round: undefined });
  const state = after(run.round(3), without(run.thinking(0, 'x')), without(run.decided(0)), without(run.call(0, 'c', 'search', {})), without(run.result(0, 'd', 'search', {})), without(run.round(0)));
  assert.deepEqual([state.steps.map(({ round }) => round), state.decisions.map(({ round }) => round), state.round], [[3, 3, 3], [3], 4]);
  const named = after(run.round(3), run.thinking(2, 'x'), run.decided(2), run.call(2, 'c', 'search', {}), run.result(2, 'd', 'search', {}));
  assert.deepEqual([named.steps.map(({ round }) => round), named.decisions.map(({ round }) => round)], [[2, 2, 2], [2]]);
});

test('only the text of its own round stops being an answer', () => {
  const texts = (event) => [...after(run.delta('r1.orchestrator', 0, 'one'), run.delta('r2.orchestrator', 0, 'two'), event).texts.keys()];
  assert.deepEqual(texts(run.call(2, 'c', 'search', {})), ['r1.orchestrator']);
  assert.deepEqual(texts(run.thinking(2, 'So: two.')), ['r1.orchestrator']);
  assert.deepEqual(texts(run.thinking(2, 'one')), ['r1.orchestrator', 'r2.orchestrator']);
  assert.deepEqual(texts(run.thinking(3, '')), ['r1.orchestrator', 'r2.orchestrator']);
  assert.deepEqual([...after(run.delta('r1.orchestrator', 0, ' '), run.thinking(1, 'x')).texts.keys()], ['r1.orchestrator']);
});

test('a result or a retry is that of the first call of its id that has not ended, else of the last', () => {
  const calls = [run.call(1, 'c', 'search', { n: 1 }), run.thinking(1, 'between'), run.call(1, 'c', 'search', { n: 2 })];
  const attempts = (...events) => after(...calls, ...events).steps.flatMap(({ attempt }) => attempt ?? []);
  assert.deepEqual(attempts(run.retry('c', 2)), [2, 1]);
  assert.deepEqual(attempts(run.result(1, 'c', 'search', 1), run.retry('c', 2)), [1, 2]);
  assert.deepEqual(attempts(run.result(1, 'c', 'search', 1), run.result(1, 'c', 'search', 2), run.retry('c', 2)), [1, 2]);
  assert.deepEqual(attempts(run.retry('unknown', 2)), [1, 1]);
});

test('every step has a key of its own, and what was recorded of an end stays', () => {
  const state = after(run.thinking(1, 'a'), run.failure(false), run.resumed(), run.thinking(1, 'b'), run.failure(false));
  assert.deepEqual(state.steps.map(({ key }) => key), ['thinking.0', 'error.1', 'resumed.2', 'thinking.3', 'error.4']);
  assert.deepEqual([state.fatal, after(run.failure(true)).steps], [null, []]);
});

test('events that were seen change nothing, later ones are taken, and live ones always', () => {
  const state = after(run.start(), run.round(1));
  for (const seq of [0, 1, 2]) assert.equal(fold(state, { ...run.round(9), seq }), state);
  assert.deepEqual([fold(state, { ...run.round(9), seq: 3 }).lastSeq, fold(state, { ...run.round(9), seq: null }).lastSeq], [3, 2]);
  assert.deepEqual([fold(state, { event: 'x', seq: 3 }).ignored, fold(state, { event: 'x', seq: null }).lastSeq], [1, 2]);
});
