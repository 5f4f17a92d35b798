// The texts of the page that tells what runs took.

import { LANGUAGE, cost, count, limit, whole } from './numbers.js';
import { shortened, text } from './strings.js';

const UTC = { timeZone: 'UTC' };
const dates = new Intl.DateTimeFormat(LANGUAGE, { ...UTC, day: 'numeric', month: 'short', year: 'numeric' });
const shortDates = new Intl.DateTimeFormat(LANGUAGE, { ...UTC, day: 'numeric', month: 'short' });
const times = new Intl.DateTimeFormat(LANGUAGE, { ...UTC, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const compact = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 1 });

/** @typedef {import('./use.js').Sums} Sums */

/** @param {string} day */
const dateOf = (day) => dates.format(new Date(`${day}T00:00:00Z`));
/** @param {{first: string, last: string}} of */
const spanOf = ({ first, last }) => (first === last ? dateOf(first) : `${dateOf(first)} to ${dateOf(last)}`);

export const useWords = {
  title: 'Use and cost',
  back: 'Back',
  /** @param {{first: string, last: string}} of */
  lead: (of) => `${spanOf(of)}. Days are those of UTC. A run counts on the day on which it was started, once it has ended.`,
  time: 'Time',
  /** @param {number} days */
  days: (days) => count(days, 'day', 'days'),
  loading: 'Reading the sums…',
  /** @param {number} days @param {number} runs */
  read: (days, runs) => `${useWords.days(days)} read: ${count(runs, 'run', 'runs')}.`,
  failed: 'The sums could not be read.',
  noKey: 'The sums are shown once the access key is given.',
  /** @param {number} days */
  none: (days) => `No run of ${days === 1 ? 'this day' : `these ${whole.format(days)} days`} has ended.`,
  noneThen: 'Ask a question: what it took stands here once it has been answered.',
  firstQuestion: 'Ask a question',
  save: 'Save as CSV',
  /** @param {string} table */
  saveNamed: (table) => `Save as CSV: ${table}`,
  /** @param {string} table */
  tableNamed: (table) => `Table: ${table}`,
  /** @param {string} name */
  saved: (name) => `${name} was handed to the browser: look among its downloads.`,
  byDay: 'By day',
  models: 'Models',
  tools: 'Tools',
  tokens: 'Tokens',
  /** @param {number} good @param {number} rated */
  goodOf: (good, rated) => `${whole.format(good)} of ${whole.format(rated)} rated`,
  notRatedYet: 'none rated yet',
  today: 'today',
  shortDate: (/** @type {string} */ day) => shortDates.format(new Date(`${day}T00:00:00Z`)),
  date: dateOf,
  compact: (/** @type {number} */ n) => compact.format(n),
  share: (/** @type {number} */ part) => percent.format(part),
  /** Money on an axis. @param {number} usd @param {number} digits behind the point */
  axisUsd: (usd, digits) => new Intl.NumberFormat(LANGUAGE, {
    style: 'currency', currency: 'USD', ...(usd >= 1_000 ? { notation: 'compact', maximumFractionDigits: 1 } : { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  }).format(usd),
  usd: cost,
  exactUsd: (/** @type {number} */ usd) => (usd === 0 ? '$0' : limit(usd)),
};

/** What pictures are called, and what they say. */
export const pictureNames = {
  runs: 'Runs by day',
  tokens: 'Tokens by day',
  cost: 'Dollars by day',
  statuses: 'How runs ended',
  ratings: 'How runs were rated',
  models: 'Calls by model',
  tools: 'Calls by tool',
  daysTable: 'Days',
  total: 'In all',
  ends: ['complete', 'failed', 'ended otherwise'],
  parts: ['input, new', 'input, cached', 'output'],
  good: 'Good',
  bad: 'Bad',
  notRated: 'Not rated',
  /** @param {string} day */
  byWeek: (day) => `${day}, each bar seven days`,
};

export const sentences = {
  /** What a bar says when it is pointed at. @param {Sums} of @param {string} value */
  bar: (of, value) => `${spanOf(of)}: ${value}`,
  /** @param {Sums} sums @param {number[]} ends */
  runs: (sums, ends) => `${sentences.runsOf(sums)}: ${ends.map((n, at) => `${whole.format(n)} ${pictureNames.ends[at]}`).join(', ')}`,
  /** @param {Sums} sums */
  runsOf: ({ runs }) => count(runs, 'run', 'runs'),
  /** @param {Sums} sums */
  tokensOf: ({ input, output, isEstimated }) => `${text.about(isEstimated)}${text.tokens(input + output)}`,
  /** @param {Sums} sums */
  tokens: (sums) => `${sentences.tokensOf(sums)}: ${sentences.parts(sums)}`,
  /** @param {Sums} sums */
  parts: ({ input, cached, output }) => `${whole.format(input)} in, ${whole.format(cached)} of them cached, and ${whole.format(output)} out`,
  /** @param {number} usd */
  usd: (usd) => (usd === 0 ? 'nothing was charged' : useWords.exactUsd(usd)),
  /** @param {string} all @param {Sums[]} bars @param {Sums[]} busy those of them that have any @param {Sums | null} most @param {string} value */
  inAll: (all, bars, busy, most, value) => {
    const sentence = `${all.charAt(0).toUpperCase()}${all.slice(1)}.`;
    if (most === null || bars.length === 1) return sentence;
    if (busy.length === 1) return `${sentence} All of it: ${spanOf(most)}.`;
    const areWeeks = bars.some(({ first, last }) => first !== last);
    return `${sentence} ${whole.format(busy.length)} of ${areWeeks ? count(bars.length, 'week', 'weeks') : count(bars.length, 'day', 'days')} had any; the most: ${spanOf(most)}, ${value}.`;
  },
  /** @param {string} name @param {string} value */
  row: (name, value) => `${shortened(name)}: ${value}`,
  /** @param {import('./use.js').Tally} tally */
  tally: ({ calls, input, output, nanoUsd }) => [count(calls, 'call', 'calls'), ...(input + output > 0 ? [text.tokens(input + output)] : []), ...(nanoUsd > 0 ? [cost(nanoUsd / 1e9)] : [])].join(' · '),
  /** @param {number} n @param {number} all */
  part: (n, all) => `${count(n, 'run', 'runs')} · ${useWords.share(all > 0 ? n / all : 0)}`,
  /** @param {number} n */
  others: (n) => `and ${count(n, 'other', 'others')}`,
  /** @param {string[]} rows @param {number} left out */
  rows: (rows, left) => `${rows.join('; ')}${left > 0 ? `; the table has ${count(left, 'more', 'more')}` : ''}.`,
  noCalls: 'None were called.',
};

export const columnWords = {
  day: 'Day (UTC)',
  runs: 'Runs',
  completed: 'Complete',
  failed: 'Failed',
  otherwise: 'Ended otherwise',
  input: 'Input tokens',
  cached: 'Of them cached',
  output: 'Output tokens',
  cost: 'Cost',
  costCsv: 'Cost (US dollars)',
  good: 'Rated good',
  bad: 'Rated bad',
  tasks: 'Titles and tags of chat pages',
  repeats: 'Repeats that joined a run',
  model: 'Model',
  name: 'Name',
  tool: 'Tool',
  calls: 'Calls',
  took: 'Time',
  tookCsv: 'Time (ms)',
  status: 'Status',
  rating: 'Rating',
  share: 'Share',
};

export const checkWords = {
  title: 'Models and tools now',
  loading: 'Asking the server…',
  failed: 'What the server says of its models and tools could not be read.',
  again: 'Look again',
  /** @param {number} at */
  at: (at) => `Read at ${times.format(at)} UTC. The server asks its models at most every 10 seconds.`,
  /** @param {number} models @param {number} tools */
  allWork: (models, tools) => `${count(models, 'model', 'models')} and ${count(tools, 'tool', 'tools')}: none is down. Nothing has to be done.`,
  /** @param {number} models @param {number} tools */
  someDown: (models, tools) => `Down: ${[...(models > 0 ? [count(models, 'model', 'models')] : []), ...(tools > 0 ? [count(tools, 'tool', 'tools')] : [])].join(' and ')}.`,
  models: 'Models',
  tools: 'Tools',
  calls: 'Tool calls',
  next: 'Next step:',
  /** @type {Record<import('./checks.js').ModelState, {said: string, next: string}>} */
  model: {
    works: { said: 'Answers.', next: '' },
    rehearsal: { said: 'Played by the rehearsal model, which has no weights.', next: 'For a real one set QWEN_API_URL, PHI_API_URL or LLAMA_API_URL to the address of its server, and start the service again.' },
    down: { said: 'Did not answer when it was last asked. Runs do without it.', next: 'Start its server, or put right its address, and look again.' },
    neededDown: { said: 'Did not answer when it was last asked. Every run needs it.', next: 'Start its server, or put right its address, and look again.' },
  },
  tool: {
    works: 'Can be used.',
    noReason: 'Cannot be used now; the server gives no reason.',
    /** @param {string} problem */
    down: (problem) => `Cannot be used now: ${problem}`,
    nextKnown: 'Put that right, start the service again, and look at it with “serverless-llm tools check”.',
    nextUnknown: 'Ask it with “serverless-llm tools check”, which says what it lacks.',
  },
  /** @type {Record<import('./checks.js').Calls, string>} */
  callsBy: {
    native: 'Asked for in the field for tools, as usual.',
    schema: 'Asked for by a schema.',
    text: 'Read from the text.',
    unknown: 'The server does not say how they are asked for.',
  },
  callsNext: {
    usual: 'Nothing has to be done.',
    chosen: 'Nothing has to be done: the catalogue chooses it. For the usual way set “calls” to “auto” there.',
    otherwise: 'Questions are answered all the same. Turn tool calls on at the server of the orchestrator’s model; the service tries it anew after ten minutes.',
    unknown: 'Update the service, if this has to be known.',
  },
};
