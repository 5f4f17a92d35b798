// The dialog in which preferences are chosen. Loaded on need.

import { keyring } from '../api.js';
import { shortLine } from '../json.js';
import { DEFAULTS, MOST_USD, PRIORITIES, RANGES, limitIn, within } from '../preferences.js';
import { text } from '../strings.js';
import { preferenceWords as words } from '../strings-on-need.js';
import { closable, dialogById } from './dialogs.js';
import { byId, el, setText } from './dom.js';

/**
 * @typedef {import('../preferences.js').Preferences} Preferences
 * @typedef {import('./preferences.js').Choice} Choice
 * @typedef {import('./preferences.js').Choices} Choices
 * @typedef {{open(chosen: Preferences, offered: Choices, fault?: {name: string, message: string}): void, offer(chosen: Preferences, offered: Choices): void}} PreferencesDialog
 *   `fault`: what the server said of one of them; `offer` fills an open dialog again with what there is now
 * @typedef {ReturnType<typeof createFields>} Fields
 */

/** @param {(chosen: Preferences) => void} save @returns {PreferencesDialog} */
export function createPreferencesDialog(save) {
  const dialog = dialogById('preferences');
  const form = /** @type {HTMLFormElement} */ (byId('preferences-form'));
  const fields = createFields();
  const key = createKeyLine(fields);
  const reset = el('button', { type: 'button', class: 'secondary start' }, words.reset);
  /** @type {Choices} */
  let shown = { models: [], tools: [] };
  let leftOut = DEFAULTS.leftOut;
  form.replaceChildren(
    el('h2', { id: 'preferences-title' }, words.title),
    el('p', {}, words.lead),
    ...fields.nodes,
    key.node,
    el('div', { class: 'buttons' }, reset, el('button', { type: 'button', class: 'secondary', 'data-close': true }, words.cancel), el('button', { type: 'submit', class: 'primary' }, words.save)),
  );
  closable(dialog);
  reset.addEventListener('click', () => fields.fill(DEFAULTS, shown));
  form.addEventListener('input', fields.accept);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = fields.read(leftOut);
    if (!chosen) return;
    save(chosen);
    dialog.close();
  });

  /** @param {Preferences} chosen @param {Choices} offered */
  function fill(chosen, offered) {
    shown = offered;
    leftOut = chosen.leftOut;
    fields.fill(chosen, offered);
  }

  return {
    open(chosen, offered, fault) {
      if (dialog.open) return;
      fill(chosen, offered);
      key.show();
      dialog.showModal();
      if (fault) fields.fault(fault.name, fault.message);
    },
    offer(chosen, offered) {
      if (dialog.open) fill(chosen, offered);
    },
  };
}

