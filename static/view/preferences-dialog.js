// The dialog in which preferences are chosen. Loaded on need.

import { VISITOR } from '../access.js';
import { keyring } from '../api.js';
import { field as memberOf, shortLine } from '../json.js';
import { readLimits } from '../limits.js';
import { DEFAULTS, MODES, MOST_INSTRUCTIONS, MOST_USD, PRIORITIES, RANGES, within } from '../preferences.js';
import { limitIn } from '../preferences-typed.js';
import { askWords, fixedWords, furtherWords } from '../strings-again.js';
import { limitWords, visitorWords } from '../strings-limits.js';
import { text } from '../strings.js';
import { preferenceWords as words } from '../strings-on-need.js';
import { closable } from './dialogs.js';
import { el, setText } from './dom.js';
import { createPresets } from './presets.js';
import { withSheet } from './sheet.js';

await withSheet('again.css');

const VISITOR_OWNER = 'visitor';

/**
 * @typedef {import('../preferences.js').Preferences} Preferences
 * @typedef {import('./preferences.js').Choice} Choice
 * @typedef {import('./preferences.js').Choices} Choices
 * @typedef {{name: string, message: string}} Fault what the server said of one of them
 * @typedef {{open(chosen: Preferences, offered: Choices, fault?: Fault): void, choose(chosen: Preferences, offered: Choices, fault?: Fault): Promise<Preferences | null>,
 *   offer(chosen: Preferences, offered: Choices): void}} PreferencesDialog `choose` asks for one question alone and keeps nothing; `offer` fills an open dialog again with
 *   what there is now
 * @typedef {ReturnType<typeof createFields>} Fields
 */

/** @param {(chosen: Preferences) => void} save @param {import('./confirm.js').Confirm} confirm @returns {PreferencesDialog} */
export function createPreferencesDialog(save, confirm) {
  const fields = createFields();
  const key = createKeyLine(fields);
  const reset = el('button', { type: 'button', class: 'secondary start' }, words.reset);
  const title = el('h2', { id: 'preferences-title' });
  const lead = el('p');
  const submit = el('button', { type: 'submit', class: 'primary' });
  const fixed = el('p', { class: 'fixed' });
  /** @type {Choices} */
  let shown = { models: [], tools: [], orchestrator: '', limits: null };
  let leftOut = DEFAULTS.leftOut;
  let filled = DEFAULTS;
  /** What becomes of what is chosen for one question alone. @type {((chosen: Preferences | null) => void) | null} */
  let settle = null;
  const presets = createPresets({ read: () => fields.read(leftOut), fill: (chosen) => fill(chosen, shown), offered: () => shown, confirm });
  const form = el('form', { id: 'preferences-form', autocomplete: 'off', novalidate: true },
    title,
    lead,
    presets.node,
    ...fields.nodes,
    fixed,
    key.node,
    el('div', { class: 'buttons' }, reset, el('button', { type: 'button', class: 'secondary', 'data-close': true }, words.cancel), submit),
  );
  const dialog = el('dialog', { id: 'preferences', class: 'card wide', 'aria-labelledby': 'preferences-title' }, form);
  document.body.append(dialog);
  closable(dialog);
  reset.addEventListener('click', () => fill(DEFAULTS, shown));
  form.addEventListener('input', fields.accept);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = fields.read(leftOut);
    if (!chosen) return;
    if (settle) settle(chosen);
    else save(chosen);
    settle = null;
    dialog.close();
  });
  dialog.addEventListener('close', () => {
    // The event comes some time after the closing: the dialog may be open again.
    if (dialog.open) return;
    settle?.(null);
    settle = null;
  });

  /** @param {Preferences} chosen @param {Choices} offered */
  function fill(chosen, offered) {
    shown = offered;
    leftOut = chosen.leftOut;
    filled = chosen;
    fields.fill(chosen, offered);
    setText(fixed, fixedWords(offered.orchestrator, offered.limits));
    fixed.hidden = fixed.textContent === '';
  }

  /** @param {Preferences} chosen @param {Choices} offered @param {Fault | undefined} fault @param {{title: string, lead: string, save: string}} said */
  function show(chosen, offered, fault, said) {
    setText(title, said.title);
    setText(lead, said.lead);
    setText(submit, said.save);
    fill(chosen, offered);
    presets.show(chosen);
    key.show(offered);
    key.node.hidden = settle !== null;
    dialog.showModal();
    // Enter in a number is done with the dialog; in the choice of a preset it is not. Whoever asks again came for the models.
    (settle ? fields.model() : fields.first).focus();
    if (fault) fields.fault(fault.name, fault.message);
  }

  return {
    open(chosen, offered, fault) {
      if (!dialog.open) show(chosen, offered, fault, words);
    },
    choose(chosen, offered, fault) {
      if (dialog.open) return Promise.resolve(null);
      return new Promise((resolve) => {
        settle = resolve;
        show(chosen, offered, fault, askWords);
      });
    },
    offer(chosen, offered) {
      // What is being chosen stays, where there is nothing else to choose from.
      if (dialog.open && JSON.stringify(offered) !== JSON.stringify(shown)) fill(settle ? filled : chosen, offered);
    },
  };
}

