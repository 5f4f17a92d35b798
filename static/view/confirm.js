// The dialog that asks before something is done that cannot be undone. Loaded on need: most visits lose nothing.

import { confirmWords } from '../strings-on-need.js';
import { closable } from './dialogs.js';
import { el, setText } from './dom.js';

/** @typedef {(question: keyof typeof confirmWords, about?: string) => Promise<boolean>} Confirm `about`: the title of the run that is meant */

/** @returns {Confirm} */
export function createConfirm() {
  const title = el('h2', { id: 'confirm-title' });
  const what = el('p', { id: 'confirm-text' });
  const yes = el('button', { type: 'button', class: 'primary danger', 'data-confirm': true });
  const no = el('button', { type: 'button', class: 'secondary', 'data-close': true });
  const dialog = el('dialog', { id: 'confirm', class: 'card', 'aria-labelledby': title.id, 'aria-describedby': what.id }, title, what, el('div', { class: 'buttons' }, no, yes));
  document.body.append(dialog);
  /** @type {(sure: boolean) => void} */
  let settle = () => undefined;
  let sure = false;
  closable(dialog);
  yes.addEventListener('click', () => {
    sure = true;
    dialog.close();
  });
  dialog.addEventListener('close', () => {
    // The event comes some time after the closing: the dialog may be open again, for another question.
    if (!dialog.open) settle(sure);
  });

  return (question, about = '') => {
    settle(false);
    const words = confirmWords[question];
    setText(title, words.title);
    setText(what, words.what(about));
    setText(yes, words.yes);
    setText(no, words.no);
    sure = false;
    dialog.showModal();
    no.focus();
    return new Promise((resolve) => {
      settle = resolve;
    });
  };
}
