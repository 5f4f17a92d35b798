// Asks for the access key, and closes only with one that the server takes or with none.

import { canBeKey } from '../access.js';
import { checkKey, keyring } from '../api.js';
import { text } from '../strings.js';
import { keyWords } from '../strings-on-need.js';
import { byId, setText } from './dom.js';
import { closable, dialogById } from './dialogs.js';

/** What stands on the page as long as none is given. @param {() => void} act asks again @returns {import('./banners.js').Banner} */
export function withoutKey(act) {
  return { kind: 'warn', what: text.keyNeeded, then: keyWords.needed, action: { label: keyWords.give, act } };
}

/** @returns {() => Promise<boolean>} resolves with whether a key was given and kept */
export function createKeyDialog() {
  const dialog = dialogById('key');
  const field = /** @type {HTMLInputElement} */ (byId('key-field'));
  const stays = /** @type {HTMLInputElement} */ (byId('key-stays'));
  const use = byId('key-use');
  const error = byId('key-error');
  let given = false;
  let checking = false;
  /** @type {(given: boolean) => void} */
  let settle = () => undefined;

  closable(dialog);
  byId('key-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  field.addEventListener('input', () => say(''));
  dialog.addEventListener('close', () => {
    field.value = '';
    settle(given);
  });

  async function submit() {
    const key = field.value.trim();
    if (checking) return;
    if (!canBeKey(key)) return say(key === '' ? keyWords.empty : keyWords.impossible);
    busy(true);
    const verdict = await checkKey(key);
    busy(false);
    if (!dialog.open || field.value.trim() !== key) return;
    if (verdict !== 'accepted') return say(keyWords[verdict]);
    keyring.keep(key, stays.checked ? 'device' : 'tab');
    given = true;
    dialog.close();
  }

  /** @param {boolean} on */
  function busy(on) {
    checking = on;
    use.setAttribute('aria-disabled', String(on));
    setText(use, on ? keyWords.checking : keyWords.use);
  }

  /** @param {string} message */
  function say(message) {
    setText(error, message);
    if (message === '') field.removeAttribute('aria-invalid');
    else {
      field.setAttribute('aria-invalid', 'true');
      field.focus();
    }
  }

  return () => {
    given = false;
    say('');
    dialog.showModal();
    field.focus();
    return new Promise((resolve) => {
      settle = resolve;
    });
  };
}
