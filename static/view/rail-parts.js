// What the rail tells below its lanes: who ran beside whom, what each model has taken, and the sources. Loaded with the first step.

import { besideOf } from '../beside.js';
import { isObject, textIn } from '../json.js';
import { byModel } from '../models.js';
import { passagesOf } from '../sources.js';
import { cost, shortened, text } from '../strings.js';
import { el, hostOf, safeLink } from './dom.js';
import { json, list } from './parts.js';
import { shortName } from './tools/names.js';

const { labels } = text;

/**
 * @param {HTMLElement} rail
 * @param {HTMLElement} timeline of which it tells who ran beside whom
 * @returns {(state: import('../fold.js').RunState, modelName: (id: string) => string) => void}
 */
export function createRailParts(rail, timeline) {
  const beside = el('div', { class: 'beside' });
  const models = el('section', { hidden: true });
  const sources = el('section', { hidden: true });
  timeline.append(beside);
  rail.append(models, sources);
  let said = '';
  /** @type {unknown} */
  let shownFinal;

  return (state, modelName) => {
    const sentences = besideOf(state, { modelName, toolName: shortName });
    if (said !== sentences.join()) beside.replaceChildren(list(sentences, (sentence) => el('li', {}, sentence)));
    said = sentences.join();
    const taken = [...byModel(state)];
    models.replaceChildren(el('h2', {}, labels.models), list(taken, (one) => modelRow(one, modelName), { class: 'models' }));
    models.hidden = taken.length === 0;
    if (state.final === shownFinal) return;
    shownFinal = state.final;
    const found = state.final?.sources ?? [];
    sources.replaceChildren(el('h2', {}, labels.sources), list(sourcesWithPassages(state, found), sourceRow, { class: 'sources' }));
    sources.hidden = found.length === 0;
  };
}

/** What a model has taken so far. @param {[string, {tokens: number, costUsd: number, estimated: boolean}]} taken @param {(id: string) => string} modelName */
function modelRow([model, { tokens, costUsd, estimated }], modelName) {
  return el('li', {}, el('span', { class: 'lane-name' }, shortened(modelName(model))), el('span', {}, text.about(estimated) + text.tokens(tokens)), el('span', {}, cost(costUsd)));
}

/** @param {import('../fold.js').RunState} state @param {unknown[]} sources */
function sourcesWithPassages(state, sources) {
  const passages = passagesOf(state);
  return sources.map((source, at) => ({ source, number: at + 1, passage: passages.get(textIn(source, 'url')) ?? '' }));
}

/** @param {{source: unknown, number: number, passage: string}} row */
function sourceRow({ source, number, passage }) {
  const url = textIn(source, 'url');
  const title = textIn(source, 'title') || url;
  if (!isObject(source) || title === '') return el('li', {}, json(source));
  const line = el('p', {}, el('span', { class: 'number' }, text.number(number)), ' ', safeLink(url, title));
  return el('li', { id: `source-${number}` }, line, el('span', { class: 'host' }, hostOf(url)), ...(passage === '' ? [] : [el('p', { class: 'passage', dir: 'auto' }, passage)]));
}
