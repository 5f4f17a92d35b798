// The preferences: a dialog to choose in, and the two buttons in the composer that tell what is chosen.

import { keyring } from '../api.js';
import { DEFAULTS, PRIORITIES, RANGES, fieldsOf, parse, within } from '../preferences.js';
import { text } from '../strings.js';
import { closable, dialogById } from './dialogs.js';
import { byId, el, setText } from './dom.js';

const NAME = 'preferences';
const words = text.preferences;

/**
 * @typedef {{id: string, name: string, note?: string}} Choice
 * @typedef {{models: Choice[], tools: Choice[]}} Choices
 * @returns {{offer(choices: Choices): void, fields(): Record<string, unknown>}} `fields` are those that a start carries
 */
export function createPreferences() {
  const dialog = dialogById('preferences');
  const form = /** @type {HTMLFormElement} */ (byId('preferences-form'));
  const chips = { tools: byId('chip-tools'), priority: byId('chip-priority') };
  let preferences = parse(kept());
  /** @type {Choices} */
  let offered = { models: [], tools: [] };

  const numbers = /** @type {const} */ (['rounds', 'temperature', 'tokens']).map((name) => numberField(name));
  const priority = el('select', { id: 'preference-priority' }, ...PRIORITIES.map((name) => el('option', { value: name }, words.priorities[name])));
  const models = el('fieldset');
  const tools = el('fieldset');
  const error = el('p', { class: 'field-error', role: 'alert' });
  const reset = el('button', { type: 'button', class: 'secondary start' }, words.reset);
  const forget = el('button', { type: 'button', class: 'secondary' }, words.forgetKey);
  form.replaceChildren(
    el('h2', { id: 'preferences-title' }, words.title),
    el('p', {}, words.lead),
    el('div', { class: 'fields' }, ...numbers.map(({ node }) => node), field(words.priority, priority)),
    models,
    tools,
    error,
    el('p', { class: 'key-kept' }, el('span', {}, words.keyKept), ' ', forget),
    el('div', { class: 'buttons' }, reset, el('button', { type: 'button', class: 'secondary', 'data-close': true }, words.cancel), el('button', { type: 'submit', class: 'primary' }, words.save)),
  );
  closable(dialog);
  for (const opener of [byId('open-preferences'), chips.tools, chips.priority]) opener.addEventListener('click', open);
  reset.addEventListener('click', () => fill(DEFAULTS));
  forget.addEventListener('click', () => {
    keyring.forget();
    showKey();
    numbers[0].input.focus();
  });
  form.addEventListener('input', () => setText(error, ''));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    save();
  });
  showChips();

  function open() {
    fill(preferences);
    showKey();
    dialog.showModal();
  }

  /** @param {import('../preferences.js').Preferences} shown */
  function fill(shown) {
    setText(error, '');
    for (const { name, input } of numbers) {
      input.value = String(shown[name]);
      input.removeAttribute('aria-invalid');
    }
    priority.value = shown.priority;
    fillChoices(models, words.models, offered.models, shown.leftOut.models);
    fillChoices(tools, words.tools, offered.tools, shown.leftOut.tools);
  }

  function showKey() {
    const line = /** @type {HTMLElement} */ (forget.parentElement);
    line.hidden = keyring.key() === '';
  }

  function save() {
    for (const { name, input } of numbers) {
      const fits = input.value !== '' && within(name, input.valueAsNumber);
      if (fits) input.removeAttribute('aria-invalid');
      else return refuse(input, words.range(words[name], RANGES[name].least, RANGES[name].most));
    }
    const leftOut = { models: leftOutOf(models, preferences.leftOut.models), tools: leftOutOf(tools, preferences.leftOut.tools) };
    const first = models.querySelector('input');
    if (first && !models.querySelector('input:checked')) return refuse(first, words.noModel);
    const [rounds, temperature, tokens] = numbers.map(({ input }) => input.valueAsNumber);
    preferences = { rounds, temperature, tokens, priority: priority.value, leftOut };
    keep(JSON.stringify(preferences));
    showChips();
    dialog.close();
  }

  /** @param {HTMLInputElement} input @param {string} message */
  function refuse(input, message) {
    setText(error, message);
    input.setAttribute('aria-invalid', 'true');
    input.focus();
  }

  function showChips() {
    const used = offered.tools.filter(({ id }) => !preferences.leftOut.tools.includes(id)).length;
    setText(chips.tools, words.chipTools(used, offered.tools.length));
    setText(chips.priority, words.priorities[preferences.priority]);
    chips.tools.hidden = offered.tools.length === 0;
  }

  return {
    offer(choices) {
      offered = choices;
      showChips();
      if (dialog.open) fill(preferences);
    },
    fields() {
      const ids = (/** @type {Choice[]} */ choices) => choices.map(({ id }) => id);
      return fieldsOf(preferences, { models: ids(offered.models), tools: ids(offered.tools) });
    },
  };
}

/** @param {'rounds' | 'temperature' | 'tokens'} name */
function numberField(name) {
  const { least, most, step } = RANGES[name];
  const input = el('input', { id: `preference-${name}`, type: 'number', min: String(least), max: String(most), step: String(step), inputmode: step < 1 ? 'decimal' : 'numeric', required: true });
  return { name, input, node: field(words[name], input, words.notes[name]) };
}

/** @param {string} label @param {HTMLInputElement | HTMLSelectElement} input @param {string} [note] */
function field(label, input, note = '') {
  const noteId = `${input.id}-note`;
  if (note !== '') input.setAttribute('aria-describedby', noteId);
  return el('div', { class: 'field' }, el('label', { for: input.id }, label), input, el('p', { id: noteId, class: 'note' }, note));
}

/** @param {HTMLElement} fieldset @param {string} title @param {Choice[]} choices @param {string[]} leftOut */
function fillChoices(fieldset, title, choices, leftOut) {
  fieldset.hidden = choices.length === 0;
  const boxes = choices.map(({ id, name, note }) => {
    const input = el('input', { type: 'checkbox', value: id });
    input.checked = !leftOut.includes(id);
    return el('label', { class: 'check' }, input, el('span', {}, name, note ? el('small', {}, note) : ''));
  });
  fieldset.replaceChildren(el('legend', {}, title), ...boxes);
}

/** What is not ticked, and what was left out before and is not offered now. @param {HTMLElement} fieldset @param {string[]} before */
function leftOutOf(fieldset, before) {
  const boxes = [...fieldset.querySelectorAll('input')];
  const away = before.filter((id) => !boxes.some(({ value }) => value === id));
  return [...away, ...boxes.filter(({ checked }) => !checked).map(({ value }) => value)];
}

/** A browser that refuses storage has the defaults after each reload. */
function kept() {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}

/** @param {string} value */
function keep(value) {
  try {
    localStorage.setItem(NAME, value);
  } catch {
    // They hold until the page is left.
  }
}
