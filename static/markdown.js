// Markdown as models write it, read block by block from front to end while the text still grows. A block that is whole stays as it
// is, whatever follows: so a rule of dashes is never a heading of the line before it, and lines that are indented are no code.

import { partsOf } from './inline.js';

/**
 * @typedef {import('./inline.js').Part} Part
 * @typedef {'blank' | 'paragraph' | 'heading' | 'rule' | 'quote' | 'item' | 'table' | 'row' | 'code'} Kind
 * @typedef {{kind: Kind, level: number, ordered: boolean, goesOn: boolean, parts: Inner[]}} Block `level` of a heading; `goesOn` with the block before it. All seen and unseen texts in order are
 *   the block's text
 * @typedef {Part | Block | {tag: 'ul' | 'ol' | 'table', parts: Inner[]} | {tag: 'cell', align: string, head: boolean, parts: Part[]} | {tag: 'mark' | 'task' | 'text', parts: Part[]}} Inner
 * @typedef {{at: number, columns: string[] | null, fence: string, isCut: boolean, blocks: number}} Place where reading goes on: the `columns` of the table and the
 *   marks of the code that are open there, and whether the block before it was cut
 * @typedef {{block: Block, to: number, whole: boolean, next: Place}} Read `whole`: no text that follows can change it
 * @typedef {{unseen: string, text: string}} Line what is not seen of it, as it belongs to the block around, and the rest
 */

/** A block is read no further than this, and goes on in the next one. */
export const WINDOW = 2_048;
/** Blocks of code that are set as such; all that stands behind them is left as it was written. */
export const MOST_BLOCKS = 500;
const DEEPEST = 6;
const MOST_CELLS = 64;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+|$)/;
const TASK = /^\[[ xX]\](?= )/;
const DELIMITERS = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** @type {Place} */
export const start = { at: 0, columns: null, fence: '', isCut: false, blocks: 0 };

/**
 * The block that begins at a place before the text's end.
 * @param {string} text @param {Place} place @param {boolean} isGrowing whether more of the text may come
 * @returns {Read}
 */
export function blockAt(text, place, isGrowing) {
  const { lines, isFull } = linesFrom(text, place.at);
  const taken = take(lines, place, 0);
  const to = lines.slice(0, taken.lines).reduce((sum, line) => sum + line.text.length, place.at);
  const isCut = isFull && taken.lines === lines.length;
  const whole = isCut || isSettled(text, to);
  const block = taken.make(isGrowing && !whole);
  const isOpen = block.kind === 'code' && taken.fence !== '';
  const blocks = place.blocks + (block.kind === 'code' && !block.goesOn ? 1 : 0);
  return { block, to, whole, next: { at: to, columns: taken.columns, fence: isOpen && isCut ? taken.fence : '', isCut: isCut && block.kind === 'paragraph', blocks } };
}

/** Whether enough lies behind a block to know that it has ended: a line that is a row of a table only by the next, and one that is not blank. @param {string} text @param {number} to */
function isSettled(text, to) {
  const behind = text.slice(to, to + 2 * WINDOW);
  const isFar = behind.length === 2 * WINDOW;
  return isFar || (/\S[^\n]*\n/.test(behind) && behind.indexOf('\n', behind.indexOf('\n') + 1) !== -1);
}

