// What a program did: its two outputs, its value, how it ended, and the files it handed back.

import { artifactsIn } from '../artifacts.js';
import { bytes, text } from '../strings.js';
import { artifactList } from './artifacts.js';
import { el } from './dom.js';
import { code, part } from './parts.js';

const { labels } = text;

/** @param {Record<string, any>} result @returns {HTMLElement[]} */
export function programParts(result) {
  const { truncated } = result;
  const files = artifactsIn(result, location.origin);
  const omitted = [...listOf(result.omitted), ...unkept(result.artifacts)];
  const parts = [
    ...stream(labels.stdout, result.stdout, truncated?.stdout_bytes),
    ...stream(labels.stderr, result.stderr, truncated?.stderr_bytes),
    ...(isText(result.value) ? [part(labels.value, code(result.value))] : []),
    ...(isText(result.error) ? [part(labels.error, el('p', {}, text.program.error(result.error)))] : []),
    ...(files.length > 0 ? [part(labels.files, artifactList(files))] : []),
    ...(omitted.length > 0 ? [part(labels.omitted, el('ul', {}, ...omitted.map(omittedRow)))] : []),
  ];
  return parts.length > 0 ? parts : [part(labels.stdout, el('p', {}, text.noOutput))];
}

/** @param {Record<string, any>} result @returns {string[][]} */
export function programFacts({ returncode, isolation }) {
  const code = typeof returncode === 'number' && returncode !== 0 ? [[labels.returncode, text.program.returncode(returncode)]] : [];
  return isText(isolation) ? [...code, [labels.isolation, isolation]] : code;
}

/** @param {string} label @param {unknown} content @param {unknown} whole its true size in bytes, where either stream was cut */
function stream(label, content, whole) {
  if (typeof content !== 'string') return [];
  const isCut = typeof whole === 'number' && whole > new Blob([content]).size;
  const told = isCut ? [el('p', { class: 'note' }, text.program.cut(bytes(whole)))] : [];
  return content === '' && !isCut ? [] : [part(label, ...(content === '' ? [] : [code(content)]), ...told)];
}

/** Files that the program handed back and the service did not keep: they have no address. @param {unknown} artifacts */
function unkept(artifacts) {
  return listOf(artifacts).filter((artifact) => artifact?.url === null).map(({ name }) => ({ name, reason: text.files.notKept }));
}

/** @param {unknown} value @returns {any[]} */
function listOf(value) {
  return Array.isArray(value) ? value : [];
}

/** @param {{name?: unknown, reason?: unknown}} file */
function omittedRow({ name, reason }) {
  return el('li', {}, [name, reason].filter(isText).join(': '));
}

/** @param {unknown} value @returns {value is string} */
function isText(value) {
  return typeof value === 'string' && value !== '';
}
