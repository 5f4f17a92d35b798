// The texts of what is loaded on need.

import { LANGUAGE, count, whole } from './numbers.js';
import { shortened } from './strings.js';

const list = new Intl.ListFormat(LANGUAGE);

export const confirmWords = {
  stop: { title: 'Stop this run?', what: () => 'It ends now and keeps what it has so far.', yes: 'Stop the run', no: 'Let it go on' },
  replace: { title: 'Replace what you have typed?', what: () => 'The question of this run takes its place.', yes: 'Replace it', no: 'Keep it' },
  preset: { title: 'Delete this preset?', what: (/** @type {string} */ name) => `“${shortened(name)}” will be gone from this browser.`, yes: 'Delete', no: 'Keep it' },
  delete: { title: 'Delete this run?', what: (/** @type {string} */ run) => `“${shortened(run)}” and everything stored of it will be gone for good.`, yes: 'Delete', no: 'Keep it' },
};

export const preferenceWords = {
  title: 'Preferences',
  lead: 'They hold for every question that is asked from this browser.',
  rounds: 'Rounds',
  temperature: 'Temperature',
  tokens: 'Answer length',
  usd: 'At most $',
  priority: 'Priority',
  /** @type {Record<string, string>} */
  notes: { rounds: 'At most; in each, the next steps are chosen', temperature: '0 is the most predictable', tokens: 'Tokens, at most', usd: 'For each question; empty for no limit' },
  models: 'Models that tools may use',
  tools: 'Tools',
  notAvailable: 'Does not answer now',
  /** @param {string} problem what the server says of a tool, if anything */
  toolDown: (problem) => `Cannot be used now${problem ? `: ${problem}` : '.'}`,
  /** @param {string} name @param {number} least @param {number} most */
  range: (name, least, most) => `${name}: a number from ${whole.format(least)} to ${whole.format(most)}.`,
  /** @param {number} most */
  limit: (most) => `At most $: a number above 0, up to ${whole.format(most)} and without a mark between thousands, or nothing.`,
  noModel: 'Leave at least one model.',
  reset: 'Reset',
  cancel: 'Cancel',
  save: 'Save',
  keyKept: 'This browser keeps an access key.',
  forgetKey: 'Forget this key',
};

export const keyWords = {
  title: 'Access key',
  what: 'This service answers only with an access key. Whoever runs it gives you one.',
  revoked: 'The key that was kept here is not taken any more: it was revoked or replaced.',
  another: 'Whoever runs the service gives you another one.',
  field: 'Key',
  stays: 'Keep it on this device. Otherwise it is forgotten when this tab is closed.',
  notNow: 'Not now',
  needed: 'Without it the server shows and runs nothing.',
  give: 'Give the key',
  use: 'Use this key',
  checking: 'Checking…',
  empty: 'Type or paste the key first.',
  impossible: 'A key has only plain ASCII characters.',
  refused: 'The server does not take this key.',
  unreachable: 'The server did not answer; try again.',
};

export const fileWords = {
  save: 'Save',
  /** @param {string} file */
  saveNamed: (file) => `Save ${file}`,
  /** @param {string} name */
  notShown: (name) => `${name} could not be loaded.`,
  /** @param {string} name */
  saveOnly: (name) => `${name} is not shown.`,
  noPicture: 'It is not a picture that this browser can show.',
  notSaved: 'Not saved.',
  notKept: 'not kept',
};

export const programWords = {
  stdout: 'Standard output',
  stderr: 'Standard error',
  value: 'Value',
  omitted: 'Files left out',
};

export const referenceWords = {
  /** @param {number} number @param {string} title */
  source: (number, title) => `Source ${number}: ${shortened(title)}`,
  /** @param {string} name */
  footnote: (name) => `Footnote ${name}`,
};

export const pictureWords = {
  notKnown: 'It is no PNG, JPEG, GIF or WebP picture, or a damaged one; save it to look at it.',
  tooMany: 'The pictures of this run that are shown already are as many as this page unfolds; save it to look at it.',
  tooLong: 'It is larger than the files that this page shows; save it to look at it.',
  /** @param {number} width @param {number} height @param {number} frames */
  tooLarge: (width, height, frames) => `It would unfold to ${whole.format(width)} × ${whole.format(height)} pixels${frames > 1 ? ` in ${whole.format(frames)} frames` : ''}; save it to look at it.`,
};

export const besideWords = {
  /** @param {number} round @param {string | null} within the call that they are steps of @param {string} who @param {[string, string] | null} took side by side, and one after another */
  group: (round, within, who, took) => `Round ${whole.format(round)}${within === null ? '' : `, within ${within}`}: ${who} ${took ? `ran side by side in ${took[0]}, in place of ${took[1]} one after another.` : 'are running side by side.'}`,
};

export const downWords = {
  /** @param {string[]} names */
  title: (names) => `${list.format(names.map(shortened))} ${names.length > 1 ? 'do' : 'does'} not answer.`,
  /** @param {number} seconds */
  then: (seconds) => `Every run needs it: start its server or check its address; looking again${seconds > 0 ? ` in ${seconds} s` : ''}.`,
  now: 'Look now',
};

export const deleteWords = { failed: 'Not deleted.' };

