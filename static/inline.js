// Markdown within a line of text: code, links, emphasis, addresses, references. Read in time that grows as the text does, whatever
// stands in it. Nothing of the text is lost: what only marks it up is kept, unseen.

import { createEmphasis } from './emphasis.js';
import { formulaAt } from './formulas.js';
import { LATIN, PUNCTUATION, runLength } from './marks.js';

/**
 * A part of a text as it is shown: seen as it is, not seen, or within an element. All of them in order are the text.
 * @typedef {string | {unseen: string} | Element} Part
 * @typedef {{tag: 'strong' | 'em' | 'del' | 'code' | 'br', parts: Part[]} | {tag: 'a', url: string, parts: Part[]} | {tag: 'cite', number: number, parts: Part[]}
 *   | {tag: 'note', name: string, parts: Part[]}
 *   | {tag: 'file', name: string, isPicture: boolean, parts: Part[]} | {tag: 'formula', isDisplay: boolean, parts: Part[]}} Element `cite`: the number of a source; `note`: the name of
 *   a footnote; `file`: what may be one of the run's own, with all that was written of it
 */

const MOST_ADDRESS = 2_000;
const MOST_ELEMENTS = 64; // What follows of the text is left as it was written.
const DESTINATION = /\(\s*(?:<([^<>\n]*)>|([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*))(?:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\([^()\\]*\)))?\s*\)/y;
const WEB = /^https?:\/\//i;
const ADDRESS = /https?:\/\/[^\s<>"`|\\^{}[\]]+/y;
const TAIL = /[.,;:!?*_~'")]+$/;
const ANGLED = /<(https?:\/\/[^\s<>]+)>/y;
const BREAK = /<br\s*\/?>/iy;
const NUMBERS = /^\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*$/;
const NOTE = /^\^[\w-]{1,40}$/;
const FILE = /^(?:(?:sandbox:|attachment:)?[\w./-]*\/|attachment:)?([^\s:/\\?#]{1,200}\.\w{1,5})(?:\?[\w.=&-]*)?$/;

/**
 * @typedef {{from: number, to: number, open: number, close: number, isLink?: boolean, element: (parts: Part[]) => Element}} Range what lies from `from` to
 *   `to`, of which the first `open` and the last `close` characters are marks
 */

/**
 * @param {string} text
 * @param {boolean} isGrowing whether more of it may come: what is still open then is taken for closed at its end
 * @returns {Part[]}
 */
export function partsOf(text, isGrowing) {
  /** @type {Range[]} */
  const ranges = [];
  const emphasis = createEmphasis(text, ranges);
  const closings = closingBrackets(text);
  const ticks = nextTicks(text);
  let at = 0;
  while (at < text.length && ranges.length < MOST_ELEMENTS) at = rangeAt(text, at, { ranges, emphasis, closings, ticks, isGrowing });
  if (isGrowing) emphasis.closeAll();
  return built(text, ranges.sort((a, b) => a.from - b.from || b.to - a.to));
}

/**
 * Reads what begins at a place, and says where reading goes on.
 * @param {string} text @param {number} at
 * @param {{ranges: Range[], emphasis: ReturnType<typeof createEmphasis>, closings: Map<number, number>, ticks: Map<number, number>, isGrowing: boolean}} found
 */
function rangeAt(text, at, { ranges, emphasis, closings, ticks, isGrowing }) {
  const char = text[at];
  /** @param {number} to @param {number} open @param {number} close @param {Range['element']} element @param {boolean} [isLink] */
  const add = (to, open, close, element, isLink = false) => {
    ranges.push({ from: at, to, open, close, isLink, element });
    return to;
  };
  /** @param {{to: number, isDisplay: boolean, marks: number}} formula */
  const addFormula = ({ to, isDisplay, marks }) => add(to, marks, marks, (parts) => ({ tag: 'formula', isDisplay, parts }));
  switch (char) {
    case '$': {
      const formula = formulaAt(text, at);
      return formula ? addFormula(formula) : at + runLength(text, at);
    }
    case '\\': {
      const formula = formulaAt(text, at);
      if (formula) return addFormula(formula);
      // At the end of a line it means the break that is shown there all the same.
      if (text[at + 1] !== '\n' && !PUNCTUATION.test(text[at + 1] ?? '')) return at + 1;
      ranges.push({ from: at, to: at + 1, open: 1, close: 0, element: unseen });
      return at + 2;
    }
    case '`': {
      const length = runLength(text, at);
      const end = ticks.get(at) ?? (isGrowing && length < 3 ? text.length : -1);
      const isClosed = ticks.has(at);
      if (end <= at) return at + length;
      // A blank at both ends is there for the marks' sake.
      const padding = isClosed && /^\s[^]*\S[^]*\s$/.test(text.slice(at + length, end)) ? 1 : 0;
      return add(isClosed ? end + length : end, length + padding, isClosed ? length + padding : 0, (parts) => ({ tag: 'code', parts }));
    }
    case '*':
    case '_':
    case '~':
      return emphasis.run(at);
    case '!':
    case '[': {
      const opened = char === '!' ? at + 1 : at;
      const close = closings.get(opened);
      if (close === undefined) return at + 1;
      const inner = text.slice(opened + 1, close);
      const destination = matchAt(DESTINATION, text, close + 1);
      const url = destination?.[1] ?? destination?.[2] ?? '';
      // Pictures are links: nothing foreign is loaded. What leads nowhere a person could go stays as it was written.
      if (destination && WEB.test(url) && inner.trim() !== '') {
        const to = close + 1 + destination[0].length;
        add(to, opened + 1 - at, to - close, (parts) => ({ tag: 'a', url, parts }), true);
        return opened + 1;
      }
      const file = destination && FILE.exec(url)?.[1];
      if (file) return add(close + 1 + destination[0].length, 0, 0, (parts) => ({ tag: 'file', name: file, isPicture: char === '!', parts }), true);
      if (char === '!') return at + 1;
      if (NOTE.test(inner)) return add(close + 1, 2, 1, (parts) => ({ tag: 'note', name: inner.slice(1), parts }), true);
      return NUMBERS.test(inner) ? cite(ranges, text, at, close) : at + 1;
    }
    case '<': {
      const line = matchAt(BREAK, text, at);
      if (line) return add(at + line[0].length, line[0].length, 0, (parts) => ({ tag: 'br', parts }));
      const angled = matchAt(ANGLED, text, at);
      return angled ? add(at + angled[0].length, 1, 1, (parts) => ({ tag: 'a', url: angled[1], parts }), true) : at + 1;
    }
    case 'h': {
      const url = addressAt(text, at);
      return url === '' ? at + 1 : add(at + url.length, 0, 0, (parts) => ({ tag: 'a', url, parts }), true);
    }
    default:
      return at + 1;
  }
}

/** Each number between brackets leads to its source. @param {Range[]} ranges @param {string} text @param {number} at @param {number} close */
function cite(ranges, text, at, close) {
  for (const { 0: digits, index } of text.slice(at, close).matchAll(/\d+/g)) {
    ranges.push({ from: at + index, to: at + index + digits.length, open: 0, close: 0, isLink: true, element: (parts) => ({ tag: 'cite', number: Number(digits), parts }) });
  }
  return close + 1;
}

/** The address that begins at a place, '' for none. @param {string} text @param {number} at */
function addressAt(text, at) {
  const found = LATIN.test(text[at - 1] ?? '') ? null : matchAt(ADDRESS, text, at);
  return found ? withoutTail(found[0]) : '';
}

/** An address in a sentence, without what belongs to the sentence. @param {string} found */
function withoutTail(found) {
  const url = found.slice(0, MOST_ADDRESS);
  const tail = TAIL.exec(url)?.[0] ?? '';
  const opened = url.split('(').length - url.split(')').length;
  return tail.startsWith(')') && opened >= 0 ? url.slice(0, url.length - tail.length + 1) : url.slice(0, url.length - tail.length);
}

/** @param {RegExp} pattern sticky @param {string} text @param {number} at */
function matchAt(pattern, text, at) {
  pattern.lastIndex = 0;
  return text[at] === undefined ? null : pattern.exec(text.slice(at, at + MOST_ADDRESS));
}

/** Where the next run of as many backticks begins, for each run. @param {string} text @returns {Map<number, number>} */
function nextTicks(text) {
  /** @type {Map<number, number>} */
  const next = new Map();
  /** @type {Map<number, number>} */
  const last = new Map();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const before = last.get(run.length);
    if (before !== undefined) next.set(before, index);
    last.set(run.length, index);
  }
  return next;
}

/** Where each bracket is closed. @param {string} text @returns {Map<number, number>} */
function closingBrackets(text) {
  /** @type {Map<number, number>} */
  const closings = new Map();
  /** @type {number[]} */
  const open = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '[') open.push(at);
    else if (text[at] === ']') {
      const opened = open.pop();
      if (opened !== undefined) closings.set(opened, at);
    }
  }
  return closings;
}

/** @type {Range['element']} */
const unseen = (parts) => /** @type {any} */ (parts[0]);

/**
 * The parts of a text with these ranges, outer ones first. One that overlaps another is left out.
 * @param {string} text @param {Range[]} ranges
 * @returns {Part[]}
 */
function built(text, ranges) {
  /** @type {{range: Range, parts: Part[]}[]} */
  const open = [{ range: { from: 0, to: text.length, open: 0, close: 0, element: unseen }, parts: [] }];
  let at = 0;
  /** @param {number} to @param {boolean} isSeen */
  const take = (to, isSeen) => {
    if (to > at) open[open.length - 1].parts.push(isSeen ? text.slice(at, to) : { unseen: text.slice(at, to) });
    at = Math.max(at, to);
  };
  const close = () => {
    const { range, parts } = /** @type {typeof open[number]} */ (open.pop());
    open[open.length - 1].parts.push(range.element(parts));
  };
  /** @param {number} before */
  const closeUpTo = (before) => {
    while (open.length > 1 && open[open.length - 1].range.to <= before) {
      const { range } = open[open.length - 1];
      take(range.to - range.close, true);
      take(range.to, false);
      close();
    }
  };
  for (const range of ranges) {
    closeUpTo(range.from);
    const outer = open[open.length - 1].range;
    // No link stands within another one.
    if (range.isLink && open.some((one) => one.range.isLink)) continue;
    const isWithin = range.from >= outer.from + outer.open && range.to <= outer.to - outer.close && range.from >= at;
    if (!isWithin) continue;
    take(range.from, true);
    open.push({ range, parts: [] });
    take(range.from + range.open, false);
  }
  closeUpTo(text.length);
  take(text.length, true);
  return open[0].parts;
}
