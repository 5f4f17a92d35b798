// How a run was asked, in words, from what the server keeps of its request. No DOM, no network. Loaded on need.

import { field, listIn, textIn } from './json.js';
import { DEFAULTS, isLimit } from './preferences.js';
import { askedWords as words } from './strings-again.js';

/** @param {unknown} request as the server tells it @param {(id: string) => string} modelName @returns {string[]} */
export function askedIn(request, modelName) {
  const preferences = field(request, 'preferences');
  const namesIn = (/** @type {unknown} */ of, /** @type {string} */ name) => listIn(of, name).flatMap((one) => (typeof one === 'string' ? one : []));
  const models = namesIn(preferences, 'models').map(modelName);
  const tools = field(preferences, 'tools');
  const allowed = namesIn(tools, 'allow');
  const denied = namesIn(tools, 'deny');
  const usd = field(preferences, 'max_cost_usd');
  const rounds = field(request, 'max_rounds');
  const temperature = field(request, 'temperature');
  const tokens = field(request, 'max_tokens');
  const instructions = textIn(preferences, 'instructions');
  return [
    models.length > 0 ? words.models(models) : words.allModels,
    words.priority(textIn(preferences, 'priority') || DEFAULTS.priority),
    ...(allowed.length > 0 ? [words.only(allowed)] : []),
    ...(denied.length > 0 ? [words.without(denied)] : []),
    ...(textIn(preferences, 'mode') === 'discussion' ? [words.discussion] : []),
    ...(typeof rounds === 'number' ? [words.rounds(rounds)] : []),
    ...(isLimit(usd) ? [words.limit(usd)] : []),
    ...(typeof temperature === 'number' && temperature !== DEFAULTS.temperature ? [words.temperature(temperature)] : []),
    ...(typeof tokens === 'number' && tokens !== DEFAULTS.tokens ? [words.tokens(tokens)] : []),
    ...(instructions === '' ? [] : [words.instructions(instructions)]),
  ];
}
