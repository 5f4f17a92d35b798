// The dialog that saves a run as a file. Loaded with the first press of its button.

import { ask, runPath } from '../api.js';
import { artifactsOf, isPlaced } from '../artifacts.js';
import { exported, markdownOf } from '../export.js';
import { exportWords as words } from '../strings-on-need.js';
import { closable } from './dialogs.js';
import { el, setText } from './dom.js';
import { handOver } from './hand-over.js';

/**
 * @typedef {import('../fold.js').RunState} RunState
 * @typedef {Parameters<typeof exported>[1] & {runId: string}} About
 */

/** @param {RunState} state of a run that is over @param {About} about */
export function openExport(state, about) {
  const told = el('p', { class: 'muted', role: 'status' });
  const forms = /** @type {const} */ (['markdown', 'html', 'json']);
  const buttons = forms.map((form) => {
    const button = el('button', { type: 'button', class: 'secondary', 'aria-describedby': `export-${form}` }, words[form]);
    button.addEventListener('click', () => void save(form));
    return el('div', { class: 'export-form' }, button, el('span', { id: `export-${form}`, class: 'muted' }, words.notes[form]));
  });
  const close = el('button', { type: 'button', class: 'primary', 'data-close': true }, words.close);
  const dialog = el('dialog', { class: 'card', 'aria-labelledby': 'export-title' }, el('h2', { id: 'export-title' }, words.title), el('p', {}, words.what), ...buttons, told, el('div', { class: 'buttons' }, close));
  document.body.append(dialog);
  closable(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();

  /** @param {typeof forms[number]} form */
  async function save(form) {
    told.className = 'muted';
    setText(told, words.making);
    try {
      const name = `run-${about.runId}.${{ markdown: 'md', html: 'html', json: 'json' }[form]}`;
      handOver(name, await contentOf(form, state, about));
      setText(told, words.saved(name));
    } catch (error) {
      told.className = 'field-error';
      setText(told, `${words.failed} ${error instanceof Error ? error.message : ''}`.trim());
    }
  }
}

/** @param {'markdown' | 'html' | 'json'} form @param {RunState} state @param {About} about @returns {Promise<string>} rejects with an Error that says why */
async function contentOf(form, state, about) {
  if (form === 'json') {
    const snapshot = await ask(runPath(about.runId));
    if (!snapshot.ok) throw new Error(snapshot.error.message);
    return `${JSON.stringify(snapshot.body, null, 2)}\n`;
  }
  const run = exported(state, about);
  if (form === 'markdown') return markdownOf(run);
  const [{ htmlOf }, pictures] = await Promise.all([import('../export-html.js'), picturesIn(run.answer, state)]);
  return htmlOf(run, pictures);
}

/** The pictures that stand in an answer. One that cannot be loaded is left as it was written. @param {string} answer @param {RunState} state @returns {Promise<Map<string, string>>} */
async function picturesIn(answer, state) {
  const placed = artifactsOf(state, location.origin).filter(({ name, image }) => image !== null && isPlaced(answer, name));
  if (placed.length === 0) return new Map();
  const { pictureData } = await import('./files.js');
  const loaded = await Promise.allSettled(placed.map(async (artifact) => /** @type {[string, string]} */ ([artifact.name, await pictureData(artifact)])));
  return new Map(loaded.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
}
