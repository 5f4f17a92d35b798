// What models were shown: buttons in the body of a step, and the dialog that shows it. Loaded when the first step is opened.

import { ask, isShared, runPath } from '../api.js';
import { asText, field, listIn, written } from '../json.js';
import { promptWords as words } from '../strings-on-need.js';
import { copied } from './copy.js';
import { closable } from './dialogs.js';
import { el, setText } from './dom.js';
import { code, json, part } from './parts.js';

/**
 * Puts buttons into a step that was opened: for the model that was called, if one was, and for the one that chose the step.
 * @param {EventTarget | null} details
 * @param {{state: import('../fold.js').RunState, modelName: (id: string) => string}} run
 */
export function offerPrompts(details, { state, modelName }) {
  if (isShared) return;
  const row = details instanceof HTMLElement ? details.closest('.step') : null;
  const body = row?.querySelector(':scope > details > .body');
  const step = state.steps.find(({ key }) => row instanceof HTMLElement && key === row.dataset.key);
  if (!body || body.querySelector(':scope > .buttons') || !step || !('round' in step)) return;
  const asksItself = step.kind === 'call' && step.model !== null;
  const isWhole = state.steps.some((other) => other.kind === 'call' && other.within === step.key);
  const button = (/** @type {string} */ label, /** @type {string} */ callId) => {
    const node = el('button', { type: 'button', class: 'secondary' }, label);
    node.addEventListener('click', () => void openPrompt(state.runId ?? '', callId, modelName));
    return node;
  };
  body.append(el('div', { class: 'buttons' }, ...(asksItself && !isWhole ? [button(words.title, step.key)] : []), button(words.chooser, `r${step.round}.orchestrator`)));
}

/** @param {string} runId @param {string} callId @param {(id: string) => string} modelName */
async function openPrompt(runId, callId, modelName) {
  const title = el('h2', { id: 'prompt-title' }, words.title);
  const told = el('p', { class: 'muted', role: 'status' }, words.loading);
  const content = el('div', { class: 'parts' });
  const copy = el('button', { type: 'button', class: 'secondary', hidden: true }, words.copy);
  const close = el('button', { type: 'button', class: 'primary', 'data-close': true }, words.close);
  const dialog = el('dialog', { class: 'card wide', 'aria-labelledby': 'prompt-title' }, title, told, content, el('div', { class: 'buttons' }, copy, close));
  document.body.append(dialog);
  closable(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  const shown = await ask(`${runPath(runId)}/calls/${encodeURIComponent(callId)}/prompt`);
  if (!shown.ok) {
    told.className = 'field-error';
    setText(told, `${words.failed} ${shown.error.message}`);
    return;
  }
  const prompt = shown.body;
  setText(title, words.of(modelName(asText(field(prompt, 'model')))));
  setText(told, field(prompt, 'exact') === true ? words.exact : words.notExact);
  content.replaceChildren(...partsOf(prompt));
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    setText(told, (await copied(`${written(prompt)}\n`)) ? words.copied : words.notCopied);
  });
}

/** @param {unknown} prompt @returns {HTMLElement[]} */
function partsOf(prompt) {
  const tools = listIn(prompt, 'tools');
  const format = field(prompt, 'response_format');
  const folded = (/** @type {string} */ label, /** @type {unknown} */ value) => el('details', { class: 'part' }, el('summary', {}, label), json(value));
  return [
    ...listIn(prompt, 'messages').map(messagePart),
    ...(tools.length > 0 ? [folded(words.tools(tools.length), tools)] : []),
    ...(format ? [folded(words.format, format)] : []),
  ];
}

/** @param {unknown} message */
function messagePart(message) {
  const content = field(message, 'content');
  const calls = listIn(message, 'tool_calls');
  const texts = typeof content === 'string' ? (content === '' ? [] : [code(content)]) : content ? [json(content)] : [];
  return part(words.role(asText(field(message, 'role'))), ...texts, ...(calls.length > 0 ? [json(calls)] : []));
}
