// Why an answer is what it is: the three sentences that the page makes from the log.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold, emptyRun } from '../../../static/fold.js';
import { whyOf } from '../../../static/why.js';
import { shortName } from '../../../static/view/tools/names.js';
import { endsRun } from '../../../static/view/tools/registry.js';
import * as run from '../runs.mjs';
import { eventsOf, kinds } from '../transcripts.mjs';

const NAMES = { modelName: (id) => ({ qwen: 'Qwen', phi: 'Phi' })[id] ?? id, toolName: shortName, endsRun };
const why = (...events) => whyOf(run.numbered([run.start(), ...events]).reduce(fold, emptyRun), NAMES);
const SOURCES = [{ title: 'Review', url: 'https://example.org/review' }, { title: 'Totals', url: 'https://example.org/totals' }];

test('a run that searched twice at once and ran a program', () => {
  assert.deepEqual(why(
    run.round(1), run.decided(1), run.call(1, 'a', 'search', {}), run.call(1, 'b', 'search', {}), run.call(1, 'c', 'code_interpreter', {}),
    run.result(1, 'a', 'search', run.found), run.result(1, 'b', 'search', run.found), run.result(1, 'c', 'code_interpreter', { success: true, artifacts: [{}] }),
    run.round(2), run.decided(2), run.call(2, 'd', 'answer', {}, { model: 'phi' }), run.result(2, 'd', 'answer', run.answered('Yes')), run.final('d', 'Yes', SOURCES), run.complete(),
  ), [
    'Qwen chose the steps in 2 rounds: search × 2 and code at once, then answer.',
    'Phi wrote the answer, which rests on 2 sources, the first of them “Review”, what 1 program printed, and 1 file.',
    'Every call succeeded at the first attempt; all of it took 4.2 s and $0.0041.',
  ]);
});

test('a run that answered by itself', () => {
  assert.deepEqual(why(run.round(1), run.decided(1), run.final('r1.orchestrator', '42'), run.complete()).slice(0, 2), ['Qwen answered by itself, without a tool.', 'Qwen wrote the answer from what it knows: no source stands behind it.']);
});

test('a run in which a model fell back, a call was made again, one failed, one could not be made, and another driver took over', () => {
  const [, , third] = why(
    run.round(1), run.decided(1), run.call(1, 'a', 'answer', {}, { model: 'qwen' }), run.retry('a', 2, { model: 'phi' }), run.call(1, 'b', 'enhance_reasoning', {}, { model: 'qwen' }), run.retry('b', 2, { model: null }),
    run.resumed({ reason: 'x' }), run.call(1, 'c', 'search', {}), run.result(1, 'c', 'search', { error: {} }, { ok: false }), run.call(1, 'd', 'x', {}), run.result(1, 'd', 'x', { error: { code: 'unknown_tool' } }, { ok: false, called: false }),
    run.result(1, 'b', 'enhance_reasoning', run.answered('y')), run.result(1, 'a', 'answer', run.answered('Yes')), run.final('a', 'Yes'), run.complete(),
  );
  assert.equal(third, 'Phi was asked after Qwen did not answer, 1 call had to be made again, 1 call failed (search), 1 call could not be made, another driver took the run over; all of it took 4.2 s and $0.0041.');
});

test('a run that was stopped, and one without an answer', () => {
  assert.equal(why(run.round(1), run.decided(1), run.call(1, 'a', 'answer', {}), run.delta('a', 0, 'Ye'), run.complete({ status: 'cancelled' }))[1], 'The answer is what the run had by its end: no call has finished it.');
  assert.equal(why(run.round(1), run.complete({ status: 'cancelled' }))[1], 'It ended without an answer.');
});

for (const kind of kinds) {
  test(`of a run of the kind ${kind} there are three sentences`, () => {
    const sentences = whyOf(eventsOf(kind).reduce(fold, emptyRun), NAMES);
    assert.equal(sentences.length, 3);
    for (const sentence of sentences) assert.match(sentence, /^\S.*[^.]\.$/);
  });
}
