// The dialog that renames and pins a run. Loaded on need.

import { ask, runPath } from '../api.js';
import { readEntry } from '../history.js';
import { MOST_CHARACTERS, onOneLine } from '../history-changes.js';
import { text } from '../strings.js';
import { changeWords as words } from '../strings-on-need.js';
import { closable } from './dialogs.js';
import { el, setText } from './dom.js';

/**
 * @typedef {import('../history.js').Entry} Entry
 * @typedef {{entry: Entry, gone: boolean, message: string}} Outcome `entry`: as it is now; `gone`: there is no such run any more;
 *   `message`: why it was not saved, where the dialog was closed before that was known
 * @typedef {{entry: Entry, gone: boolean, settle(outcome: Outcome | null): void}} Asked
 */

/** @returns {(entry: Entry) => Promise<Outcome | null>} null where nothing was changed */
export function createChangeRun() {
  const title = el('input', { id: 'change-name', type: 'text', dir: 'auto', autocomplete: 'off', 'aria-describedby': 'change-error' });
  const pinned = el('input', { type: 'checkbox' });
  const error = el('p', { id: 'change-error', class: 'field-error', role: 'alert' });
  const save = el('button', { type: 'submit', class: 'primary' }, words.save);
  const form = el('form', { autocomplete: 'off', novalidate: true },
    el('h2', { id: 'change-title' }, words.title),
    el('label', { for: 'change-name' }, words.name), title,
    error,
    el('label', { class: 'check' }, pinned, el('span', {}, words.pinned)),
    el('div', { class: 'buttons' }, el('button', { type: 'button', class: 'secondary', 'data-close': true }, words.cancel), save),
  );
  const dialog = el('dialog', { id: 'change', class: 'card', 'aria-labelledby': 'change-title' }, form);
  /** @type {Asked | null} */
  let shown = null;
  /** @type {Asked | null} */
  let saving = null;
  document.body.append(dialog);
  closable(dialog);
  title.addEventListener('input', () => say(lengthFault(onOneLine(title.value))));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (shown && saving !== shown) void submit(shown);
  });
  dialog.addEventListener('close', () => {
    // The event comes some time after the closing: the dialog may be open again, for another run.
    if (shown && !dialog.open) leave(shown);
  });

  /** @param {Asked} asked */
  function leave(asked) {
    shown = null;
    // What is being saved is told when it is known.
    if (saving !== asked) asked.settle(asked.gone ? { entry: asked.entry, gone: true, message: '' } : null);
  }

  /** @param {Asked} asked */
  async function submit(asked) {
    const { entry } = asked;
    const name = onOneLine(title.value);
    const isRenamed = name !== onOneLine(entry.title);
    const fault = isRenamed ? (name === '' ? words.blank : lengthFault(name)) : '';
    if (fault) {
      say(fault);
      return title.focus();
    }
    // What is as it was is not sent: another tab may have changed it.
    const change = { ...(isRenamed && { title: name }), ...(pinned.checked !== (entry.pinned === true) && { pinned: pinned.checked }) };
    if (Object.keys(change).length === 0) return dialog.close();
    busy(asked);
    const answer = await ask(runPath(entry.run_id), { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(change) });
    if (saving === asked) busy(null);
    if (answer.ok) {
      const now = readEntry(answer.body);
      asked.settle({ entry: now.run_id === entry.run_id ? now : { ...entry, ...change }, gone: false, message: '' });
      if (shown === asked) dialog.close();
      return;
    }
    asked.gone = answer.error.code === 'not_found';
    const message = answer.error.code === 'unauthorized' ? text.keyNeeded : answer.error.message;
    if (shown !== asked) return asked.settle({ entry, gone: asked.gone, message: asked.gone ? '' : `${words.failed} ${message}` });
    say(message, answer.error.field === 'title');
    if (answer.error.field === 'title') title.focus();
  }

  /** @param {Asked | null} asked what is being saved */
  function busy(asked) {
    saving = asked;
    title.readOnly = asked !== null;
    save.setAttribute('aria-disabled', String(asked !== null));
    setText(save, asked ? words.saving : words.save);
  }

  /** @param {string} message @param {boolean} [isOfTitle] */
  function say(message, isOfTitle = message !== '') {
    setText(error, message);
    title.toggleAttribute('aria-invalid', false);
    if (isOfTitle) title.setAttribute('aria-invalid', 'true');
  }

  return (entry) => {
    if (dialog.open) return Promise.resolve(null);
    title.value = entry.title;
    pinned.checked = entry.pinned === true;
    say('');
    busy(null);
    dialog.showModal();
    title.focus();
    title.select();
    return new Promise((resolve) => {
      shown = { entry, gone: false, settle: resolve };
    });
  };
}

/** @param {string} name */
function lengthFault(name) {
  const { length } = [...name];
  return length > MOST_CHARACTERS ? words.tooLong(MOST_CHARACTERS, length) : '';
}
