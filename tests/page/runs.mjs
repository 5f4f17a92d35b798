// Runs for the tests: events of the server's transcripts, with what a test says in place of what was recorded.

import { innerOf } from '../../static/derive.js';
import { lineOf as lineWith } from '../../static/view/step-line.js';
import { faceOfStep } from '../../static/view/tools/chain.js';
import { sample } from './transcripts.mjs';

/** Numbers events from 1; `live` marks those that come without an id. */
export function numbered(events) {
  let seq = 0;
  return events.map(({ live, ...event }) => ({ ...event, seq: live ? null : (seq += 1) }));
}

/** The same events as bytes of an event stream. */
export function streamed(events, { after = 0 } = {}) {
  return numbered(events)
    .filter(({ seq }) => seq === null || seq > after)
    .map(({ seq, ...event }) => `${seq === null ? '' : `id: ${seq}\n`}data: ${JSON.stringify(event)}\n\n`)
    .join('');
}

const samples = {
  start: sample('search', 'start'),
  round: sample('search', 'round_start'),
  thinking: sample('search', 'orchestrator_thinking'),
  decided: sample('search', 'round_decided'),
  call: sample('search', 'tool_call', { tool: 'search' }),
  delta: sample('search', 'delta'),
  retry: sample('retry', 'retry', { call_id: 'r1.1' }),
  result: sample('search', 'tool_result', { tool: 'search' }),
  answered: sample('search', 'tool_result', { tool: 'answer' }),
  final: sample('search', 'final_answer'),
  failure: sample('fatal', 'error'),
  suspended: sample('suspended', 'suspended'),
  resumed: sample('suspended', 'resumed'),
  cancelRequested: sample('cancelled', 'cancel_requested'),
  complete: sample('search', 'complete'),
};

export const usage = (input, output) => ({ ...samples.decided.usage, input_tokens: input, output_tokens: output });

export const start = (query = 'Did solar pass coal?') => ({ ...samples.start, query });
export const round = (n) => ({ ...samples.round, round: n });
export const thinking = (n, content) => ({ ...samples.thinking, round: n, content });
export const decided = (n, fields = {}) => ({ ...samples.decided, round: n, usage: usage(100, 10), cost_usd: 0.0001, duration_ms: 500, ...fields });
export const call = (n, callId, tool, input, fields = {}) => ({ ...samples.call, round: n, call_id: callId, tool, arguments: input, ...fields });
export const delta = (callId, offset, content, attempt = 1) => ({ ...samples.delta, call_id: callId, attempt, offset, content });
export const live = (event) => ({ ...event, live: true });
export const retry = (callId, attempt, fields = {}) => ({ ...samples.retry, call_id: callId, attempt, reason: 'the model closed the connection', ...fields });
export const result = (n, callId, tool, value, fields = {}) => ({ ...samples.result, round: n, call_id: callId, tool, result: value, duration_ms: 1_000, ...fields });
export const answered = (content) => ({ ...samples.answered.result, content });
export const final = (callId, content, sources = []) => ({ ...samples.final, call_id: callId, content, sources });
export const failure = (fatal) => ({
  ...samples.failure,
  error: { ...samples.failure.error, message: 'The model endpoint did not answer.', remedy: 'It may be starting; ask again in a minute.' },
  fatal,
});
export const suspended = (fields = {}) => ({ ...samples.suspended, ...fields });
export const resumed = (fields = {}) => ({ ...samples.resumed, ...fields });
export const cancelRequested = () => ({ ...samples.cancelRequested });
export const complete = (fields = {}) => ({
  ...samples.complete,
  summary: { ...samples.complete.summary, duration_ms: 4_200, usage: usage(2_000, 412), cost_usd: 0.0041, ...fields },
});

/** What a search has found. */
export const found = {
  ...samples.result.result,
  query: 'solar coal EU 2025',
  num_results: 2,
  results: [
    { ...samples.result.result.results[0], title: 'European electricity review', snippet: 'Solar passed coal.', url: 'https://example.org/review' },
    { ...samples.result.result.results[0], title: 'Annual totals', snippet: 'By source.', url: 'https://data.example.org/totals' },
  ],
};

/** A run of two rounds that searches, then answers `content` in two live pieces and one stored chunk. */
export function answeredRun(query, content, { search = found, sources = [] } = {}) {
  const half = Math.floor(content.length / 2);
  return [
    start(query),
    round(1),
    decided(1),
    call(1, 'c1', 'search', { query: search.query }),
    result(1, 'c1', 'search', search),
    round(2),
    decided(2),
    call(2, 'c2', 'answer', { model: 'answer-1' }, { model: 'qwen' }),
    live(delta('c2', 0, content.slice(0, half))),
    live(delta('c2', half, content.slice(half))),
    delta('c2', 0, content),
    result(2, 'c2', 'answer', answered(content), { duration_ms: 2_000, usage: usage(300, 20), cost_usd: 0.0002 }),
    final('c2', content, sources),
    complete({ final_answer: content }),
  ];
}

/** The line of a step of this run, with the ids of models for names. */
export const lineOf = (state, step) => lineWith(step, faceOfStep(step, innerOf(state).get(step.key) ?? [], (id) => id), (id) => id);
