// The presets in the dialog of preferences: chosen, kept, renamed and deleted. Loaded with it.

import { onOneLine } from '../history-changes.js';
import { applied, faultOf, parsePresets, presetLike, presetOf, withPreset, withoutPreset } from '../presets.js';
import { presetWords as words } from '../strings-again.js';
import { el, setText } from './dom.js';

const NAME = 'presets';

/**
 * @typedef {import('../preferences.js').Preferences} Preferences
 * @typedef {import('./preferences.js').Choices} Choices
 * @param {{read(): Preferences | null, fill(chosen: Preferences): void, offered(): Choices, confirm: import('./confirm.js').Confirm}} dialog `read`: what is chosen in it now,
 *   null where a part of it cannot be
 * @returns {{node: HTMLElement, show(chosen: Preferences): void}}
 */
export function createPresets({ read, fill, offered, confirm }) {
  const choice = el('select', { id: 'preset' });
  const keep = button(words.keep, () => name(selected()));
  const rename = button(words.rename, () => name(selected(), true));
  const remove = button(words.delete, () => void deleteChosen());
  const told = el('p', { class: 'note', role: 'status' });
  const naming = createNaming(withName);
  const node = el('div', { class: 'presets' }, el('div', { class: 'field' }, el('label', { for: choice.id }, words.label), choice), el('div', { class: 'buttons' }, keep, rename, remove), naming.node, told);
  const storage = createStorage();
  let presets = storage.read();
  /** The one that is renamed, null where one is kept. @type {string | null} */
  let renamed = null;

  const selected = () => presets.find((preset) => preset.name === choice.value) ?? null;
  const ids = () => ({ models: offered().models.map(({ id }) => id), tools: offered().tools.map(({ id }) => id) });

  choice.addEventListener('change', () => {
    const preset = selected();
    showButtons();
    say('');
    if (!preset) return;
    const { chosen, gone, noModel } = applied(preset, ids());
    fill(chosen);
    say(gone.length > 0 ? words.gone(gone, noModel) : noModel ? words.noModel : '');
  });

  /** @param {string} message */
  function say(message) {
    setText(told, message);
  }

  function showButtons() {
    rename.hidden = selected() === null;
    remove.hidden = selected() === null;
  }

  /** @param {string} chosen the name that is selected */
  function list(chosen) {
    choice.replaceChildren(el('option', { value: '' }, words.none), ...presets.map(({ name: called }) => el('option', { value: called }, called)));
    choice.value = presets.some(({ name: called }) => called === chosen) ? chosen : '';
    showButtons();
  }

  /** @param {import('../presets.js').Preset | null} preset @param {boolean} [isRenamed] */
  function name(preset, isRenamed = false) {
    renamed = isRenamed ? (preset?.name ?? null) : null;
    say('');
    naming.ask(preset?.name ?? '', isRenamed ? rename : keep);
  }

  /** Keeps or renames under a name; says why it cannot. @param {string} typed */
  function withName(typed) {
    const called = onOneLine(typed);
    // Another tab may have changed them.
    presets = storage.read();
    const own = renamed ?? (selected()?.name === called ? called : null);
    const fault = faultOf(presets, called, own);
    if (fault) return words.faults[fault];
    const old = presets.find((preset) => preset.name === renamed);
    if (old) change(withPreset(presets, { ...old, name: called }, old.name), called, words.renamed(called));
    else {
      const chosen = read();
      // It is told where it is.
      if (!chosen) return null;
      change(withPreset(presets, presetOf(called, chosen, ids()), presets.some((preset) => preset.name === called) ? called : null), called, words.kept(called));
    }
    return '';
  }

  async function deleteChosen() {
    const preset = selected();
    if (!preset || !(await confirm('preset', preset.name))) return;
    naming.end();
    change(withoutPreset(storage.read(), preset.name), '', words.deleted(preset.name));
    choice.focus();
  }

  /** @param {import('../presets.js').Preset[]} next @param {string} chosen @param {string} message */
  function change(next, chosen, message) {
    presets = next;
    const isKept = storage.write(presets);
    list(chosen);
    say(isKept ? message : words.notKept);
  }

  return {
    node,
    show(chosen) {
      presets = storage.read();
      naming.end();
      list(presetLike(presets, chosen)?.name ?? '');
      say('');
    },
  };
}

/** @param {string} label @param {() => void} act */
function button(label, act) {
  const node = el('button', { type: 'button', class: 'secondary' }, label);
  node.addEventListener('click', act);
  return node;
}

/** The line in which a name is typed. @param {(typed: string) => string | null} done says why it cannot be, '' where it is done, null where that is told elsewhere */
function createNaming(done) {
  const field = el('input', { id: 'preset-name', type: 'text', dir: 'auto', autocomplete: 'off', 'aria-describedby': 'preset-error' });
  const error = el('p', { id: 'preset-error', class: 'naming-error', role: 'alert' });
  const node = el('div', { class: 'naming', hidden: true }, el('label', { for: field.id }, words.name), field, error, el('div', { class: 'buttons' }, button(words.cancel, end), button(words.done, submit)));
  /** @type {HTMLElement | null} */
  let opener = null;

  /** @param {string} message */
  function say(message) {
    setText(error, message);
    if (message === '') field.removeAttribute('aria-invalid');
    else field.setAttribute('aria-invalid', 'true');
  }

  function submit() {
    const fault = done(field.value);
    if (fault === null) return;
    say(fault);
    if (fault === '') end();
    else field.focus();
  }

  function end() {
    if (node.hidden) return;
    const hadFocus = node.contains(document.activeElement);
    node.hidden = true;
    if (hadFocus) opener?.focus();
  }

  // Neither press is meant for the dialog around it.
  field.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229 || (event.key !== 'Enter' && event.key !== 'Escape')) return;
    event.preventDefault();
    if (event.key === 'Enter') submit();
    else end();
  });
  field.addEventListener('input', () => say(''));
  return {
    node,
    end,
    /** @param {string} name @param {HTMLElement} from the button that has the focus again in the end */
    ask(name, from) {
      opener = from;
      field.value = name;
      say('');
      node.hidden = false;
      field.focus();
      field.select();
    },
  };
}

/** Presets as this browser keeps them; where it keeps nothing they hold until the page is left. */
function createStorage() {
  /** @type {string | null} */
  let here = null;
  return {
    read() {
      try {
        return parsePresets(here ?? localStorage.getItem(NAME));
      } catch {
        return parsePresets(here);
      }
    },
    /** @param {import('../presets.js').Preset[]} presets @returns {boolean} whether they are kept */
    write(presets) {
      const written = JSON.stringify(presets);
      try {
        localStorage.setItem(NAME, written);
        here = null;
        return true;
      } catch {
        here = written;
        return false;
      }
    },
  };
}
