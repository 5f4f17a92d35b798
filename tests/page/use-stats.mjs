// What `GET /api/stats` and `GET /api/config` answer, for the tests.

const DAY_MS = 86_400_000;
export const usage = (input, output, cached = 0, estimated = false) => ({ input_tokens: input, output_tokens: output, cached_input_tokens: cached, estimated });
export const tally = (calls, fields = {}) => ({ calls, usage: usage(0, 0), cost_usd: 0, duration_ms: 0, ...fields });

/** One day of the sums. */
export function dayOf(day, fields = {}) {
  const statuses = fields.by_status ?? { completed: 1 };
  const runs = Object.values(statuses).reduce((sum, one) => sum + one, 0);
  return { day, runs, by_status: statuses, cost_usd: 0, usage: usage(0, 0), by_model: {}, by_tool: {}, ratings: { good: 0, bad: 0 }, tasks: 0, joined: 0, ...fields };
}

/** The day so many days before this one, by this machine's clock, which is the stack's, too. */
export const daysAgo = (n) => new Date(Date.now() - n * DAY_MS).toISOString().slice(0, 10);

export const LONG = `${'qwen2.5-coder-32b-instruct-awq'.repeat(10)}`;
export const RTL = 'نموذج كبير \u202eevil';
export const MARKUP = '<img src=x onerror=alert(1)>';

/** Much of everything, on all but each fifth day. */
export function fullStats(count) {
  const days = Array.from({ length: count }, (_, ago) => ago).filter((ago) => ago % 5 !== 3).map((ago) => {
    const done = (ago * 7) % 13;
    const failed = ago % 4 === 0 ? done + 1 : 0;
    return dayOf(daysAgo(ago), {
      by_status: { completed: done, failed, out_of_rounds: ago % 3 },
      cost_usd: ago === 2 ? 12345.678901 : done * 0.0137,
      usage: usage(done * 12_000, done * 900, done * 3_000, ago === 1),
      by_model: { qwen: tally(done * 3 + 1, { usage: usage(done * 11_000, done * 700), cost_usd: done * 0.01, duration_ms: done * 4_000 }), [LONG]: tally(3), [RTL]: tally(2), [MARKUP]: tally(1), ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, tally(1)])) },
      by_tool: { search: tally(done), '=HYPERLINK("http://x")': tally(1), answer: tally(done + 1, { cost_usd: 0.1, duration_ms: 900 }) },
      ratings: { good: ago % 4, bad: ago % 2 },
    });
  });
  return { days, limits: {} };
}

export const HIDDEN = 'This server hides tools from the model; asked by schema instead.';
export const DOWN = {
  version: '1',
  orchestrator: { model: 'qwen', prompt: 'chat', calls: 'schema', calls_reason: HIDDEN },
  models: [{ id: 'phi', name: 'Phi-4-mini', available: true, rehearsal: false }, { id: 'qwen', name: 'Qwen 2.5-7B', available: false, rehearsal: false }, { id: 'llama', name: LONG, available: false, rehearsal: false }],
  tools: [{ name: 'search', available: true, problem: null }, { name: 'weather', available: false, problem: 'The variable WEATHER_KEY is not set.' }, { name: MARKUP, available: false, problem: null }],
  examples: [],
};
