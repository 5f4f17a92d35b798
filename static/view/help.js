// The dialog that lists the keys. Loaded on need.

import { helpWords as words } from '../strings-again.js';
import { closable } from './dialogs.js';
import { el } from './dom.js';
import { withSheet } from './sheet.js';

await withSheet('again.css');

/** @returns {() => void} shows it */
export function createHelp() {
  const rows = words.keys.map(([keys, between, does]) => {
    const names = keys.flatMap((name, at) => [...(at > 0 ? [between] : []), ...name.split(' ').flatMap((key, index) => [...(index > 0 ? [' '] : []), el('kbd', {}, key)])]);
    return el('div', {}, el('dt', {}, ...names), el('dd', {}, does));
  });
  const close = el('button', { type: 'button', class: 'primary', 'data-close': true }, words.close);
  const dialog = el('dialog', { id: 'help', class: 'card', 'aria-labelledby': 'help-title' }, el('h2', { id: 'help-title' }, words.title), el('dl', { class: 'keys' }, ...rows), el('div', { class: 'buttons' }, close));
  document.body.append(dialog);
  closable(dialog);
  return () => {
    if (!document.querySelector('dialog[open]')) dialog.showModal();
  };
}
