// The dialog that asks before something is done that cannot be undone. Loaded on need: most visits lose nothing.

import { confirmWords } from '../strings-on-need.js';
import { closable, dialogById } from './dialogs.js';
import { byId, setText } from './dom.js';

/** @typedef {(question: keyof typeof confirmWords, about?: string) => Promise<boolean>} Confirm `about`: the title of the run that is meant */

/** @returns {Confirm} */
export function createConfirm() {
  const dialog = dialogById('confirm');
  const yes = /** @type {HTMLButtonElement} */ (dialog.querySelector('[data-confirm]'));
  const no = /** @type {HTMLButtonElement} */ (dialog.querySelector('[data-close]'));
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
    setText(byId('confirm-title'), words.title);
    setText(byId('confirm-text'), words.what(about));
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
