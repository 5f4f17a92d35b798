// What a program did: its two outputs, its value, how it ended, and the files it handed back. Loaded on need, when its step is first painted.

import { artifactsIn } from '../../artifacts.js';
import { asText, field, listIn, misfits, textIn } from '../../json.js';
import { bytes, text } from '../../strings.js';
import { fileWords, programWords } from '../../strings-on-need.js';
import { artifactList } from '../artifacts.js';
import { el } from '../dom.js';
import { code, json, list, optional, part } from '../parts.js';

const { labels } = text;

/** @type {import('../../json.js').Shape} */
const resultShape = {
  success: 'boolean', stdout: 'string', stderr: 'string', returncode: 'number', value: 'string', error: 'string', truncated: 'object', artifacts: 'list',
  omitted: 'list', isolation: 'string',
};

/** @type {Record<string, string>} */
const errors = {
  timeout: 'The time was up.',
  cpu: 'The processor time was used up.',
  memory: 'The memory was used up.',
  disk: 'It wrote more than it may.',
  killed: 'A signal ended it.',
  exception: 'It raised an exception; the traceback is above.',
};

/** @param {unknown} result any JSON @returns {HTMLElement[]} */
export function output(result) {
  const truncated = field(result, 'truncated');
  const files = artifactsIn(result, location.origin);
  const omitted = [...listIn(result, 'omitted'), ...unkept(result)];
  const rest = misfits(result, resultShape, false);
  const parts = [
    ...stream(programWords.stdout, textIn(result, 'stdout'), field(truncated, 'stdout_bytes')),
    ...stream(programWords.stderr, textIn(result, 'stderr'), field(truncated, 'stderr_bytes')),
    ...optional(programWords.value, textIn(result, 'value'), code),
    ...optional(labels.error, textIn(result, 'error'), (error) => el('p', {}, errorText(error))),
    ...(files.length > 0 ? [part(labels.files, artifactList(files))] : []),
    ...(omitted.length > 0 ? [part(programWords.omitted, list(omitted, omittedRow))] : []),
    ...(rest === undefined ? [] : [part(labels.output, json(rest))]),
  ];
  return parts.length > 0 ? parts : [part(programWords.stdout, el('p', {}, 'No output.'))];
}

/** How a program ended that did not end by itself. @param {string} code */
export function errorText(code) {
  return Object.hasOwn(errors, code) ? `${errors[code]} (${code})` : code;
}

/** @param {string} label @param {string} content @param {unknown} whole its true size in bytes, where either stream was cut */
function stream(label, content, whole) {
  const isCut = typeof whole === 'number' && whole > new Blob([content]).size;
  const told = isCut ? [el('p', { class: 'note' }, `Shortened. The program wrote ${bytes(whole)} here.`)] : [];
  return content === '' && !isCut ? [] : [part(label, ...(content === '' ? [] : [code(content)]), ...told)];
}

/** Files that the program handed back and the service did not keep: they have no address. @param {unknown} result */
function unkept(result) {
  const artifacts = listIn(result, 'artifacts').filter((artifact) => field(artifact, 'url') === null);
  return artifacts.map((artifact) => ({ name: field(artifact, 'name'), reason: fileWords.notKept }));
}

/** @param {unknown} file */
function omittedRow(file) {
  const told = [textIn(file, 'name'), textIn(file, 'reason')].filter(Boolean).join(': ');
  return el('li', {}, told || asText(file));
}
