// A call for which a model writes something that another tool then runs: both are steps within it. It shows what was written, and
// what came of it as that other tool shows it.

import { innerOf } from '../../derive.js';
import { asText, isObject, shortLine, textIn } from '../../json.js';
import { text } from '../../strings.js';
import { el } from '../dom.js';
import { json, part } from '../parts.js';
import { lineOf } from '../step-line.js';
import { asked, written } from './model.js';
import { shortName } from './names.js';
import { endsRun, faceOf } from './registry.js';

const { labels } = text;
const STAGE = 'writing';
const BLANKS = /\s+/g;

/**
 * @typedef {import('../../fold.js').CallStep} CallStep
 * @typedef {import('./registry.js').Face} Face
 */

/**
 * The face of a step, which follows from the steps within it, too.
 * @param {CallStep} step
 * @param {CallStep[]} within
 * @param {(id: string) => string} modelName
 * @returns {Face}
 */
export function faceOfStep(step, within, modelName) {
  const own = faceOf(step.tool);
  if (isWriting(step)) return { tone: own.tone, line: (_, outcome) => (outcome ? shortLine(textIn(outcome.result, 'content')) : 'Writing'), input: asked, output: written };
  const writer = within.find(isWriting);
  if (!writer) return own;
  const runner = within.find((inner) => !isWriting(inner));
  const name = modelName(writer.model ?? '');
  if (!runner) return { tone: own.tone, line: () => `${name} is writing`, input: own.input, output: (result) => [part(labels.output, json(result))], model: writer.model };
  const { line, output, facts } = faceOf(runner.tool);
  return { tone: own.tone, line: (_, outcome) => line(runner.arguments, outcome), input: { shape: {}, of: runner, parts: () => inputOf(runner, writer, name) }, output, facts, model: writer.model };
}

/** What the steps of a run are called by, outside of their rows. @param {import('../../fold.js').RunState} state @param {(id: string) => string} modelName */
export function namesOf(state, modelName) {
  const within = innerOf(state);
  const lineOfStep = (/** @type {CallStep} */ step) => lineOf(step, faceOfStep(step, within.get(step.key) ?? [], modelName), modelName);
  return { modelName, toolName: shortName, endsRun, lineOf: lineOfStep };
}

/** Whether a model writes in this step what another tool is to run. @param {CallStep} step */
function isWriting({ within, arguments: input }) {
  return within !== null && textIn(input, 'stage') === STAGE;
}

/** What was run, and who wrote it. @param {CallStep} runner @param {CallStep} writer @param {string} name */
function inputOf({ tool, arguments: input }, writer, name) {
  const known = faceOf(tool).input;
  const isKnown = known && (!known.needed || textIn(input, known.needed) !== '');
  const parts = isKnown ? known.parts(input) : [part(labels.input, json(input))];
  const says = isWrittenIn(asText(writer.outcome && textIn(writer.outcome.result, 'content')), input) ? `Written by ${name}.` : `${name} has written none: this was taken in its place.`;
  parts[0].append(el('p', { class: 'note' }, says));
  return parts;
}

/** Whether one of the texts of a call stands in what a model wrote. @param {string} content @param {unknown} input */
function isWrittenIn(content, input) {
  const all = content.replace(BLANKS, ' ');
  const texts = isObject(input) ? Object.values(input).filter((value) => typeof value === 'string') : [];
  return texts.map((value) => String(value).replace(BLANKS, ' ').trim()).some((value) => value !== '' && all.includes(value));
}
