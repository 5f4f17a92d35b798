// Asks for the access key, and closes only with one that the server takes or with none.

import { checkKey, keyring } from '../api.js';
import { text } from '../strings.js';
import { keyWords } from '../strings-on-need.js';
import { closable } from './dialogs.js';
import { el, setText } from './dom.js';

/** What stands on the page as long as none is given. @param {boolean} isRefused whether one was refused @param {() => void} act asks again @returns {import('./banners.js').Banner} */
export function withoutKey(isRefused, act) {
  return { kind: 'warn', what: isRefused ? keyWords.revoked : text.keyNeeded, then: keyWords.needed, action: { label: keyWords.give, act } };
}

/** Whether a text can be a key: a header carries only printable ASCII characters. @param {string} text */
export function canBeKey(text) {
  return /^[\x20-\x7e]+$/.test(text.trim());
}

/** @returns {(isRefused: boolean) => Promise<boolean>} resolves with whether a key was given and kept; `isRefused`: the one before is not taken any more */
export function createKeyDialog() {
  const field = el('input', { id: 'key-field', type: 'password', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', 'aria-describedby': 'key-error' });
  const stays = el('input', { id: 'key-stays', type: 'checkbox' });
  const use = el('button', { id: 'key-use', type: 'submit', class: 'primary' }, keyWords.use);
  const error = el('p', { id: 'key-error', class: 'field-error', role: 'alert' });
  const what = el('p');
  const form = el('form', { id: 'key-form', autocomplete: 'off' },
    el('h2', { id: 'key-title' }, keyWords.title),
    what,
    el('label', { for: 'key-field' }, keyWords.field), field,
    el('label', { class: 'check' }, stays, el('span', {}, keyWords.stays)),
    error,
    el('div', { class: 'buttons' }, el('button', { type: 'button', class: 'secondary', 'data-close': true }, keyWords.notNow), use),
  );
  const dialog = el('dialog', { id: 'key', class: 'card', 'aria-labelledby': 'key-title' }, form);
  let given = false;
  let checking = false;
  /** @type {(given: boolean) => void} */
  let settle = () => undefined;

  document.body.append(dialog);
  closable(dialog);
  form.addEventListener('submit', (event) => {
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

  return (isRefused) => {
    given = false;
    setText(what, isRefused ? `${keyWords.revoked} ${keyWords.another}` : keyWords.what);
    say('');
    dialog.showModal();
    field.focus();
    return new Promise((resolve) => {
      settle = resolve;
    });
  };
}
