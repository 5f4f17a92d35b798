// What a person thinks of a run that is over: good or bad, and a word on it. Nothing is read out before.

import { ask, runPath } from '../api.js';
import { ratingWords as words } from '../strings-again.js';
import { el, setText } from './dom.js';

const MOST_CHARACTERS = 2_000;

/**
 * @param {{ratingOf(runId: string): string, rated(runId: string, rating: string): void, say(message: string): void}} page
 * @returns {{node: HTMLElement, show(runId: string | null, hasAnswer: boolean): void}}
 */
export function createRating({ ratingOf, rated, say }) {
  const choices = /** @type {const} */ (['good', 'bad']).map((rating) => {
    const node = el('button', { type: 'button', class: 'secondary', 'aria-pressed': 'false' }, words[rating]);
    node.addEventListener('click', () => void rate(rating));
    return { rating, node };
  });
  const comment = el('textarea', { id: 'rating-comment', rows: '2', dir: 'auto' });
  const error = el('p', { class: 'field-error' });
  const send = el('button', { type: 'submit', class: 'secondary' }, words.send);
  const form = el('form', { hidden: true, autocomplete: 'off' }, el('label', { for: comment.id }, words.comment), comment, error, send);
  const told = el('span', { class: 'muted' });
  const title = el('span', { class: 'muted' });
  const node = el('div', { class: 'rating', role: 'group', hidden: true }, el('div', { class: 'rating-choices' }, title, ...choices.map((choice) => choice.node), told), form);
  /** @type {string | null} */
  let shown = null;
  let chosen = '';
  /** What is on its way, by its number: a reply that comes after a later press changes nothing. */
  let sent = 0;

  /** @param {string} rating */
  function mark(rating) {
    chosen = rating;
    for (const choice of choices) choice.node.setAttribute('aria-pressed', String(choice.rating === rating));
  }

  /** @param {string} rating @param {string} [word] */
  async function rate(rating, word = '') {
    const runId = shown;
    if (runId === null) return;
    const before = chosen;
    sent += 1;
    const asked = sent;
    mark(rating);
    setText(error, '');
    const answer = await ask(`${runPath(runId)}/rating`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rating, ...(word === '' ? {} : { comment: word }) }) });
    if (answer.ok) rated(runId, rating);
    if (shown !== runId || asked !== sent) return;
    form.hidden = false;
    error.role = 'alert';
    if (answer.ok) {
      setText(told, word === '' ? words.rated : words.sent);
      return say(word === '' ? words.rated : words.sent);
    }
    mark(before);
    setText(told, '');
    setText(error, `${words.failed} ${answer.error.message}`);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const word = comment.value.trim();
    const length = [...word].length;
    if (word === '' || length > MOST_CHARACTERS) {
      setText(error, word === '' ? words.blank : words.tooLong(MOST_CHARACTERS, length));
      return comment.focus();
    }
    void rate(chosen || 'good', word);
  });
  comment.addEventListener('input', () => setText(error, ''));

  return {
    node,
    show(runId, hasAnswer) {
      setText(title, hasAnswer ? words.title : words.ofRun);
      node.setAttribute('aria-label', title.textContent);
      node.hidden = runId === null;
      if (runId === shown) return;
      shown = runId;
      comment.value = '';
      form.hidden = true;
      for (const line of [told, error]) setText(line, '');
      mark(runId === null ? '' : ratingOf(runId));
    },
  };
}
