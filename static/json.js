// JSON of any shape, as models and tools hand it on: one field of it, all of it as text, and what of it is not as awaited. No type
// and no name is trusted.

const LINE_CHARACTERS = 240;
const LOOKED_AT = 4_096; // Of a longer text a line tells what stands in these first characters.
const INDENTED_DEPTH = 16; // Deeper levels stand on one line, so that the text grows only as the JSON does.

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of an object; undefined where there is none, also for names that every object inherits. @param {unknown} value @param {string} name @returns {unknown} */
export function field(value, name) {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A text in an object, '' for anything else. @param {unknown} value @param {string} name @returns {string} */
export function textIn(value, name) {
  const found = field(value, name);
  return typeof found === 'string' ? found : '';
}

/** A list in an object, empty for anything else. @param {unknown} value @param {string} name @returns {unknown[]} */
export function listIn(value, name) {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}

/** A text as it is, nothing as '', anything else as JSON. @param {unknown} value @param {number} [most] @returns {string} */
export function asText(value, most) {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : written(value, most);
}

/** The beginning of a text, on one line. @param {string} value */
export function shortLine(value) {
  return value.slice(0, LOOKED_AT).trim().replace(/\s+/g, ' ').slice(0, LINE_CHARACTERS);
}

/** The beginning of any value, on one line. @param {unknown} value */
export function asLine(value) {
  return shortLine(asText(value, LINE_CHARACTERS));
}

/** A text in an object on one line, or all of the value where that is no text. @param {unknown} value @param {string} name */
export function lineIn(value, name) {
  const found = field(value, name);
  return asLine(typeof found === 'string' ? found : value);
}

/**
 * JSON, indented. `JSON.stringify` calls itself for each level and ends in an error on a deep one; this does not.
 * @param {unknown} root
 * @param {number} [most] characters after which no more is written
 * @returns {string}
 */
export function written(root, most = Infinity) {
  /** @type {{keys: string[] | null, values: unknown[], at: number, end: string}[]} */
  const open = [];
  /** @type {string[]} */
  const pieces = [];
  let size = 0;
  const write = (/** @type {string} */ piece) => {
    pieces.push(piece);
    size += piece.length;
  };
  const breakLine = () => write(open.length <= INDENTED_DEPTH ? `\n${'  '.repeat(open.length)}` : '');
  const begin = (/** @type {unknown} */ value) => {
    const isList = Array.isArray(value);
    if (!isList && !isObject(value)) return write(scalar(value));
    const keys = isList ? null : Object.keys(value);
    const values = isList ? value : Object.values(value);
    if (values.length === 0) return write(isList ? '[]' : '{}');
    write(isList ? '[' : '{');
    open.push({ keys, values, at: 0, end: isList ? ']' : '}' });
  };
  begin(root);
  for (let inner = open.at(-1); inner && size < most; inner = open.at(-1)) {
    const { keys, values, at, end } = inner;
    if (at === values.length) {
      const indented = open.length <= INDENTED_DEPTH;
      open.pop();
      if (indented) breakLine();
      write(end);
      continue;
    }
    if (at > 0) write(',');
    breakLine();
    if (keys) write(`${JSON.stringify(keys[at])}: `);
    inner.at += 1;
    begin(values[at]);
  }
  return pieces.join('');
}

/** @param {unknown} value */
function scalar(value) {
  // What a number of 1e400 has become. JSON has no word for it, and `null` would be another value.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return JSON.stringify(value) ?? 'null';
}

/**
 * Names and types of fields. A field may always be absent, or null for that.
 * @typedef {Record<string, 'string' | 'number' | 'boolean' | 'object' | 'list'>} Shape
 */

/**
 * The fields that fit no shape: those that it does not name, too, where `isClosed`. What is no object is one misfit as a whole.
 * @param {unknown} value
 * @param {Shape} shape
 * @param {boolean} isClosed
 * @returns {unknown} undefined where there are none
 */
export function misfits(value, shape, isClosed) {
  if (!isObject(value)) return value ?? null;
  const entries = Object.entries(value);
  const odd = entries.filter(([name, given]) => (Object.hasOwn(shape, name) ? given !== null && typeOf(given) !== shape[name] : isClosed));
  if (entries.length > 0 && !entries.some(([name]) => Object.hasOwn(shape, name))) return value;
  return odd.length > 0 ? Object.fromEntries(odd) : undefined;
}

/** @param {unknown} value */
function typeOf(value) {
  return Array.isArray(value) ? 'list' : typeof value;
}
