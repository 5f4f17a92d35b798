// A run as a file of Markdown: what was asked and answered as it was written, then its sources and steps. No DOM, no network.

import { answerOf, callsOf, fateOf } from './derive.js';
import { textIn, written } from './json.js';
import { cost, duration, text } from './strings.js';
import { passagesOf } from './sources.js';
import { exportWords as words, whyWords } from './strings-on-need.js';
import { whyOf } from './why.js';

/**
 * @typedef {import('./fold.js').RunState} RunState
 * @typedef {{name: string, fate: string, time: string, taken: string, line: string, input: string, output: string}} Row of a step
 * @typedef {{question: string, status: string, answer: string, why: string[], sources: {title: string, url: string, passage: string}[], rows: Row[], link: string}} Exported
 */

/**
 * What an export holds.
 * @param {RunState} state of a run that is over @param {import('./why.js').Names & {lineOf: (step: import('./fold.js').CallStep) => string, link: string, status: string}} about
 * @returns {Exported}
 */
export function exported(state, about) {
  const passages = passagesOf(state);
  const sources = (state.final?.sources ?? []).map((source) => ({ title: textIn(source, 'title') || textIn(source, 'url'), url: textIn(source, 'url'), passage: passages.get(textIn(source, 'url')) ?? '' }));
  const rows = callsOf(state).map((step) => ({
    name: (step.within ? '– ' : '') + step.tool,
    fate: text.fates[fateOf(step)],
    time: step.outcome ? duration(step.outcome.durationMs) : '',
    taken: step.outcome?.costUsd ? cost(step.outcome.costUsd) : '',
    line: about.lineOf(step),
    input: step.arguments === undefined ? '' : written(step.arguments),
    output: step.outcome ? (textIn(step.outcome.result, 'content') || written(step.outcome.result)) : '',
  }));
  return { question: state.query, status: about.status, answer: answerOf(state, about.endsRun)?.text ?? '', why: whyOf(state, about), sources, rows, link: about.link };
}

/** @param {Exported} run */
export function markdownOf({ question, status, answer, why, sources, rows, link }) {
  const steps = rows.map(({ name, fate, time, taken, line, input, output }) =>
    [`### ${inLine(name)}`, inLine([line, fate, time, taken].filter(Boolean).join(' · ')), ...(input ? [`${words.input}:`, fenced(input)] : []), ...(output ? [`${words.output}:`, fenced(output)] : [])].join('\n\n'));
  return [
    `# ${words.question}`, question, `${status}\n<${link}>`,
    `# ${words.answer}`, answer || words.notAnswered,
    `# ${whyWords.title}`, why.join(' '),
    ...(sources.length > 0 ? [`# ${words.sources}`, sources.map(sourceLine).join('\n')] : []),
    ...(steps.length > 0 ? [`# ${words.steps}`, ...steps] : []),
  ].join('\n\n') + '\n';
}

/** @param {{title: string, url: string, passage: string}} source @param {number} at */
function sourceLine({ title, url, passage }, at) {
  const link = /^https?:\/\/[^\s<>]+$/i.test(url) ? `[${inLine(title)}](<${url}>)` : inLine(title);
  return `${at + 1}. ${link}${passage ? `\n   > ${inLine(passage)}` : ''}`;
}

/** A text on one line, where nothing of it marks anything up. @param {string} said */
function inLine(said) {
  return said.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|~$]/g, '\\$&');
}

/** Code within marks that are longer than any in it. @param {string} content */
function fenced(content) {
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}\n${content.replace(/\n?$/, '\n')}${marks}`;
}
