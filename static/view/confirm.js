// The dialog that asks before something is done that cannot be undone. Loaded on need: most visits lose nothing.

import { closable, dialogById } from './dialogs.js';
import { byId, setText } from './dom.js';

/** @typedef {(question: {title: string, what: string, yes: string, no: string}) => Promise<boolean>} Confirm */

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

  return (question) => {
    settle(false);
    setText(byId('confirm-title'), question.title);
    setText(byId('confirm-text'), question.what);
    setText(yes, question.yes);
    setText(no, question.no);
    sure = false;
    dialog.showModal();
    no.focus();
    return new Promise((resolve) => {
      settle = resolve;
    });
  };
}
