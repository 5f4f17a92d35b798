// Which of the marks `*`, `_` and `~~` in a line of text belong together.

import { BLANK, LATIN, PUNCTUATION, WORD, runLength } from './marks.js';

const MOST_LOOKED_AT = 8;

/** @typedef {import('./inline.js').Range} Range */
/** @typedef {{char: string, at: number, left: number, length: number, isBoth: boolean}} Opener a run that is open, with the marks of it that are left; `isBoth`: it could close one, too */

/** @param {string} char */
function isEdge(char) {
  return BLANK.test(char) || PUNCTUATION.test(char) || char > '\u2e80';
}

/**
 * Pairs runs of `*`, `_` and `~~`. A run closes the last one like it that is open; what was opened in between stays as it was
 * written, so that each run is looked at once.
 * @param {string} text @param {Range[]} ranges
 */
export function createEmphasis(text, ranges) {
  /** @type {Opener[]} */
  const open = [];
  /** @type {Record<string, number>} */
  const opened = { '*': 0, _: 0, '~': 0 };

  /** @param {Opener} opener @param {number} size @param {number} at of the closing marks @param {number} close */
  function pair(opener, size, at, close) {
    opener.left -= size;
    const tag = opener.char === '~' ? 'del' : size === 2 ? 'strong' : 'em';
    ranges.push({ from: opener.at + opener.left, to: at + close, open: size, close, element: (parts) => ({ tag, parts }) });
  }

  /** The last run that these marks may close, as CommonMark's rules 9 and 10 have it; -1 for none near. @param {Pick<Opener, 'char' | 'length' | 'isBoth'>} closing */
  function openerFor({ char, length, isBoth }) {
    for (let from = open.length - 1, looked = 0; from >= 0 && looked < MOST_LOOKED_AT; from -= 1) {
      const opener = open[from];
      if (opener.char !== char) continue;
      looked += 1;
      const isOdd = (isBoth || opener.isBoth) && (opener.length + length) % 3 === 0 && length % 3 !== 0;
      if (!isOdd) return from;
    }
    return -1;
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
      const { opens, closes } = flanks(text, at, length);
      const isBoth = opens && closes;
      let left = length;
      while (closes && left > 0 && opened[char] > 0) {
        const from = openerFor({ char, length, isBoth });
        if (from === -1) break;
        while (open.length - 1 > from) drop();
        const opener = open[from];
        const size = char === '~' ? 2 : Math.min(opener.left, left) >= 2 ? 2 : 1;
        pair(opener, size, at + length - left, size);
        left -= size;
        if (opener.left === 0) drop();
      }
      if (opens && left > 0) {
        open.push({ char, at: at + length - left, left, length, isBoth });
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

/** Whether a run may open and close emphasis, by what stands beside it. @param {string} text @param {number} at @param {number} length */
function flanks(text, at, length) {
  const before = text[at - 1] ?? ' ';
  const after = text[at + length] ?? ' ';
  const isInner = text[at] === '_' ? WORD.test(before) && WORD.test(after) : length === 1 && LATIN.test(before) && LATIN.test(after);
  // Beside punctuation marks belong to what they touch on the other side; scripts without blanks have none there.
  const opens = !BLANK.test(after) && (!PUNCTUATION.test(after) || isEdge(before));
  const closes = !BLANK.test(before) && (!PUNCTUATION.test(before) || isEdge(after));
  return { opens: opens && !isInner, closes: closes && !isInner };
}
