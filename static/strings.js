// Every text of the page that is not in index.html, about one tool (`view/tools`), or of what is loaded on need
// (`strings-on-need.js`, `use-words.js`). One language so far: English.

import { LANGUAGE, count, limit, whole } from './numbers.js';

export { bytes, clock, cost, duration } from './numbers.js';

const list = new Intl.ListFormat(LANGUAGE);
const NAME_CHARACTERS = 120;

// Characters that turn the direction of all that follows them: of a name within a sentence, also of the sentence.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name as it can stand in a sentence: of one that is too long to be one only the beginning. @param {string} name */
export function shortened(name) {
  const plain = name.slice(0, 2 * NAME_CHARACTERS).replace(TURNING, '');
  return plain.length <= NAME_CHARACTERS ? plain : `${[...plain.slice(0, NAME_CHARACTERS)].slice(0, -1).join('')}…`;
}

/** A word for a name, or the name itself: also for names that every object inherits. @param {Record<string, string>} words @param {string} name */
function named(words, name) {
  return Object.hasOwn(words, name) ? words[name] : shortened(name);
}

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
  ended: 'Ended',
};

export const text = {
  app: 'Orchestrator',
  ask: 'Ask',
  asking: 'Asking…',
  blank: 'Type a question first.',
  reconnectNow: 'Reconnect now',
  jump: 'Jump to latest',
  examplesMissing: { what: 'The server did not answer.', then: 'Reload the page to see the examples. You can still type a question.' },
  rehearsalTitle: 'Rehearsal model, no weights.',
  rehearsalName: 'Rehearsal model',
  /** @param {string[]} names the models it stands in for, none when these are all */
  rehearsal: (names) =>
    `${names.length > 0 ? `It stands in for ${list.format(names.map(shortened))}. ` : ''}Set QWEN_API_URL, PHI_API_URL or LLAMA_API_URL for a real one.`,
  /** @param {number} seconds */
  lost: (seconds) => `The run continues on the server; reconnecting${seconds > 0 ? ` in ${seconds} s` : ''}.`,
  lostTitle: 'Connection lost.',
  offline: { what: 'You are offline.', then: 'The run continues on the server. It goes on here by itself when the network is back.' },
  newQuestion: 'New question',
  refusedTab: 'Not shown',
  lostTab: 'Connection lost',
  /** The state first, as a tab shows little. @param {string} state @param {string} question */
  tab: (state, question) => [state, question].filter(Boolean).join(': ') + ` – ${text.app}`,
  /** @param {string} name */
  status: (name) => named(statuses, name),
  /** @param {number} round @param {number} rounds */
  round: (round, rounds) => `Round ${round} of ${rounds}`,
  /** @param {number} n */
  tokens: (n) => count(n, 'token', 'tokens'),
  /** @param {boolean} estimated */
  about: (estimated) => (estimated ? 'about ' : ''),
  number: whole.format,
  orchestrator: 'orchestrator',
  deciding: 'Choosing the next step',
  running: 'running',
  /** How a call fares, a word each. */
  fates: { running: 'running', done: 'done', failed: 'Failed', rejected: 'Rejected', not_run: 'Not run', cancelled: 'Stopped', left: '' },
  unfinished: 'Not finished',
  /** @param {boolean} done */
  task: (done) => (done ? 'Done' : 'To do'),
  partial: 'Partial answer',
  /** @param {string} spent @param {number} usd */
  spentOf: (spent, usd) => `${spent} of at most ${limit(usd)}`,
  /** Where the call failed and the run went on. @param {boolean} retryable */
  afterFailure: (retryable) => (retryable ? 'It may pass: run the question again.' : 'The same call would fail again: ask in another way, or leave this tool out in the preferences.'),
  callsThen: 'Questions are answered all the same. Whoever runs its server may turn tool calls on there.',
  noAnswer: 'The run ended without an answer.',
  /** @param {number} attempt */
  attempt: (attempt) => `attempt ${attempt}`,
  /** @param {string} model @param {string} before */
  fellBack: (model, before) => `asked ${shortened(model)} after ${shortened(before)} did not answer`,
  resumedTitle: 'resumed',
  /** @param {string} reason */
  resumed: (reason) => `Another driver has taken over: ${reason.replace(/\.$/, '')}. Nothing is lost, and nothing has to be done.`,
  errorTitle: 'error',
  shownBelow: 'The text stands below, as the answer.',
  labels: {
    input: 'Input',
    output: 'Output',
    thinking: 'Reasoning',
    code: 'Code',
    stdin: 'Standard input',
    error: 'Error',
    model: 'Model',
    tokens: 'Tokens',
    tokensWithin: 'Tokens of its steps',
    cost: 'Cost',
    costWithin: 'Cost of its steps',
    round: 'Round',
    beside: 'Side by side with',
    attempt: 'Attempt',
    summary: 'Summary',
    status: 'Status',
    rounds: 'Rounds',
    elapsed: 'Elapsed',
    tools: 'Tools used',
    timeline: 'Timeline',
    models: 'Models',
    sources: 'Sources',
    files: 'Files',
    returncode: 'Exit code',
    isolation: 'Isolation',
  },
  none: 'none',
  noTools: 'Nothing has ended yet.',
  /** @param {string} size */
  showAll: (size) => `Show all (${size})`,
  /** @param {number} rest */
  showMore: (rest) => `Show more (${whole.format(rest)} left)`,
  noQuestion: 'The question is not in the log.',
  unpainted: 'This cannot be shown, as the page has a fault.',
  fault: {
    title: 'The page has a fault.',
    notLoaded: 'A part of the page could not be loaded.',
    then: 'Runs go on without it, and nothing that is stored is touched.',
  },
  /** @param {number} n */
  moreLanes: (n) => `and ${count(n, 'other', 'others')}`,
  again: 'Try again',
  keyNeeded: 'An access key is needed.',
  history: {
    search: 'Search the history',
    found: 'Found',
    pinned: 'Pinned',
    today: 'Today',
    earlier: 'Earlier',
    none: 'No questions yet.',
    more: 'Older questions',
    further: 'Look further',
    /** @param {string} words @param {boolean} goesOn older titles were not looked at yet */
    nothing: (words, goesOn) => `Nothing found for “${shortened(words)}”${goesOn ? ' so far' : ''}.`,
    now: 'now',
    unread: 'The history could not be read.',
    /** @param {number} n */
    unreadable: (n) => `${count(n, 'entry', 'entries')} cannot be shown.`,
    /** @param {string} title */
    delete: (title) => `Delete “${shortened(title)}”`,
    /** @param {string} title */
    change: (title) => `Rename or pin “${shortened(title)}”`,
  },
  stop: 'Stop',
  stopping: 'Stopping…',
  notStopped: 'The run could not be stopped.',
  stillGoingOn: 'This run is still going on: stop it, or wait for its end. What you have typed is kept.',
  pausedTitle: 'Paused.',
  /** @param {string} reason */
  paused: (reason) => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}. The run goes on by itself.`,
  resume: 'Resume',
  actions: {
    code: 'Copy code',
    csv: 'Copy table as CSV',
    codeShort: 'Copy',
    csvShort: 'Copy as CSV',
  },
  question: 'Ask a question',
  followUpPlaceholder: 'Ask a follow-up',
  /** @param {string} [followUp] @param {string} [instead] titles of the runs */
  reply: (followUp, instead) => [...(instead ? [`Asked anew in place of “${instead}”`] : []), ...(followUp ? [`Follow-up to “${followUp}”`] : [])].join(' · '),
  followsUp: 'Follow-up to ',
  preferences: {
    /** How questions are worked on, and what that may cost. @param {import('./preferences.js').Preferences} preferences */
    chipPriority: ({ priority, usd, mode, instructions }) =>
      [text.preferences.priorities[priority], ...(mode === 'auto' ? [] : ['discussion']), ...(instructions === '' ? [] : ['instructions']), ...(usd === null ? [] : [`at most ${limit(usd)}`])].join(' · '),
    /** @type {Record<string, string>} */
    priorities: { balanced: 'Balanced', quality: 'Best quality', cost: 'Lowest cost', latency: 'Fastest' },
    /** @param {number} used @param {number} all */
    chipTools: (used, all) => (used === all ? `Tools: all ${all}` : `Tools: ${used} of ${all}`),
  },
  /** @param {number} calls */
  times: (calls) => (calls > 1 ? ` × ${calls}` : ''),
  /** Each name once, with how often it stands there. @param {string[]} names */
  counted: (names) => list.format([...new Set(names)].map((name) => shortened(name) + text.times(names.filter((one) => one === name).length))),
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