/** The lines that lie there, as far as they are read at once. @param {string} text @param {number} at @returns {{lines: Line[], isFull: boolean}} */
function linesFrom(text, at) {
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

/**
 * @typedef {{lines: number, columns: string[] | null, fence: string, make: (isGrowing: boolean) => Block}} Taken
 */

/**
 * How many of these lines make the first block, and what it is.
 * @param {Line[]} lines @param {Place} place @param {number} depth
 * @returns {Taken}
 */
function take(lines, { columns, fence: open, isCut, blocks }, depth) {
  const line = bare(lines[0].text);
  /** @param {number} count @param {Kind} kind @param {(isGrowing: boolean) => Inner[]} parts @param {Partial<Omit<Block, 'kind' | 'parts'> & Pick<Place, 'columns' | 'fence'>>} [more] @returns {Taken} */
  const taken = (count, kind, parts, { level = 0, ordered = false, goesOn = false, columns: next = null, fence = '' } = {}) =>
    ({ lines: count, columns: next, fence, make: (isGrowing) => ({ kind, level, ordered, goesOn, parts: parts(isGrowing).filter(isThere) }) });
  const own = lines.slice(0, 1);
  const fence = open || (FENCE.exec(line)?.[1] ?? '');
  if (open === '' && (blocks >= MOST_BLOCKS || depth > DEEPEST)) return taken(lines.length, 'paragraph', () => textOf(lines), { goesOn: isCut });
  if (fence) {
    const close = lines.findIndex(({ text }, index) => (open !== '' || index > 0) && isClosing(bare(text), fence));
    const count = close === -1 ? lines.length : close + 1;
    return taken(count, 'code', () => codeParts(lines.slice(0, count), open === '', close !== -1), { goesOn: open !== '', fence: close === -1 ? fence : '' });
  }
  if (line.trim() === '') {
    const count = countWhile(lines, (text) => text.trim() === '');
    return taken(count, 'blank', () => [joined(lines.slice(0, count))]);
  }
  const heading = HEADING.exec(line);
  if (heading) return taken(1, 'heading', (isGrowing) => [...marked(own, heading[0].length, isGrowing)], { level: heading[1].length });
  if (RULE.test(line)) return taken(1, 'rule', () => own.map(whollyUnseen));
  if (columns && line.includes('|')) return taken(1, 'row', (isGrowing) => cells(own[0], columns, false, isGrowing), { columns });
  const delimiters = lines[1] && line.includes('|') && DELIMITERS.test(bare(lines[1].text)) && bare(lines[1].text).includes('-') ? aligned(bare(lines[1].text)) : null;
  if (delimiters) return taken(2, 'table', (isGrowing) => [...cells(own[0], delimiters, true, isGrowing), whollyUnseen(lines[1])], { columns: delimiters });
  if (QUOTE.test(line)) {
    const count = countWhile(lines, (text) => QUOTE.test(text));
    return taken(count, 'quote', (isGrowing) => inner(lines.slice(0, count).map((one) => without(one, QUOTE)), depth, isGrowing));
  }
  const item = ITEM.exec(line);
  if (item) {
    const count = itemLines(lines, item[0].length);
    return taken(count, 'item', (isGrowing) => itemParts(lines.slice(0, count), item, depth, isGrowing), { ordered: /\d/.test(item[2]) });
  }
  const count = countWhile(lines, (text, index) => index === 0 || !(text.trim() === '' || FENCE.test(text) || HEADING.test(text) || RULE.test(text) || QUOTE.test(text) || ITEM.test(text) || isTableHead(lines, index)));
  return taken(count, 'paragraph', (isGrowing) => textOf(lines.slice(0, count)).flatMap((part) => (typeof part === 'string' ? partsOf(part, isGrowing) : part)), { goesOn: isCut });
}

/** The blocks within another one. @param {Line[]} lines @param {number} depth @param {boolean} isGrowing @returns {Inner[]} */
function inner(lines, depth, isGrowing) {
  /** @type {Inner[]} */
  const blocks = [];
  /** @type {string[] | null} */
  let columns = null;
  for (let rest = lines; rest.length > 0; ) {
    const taken = take(rest, { ...start, columns }, depth + 1);
    columns = taken.columns;
    rest = rest.slice(taken.lines);
    const block = taken.make(isGrowing && rest.length === 0);
    const tag = block.kind === 'item' ? (block.ordered ? 'ol' : 'ul') : block.kind === 'table' || block.kind === 'row' ? 'table' : null;
    const last = blocks[blocks.length - 1];
    if (tag && block.kind !== 'table' && typeof last === 'object' && 'tag' in last && last.tag === tag) last.parts.push(block);
    else blocks.push(tag ? { tag, parts: [block] } : block);
  }
  return blocks;
}

/** How many lines belong to an item: those that are indented, and those that go on with its text. @param {Line[]} lines @param {number} width of its mark */
function itemLines(lines, width) {
  const needed = Math.min(width, 2);
  let count = 1;
  for (let at = 1; at < lines.length; at += 1) {
    const text = bare(lines[at].text);
    const indent = text.length - text.trimStart().length;
    if (text.trim() === '') continue;
    const isBehindBlank = at > count;
    const goesOn = indent >= needed || (!isBehindBlank && !(ITEM.test(text) || FENCE.test(text) || HEADING.test(text) || RULE.test(text) || QUOTE.test(text) || text.includes('|')));
    if (!goesOn) break;
    count = at + 1;
  }
  return count;
}

/** @param {Line[]} lines @param {RegExpExecArray} item @param {number} depth @param {boolean} isGrowing @returns {Inner[]} */
function itemParts(lines, [mark, indent, sign], depth, isGrowing) {
  const [first, ...rest] = lines;
  const task = TASK.exec(first.text.slice(mark.length))?.[0] ?? '';
  const space = mark.slice(indent.length + sign.length);
  const head = /\d/.test(sign) ? [{ unseen: first.unseen + indent }, { tag: /** @type {const} */ ('mark'), parts: [sign] }, { unseen: space }] : [{ unseen: first.unseen + mark }];
  const body = { unseen: '', text: first.text.slice(mark.length + task.length) };
  const width = new RegExp(`^ {0,${mark.length}}`);
  return [...head, ...(task ? [{ tag: /** @type {const} */ ('task'), parts: [task] }] : []), ...inner([body, ...rest.map((line) => without(line, width))].filter(({ unseen, text }) => unseen + text !== ''), depth, isGrowing)];
}

/** @param {Line[]} lines @param {boolean} isOpened @param {boolean} isClosed by these lines @returns {Inner[]} */
function codeParts(lines, isOpened, isClosed) {
  const body = lines.slice(isOpened ? 1 : 0, isClosed ? -1 : undefined);
  const head = isOpened ? [whollyUnseen(lines[0])] : [];
  const tail = isClosed ? [whollyUnseen(lines[lines.length - 1])] : [];
  /** @type {Part[]} */
  const parts = [];
  for (const { unseen, text } of body) {
    if (unseen) parts.push({ unseen });
    const last = parts[parts.length - 1];
    if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else parts.push(text);
  }
  return [...head, { tag: 'text', parts }, ...tail];
}

/** The cells of a row. A bar within code or behind a backslash is none of theirs. @param {Line} line @param {string[]} columns @param {boolean} head @param {boolean} isGrowing @returns {Inner[]} */
function cells({ unseen, text }, columns, head, isGrowing) {
  const row = bare(text);
  /** @type {Inner[]} */
  const parts = unseen ? [{ unseen }] : [];
  const bars = [...row.matchAll(/\\.|`+[^`]*`+|\|/g)].flatMap(({ 0: found, index }) => (found === '|' ? index : []));
  const hasFirst = row.slice(0, bars[0] ?? 0).trim() === '' && bars.length > 0;
  const edges = (hasFirst ? bars : [-1, ...bars]).slice(0, MOST_CELLS);
  edges.forEach((from, at) => {
    const to = edges[at + 1] ?? row.length;
    const content = row.slice(from + 1, to);
    const before = row.slice(at === 0 ? 0 : from, from + 1);
    if (at > 0 && at === edges.length - 1 && content.trim() === '') return parts.push({ unseen: before + content });
    const blank = content.length - content.trimStart().length;
    const end = content.trimEnd().length;
    parts.push({ tag: 'cell', align: columns[at] ?? '', head, parts: [{ unseen: before + content.slice(0, blank) }, ...partsOf(content.slice(blank, Math.max(blank, end)), isGrowing && to === row.length), { unseen: content.slice(Math.max(blank, end)) }].filter(isThere) });
  });
  return [...parts, { unseen: text.slice(row.length) }];
}

/** @param {string} delimiters */
function aligned(delimiters) {
  return delimiters.trim().replace(/^\||\|$/g, '').split('|').map((cell) => (/^\s*:-+:\s*$/.test(cell) ? 'center' : /-:\s*$/.test(cell) ? 'end' : ''));
}

/** @param {Line[]} lines @param {number} index */
function isTableHead(lines, index) {
  return lines[index].text.includes('|') && lines[index + 1] !== undefined && bare(lines[index + 1].text).includes('|') && DELIMITERS.test(bare(lines[index + 1].text));
}

/** @param {Line[]} lines @param {number} length of the mark @param {boolean} isGrowing @returns {Part[]} */
function marked([{ unseen, text }], length, isGrowing) {
  const line = bare(text);
  return [{ unseen: unseen + line.slice(0, length) }, ...partsOf(line.slice(length), isGrowing), { unseen: text.slice(line.length) }];
}

/** The text of lines, with what is not seen of each. Its last line end belongs to the block. @param {Line[]} lines @returns {Part[]} */
function textOf(lines) {
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
function joined(lines) {
  return { unseen: lines.map(({ unseen, text }) => unseen + text).join('') };
}

/** @param {Inner} part */
function isThere(part) {
  return typeof part === 'string' ? part !== '' : !('unseen' in part) || part.unseen !== '';
}

/** @param {Line} line @returns {Part} */
function whollyUnseen({ unseen, text }) {
  return { unseen: unseen + text };
}

/** A line without what marks it as a part of the block around. @param {Line} line @param {RegExp} mark @returns {Line} */
function without({ unseen, text }, mark) {
  const length = mark.exec(text)?.[0].length ?? 0;
  return { unseen: unseen + text.slice(0, length), text: text.slice(length) };
}

/** @param {string} line */
function bare(line) {
  return line.replace(/\r?\n$/, '');
}

/** @param {string} line @param {string} open the marks that opened the block */
function isClosing(line, open) {
  const marks = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1] ?? '';
  return marks.startsWith(open);
}

/** @param {Line[]} lines @param {(text: string, index: number) => boolean} fits */
function countWhile(lines, fits) {
  const end = lines.findIndex(({ text }, index) => !fits(bare(text), index));
  return end === -1 ? lines.length : end;
}
