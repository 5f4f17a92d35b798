// Makes, shows, copies and revokes the link by which others can read a run. Loaded on need.

import { ask, runPath } from '../api.js';
import { field } from '../json.js';
import { isLocal, linkTo } from '../shared.js';
import { shareWords as words } from '../strings-limits.js';
import { copied } from './copy.js';
import { closable } from './dialogs.js';
import { el, setText } from './dom.js';

/** @param {string} runId @param {boolean} isLive */
export function openShare(runId, isLive) {
  const path = `${runPath(runId)}/share`;
  const told = el('p', { class: 'muted', role: 'status' }, words.looking);
  const box = el('input', { id: 'share-link', readonly: true, spellcheck: 'false', dir: 'ltr' });
  const note = el('p', { class: 'note' }, words.local);
  const shown = el('div', { class: 'share-link', hidden: true }, el('label', { for: box.id }, words.link), box, note);
  const revoke = button(words.revoke, 'secondary start', () => void end());
  const close = el('button', { type: 'button', class: 'secondary', 'data-close': true }, words.close);
  const make = button(words.make, 'primary', () => void begin());
  const copy = button(words.copy, 'primary', () => void copyLink());
  const dialog = el('dialog', { id: 'share', class: 'card wide', 'aria-labelledby': 'share-title', 'aria-describedby': 'share-what' },
    el('h2', { id: 'share-title' }, words.title), el('p', { id: 'share-what' }, `${words.what(isLive)} ${words.not}`), shown, told, el('div', { class: 'buttons' }, revoke, close, make, copy));
  document.body.append(dialog);
  closable(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  let isBusy = false;
  paint('', words.looking);
  dialog.showModal();
  close.focus();
  void look();

  /** @param {string} link '' where there is none @param {string} message @param {boolean} [failed] */
  function paint(link, message, failed = false) {
    const had = document.activeElement;
    box.value = link;
    shown.hidden = revoke.hidden = copy.hidden = link === '';
    note.hidden = link === '' || !isLocal(link);
    make.hidden = link !== '' || message === words.looking;
    told.className = failed ? 'field-error' : 'muted';
    setText(told, message);
    // The button that was pressed is gone now.
    if (had instanceof HTMLElement && dialog.contains(had) && had.hidden) (link === '' ? close : box).focus();
  }

  /** One request at a time; where it fails what is known stays. @template T @param {string} doing @param {() => Promise<T>} work */
  async function busy(doing, work) {
    if (isBusy) return;
    isBusy = true;
    told.className = 'muted';
    setText(told, doing);
    await work();
    isBusy = false;
  }

  /** @param {string} message */
  const fail = (message) => paint(box.value, `${words.failed} ${message}`, true);

  /** Whether there is a link already: the same one is then told again. */
  function look() {
    return busy(words.looking, async () => {
      const run = await ask(runPath(runId));
      if (!run.ok) return fail(run.error.message);
      if (field(run.body, 'shared') !== true) return paint('', words.none);
      await fetchLink();
    });
  }

  const begin = () => busy(words.making, fetchLink);

  async function fetchLink() {
    const answer = await ask(path, { method: 'POST' });
    if (!answer.ok) return fail(answer.error.message);
    const link = linkTo(field(answer.body, 'url'), runId, location.origin);
    if (link === null) return fail('');
    paint(link, words.made);
    box.select();
  }

  function end() {
    return busy(words.revoking, async () => {
      const answer = await ask(path, { method: 'DELETE' });
      if (!answer.ok) return fail(answer.error.message);
      paint('', words.revoked);
    });
  }

  async function copyLink() {
    const isDone = (await copied(box.value)) || copiedFromField();
    if (!isDone) box.focus();
    setText(told, isDone ? words.copied : words.notCopied);
  }

  /** Where the page is not served securely, or the clipboard is refused, browsers still copy what is selected. */
  function copiedFromField() {
    const had = document.activeElement;
    box.focus();
    box.select();
    let isDone = false;
    try {
      isDone = document.execCommand('copy');
    } catch {
      // It stays selected.
    }
    if (isDone && had instanceof HTMLElement) had.focus();
    return isDone;
  }
}

/** @param {string} label @param {string} kind @param {() => void} act */
function button(label, kind, act) {
  const node = el('button', { type: 'button', class: kind }, label);
  node.addEventListener('click', act);
  return node;
}
