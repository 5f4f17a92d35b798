// Preferences under names, as they are kept. No DOM, no network. Loaded on need.

import { onOneLine } from './history-changes.js';
import { names, preferencesIn } from './preferences.js';

/**
 * `used`: the models and tools that were there and not left out when it was kept, by which those that are gone can be told.
 * @typedef {import('./preferences.js').Preferences} Preferences
 * @typedef {import('./preferences.js').Offered} Offered
 * @typedef {{name: string, chosen: Preferences, used: Offered}} Preset
 */

export const MOST_PRESETS = 50;
/** Longest name, in Unicode scalar values. */
export const MOST_NAME = 60;

/** What was kept, as far as it makes sense; each name once. @param {string | null} kept @returns {Preset[]} */
export function parsePresets(kept) {
  let given;
  try {
    given = JSON.parse(kept ?? '[]');
  } catch {
    return [];
  }
  /** @type {Preset[]} */
  const presets = [];
  for (const one of Array.isArray(given) ? given : []) {
    const name = typeof one?.name === 'string' ? onOneLine(one.name) : '';
    if (faultOf(presets, name) !== null) continue;
    presets.push({ name, chosen: preferencesIn(one.chosen), used: { models: names(one.used?.models), tools: names(one.used?.tools) } });
  }
  return presets;
}

/**
 * Why there cannot be a preset of this name. `own` is the name of the one that it takes the place of.
 * @param {Preset[]} presets
 * @param {string} name on one line
 * @param {string | null} [own]
 * @returns {'blank' | 'long' | 'taken' | 'many' | null}
 */
export function faultOf(presets, name, own = null) {
  if (name === '') return 'blank';
  if ([...name].length > MOST_NAME) return 'long';
  if (name !== own && presets.some((preset) => preset.name === name)) return 'taken';
  return presets.length >= MOST_PRESETS && !presets.some((preset) => preset.name === own) ? 'many' : null;
}

/** With one more, which stands where the one called `own` stood. @param {Preset[]} presets @param {Preset} preset @param {string | null} [own] */
export function withPreset(presets, preset, own = null) {
  const at = presets.findIndex(({ name }) => name === own);
  return at < 0 ? [...presets, preset] : presets.with(at, preset);
}

/** @param {Preset[]} presets @param {string} gone */
export function withoutPreset(presets, gone) {
  return presets.filter(({ name }) => name !== gone);
}

/** What is kept under a name. @param {string} name @param {Preferences} chosen @param {Offered} offered @returns {Preset} */
export function presetOf(name, chosen, offered) {
  const usedOf = (/** @type {string[]} */ ids, /** @type {string[]} */ leftOut) => ids.filter((id) => !leftOut.includes(id));
  return { name, chosen, used: { models: usedOf(offered.models, chosen.leftOut.models), tools: usedOf(offered.tools, chosen.leftOut.tools) } };
}

/**
 * What a preset comes to with what the server has now: names of models and tools that are gone, and the preferences without them. Where
 * none of its models is left, all may be used.
 * @param {Preset} preset
 * @param {Offered} offered
 * @returns {{chosen: Preferences, gone: string[], noModel: boolean}}
 */
export function applied({ chosen, used }, offered) {
  const goneOf = (/** @type {string[]} */ ids, /** @type {string[]} */ there) => (there.length === 0 ? [] : ids.filter((id) => !there.includes(id)));
  const { models, tools } = chosen.leftOut;
  const noModel = offered.models.length > 0 && offered.models.every((id) => models.includes(id));
  return {
    chosen: noModel ? { ...chosen, leftOut: { models: [], tools } } : chosen,
    gone: [...goneOf(used.models, offered.models), ...goneOf(used.tools, offered.tools)],
    noModel,
  };
}

/** The preset that these preferences are, by what a start would carry of them. @param {Preset[]} presets @param {Preferences} chosen */
export function presetLike(presets, chosen) {
  const plain = (/** @type {Preferences} */ { leftOut, ...rest }) => JSON.stringify([Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)), [...leftOut.models].sort(), [...leftOut.tools].sort()]);
  return presets.find((preset) => plain(preset.chosen) === plain(chosen)) ?? null;
}
