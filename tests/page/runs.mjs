// Whole runs as the server sends them, for the tests. Stored events are numbered here in their order.

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

export const usage = (input, output) => ({ input_tokens: input, output_tokens: output });

export const start = (query = 'Did solar pass coal?') => ({
  event: 'start',
  run_id: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
  query,
  max_rounds: 5,
  created_at: '2026-01-02T03:04:05Z',
});
export const round = (n) => ({ event: 'round_start', round: n });
export const thinking = (n, content) => ({ event: 'orchestrator_thinking', round: n, content });
export const decided = (n, fields = {}) => ({
  event: 'round_decided',
  round: n,
  model: 'qwen',
  finish_reason: 'tool_calls',
  usage: usage(100, 10),
  cost_usd: 0.0001,
  duration_ms: 500,
  ...fields,
});
export const call = (n, callId, tool, input, fields = {}) => ({
  event: 'tool_call',
  round: n,
  call_id: callId,
  tool,
  arguments: input,
  ...fields,
});
export const delta = (callId, offset, content, attempt = 1) => ({ event: 'delta', call_id: callId, attempt, offset, content });
export const live = (event) => ({ ...event, live: true });
export const retry = (callId, attempt, reason = 'the model closed the connection') => ({ event: 'retry', call_id: callId, attempt, reason });
export const result = (n, callId, tool, value, fields = {}) => ({
  event: 'tool_result',
  round: n,
  call_id: callId,
  tool,
  ok: true,
  result: value,
  duration_ms: 1_000,
  usage: null,
  cost_usd: null,
  ...fields,
});
export const answered = (content) => ({ content, model_name: 'Qwen 2.5-7B', model_id: 'qwen', tokens_used: 20, finish_reason: 'stop' });
export const final = (callId, content, sources = []) => ({ event: 'final_answer', call_id: callId, content, model: 'qwen', sources });
export const failure = (fatal) => ({
  event: 'error',
  error: { code: 'model_unavailable', message: 'The model endpoint did not answer.', remedy: 'It may be starting; ask again in a minute.' },
  fatal,
});
export const complete = (fields = {}) => ({
  event: 'complete',
  summary: {
    status: 'completed',
    total_rounds: 2,
    tools_used: ['search', 'answer'],
    final_answer: null,
    duration_ms: 4_200,
    usage: usage(2_000, 412),
    cost_usd: 0.0041,
    by_model: {},
    by_tool: {},
    resumed: 0,
    ...fields,
  },
});

export const found = {
  query: 'solar coal EU 2025',
  num_results: 2,
  results: [
    { title: 'European electricity review', snippet: 'Solar passed coal.', url: 'https://example.org/review' },
    { title: 'Annual totals', snippet: 'By source.', url: 'https://data.example.org/totals' },
  ],
  provider: 'searxng',
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