const then = new Intl.ListFormat(LANGUAGE, { type: 'conjunction', style: 'narrow' });

export const whyWords = {
  title: 'Why this answer',
  /** @param {string} model */
  byItself: (model) => `${shortened(model) || 'The orchestrator'} answered by itself, without a tool.`,
  /** @param {string} model @param {number} rounds @param {string[]} stages */
  way: (model, rounds, stages) => `${shortened(model) || 'The orchestrator'} chose the steps in ${count(rounds, 'round', 'rounds')}: ${stages.join(', then ')}.`,
  /** @param {string[]} tools @param {number} calls */
  atOnce: (tools, calls) => `${list.format(tools.map(shortened))}${calls > 1 ? ' at once' : ''}`,
  /** @param {string} tool @param {number} calls */
  times: (tool, calls) => (calls > 1 ? `${tool} × ${whole.format(calls)}` : tool),
  noAnswer: 'It ended without an answer.',
  partial: 'The answer is what the run had by its end: no call has finished it.',
  /** @param {string | null} writer @param {number} sources @param {string} first @param {number} programs @param {number} files */
  basis: (writer, sources, first, programs, files) => {
    const rests = [
      ...(sources > 0 ? [`${count(sources, 'source', 'sources')}${first ? `, ${sources > 1 ? 'the first of them ' : ''}“${shortened(first)}”` : ''}`] : []),
      ...(programs > 0 ? [`what ${count(programs, 'program', 'programs')} printed`] : []),
      ...(files > 0 ? [count(files, 'file', 'files')] : []),
    ];
    const wrote = writer ? `${shortened(writer)} wrote the answer` : 'The answer was written';
    return rests.length === 0 ? `${wrote} from what it knows: no source stands behind it.` : `${wrote}, which rests on ${list.format(rests)}.`;
  },
  /** @param {string} model @param {string} before */
  fellBack: (model, before) => `${shortened(model)} was asked after ${shortened(before)} did not answer`,
  /** @param {number} n */
  again: (n) => `${count(n, 'call', 'calls')} had to be made again`,
  /** @param {number} n @param {string[]} tools */
  failed: (n, tools) => `${count(n, 'call', 'calls')} failed (${list.format(tools.map(shortened))})`,
  /** @param {number} n */
  rejected: (n) => `${count(n, 'call', 'calls')} could not be made`,
  resumed: 'another driver took the run over',
  /** @param {string[]} events @param {string | null} time @param {string} spent */
  otherwise: (events, time, spent) => {
    const what = events.length === 0 ? 'Every call succeeded at the first attempt' : then.format(events);
    return `${what.charAt(0).toUpperCase()}${what.slice(1)}${time === null ? '' : `; all of it took ${time} and ${spent}`}.`;
  },
};

export const exportWords = {
  title: 'Export this run',
  what: 'The question, the answer with its sources, and every step.',
  markdown: 'Markdown',
  html: 'Web page',
  json: 'JSON',
  notes: { markdown: 'To go on writing with; figures stay where they are', html: 'One file with its figures, to send or to print; no scripts', json: 'All that the server keeps of it, for programs' },
  close: 'Close',
  making: 'Making the file…',
  /** @param {string} name */
  saved: (name) => `${name} was handed to the browser: look among its downloads.`,
  failed: 'The file could not be made.',
  question: 'Question',
  answer: 'Answer',
  steps: 'Steps',
  sources: 'Sources',
  input: 'Input',
  output: 'Output',
  notAnswered: 'The run ended without an answer.',
};

export const promptWords = {
  title: 'What the model was shown',
  chooser: 'What the orchestrator was shown',
  /** @param {string} model */
  of: (model) => `Shown to ${shortened(model) || 'the model'}`,
  loading: 'Rendering it again…',
  exact: 'Word for word what was sent: its mark in the log proves it.',
  notExact: 'Rendered again from the log. What was sent may have differed: there is no mark of it yet, or the catalogue or what is known of the server has changed since.',
  /** @param {string} role */
  role: (role) => ({ system: 'Instructions', developer: 'Instructions', user: 'Request', assistant: 'What the model had said', tool: 'Result of a tool' })[role] ?? role,
  /** @param {number} n */
  tools: (n) => `${count(n, 'tool', 'tools')} to choose from`,
  format: 'The form of the reply',
  failed: 'It cannot be shown.',
  copy: 'Copy as JSON',
  copied: 'Copied.',
  notCopied: 'It could not be copied.',
  close: 'Close',
};

export const changeWords = {
  title: 'Rename or pin',
  name: 'Title',
  pinned: 'Keep at the top',
  cancel: 'Cancel',
  save: 'Save',
  saving: 'Saving…',
  blank: 'Give it a title.',
  /** @param {number} most @param {number} has */
  tooLong: (most, has) => `A title has at most ${most} characters; this one has ${has}.`,
  failed: 'Not saved.',
};

export const searchWords = {
  failed: 'The history could not be searched.',
  /** @param {number} n @param {boolean} goesOn older titles were not looked at yet */
  count: (n, goesOn) => `${whole.format(n)} found${goesOn ? ' so far' : ''}.`,
  /** @param {number} most */
  tooLong: (most) => `At most ${most} characters can be looked for.`,
};
