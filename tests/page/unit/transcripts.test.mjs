// One run of each kind, as the server has sent it: what the page makes of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, callsOf, fateOf, timeline, toolsUsed, totals } from '../../../static/derive.js';
import { byModel } from '../../../static/models.js';
import { readEvent } from '../../../static/events.js';
import { emptyRun, fold } from '../../../static/fold.js';
import { createParser } from '../../../static/sse.js';
import { text } from '../../../static/strings.js';
import { announcement } from '../../../static/view/announce.js';
import { shortName } from '../../../static/view/tools/names.js';
import { endsRun } from '../../../static/view/tools/registry.js';
import * as run from '../runs.mjs';
import { connectionsOf, eventsOf, framesOf, kinds, textOf } from '../transcripts.mjs';

const foldAll = (events, from = emptyRun) => events.reduce(fold, from);
const stateOf = (kind) => foldAll(eventsOf(kind));
const stepsIn = (state) => state.steps.map((step) => (step.kind === 'call' ? [shortName(step.tool), fateOf(step), run.lineOf(state, step)] : [step.kind, step.content ?? step.reason ?? step.error.message]));

/** What a person sees of each kind: how it ended, its answer and in which form, its steps. */
const SHOWN = {
  direct: ['completed', 'final', 'Six times seven is 42.', []],
  live: ['completed', 'final', 'Grüße, 🌍 and 👩‍🔬.\n', [['answer', 'done', 'Answered']]],
  follow_up: ['completed', 'final', 'Because six times seven is.', []],
  parallel: ['completed', 'final', 'Seven.', [
    ['reasoning', 'done', 'Part one'], ['search', 'done', '“Paris” · 1 result'], ['reasoning', 'done', 'Part two'], ['answer', 'done', 'Answered'],
  ]],
  search: ['completed', 'final', 'Yes, says Solar.', [
    ['thinking', 'I do not know this.'], ['thinking', 'Let me look.'], ['search', 'done', '“solar coal” · 1 result'], ['answer', 'done', 'Answered'],
  ]],
  code: ['completed', 'final', 'The sum is 88.', [['code', 'done', 'Python, 5 lines · 88'], ['code', 'failed', 'Python, 2 lines · no data: x']]],
  last_resort: ['completed', 'final', 'Perhaps seven.', [
    ['search', 'rejected', 'There is no tool `search` now; offered are: answer.'], ['answer', 'done', 'Answered'],
  ]],
  rejected: ['completed', 'final', 'I cannot tell.', [
    ['search', 'rejected', 'num_results: expected at most 5, found `9`'],
    ['search', 'rejected', 'The arguments are not valid JSON: EOF while parsing a value at line 1 column 9; there stands `{"query":`'],
    ...Array(14).fill(['telepathy', 'rejected', 'There is no tool `telepathy` now; offered are: enhance_reasoning, answer, search, code_interpreter, read_url, discuss.']),
    ['telepathy', 'rejected', 'A round may hold 16 calls; this one and those after it were not made.'],
  ]],
  failed_tool: ['completed', 'final', 'Seven.', [
    ['search', 'failed', /^No search provider has answered: duckduckgo cannot be reached/], ['answer', 'failed', /^The model Phi-4-mini at .* answered 402/], ['answer', 'done', 'Answered'],
  ]],
  retry: ['completed', 'final', 'Seven.', [['thinking', 'To look, I think.\n'], ['answer', 'done', 'Answered · attempt 2']]],
  broken_off: ['completed', 'final', 'Seven.', [['answer', 'done', 'Answered · attempt 2']]],
  cancelled: ['cancelled', null, null, [['answer', 'not_run', 'The run ended before this call began.'], ['reasoning', 'cancelled', 'The run was cancelled.']]],
  cancelled_answer: ['cancelled', 'partial', 'Seven, or', [['answer', 'cancelled', 'The run was cancelled.']]],
  out_of_rounds: ['out_of_rounds', null, null, [
    ['search', 'rejected', 'There is no tool `search` now; offered are: answer.'], ['answer', 'failed', /^The model Qwen 2\.5-7B at .* answered with nothing\./],
  ]],
  over_budget: ['over_budget', 'partial', 'It is seven, as four and three are.', [['reasoning', 'done', 'Works on the question']]],
  fatal: ['failed', null, null, []],
  resumed: ['completed', 'final', 'Seven.', [['answer', 'done', 'Answered · attempt 2'], ['resumed', 'the driver of this run was stopped']]],
  suspended: ['completed', 'final', 'Seven.', [['answer', 'done', 'Answered'], ['resumed', 'the run goes on where it was suspended']]],
  discussion: ['completed', 'final', 'Tea, most of them say.', [
    ['discuss', 'done', 'Tea or coffee?'], ['discuss', 'done', 'opinion'], ['discuss', 'done', 'opinion'], ['discuss', 'done', 'opinion'],
    ['discuss', 'done', 'reply'], ['discuss', 'done', 'reply'], ['discuss', 'failed', /^The model Llama 3\.2-3B at .* answered 401/], ['discuss', 'done', 'synthesis'],
  ]],
  discussion_alone: ['completed', 'final', 'Tea, says Qwen alone: there was no discussion.', [
    ['thinking', 'I would say tea.'], ['discuss', 'done', 'Several models discuss'], ['discuss', 'done', 'opinion'], ['discuss', 'done', 'synthesis'],
  ]],
  chains: ['completed', 'final', '14 million, 6381 to the square kilometre.', [
    ['search', 'done', '“Tokyo population” · 1 result'], ['search', 'done', 'It changes. <query>Tokyo population</query>'], ['web_search', 'done', '“Tokyo population” · 1 result'],
    ['reasoning', 'done', 'Python, 1 line · 6381'], ['reasoning', 'done', 'It divides. ```python print(14_000_000 // 2_194) ```'], ['code', 'done', 'Python, 1 line · 6381'],
    ['search', 'rejected', /^model: expected one of search-1, search-2, search-3/], ['answer', 'done', 'Answered'],
  ]],
  come_again: ['completed', 'final', 'Seven.', [['answer', 'done', 'Answered']]],
};

