// What a program did: its two outputs, its value, how it ended, and the files it handed back.

import { artifactsIn } from '../artifacts.js';
import { asText, field, listIn, textIn } from '../json.js';
import { bytes, text } from '../strings.js';
import { artifactList } from './artifacts.js';
import { el } from './dom.js';
import { code, json, list, part } from './parts.js';
import { misfits, programShape } from './shapes.js';

const { labels } = text;

/** @param {unknown} result any JSON @returns {HTMLElement[]} */
export function programParts(result) {
  const truncated = field(result, 'truncated');
  const files = artifactsIn(result, location.origin);
  const omitted = [...listIn(result, 'omitted'), ...unkept(result)];
  const value = textIn(result, 'value');
  const error = textIn(result, 'error');
  const rest = misfits(result, programShape, false);
  const parts = [
    ...stream(labels.stdout, textIn(result, 'stdout'), field(truncated, 'stdout_bytes')),
    ...stream(labels.stderr, textIn(result, 'stderr'), field(truncated, 'stderr_bytes')),
    ...(value === '' ? [] : [part(labels.value, code(value))]),
    ...(error === '' ? [] : [part(labels.error, el('p', {}, text.program.error(error)))]),
    ...(files.length > 0 ? [part(labels.files, artifactList(files))] : []),
    ...(omitted.length > 0 ? [part(labels.omitted, list(omitted, omittedRow))] : []),
    ...(rest === undefined ? [] : [part(labels.output, json(rest))]),
  ];
  return parts.length > 0 ? parts : [part(labels.stdout, el('p', {}, text.noOutput))];
}

/** @param {unknown} result @returns {string[][]} */
export function programFacts(result) {
  const returncode = field(result, 'returncode');
  const isolation = textIn(result, 'isolation');
  const code = typeof returncode === 'number' && returncode !== 0 ? [[labels.returncode, text.program.returncode(returncode)]] : [];
  return isolation === '' ? code : [...code, [labels.isolation, isolation]];
}

/** @param {string} label @param {string} content @param {unknown} whole its true size in bytes, where either stream was cut */
function stream(label, content, whole) {
  const isCut = typeof whole === 'number' && whole > new Blob([content]).size;
  const told = isCut ? [el('p', { class: 'note' }, text.program.cut(bytes(whole)))] : [];
  return content === '' && !isCut ? [] : [part(label, ...(content === '' ? [] : [code(content)]), ...told)];
}

/** Files that the program handed back and the service did not keep: they have no address. @param {unknown} result */
function unkept(result) {
  const artifacts = listIn(result, 'artifacts').filter((artifact) => field(artifact, 'url') === null);
  return artifacts.map((artifact) => ({ name: field(artifact, 'name'), reason: text.files.notKept }));
}

/** @param {unknown} file */
function omittedRow(file) {
  const told = [textIn(file, 'name'), textIn(file, 'reason')].filter(Boolean).join(': ');
  return el('li', {}, told || asText(file));
}
