// Looks for words of titles. Loaded on need, with the first look at the field.

import { withFound, withoutFound } from '../found.js';
import { MOST_CHARACTERS, onOneLine } from '../history-changes.js';
import { searchWords } from '../strings-on-need.js';
import { setText } from './dom.js';

const AFTER_MS = 250;

/**
 * @typedef {import('../history.js').History} History
 * @typedef {Awaited<ReturnType<typeof import('./history.js').readPageOf>>} Answer
 * @param {{field: HTMLInputElement, isComposing: boolean, count: HTMLElement, read(from: string): Promise<Answer>, tell(answer: Answer, failed: string): void,
 *   refuse(message: string): void, history(): History, change(next: History): void}} of `count`: tells how many were found to those who
 *   do not see them; `refuse` says why it cannot be looked for
 */
export function createSearch({ field, isComposing, count, read, tell, refuse, history, change }) {
  /** What is looked for, '' for nothing. */
  let words = '';
  let asked = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let due;

  /** @param {boolean} [again] also what was asked last */
  function ask(again = false) {
    clearTimeout(due);
    const wanted = onOneLine(field.value);
    if (wanted === asked && !again) return;
    asked = wanted;
    const isTooLong = [...wanted].length > MOST_CHARACTERS;
    words = isTooLong ? '' : wanted;
    refuse(isTooLong ? searchWords.tooLong(MOST_CHARACTERS) : '');
    setText(count, '');
    if (words === '') change(withoutFound(history()));
    else void readFound(words, null);
  }

  /** @param {string} wanted @param {string | null} cursor */
  async function readFound(wanted, cursor) {
    const answer = await read(`&q=${encodeURIComponent(wanted)}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    // Something else is looked for by now.
    if (wanted !== words) return;
    tell(answer, searchWords.failed);
    const old = history();
    if (answer.page) change(withFound(old, wanted, answer.page, cursor));
    else if (old.found?.words !== wanted) change(withoutFound(old));
    const { found } = history();
    if (found) setText(count, searchWords.count(found.entries.length, found.cursor !== null));
  }

  function plan() {
    clearTimeout(due);
    if (field.value.trim() === '') ask();
    else due = setTimeout(ask, AFTER_MS);
  }
  field.addEventListener('input', (event) => {
    // What an input method has not finished yet is no word.
    if (!(/** @type {InputEvent} */ (event).isComposing)) plan();
  });
  field.addEventListener('compositionstart', () => clearTimeout(due));
  field.addEventListener('compositionend', plan);
  field.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229) return; // Some browsers tell of a finished composition only by this code.
    if (event.key === 'Enter') ask(true);
    if (event.key !== 'Escape' || field.value === '') return;
    event.preventDefault();
    field.value = '';
    ask();
  });
  if (!isComposing) plan();

  return {
    isOn: () => words !== '',
    /** Looks again for what is looked for. */
    again: () => void (words !== '' && readFound(words, null)),
    /** @param {string} cursor */
    further: (cursor) => readFound(words, cursor),
  };
}
