// Every text of the page that is not in index.html, and how numbers are written. One language so far: English.

const LANGUAGE = 'en';
const whole = new Intl.NumberFormat(LANGUAGE);
const tenths = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency: 'USD' });
const small = new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency: 'USD', minimumFractionDigits: 4, maximumFractionDigits: 4 });
const list = new Intl.ListFormat(LANGUAGE);

/** @param {number} ms */
export function duration(ms) {
  const seconds = ms / 1_000;
  if (seconds < 0.95 && ms > 0) return `${whole.format(Math.round(ms))} ms`;
  if (seconds < 59.95) return `${tenths.format(seconds)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 3_600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  return `${whole.format(Math.floor(rounded / 3_600))} h ${Math.floor((rounded % 3_600) / 60)} min`;
}

/** The time of a running clock: always in the same form, so that it does not jump. @param {number} ms */
export function clock(ms) {
  return ms < 60_000 ? `${tenths.format(Math.floor(ms / 100) / 10)} s` : duration(Math.floor(ms / 1_000) * 1_000);
}

/** @param {number} usd */
export function cost(usd) {
  if (usd === 0) return '$0';
  if (usd < 0.00005) return '< $0.0001';
  return usd < 1 ? small.format(usd) : cents.format(usd);
}

/** @param {number} n @param {string} one @param {string} many */
function count(n, one, many) {
  return `${whole.format(n)} ${n === 1 ? one : many}`;
}

/** @type {Record<string, string>} */
const toolNames = { enhance_reasoning: 'reasoning', code_interpreter: 'code' };

/** @type {Record<string, string>} */
const statuses = {
  starting: 'Starting',
  running: 'Running',
  stopping: 'Stopping',
  suspended: 'Paused',
  completed: 'Complete',
  failed: 'Failed',
  cancelled: 'Stopped',
  out_of_rounds: 'Out of rounds',
  over_budget: 'Over budget',
};

export const text = {
  app: 'Orchestrator',
  ask: 'Ask',
  asking: 'Asking…',
  blank: 'Type a question first.',
  askAgain: 'Ask again',
  reconnectNow: 'Reconnect now',
  jump: 'Jump to latest',
  examplesMissing: { what: 'The server did not answer.', then: 'Reload the page to see the examples. You can still type a question.' },
  rehearsalTitle: 'Rehearsal model, no weights.',
  rehearsalName: 'Rehearsal model',
  /** @param {string[]} names the models it stands in for, none when these are all */
  rehearsal: (names) =>
    `${names.length > 0 ? `It stands in for ${list.format(names)}. ` : ''}Set QWEN_API_URL, PHI_API_URL or LLAMA_API_URL for a real one.`,
  /** @param {number} seconds */
  lost: (seconds) => `The run continues on the server; reconnecting${seconds > 0 ? ` in ${seconds} s` : ''}.`,
  lostTitle: 'Connection lost.',
  saved: 'The question and every step so far are saved.',
  refusedTitle: 'This run cannot be shown.',
  failedTitle: 'The run failed.',
  /** @param {string} name */
  status: (name) => statuses[name] ?? name,
  /** @param {number} round @param {number} rounds */
  round: (round, rounds) => `Round ${round} of ${rounds}`,
  /** @param {number} n */
  tokens: (n) => count(n, 'token', 'tokens'),
  number: whole.format,
  /** @param {string} tool */
  tool: (tool) => toolNames[tool] ?? tool,
  orchestrator: 'orchestrator',
  deciding: 'Choosing the next step',
  running: 'running',
  done: 'done',
  unfinished: 'Not finished',
  failed: 'Failed',
  partial: 'Partial answer',
  noAnswer: 'The run ended without an answer.',
  writing: 'Writing the answer',
  answered: 'Answered',
  reasoning: 'Works on the question',
  /** @param {number} attempt */
  attempt: (attempt) => `attempt ${attempt}`,
  /** @param {string} query @param {number | null} results */
  search: (query, results) => `“${query}”${results === null ? '' : ` · ${results === 0 ? 'no results' : count(results, 'result', 'results')}`}`,
  /** @param {number} lines */
  code: (lines) => `Python, ${count(lines, 'line', 'lines')}`,
  resumedTitle: 'resumed',
  /** @param {string} reason */
  resumed: (reason) => `Another driver has taken over: ${reason}`,
  errorTitle: 'error',
  shownBelow: 'The text stands below, as the answer.',
  labels: {
    input: 'Input',
    output: 'Output',
    thinking: 'Reasoning',
    code: 'Code',
    stdin: 'Standard input',
    stdout: 'Output',
    stderr: 'Standard error',
    value: 'Value',
    error: 'Error',
    model: 'Model',
    tokens: 'Tokens',
    cost: 'Cost',
    round: 'Round',
    attempt: 'Attempt',
    summary: 'Summary',
    status: 'Status',
    rounds: 'Rounds',
    elapsed: 'Elapsed',
    tools: 'Tools used',
    timeline: 'Timeline',
    sources: 'Sources',
  },
  none: 'none',
  noOutput: 'No output.',
  noResults: 'No results.',
  noTools: 'Nothing has ended yet.',
  programFailed: 'the program failed',
  cut: 'Cut: the whole output was longer.',
  /** @param {number} calls */
  times: (calls) => (calls > 1 ? ` × ${calls}` : ''),
  announce: {
    started: 'The run has started.',
    deciding: 'The orchestrator is choosing the next step.',
    /** @param {string[]} tools */
    using: (tools) => `Using ${list.format(tools)}.`,
    lost: 'Connection lost. Reconnecting.',
    /** @param {string} status */
    ended: (status) => `The run has ended: ${status}.`,
  },
};
