// What all dialogs share: how they are opened and closed, and the one that asks before something is lost.

import { byId, setText } from './dom.js';

/** @param {string} id @returns {HTMLDialogElement} */
export function dialogById(id) {
  return /** @type {HTMLDialogElement} */ (byId(id));
}

/** Lets the buttons marked `data-close`, and a press beside the dialog, close it. @param {HTMLDialogElement} dialog */
export function closable(dialog) {
  for (const button of dialog.querySelectorAll('[data-close]')) button.addEventListener('click', () => dialog.close());
  dialog.addEventListener('pointerdown', (event) => {
    if (event.target !== dialog) return;
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const inside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    if (!inside) dialog.close();
  });
}

export function isDialogOpen() {
  return document.querySelector('dialog[open]') !== null;
}

/**
 * Asks before something is done that cannot be undone.
 * @returns {(question: {title: string, what: string, yes: string, no: string}) => Promise<boolean>}
 */
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