/** All that is chosen, and what is wrong with it. */
function createFields() {
  const numbers = /** @type {const} */ (['rounds', 'temperature', 'tokens']).map((name) => numberField(name));
  const usd = el('input', { id: 'preference-usd', inputmode: 'decimal', maxlength: '40' });
  const priority = el('select', { id: 'preference-priority' }, ...PRIORITIES.map((name) => el('option', { value: name }, text.preferences.priorities[name])));
  const models = el('fieldset');
  const tools = el('fieldset');
  const error = el('p', { id: 'preference-error', class: 'field-error', role: 'alert' });

  /** @type {Record<string, HTMLElement>} */
  const places = { ...Object.fromEntries(numbers.map(({ name, input }) => [name, input])), usd, priority, models, tools };

  /** Says what is wrong where it is. @param {HTMLElement} input @param {string} message */
  function refuse(input, message) {
    input.closest('.field, fieldset')?.append(error);
    setText(error, message);
    input.setAttribute('aria-invalid', 'true');
    input.setAttribute('aria-errormessage', error.id);
    input.focus();
    return null;
  }

  function accept() {
    setText(error, '');
    for (const input of Object.values(places)) {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-errormessage');
    }
  }

  return {
    nodes: [el('div', { class: 'fields' }, ...numbers.map(({ node }) => node), field(words.priority, priority), field(words.usd, usd, words.notes.usd)), models, tools, error],
    accept,
    /** @param {string} name @param {string} message */
    fault: (name, message) => refuse(places[name] instanceof HTMLFieldSetElement ? (places[name].querySelector('input') ?? places[name]) : places[name], message),
    first: numbers[0].input,
    /** @param {Preferences} shown @param {Choices} offered */
    fill(shown, offered) {
      accept();
      for (const { name, input } of numbers) input.value = String(shown[name]);
      usd.value = shown.usd === null ? '' : String(shown.usd);
      priority.value = shown.priority;
      fillChoices(models, words.models, offered.models, shown.leftOut.models, modelChoice);
      fillChoices(tools, words.tools, offered.tools, shown.leftOut.tools, toolChoice);
    },
    /** What is chosen, null where a part of it cannot be: then it is told. @param {Preferences['leftOut']} before @returns {Preferences | null} */
    read(before) {
      accept();
      for (const { name, input } of numbers) {
        const fits = input.value !== '' && within(name, input.valueAsNumber);
        if (!fits) return refuse(input, words.range(words[name], RANGES[name].least, RANGES[name].most));
      }
      const limit = limitIn(usd.value);
      if (limit === undefined) return refuse(usd, words.limit(MOST_USD));
      const leftOut = { models: leftOutOf(models, before.models), tools: leftOutOf(tools, before.tools) };
      const first = models.querySelector('input');
      if (first && !models.querySelector('input:checked')) return refuse(first, words.noModel);
      const [rounds, temperature, tokens] = numbers.map(({ input }) => input.valueAsNumber);
      return { rounds, temperature, tokens, usd: limit, priority: priority.value, leftOut };
    },
  };
}

/** Says that this browser keeps an access key, and forgets it. @param {Fields} fields */
function createKeyLine({ first }) {
  const forget = el('button', { type: 'button', class: 'secondary' }, words.forgetKey);
  const node = el('p', { class: 'key-kept' }, el('span', {}, words.keyKept), ' ', forget);
  const show = () => {
    node.hidden = keyring.key() === '';
  };
  forget.addEventListener('click', () => {
    keyring.forget();
    show();
    first.focus();
  });
  return { node, show };
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

/**
 * @param {HTMLElement} fieldset @param {string} title @param {Choice[]} choices @param {string[]} leftOut
 * @param {(choice: Choice, input: HTMLInputElement) => string} noteOf what is said below a name
 */
function fillChoices(fieldset, title, choices, leftOut, noteOf) {
  fieldset.hidden = choices.length === 0;
  const boxes = choices.map((choice) => {
    const input = el('input', { type: 'checkbox', value: choice.id });
    input.checked = !leftOut.includes(choice.id);
    const note = noteOf(choice, input);
    return el('label', { class: 'check' }, input, el('span', {}, choice.name, note ? el('small', {}, note) : ''));
  });
  fieldset.replaceChildren(el('legend', {}, title), ...boxes);
}

/** A model that does not answer now may when it is asked. @param {Choice} choice */
function modelChoice({ available }) {
  return available ? '' : words.notAvailable;
}

/** A tool that is down is offered to no run: it cannot be chosen, and keeps what was chosen before. @param {Choice} choice @param {HTMLInputElement} input */
function toolChoice({ available, problem = '' }, input) {
  if (available) return '';
  input.disabled = true;
  input.checked = false;
  return words.toolDown(shortLine(problem));
}

/** What is not ticked, and what was left out before and cannot be ticked now. @param {HTMLElement} fieldset @param {string[]} before */
function leftOutOf(fieldset, before) {
  const boxes = [...fieldset.querySelectorAll('input')].filter(({ disabled }) => !disabled);
  const away = before.filter((id) => !boxes.some(({ value }) => value === id));
  return [...away, ...boxes.filter(({ checked }) => !checked).map(({ value }) => value)];
}
