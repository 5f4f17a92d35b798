// The texts of presets, of what is done with a run that is over, and of runs side by side. Loaded on need.

import { field } from './json.js';
import { LANGUAGE, count, duration, limit, whole } from './numbers.js';
import { shortened, text } from './strings.js';

const list = new Intl.ListFormat(LANGUAGE);

export const furtherWords = {
  mode: 'Mode',
  /** @type {Record<string, string>} */
  modes: { auto: 'As needed', discussion: 'Discussion' },
  modeNote: 'Discussion: several models answer and reply to each other',
  instructions: 'Instructions',
  instructionsNote: 'What models are told besides the question; empty for nothing',
  /** @param {number} most @param {number} has */
  tooLong: (most, has) => `Instructions have at most ${whole.format(most)} characters; these have ${whole.format(has)}.`,
};

/** What whoever runs the service has set. @param {string} orchestrator its name, '' where it is not known @param {unknown} limits as the server tells them */
export function fixedWords(orchestrator, limits) {
  const number = (/** @type {string} */ name) => {
    const value = field(limits, name);
    return typeof value === 'number' && value > 0 ? value : null;
  };
  const rounds = number('max_rounds');
  const tokens = number('max_tokens');
  const seconds = number('run_seconds');
  const bounds = [...(rounds === null ? [] : [count(rounds, 'round', 'rounds')]), ...(tokens === null ? [] : [`${count(tokens, 'token', 'tokens')} an answer`]), ...(seconds === null ? [] : [`${duration(seconds * 1_000)} a run`])];
  const said = [...(orchestrator === '' ? [] : [`${orchestrator} chooses the steps, whatever is ticked here`]), ...(bounds.length === 0 ? [] : [`at most ${list.format(bounds)}`])];
  return said.length === 0 ? '' : `Set by whoever runs this service: ${said.join('; ')}.`;
}

/** Of the dialog that asks for one question alone. */
export const askWords = {
  title: 'Run again beside this one',
  lead: 'What is chosen here holds for this one run. Both runs are then shown side by side.',
  save: 'Run',
};

export const presetWords = {
  label: 'Preset',
  none: 'None',
  keep: 'Keep these as…',
  rename: 'Rename…',
  delete: 'Delete',
  name: 'Name of the preset',
  done: 'Done',
  cancel: 'Leave it',
  /** @param {string} name */
  kept: (name) => `“${name}” is kept.`,
  /** @param {string} name */
  renamed: (name) => `It is called “${name}” now.`,
  /** @param {string} name */
  deleted: (name) => `“${name}” is deleted.`,
  /** @param {string[]} gone @param {boolean} noModel */
  gone: (gone, noModel) => `Not there any more: ${list.format(gone.map(shortened))}. ${noModel ? 'No model of this preset is left, so all are chosen.' : 'The rest of this preset holds.'}`,
  noModel: 'No model of this preset is left, so all are chosen.',
  notKept: 'This browser keeps nothing: presets hold until the page is left.',
  /** @type {Record<'blank' | 'long' | 'taken' | 'many', string>} */
  faults: { blank: 'Give it a name.', long: 'A name has at most 60 characters.', taken: 'There is a preset of this name.', many: 'There are 50 presets; delete one first.' },
};

/** How a run ended, where that is not well, and why one is not shown. */
export const endingWords = {
  again: 'Ask again',
  saved: 'The question and every step so far are saved.',
  refused: 'This run cannot be shown.',
  gone: { what: 'This run is not there.', then: 'It has been deleted, has expired, or belongs to another access key.' },
  linkGone: { what: 'This link does not work.', then: 'It was revoked or copied incompletely, or the run has been deleted or has expired. Ask whoever gave it to you for another.' },
  newQuestion: text.newQuestion,
  failed: 'The run failed.',
  overBudget: {
    what: 'The run has reached its limit of cost.',
    then: 'It ends with what it had by then. Allow more in the preferences and run it again for a whole answer.',
  },
  outOfRounds: { what: 'The run has used up its rounds.', then: 'Allow more in the preferences and run it again, or ask a smaller question.' },
  preferences: 'Preferences',
};

export const copyWords = { copied: 'Copied', notCopied: 'Not copied' };

export const actionWords = { copy: 'Copy answer', link: 'Copy link', again: 'Run again', edit: 'Edit question', export: 'Export', share: 'Share', followUp: 'Ask a follow-up' };

export const againWords = {
  beside: 'Try other models…',
  unread: 'What this run follows up could not be read; try again.',
  before: 'The question before this one is not there any more: this would be asked without it.',
  first: 'First asked as ',
  again: 'Asked again as ',
  compare: 'side by side',
  /** @param {string} title */
  compareWith: (title) => `See “${shortened(title)}” side by side with this one`,
};

export const ratingWords = {
  title: 'Rate this answer',
  ofRun: 'Rate this run',
  good: 'Good',
  bad: 'Bad',
  comment: 'A word on it, if you like',
  send: 'Send',
  rated: 'Your rating is kept.',
  sent: 'Your rating and your word are kept.',
  failed: 'Not rated.',
  blank: 'Write a word first.',
  /** @param {number} most @param {number} has */
  tooLong: (most, has) => `A word on it has at most ${whole.format(most)} characters; this one has ${whole.format(has)}.`,
};

export const askedWords = {
  allModels: 'All models',
  /** @param {string[]} names */
  models: (names) => list.format(names.map(shortened)),
  /** @param {string} name */
  priority: (name) => (Object.hasOwn(text.preferences.priorities, name) ? text.preferences.priorities[name] : shortened(name)),
  /** @param {string[]} names */
  only: (names) => `only ${list.format(names.map(shortened))}`,
  /** @param {string[]} names */
  without: (names) => `without ${list.format(names.map(shortened))}`,
  discussion: 'discussion',
  /** @param {number} n */
  rounds: (n) => `at most ${count(n, 'round', 'rounds')}`,
  /** @param {number} usd */
  limit: (usd) => `at most ${limit(usd)}`,
  /** @param {number} value */
  temperature: (value) => `temperature ${value}`,
  /** @param {number} n */
  tokens: (n) => `${count(n, 'token', 'tokens')} an answer`,
  /** @param {string} said */
  instructions: (said) => `told “${shortened(said)}”`,
};

export const besideWords = {
  title: 'Two runs side by side',
  names: ['First run', 'Second run'],
  alone: ['Open alone: first run', 'Open alone: second run'],
  open: 'Open alone',
  stops: ['Stop the first run', 'Stop the second run'],
  steps: 'Steps',
  tab: 'Side by side',
  /** @param {number} at @param {string} message */
  said: (at, message) => `${besideWords.names[at]}: ${message}`,
};

export const helpWords = {
  title: 'Keys',
  close: 'Close',
  /** What each key does; keys that are pressed together, or one for the other. @type {[keys: string[], between: string, does: string][]} */
  keys: [
    [['Enter'], '', 'Asks the question'],
    [['Shift', 'Enter'], ' ', 'Starts a new line'],
    [['Esc'], '', 'Closes a dialog; otherwise stops the run, after asking'],
    [['Ctrl K', '⌘ K'], ' or ', 'Searches the history'],
    [['Tab', 'Shift Tab'], ' or ', 'Goes to the next button or link, or the one before'],
    [['Enter', 'Space'], ' or ', 'Presses the button, opens or closes the step'],
    [['?'], '', 'Shows these keys'],
  ],
};
