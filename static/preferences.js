// How questions are worked on: what a person may choose, as it is kept and as a start carries it. No DOM, no network.

export const PRIORITIES = /** @type {const} */ (['balanced', 'quality', 'cost', 'latency']);
export const MODES = /** @type {const} */ (['auto', 'discussion']);

/**
 * Models and tools are kept as those that are left out, so that one that is added later is used. `usd`: what a run may cost at
 * most, in dollars; null for no limit. `instructions`: what every model that answers is told besides the question; '' for nothing.
 * @typedef {{rounds: number, temperature: number, tokens: number, usd: number | null, priority: string, mode: string, instructions: string, leftOut: {models: string[], tools: string[]}}} Preferences
 * @typedef {{models: string[], tools: string[]}} Offered ids that the server has
 */

/** @type {Preferences} */
export const DEFAULTS = { rounds: 5, temperature: 0.7, tokens: 512, usd: null, priority: 'balanced', mode: 'auto', instructions: '', leftOut: { models: [], tools: [] } };

/** @type {Record<'rounds' | 'temperature' | 'tokens', {least: number, most: number, step: number}>} */
export const RANGES = {
  rounds: { least: 1, most: 50, step: 1 },
  temperature: { least: 0, most: 2, step: 0.1 },
  tokens: { least: 1, most: 32_768, step: 1 },
};

export const MOST_USD = 1_000;
/** Longest instructions, in Unicode scalar values; the server's rule. */
export const MOST_INSTRUCTIONS = 4_000;

/** What was kept, as far as it still makes sense. @param {string | null} kept @returns {Preferences} */
export function parse(kept) {
  try {
    return preferencesIn(JSON.parse(kept ?? '{}'));
  } catch {
    return DEFAULTS;
  }
}

/** @param {any} given any JSON @returns {Preferences} */
export function preferencesIn(given) {
  const instructions = typeof given?.instructions === 'string' ? given.instructions : '';
  return {
    rounds: within('rounds', given?.rounds) ? given.rounds : DEFAULTS.rounds,
    temperature: within('temperature', given?.temperature) ? given.temperature : DEFAULTS.temperature,
    tokens: within('tokens', given?.tokens) ? given.tokens : DEFAULTS.tokens,
    usd: isLimit(given?.usd) ? given.usd : DEFAULTS.usd,
    priority: PRIORITIES.includes(given?.priority) ? given.priority : DEFAULTS.priority,
    mode: MODES.includes(given?.mode) ? given.mode : DEFAULTS.mode,
    instructions: instructions.trim() !== '' && [...instructions].length <= MOST_INSTRUCTIONS ? instructions : DEFAULTS.instructions,
    leftOut: { models: names(given?.leftOut?.models), tools: names(given?.leftOut?.tools) },
  };
}

/** Whether a number may be chosen. @param {'rounds' | 'temperature' | 'tokens'} name @param {unknown} value */
export function within(name, value) {
  const { least, most, step } = RANGES[name];
  return typeof value === 'number' && value >= least && value <= most && (step < 1 || Number.isInteger(value));
}

/** Whether a run may be held to so many dollars. @param {unknown} value @returns {value is number} */
export function isLimit(value) {
  return typeof value === 'number' && value > 0 && value <= MOST_USD;
}

/**
 * The fields of a start: only what differs from the server's defaults, and only names that the server has.
 * @param {Preferences} preferences
 * @param {Offered} offered
 * @returns {Record<string, unknown>}
 */
export function fieldsOf({ rounds, temperature, tokens, usd, priority, mode, instructions, leftOut }, offered) {
  const models = offered.models.filter((id) => !leftOut.models.includes(id));
  const denied = offered.tools.filter((name) => leftOut.tools.includes(name));
  const some = models.length > 0 && models.length < offered.models.length;
  const preferences = {
    ...(priority === DEFAULTS.priority ? {} : { priority }),
    ...(some ? { models } : {}),
    ...(denied.length > 0 ? { tools: { deny: denied } } : {}),
    ...(usd === null ? {} : { max_cost_usd: usd }),
    ...(mode === DEFAULTS.mode ? {} : { mode }),
    ...(instructions === '' ? {} : { instructions }),
  };
  return {
    ...(rounds === DEFAULTS.rounds ? {} : { max_rounds: rounds }),
    ...(temperature === DEFAULTS.temperature ? {} : { temperature }),
    ...(tokens === DEFAULTS.tokens ? {} : { max_tokens: tokens }),
    ...(Object.keys(preferences).length > 0 ? { preferences } : {}),
  };
}

/** The names in a list of any JSON. @param {unknown} value @returns {string[]} */
export function names(value) {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}