/** All that is chosen, and what is wrong with it. */
function createFields() {
  const numbers = /** @type {const} */ (['rounds', 'temperature', 'tokens']).map((name) => numberField(name));
  const usd = el('input', { id: 'preference-usd', inputmode: 'decimal', maxlength: '40' });
  const priority = el('select', { id: 'preference-priority' }, ...PRIORITIES.map((name) => el('option', { value: name }, text.preferences.priorities[name])));
  const mode = el('select', { id: 'preference-mode' }, ...MODES.map((name) => el('option', { value: name }, furtherWords.modes[name])));
  const instructions = el('textarea', { id: 'preference-instructions', rows: '2', dir: 'auto' });
  const models = el('fieldset');
  const tools = el('fieldset');
  const error = el('p', { id: 'preference-error', class: 'field-error', role: 'alert' });
  /** @type {unknown} */
  let limits = null;

  /** @type {Record<string, HTMLElement>} */
  const places = { ...Object.fromEntries(numbers.map(({ name, input }) => [name, input])), usd, priority, mode, instructions, models, tools };

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
    nodes: [el('div', { class: 'fields' }, ...numbers.map(({ node }) => node), field(words.priority, priority), field(words.usd, usd, words.notes.usd), field(furtherWords.mode, mode, furtherWords.modeNote)), field(furtherWords.instructions, instructions, furtherWords.instructionsNote), models, tools, error],
    accept,
    /** @param {string} name @param {string} message */
    fault: (name, message) => refuse(places[name] instanceof HTMLFieldSetElement ? (places[name].querySelector('input') ?? places[name]) : places[name], message),
    first: numbers[0].input,
    model: () => models.querySelector('input') ?? numbers[0].input,
    /** @param {Preferences} shown @param {Choices} offered */
    fill(shown, offered) {
      accept();
      for (const { name, input } of numbers) {
        input.value = String(shown[name]);
        input.max = String(mostOf(name, offered.limits));
      }
      limits = offered.limits;
      mode.value = shown.mode;
      instructions.value = shown.instructions;
      usd.value = shown.usd === null ? '' : String(shown.usd);
      priority.value = shown.priority;
      fillChoices(models, words.models, offered.models, shown.leftOut.models, modelChoice);
      fillChoices(tools, words.tools, offered.tools, shown.leftOut.tools, toolChoice);
    },
    /** What is chosen, null where a part of it cannot be: then it is told. @param {Preferences['leftOut']} before @returns {Preferences | null} */
    read(before) {
      accept();
      for (const { name, input } of numbers) {
        const most = mostOf(name, limits);
        const fits = input.value !== '' && within(name, input.valueAsNumber) && input.valueAsNumber <= most;
        if (!fits) return refuse(input, words.range(words[name], RANGES[name].least, most));
      }
      const limit = limitIn(usd.value);
      if (limit === undefined) return refuse(usd, words.limit(MOST_USD));
      const told = instructions.value.trim();
      const length = [...told].length;
      if (length > MOST_INSTRUCTIONS) return refuse(instructions, furtherWords.tooLong(MOST_INSTRUCTIONS, length));
      const leftOut = { models: leftOutOf(models, before.models), tools: leftOutOf(tools, before.tools) };
      const first = models.querySelector('input');
      if (first && !models.querySelector('input:checked')) return refuse(first, words.noModel);
      const [rounds, temperature, tokens] = numbers.map(({ input }) => input.valueAsNumber);
      return { rounds, temperature, tokens, usd: limit, priority: priority.value, mode: mode.value, instructions: told, leftOut };
    },
  };
}

/** Says whose key this browser keeps and what is left of its limits, and forgets it. @param {Fields} fields */
function createKeyLine({ first }) {
  const forget = el('button', { type: 'button', class: 'secondary' });
  const whose = el('span');
  const left = el('p', { class: 'note' });
  const kept = el('p', { class: 'key-kept' }, whose, ' ', forget);
  let owner = '';
  const show = () => {
    kept.hidden = keyring.key() === '';
    setText(whose, owner === VISITOR_OWNER ? visitorWords.kept : owner === '' ? words.keyKept : visitorWords.key(owner));
    setText(forget, owner === VISITOR_OWNER ? visitorWords.forget : words.forgetKey);
  };
  forget.addEventListener('click', () => {
    if (owner === VISITOR_OWNER) forgetVisitor();
    keyring.forget();
    show();
    first.focus();
  });
  return {
    node: el('div', {}, kept, left),
    /** @param {Choices} of */
    show({ owner: name = '', limits }) {
      owner = name;
      setText(left, limitWords.short(readLimits(limits)));
      left.hidden = left.textContent === '';
      show();
    },
  };
}

function forgetVisitor() {
  try {
    localStorage.removeItem(VISITOR);
  } catch {
    // Nothing was kept.
  }
}

/** @param {'rounds' | 'temperature' | 'tokens'} name */
function numberField(name) {
  const { least, most, step } = RANGES[name];
  const input = el('input', { id: `preference-${name}`, type: 'number', min: String(least), max: String(most), step: String(step), inputmode: step < 1 ? 'decimal' : 'numeric', required: true });
  return { name, input, node: field(words[name], input, words.notes[name]) };
}

/** The most of a number: whoever runs the service may allow less. @param {'rounds' | 'temperature' | 'tokens'} name @param {unknown} limits as the server tells them */
function mostOf(name, limits) {
  const { most } = RANGES[name];
  const allowed = memberOf(limits, name === 'rounds' ? 'max_rounds' : name === 'tokens' ? 'max_tokens' : '');
  return typeof allowed === 'number' && allowed >= RANGES[name].least && allowed < most ? allowed : most;
}

/** @param {string} label @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} input @param {string} [note] */
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
