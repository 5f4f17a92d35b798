// The lines of a text as its blocks are read from them: what is not seen of a line, as it belongs to the block around, and the rest.

/**
 * @typedef {import('./inline.js').Part} Part
 * @typedef {{unseen: string, text: string}} Line
 */

/** A block is read no further than this, and goes on in the next one. */
export const WINDOW = 2_048;

/** The lines that lie there, as far as they are read at once. @param {string} text @param {number} at @returns {{lines: Line[], isFull: boolean}} */
export function linesFrom(text, at) {
  /** @type {Line[]} */
  const lines = [];
  let from = at;
  let isEnded = true;
  while (from < text.length && from - at < WINDOW) {
    const end = text.indexOf('\n', from) + 1 || text.length + 1;
    const to = Math.min(end, from + WINDOW);
    const line = text.slice(from, to > text.length ? text.length : to - (isHalf(text.charCodeAt(to - 1)) ? 1 : 0));
    isEnded = to <= text.length;
    lines.push({ unseen: '', text: line });
    from += line.length;
  }
  return { lines, isFull: from - at >= WINDOW - 1 && isEnded };
}

/** The first half of a character. @param {number} code */
function isHalf(code) {
  return code >= 0xd800 && code < 0xdc00;
}

/** The text of lines, with what is not seen of each. Its last line end belongs to the block. @param {Line[]} lines @returns {Part[]} */
export function textOf(lines) {
  /** @type {Part[]} */
  const parts = [];
  let text = '';
  const end = () => {
    if (text !== '') parts.push(text);
    text = '';
  };
  lines.forEach((line, index) => {
    if (line.unseen !== '') {
      end();
      parts.push({ unseen: line.unseen });
    }
    text += index < lines.length - 1 ? line.text : bare(line.text);
  });
  end();
  const last = lines[lines.length - 1].text;
  return [...parts, { unseen: last.slice(bare(last).length) }];
}

/** @param {Line[]} lines @returns {Part} */
export function joined(lines) {
  return { unseen: lines.map(({ unseen, text }) => unseen + text).join('') };
}

/** @param {Line} line @returns {Part} */
export function whollyUnseen({ unseen, text }) {
  return { unseen: unseen + text };
}

/** A line without what marks it as a part of the block around. @param {Line} line @param {RegExp} mark @returns {Line} */
export function without({ unseen, text }, mark) {
  const length = mark.exec(text)?.[0].length ?? 0;
  return { unseen: unseen + text.slice(0, length), text: text.slice(length) };
}

/** @param {string} line */
export function bare(line) {
  return line.replace(/\r?\n$/, '');
}

/** @param {Line[]} lines @param {(text: string, index: number) => boolean} fits */
export function countWhile(lines, fits) {
  const end = lines.findIndex(({ text }, index) => !fits(bare(text), index));
  return end === -1 ? lines.length : end;
}
/** @param {string | {unseen: string} | object} part */
export function isThere(part) {
  return typeof part === 'string' ? part !== '' : !('unseen' in part) || part.unseen !== '';
}
