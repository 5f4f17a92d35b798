// What is chosen of the preferences: kept, told by two buttons in the composer, and carried by each start.

import { fieldsOf, parse } from '../preferences.js';
import { text } from '../strings.js';
import { byId, setText } from './dom.js';

const NAME = 'preferences';
const words = text.preferences;

/**
 * @typedef {{id: string, name: string, available: boolean, problem?: string}} Choice
 * @typedef {import('../preferences.js').Preferences} Preferences
 * @typedef {{models: Choice[], tools: Choice[], orchestrator: string, limits: unknown, owner?: string}} Choices `limits`: what whoever runs the service allows, as the server tells it;
 *   `owner`: whose key it is
 * @param {import('./confirm.js').Confirm} confirm
 * @returns {{offer(choices: Choices): void, fields(chosen: Preferences | null): Record<string, unknown>, usd(): number | null, open(): void, choose(chosen: Preferences | null,
 *   fault?: {name: string, message: string}): Promise<Preferences | null>, refused(field: string | null, message: string): Promise<boolean>}}
 *   `fields` are those that a start carries; `choose` asks for one question alone; `refused` says at its place what the server refused of them, and whether it was one
 */
export function createPreferences(confirm) {
  const chips = { tools: byId('chip-tools'), priority: byId('chip-priority') };
  let preferences = parse(kept());
  /** @type {Choices} */
  let offered = { models: [], tools: [], orchestrator: '', limits: null };
  /** Loaded on need: most questions are asked as the server would have it. @type {import('./preferences-dialog.js').PreferencesDialog | null} */
  let dialog = null;
  for (const opener of [byId('open-preferences'), chips.tools, chips.priority]) opener.addEventListener('click', () => void open());
  showChips();

  /** @param {{name: string, message: string}} [fault] */
  async function open(fault) {
    (await loaded()).open(preferences, offered, fault);
  }

  async function loaded() {
    const { createPreferencesDialog } = await import('./preferences-dialog.js');
    dialog ??= createPreferencesDialog(save, confirm);
    return dialog;
  }

  /** @param {import('../preferences.js').Preferences} chosen */
  function save(chosen) {
    preferences = chosen;
    keep(JSON.stringify(preferences));
    showChips();
  }

  function showChips() {
    const used = offered.tools.filter(({ id, available }) => available && !preferences.leftOut.tools.includes(id)).length;
    setText(chips.tools, words.chipTools(used, offered.tools.length));
    setText(chips.priority, words.chipPriority(preferences));
    chips.tools.hidden = offered.tools.length === 0;
  }

  return {
    offer(choices) {
      offered = choices;
      showChips();
      dialog?.offer(preferences, offered);
    },
    fields(chosen) {
      const ids = (/** @type {Choice[]} */ choices) => choices.map(({ id }) => id);
      return fieldsOf(chosen ?? preferences, { models: ids(offered.models), tools: ids(offered.tools) });
    },
    usd: () => preferences.usd,
    open: () => void open(),
    choose: async (chosen, fault) => (await loaded()).choose(chosen ?? preferences, offered, fault),
    async refused(field, message) {
      if (!field) return false;
      const { preferenceOf } = await import('../preferences-typed.js');
      const name = preferenceOf(field);
      if (name) void open({ name, message });
      return name !== undefined;
    },
  };
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
