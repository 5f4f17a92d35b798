// What an answer rests on: which source a number in it means, and the passage of each that the log holds. No DOM, no network.

import { callsOf } from './derive.js';
import { field, listIn, shortLine, textIn } from './json.js';

const MOST_CHARACTERS = 400;
const LISTED = /^[ \t]*(?:[-*+][ \t]+)?\[(\d{1,3})\]:?[ \t].*?(https?:\/\/[^\s<>)\]]+)/gm;

/**
 * What the tools have said of each address: the passage that a search found there, or the beginning of what was read.
 * @param {import('./fold.js').RunState} state
 * @returns {Map<string, string>}
 */
export function passagesOf(state) {
  /** @type {Map<string, string>} */
  const passages = new Map();
  const add = (/** @type {unknown} */ of, /** @type {string[]} */ ...keys) => {
    const url = textIn(of, 'url');
    const passage = keys.map((key) => textIn(of, key)).find((said) => said !== '');
    if (url !== '' && passage && !passages.has(url)) passages.set(url, shortLine(passage.slice(0, MOST_CHARACTERS)));
  };
  for (const { outcome } of callsOf(state)) {
    if (!outcome?.ok) continue;
    for (const found of listIn(outcome.result, 'results')) add(found, 'passage', 'snippet', 'text');
    if (typeof field(outcome.result, 'url') === 'string') add(outcome.result, 'text');
  }
  return passages;
}

/**
 * The place of the source that each number of an answer means: where it lists its sources itself, that of the address which stands there, else
 * the number's own. Numbers without a source are left out.
 * @param {string} answer @param {unknown[]} sources
 * @returns {(number: number) => number | null} counted from 0
 */
export function numbering(answer, sources) {
  const urls = sources.map((source) => textIn(source, 'url').replace(/\/$/, ''));
  const listed = new Map([...answer.matchAll(LISTED)].map(([, number, url]) => [Number(number), url.replace(/[.,;:]?\/?$/, '')]));
  return (number) => {
    const url = listed.get(number);
    const at = url === undefined ? number - 1 : urls.indexOf(url);
    return at >= 0 && at < sources.length ? at : null;
  };
}