test('each kind of run that the server records is one that is looked at here', () => {
  assert.deepEqual(Object.keys(SHOWN).sort(), kinds);
});

for (const [kind, [status, form, answer, steps]] of Object.entries(SHOWN)) {
  test(`a run of the kind ${kind} is shown as it was`, () => {
    const state = stateOf(kind);
    const shown = answerOf(state, endsRun);
    assert.deepEqual([state.phase.summary.status, shown?.form ?? null, shown?.text ?? null, state.ignored], [status, form, answer, 0]);
    const found = stepsIn(state);
    assert.equal(found.length, steps.length);
    steps.forEach((step, at) => step.forEach((expected, part) => {
      if (expected instanceof RegExp) assert.match(found[at][part], expected);
      else assert.equal(found[at][part], expected);
    }));
    for (const step of callsOf(state)) assert.notEqual(text.fates[fateOf(step)], undefined);
  });

  test(`of a run of the kind ${kind} the page counts what the server does`, () => {
    const { seq, data: { summary } } = framesOf(kind).at(-1);
    const state = stateOf(kind);
    assert.deepEqual([state.lastSeq, state.round], [seq, summary.total_rounds]);
    assert.equal(toolsUsed(state), summary.tools_used.length);
    const lanes = timeline(state).lanes.filter(({ tool }) => tool !== null);
    assert.deepEqual(Object.fromEntries(lanes.map(({ tool, calls }) => [tool, calls])), Object.fromEntries(Object.entries(summary.by_tool).map(([tool, { calls }]) => [tool, calls])));
    const taken = [...byModel(state)].filter(([, { tokens, costUsd }]) => tokens > 0 || costUsd > 0).map(([model, { tokens, costUsd }]) => [model, tokens, costUsd.toFixed(9)]);
    const told = Object.entries(summary.by_model).map(([model, { usage, cost_usd: usd }]) => [model, usage.input_tokens + usage.output_tokens, usd.toFixed(9)]);
    assert.deepEqual(taken.sort(), told.filter(([, tokens, usd]) => tokens > 0 || Number(usd) > 0).sort());
    // Before the summary has come, it is the sum of what was told.
    const { tokens, costUsd } = totals(foldAll(eventsOf(kind).slice(0, -1)));
    assert.equal(tokens, summary.usage.input_tokens + summary.usage.output_tokens);
    assert.ok(Math.abs(costUsd - summary.cost_usd) < 1e-9, `${costUsd} ${summary.cost_usd}`);
  });

  test(`a run of the kind ${kind} that is joined again at any event ends in the same state`, () => {
    const events = eventsOf(kind);
    const whole = stateOf(kind);
    const stored = events.filter(({ seq }) => seq !== null);
    for (let cut = 0; cut <= events.length; cut += 1) {
      const before = foldAll(events.slice(0, cut));
      assert.deepEqual(foldAll(stored.filter(({ seq }) => seq > before.lastSeq), before), whole, `joined after ${cut} events`);
      assert.equal(typeof announcement(before, false), 'string');
    }
    assert.deepEqual(foldAll(stored, whole), whole);
  });

  test(`the stream of a run of the kind ${kind} may be cut anywhere, and its lines end in any way`, () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const bytes = new TextEncoder().encode(textOf(kind).replaceAll('\n', end));
      for (const length of [1, 2, 7, 1_000]) {
        const parser = createParser();
        const frames = [];
        for (let at = 0; at < bytes.length; at += length) frames.push(...parser.push(bytes.subarray(at, at + length)));
        assert.deepEqual(frames.map(({ id, data }) => readEvent(JSON.parse(data), id === null ? null : Number(id))), eventsOf(kind));
      }
    }
  });
}

test('every event that the page knows is in a transcript, and it knows all that are', () => {
  const told = new Set(kinds.flatMap((kind) => framesOf(kind).map(({ data }) => data.event)));
  assert.deepEqual([...told].sort(), [
    'cancel_requested', 'complete', 'delta', 'error', 'final_answer', 'orchestrator_thinking', 'resumed', 'retry', 'round_decided', 'round_start', 'start', 'suspended', 'tool_call', 'tool_result',
  ]);
});

test('the fields that the page reads are fields of the wire', () => {
  for (const kind of kinds) {
    for (const { seq, data } of framesOf(kind)) {
      const { event, seq: _, ...read } = readEvent(data, seq);
      for (const [name, value] of Object.entries(read)) {
        // Fields that only calls of models have, and those that only inner steps have.
        if (!(name in data)) assert.ok(value === null && ['model', 'within'].includes(name), `${event} has no ${name}`);
        // Of the tokens the page reads a part.
        else if (name === 'usage' && value) for (const [part, read] of Object.entries(value)) assert.equal(read, data.usage[part], `${event} ${part}`);
        else if (name !== 'summary') assert.deepEqual(value, data[name], `${event} ${name}`);
      }
    }
  }
});

test('a connection that is lost and one whose time is over are followed by another', () => {
  for (const kind of kinds) assert.equal(connectionsOf(kind).length, ['come_again', 'resumed', 'suspended'].includes(kind) ? 2 : 1, kind);
});
