// Markdown within a line of text: code, links, emphasis, addresses, references. Read in time that grows as the text does, whatever
// stands in it. Nothing of the text is lost: what only marks it up is kept, unseen.

/**
 * A part of a text as it is shown: seen as it is, not seen, or within an element. All of them in order are the text.
 * @typedef {string | {unseen: string} | Element} Part
 * @typedef {{tag: 'strong' | 'em' | 'del' | 'code' | 'br', parts: Part[]} | {tag: 'a', url: string, parts: Part[]} | {tag: 'cite', number: number, parts: Part[]}
 *   | {tag: 'note', name: string, parts: Part[]}} Element `cite`: the number of a source; `note`: the name of a footnote
 */

const MOST_ADDRESS = 2_000;
const MOST_ELEMENTS = 64; // What follows of the text is left as it was written.
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const BLANK = /\s/;
const WORD = /[\p{L}\p{N}]/u;
const LATIN = /[A-Za-z0-9]/;
const DESTINATION = /\(\s*(?:<([^<>\n]*)>|([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/y;
const WEB = /^https?:\/\//i;
const ADDRESS = /https?:\/\/[^\s<>"`|\\^{}]+/y;
const TAIL = /[.,;:!?*_~'"\])]+$/;
const ANGLED = /<(https?:\/\/[^\s<>]+)>/y;
const BREAK = /<br\s*\/?>/iy;
const NUMBERS = /^\d{1,3}(?:\s*[,;]\s*\d{1,3})*$/;
const NOTE = /^\^[\w-]{1,40}$/;

/**
 * @typedef {{from: number, to: number, open: number, close: number, element: (parts: Part[]) => Element}} Range what lies from `from` to
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
  /** @param {number} to @param {number} open @param {number} close @param {Range['element']} element */
  const add = (to, open, close, element) => {
    ranges.push({ from: at, to, open, close, element });
    return to;
  };
  switch (char) {
    case '\\':
      if (!PUNCTUATION.test(text[at + 1] ?? '')) return at + 1;
      ranges.push({ from: at, to: at + 1, open: 1, close: 0, element: unseen });
      return at + 2;
    case '`': {
      const length = runLength(text, at);
      const end = ticks.get(at) ?? (isGrowing && length < 3 ? text.length : -1);
      const isClosed = ticks.has(at);
      return end > at ? add(isClosed ? end + length : end, length, isClosed ? length : 0, (parts) => ({ tag: 'code', parts })) : at + length;
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
        add(to, opened + 1 - at, to - close, (parts) => ({ tag: 'a', url, parts }));
        return opened + 1;
      }
      if (char === '!') return at + 1;
      if (NOTE.test(inner)) return add(close + 1, 2, 1, (parts) => ({ tag: 'note', name: inner.slice(1), parts }));
      return NUMBERS.test(inner) ? cite(ranges, text, at, close) : at + 1;
    }
    case '<': {
      const line = matchAt(BREAK, text, at);
      if (line) return add(at + line[0].length, line[0].length, 0, (parts) => ({ tag: 'br', parts }));
      const angled = matchAt(ANGLED, text, at);
      return angled ? add(at + angled[0].length, 1, 1, (parts) => ({ tag: 'a', url: angled[1], parts })) : at + 1;
    }
    case 'h': {
      const address = LATIN.test(text[at - 1] ?? '') ? null : matchAt(ADDRESS, text, at);
      if (!address) return at + 1;
      const url = withoutTail(address[0]);
      return add(at + url.length, 0, 0, (parts) => ({ tag: 'a', url, parts }));
    }
    default:
      return at + 1;
  }
}

/** Each number between brackets leads to its source. @param {Range[]} ranges @param {string} text @param {number} at @param {number} close */
function cite(ranges, text, at, close) {
  for (const { 0: digits, index } of text.slice(at, close).matchAll(/\d+/g)) {
    ranges.push({ from: at + index, to: at + index + digits.length, open: 0, close: 0, element: (parts) => ({ tag: 'cite', number: Number(digits), parts }) });
  }
  return close + 1;
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

/** How often a character stands there one after the other. @param {string} text @param {number} at */
function runLength(text, at) {
  let end = at + 1;
  while (text[end] === text[at]) end += 1;
  return end - at;
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

/**
 * Pairs runs of `*`, `_` and `~~`. A run closes the last one like it that is open; what was opened in between stays as it was
 * written, so that each run is looked at once.
 * @param {string} text @param {Range[]} ranges
 */
function createEmphasis(text, ranges) {
  /** @type {{char: string, at: number, left: number}[]} runs that are open, with the marks of them that are left */
  const open = [];
  /** @type {Record<string, number>} */
  const opened = { '*': 0, _: 0, '~': 0 };

  /** @param {number} at @param {number} length */
  function flanks(at, length) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + length] ?? ' ';
    const isInner = text[at] === '_' ? WORD.test(before) && WORD.test(after) : length === 1 && LATIN.test(before) && LATIN.test(after);
    return { opens: !BLANK.test(after) && !isInner, closes: !BLANK.test(before) && !isInner };
  }

  /** @param {{char: string, at: number, left: number}} opener @param {number} size @param {number} at of the closing marks @param {number} close */
  function pair(opener, size, at, close) {
    opener.left -= size;
    const tag = opener.char === '~' ? 'del' : size === 2 ? 'strong' : 'em';
    ranges.push({ from: opener.at + opener.left, to: at + close, open: size, close, element: (parts) => ({ tag, parts }) });
  }

  const drop = () => {
    const last = open.pop();
    if (last) opened[last.char] -= 1;
  };

  return {
    /** @param {number} at @returns {number} where the run ends */
    run(at) {
      const char = text[at];
      const length = runLength(text, at);
      if (length > 3 || (char === '~' && length !== 2)) return at + length;
      const { opens, closes } = flanks(at, length);
      let left = length;
      while (closes && left > 0 && opened[char] > 0) {
        while (open[open.length - 1].char !== char) drop();
        const opener = open[open.length - 1];
        const size = char === '~' ? 2 : Math.min(opener.left, left) >= 2 ? 2 : 1;
        pair(opener, size, at + length - left, size);
        left -= size;
        if (opener.left === 0) drop();
      }
      if (opens && left > 0) {
        open.push({ char, at: at + length - left, left });
        opened[char] += 1;
      }
      return at + length;
    },
    closeAll() {
      for (let opener = open.pop(); opener; opener = open.pop()) {
        if (opener.at + opener.left >= text.length) continue;
        while (opener.left > 0) pair(opener, opener.char === '~' || opener.left >= 2 ? 2 : 1, text.length, 0);
      }
    },
  };
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
