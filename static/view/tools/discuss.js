// What came of a discussion, what each model held by itself, and what it replied to the others. Loaded on need: most runs hold none. An
// inner step of it is what one model wrote.

import { field, listIn, misfits, textIn } from '../../json.js';
import { text } from '../../strings.js';
import { el } from '../dom.js';
import { json, list, part, prose } from '../parts.js';

const { labels } = text;
const ROUNDS = ['Opinions', 'Replies'];

/** @type {import('../../json.js').Shape} */
const resultShape = { content: 'string', rounds: 'list', model_id: 'string', left_out: 'list', model_name: 'string', tokens_used: 'number', finish_reason: 'string' };
/** @type {import('../../json.js').Shape} */
const saidShape = { model_id: 'string', content: 'string' };

/** @param {unknown} result any JSON @param {(id: string) => string} modelName @returns {HTMLElement[]} */
export function output(result, modelName) {
  const content = field(result, 'content');
  const rest = misfits(result, resultShape, false);
  const leftOut = listIn(result, 'left_out');
  return [
    ...(typeof content === 'string' ? [part(labels.output, prose(content))] : []),
    ...listIn(result, 'rounds').map((said, at) => part(ROUNDS[at] ?? `Round ${at + 1}`, saidIn(said, modelName))),
    ...(leftOut.length > 0 ? [part('Left out', list(leftOut, (one) => leftOutRow(one, modelName), { class: 'results' }))] : []),
    ...(rest === undefined ? [] : [part(labels.output, json(rest))]),
  ];
}

/** @param {unknown} said @param {(id: string) => string} modelName */
function saidIn(said, modelName) {
  return Array.isArray(said) ? list(said, (one) => saidRow(one, modelName), { class: 'results' }) : json(said);
}

/** @param {unknown} said @param {(id: string) => string} modelName */
function saidRow(said, modelName) {
  if (misfits(said, saidShape, false) !== undefined) return el('li', {}, json(said));
  return el('li', {}, el('strong', {}, modelName(textIn(said, 'model_id'))), prose(textIn(said, 'content')));
}

/** @param {unknown} one @param {(id: string) => string} modelName */
function leftOutRow(one, modelName) {
  const model = textIn(one, 'model_id');
  return el('li', {}, ...(model === '' ? [json(one)] : [el('strong', {}, modelName(model)), ` ${textIn(one, 'stage')}: ${textIn(one, 'code')}`]));
}
