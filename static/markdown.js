// Markdown as models write it, read block by block from front to end while the text still grows. A block that is whole stays as it
// is, whatever follows: so a rule of dashes is never a heading of the line before it, and lines that are indented are no code.

import { partsOf } from './inline.js';
import { WINDOW, bare, countWhile, isThere, joined, linesFrom, textOf, whollyUnseen, without } from './lines.js';
import { cells, columnsAt } from './table.js';

export { WINDOW };

/**
 * @typedef {import('./inline.js').Part} Part
 * @typedef {'blank' | 'paragraph' | 'heading' | 'rule' | 'quote' | 'item' | 'table' | 'row' | 'code' | 'note'} Kind
 * @typedef {{kind: Kind, level: number, ordered: boolean, goesOn: boolean, about: string, parts: Inner[]}} Block `level` of a heading; `goesOn` with the block before it; `about`: the language of code, the name of a footnote. All seen and unseen texts in order are
 *   the block's text
 * @typedef {Part | Block | {tag: 'ul' | 'ol' | 'table', parts: Inner[]} | {tag: 'cell', align: string, head: boolean, parts: Part[]} | {tag: 'mark' | 'text', parts: Part[]} | {tag: 'task', done: boolean, parts: Part[]}} Inner
 * @typedef {{at: number, columns: string[] | null, fence: string, language: string, isCut: boolean, blocks: number}} Place where reading goes on: the `columns` of the table and the
 *   marks and the `language` of the code that are open there, and whether the block before it was cut
 * @typedef {{block: Block, to: number, whole: boolean, next: Place}} Read `whole`: no text that follows can change it
 * @typedef {import('./lines.js').Line} Line
 */

/** Blocks of code that are set as such; all that stands behind them is left as it was written. */
export const MOST_BLOCKS = 500;
const DEEPEST = 6;
const FENCE = /^( {0,3}(?:`{3,}(?=[^`]*$)|~{3,}))/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+/;
const CLOSING = /(?:[ \t]+#+)?[ \t]*$/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+|$)/;
const NOTE = /^ {0,3}\[\^([\w-]{1,40})\]:[ \t]*/;
const FORMULA = /^ {0,3}(?:\$\$|\\\[)/;
const TASK = /^(\[[ \txX]\])(?=\s)([ \t]*)/;

/** @type {Place} */
export const start = { at: 0, columns: null, fence: '', language: '', isCut: false, blocks: 0 };

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
  return { block, to, whole, next: { at: to, columns: taken.columns, fence: isOpen && isCut ? taken.fence : '', language: block.about, isCut: isCut && block.kind === 'paragraph', blocks } };
}

/** Whether enough lies behind a block to know that it has ended: a line that is a row of a table only by the next, and one that is not blank. @param {string} text @param {number} to */
function isSettled(text, to) {
  const behind = text.slice(to, to + 2 * WINDOW);
  const isFar = behind.length === 2 * WINDOW;
  return isFar || (/\S[^\n]*\n/.test(behind) && behind.indexOf('\n', behind.indexOf('\n') + 1) !== -1);
}

/**
 * @typedef {{lines: number, columns: string[] | null, fence: string, make: (isGrowing: boolean) => Block}} Taken
 */

/**
 * How many of these lines make the first block, and what it is.
 * @param {Line[]} lines @param {Place} place @param {number} depth
 * @returns {Taken}
 */
function take(lines, { columns, fence: open, language, isCut, blocks }, depth) {
  const line = bare(lines[0].text);
  /** @param {number} count @param {Kind} kind @param {(isGrowing: boolean) => Inner[]} parts @param {Partial<Omit<Block, 'kind' | 'parts'> & Pick<Place, 'columns' | 'fence'>>} [more] @returns {Taken} */
  const taken = (count, kind, parts, { level = 0, ordered = false, goesOn = false, about = '', columns: next = null, fence = '' } = {}) =>
    ({ lines: count, columns: next, fence, make: (isGrowing) => ({ kind, level, ordered, goesOn, about, parts: parts(isGrowing).filter(isThere) }) });
  const own = lines.slice(0, 1);
  const fence = open || (FENCE.exec(line)?.[1] ?? '');
  if (open === '' && (blocks >= MOST_BLOCKS || depth > DEEPEST)) return taken(lines.length, 'paragraph', () => textOf(lines), { goesOn: isCut });
  if (fence) {
    const close = lines.findIndex(({ text }, index) => (open !== '' || index > 0) && isClosing(bare(text), fence));
    const count = close === -1 ? lines.length : close + 1;
    return taken(count, 'code', () => codeParts(lines.slice(0, count), fence, open === '', close !== -1), { goesOn: open !== '', about: open === '' ? languageOf(line) : language, fence: close === -1 ? fence : '' });
  }
  if (line.trim() === '') {
    const count = countWhile(lines, (text) => text.trim() === '');
    return taken(count, 'blank', () => [joined(lines.slice(0, count))]);
  }
  const heading = HEADING.exec(line);
  if (heading) return taken(1, 'heading', (isGrowing) => [...marked(own, heading[0].length, isGrowing)], { level: heading[1].length });
  if (RULE.test(line)) return taken(1, 'rule', () => own.map(whollyUnseen));
  if (columns && line.includes('|')) return taken(1, 'row', (isGrowing) => cells(own[0], columns, false, isGrowing), { columns });
  const delimiters = columnsAt(lines, 0);
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
  const note = NOTE.exec(line);
  if (note) {
    const count = itemLines(lines, 2);
    return taken(count, 'note', (isGrowing) => noteParts(lines.slice(0, count), note[1], depth, isGrowing), { about: note[1] });
  }
  const count = FORMULA.test(line) ? formulaLines(lines) : countWhile(lines, (text, index) => index === 0 || !(text.trim() === '' || isBegun(text) || columnsAt(lines, index)));
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

/** Whether a line begins a block of its own, whatever stands before it. @param {string} line */
function isBegun(line) {
  return [FENCE, HEADING, RULE, QUOTE, ITEM, NOTE].some((mark) => mark.test(line));
}

/** The lines of a formula that stands alone, up to where it is closed: a line of it may begin with a minus. @param {Line[]} lines */
function formulaLines(lines) {
  const close = bare(lines[0].text).trimStart().startsWith('$$') ? '$$' : '\\]';
  const isClosed = lines.findIndex(({ text }, index) => text.trim() === '' || text.indexOf(close, index === 0 ? text.search(/\S/) + 2 : 0) !== -1);
  if (isClosed === -1) return lines.length;
  return lines[isClosed].text.trim() === '' ? isClosed : isClosed + 1;
}

/** The first word behind the marks that open a block of code. @param {string} line */
function languageOf(line) {
  return /^[\s`~]*([\w+#.-]{0,20})/.exec(line)?.[1].toLowerCase() ?? '';
}

/** How many lines belong to an item: those that are indented, and those that go on with its text. @param {Line[]} lines @param {number} width of its mark */
function itemLines(lines, width) {
  const needed = Math.min(width, 2);
  let count = 1;
  for (let at = 1; at < lines.length; at += 1) {
    const text = bare(lines[at].text);
    const blank = text.slice(0, text.length - text.trimStart().length);
    const indent = blank.replaceAll('\t', '    ').length;
    if (text.trim() === '') continue;
    const isBehindBlank = at > count;
    const goesOn = indent >= needed || (!isBehindBlank && !(isBegun(text) || text.includes('|')));
    if (!goesOn) break;
    count = at + 1;
  }
  return count;
}

/** @param {Line[]} lines @param {RegExpExecArray} item @param {number} depth @param {boolean} isGrowing @returns {Inner[]} */
function itemParts(lines, [mark, indent, sign], depth, isGrowing) {
  const [first, ...rest] = lines;
  const [task, box, behind] = TASK.exec(first.text.slice(mark.length)) ?? [''];
  const space = mark.slice(indent.length + sign.length);
  const head = /\d/.test(sign) ? [{ unseen: first.unseen + indent }, { tag: /** @type {const} */ ('mark'), parts: [sign] }, { unseen: space }] : [{ unseen: first.unseen + mark }];
  const body = { unseen: '', text: first.text.slice(mark.length + task.length) };
  const width = new RegExp(`^(?: {0,3}\\t| {0,${mark.length}})`);
  return [...head, ...(task ? [{ tag: /** @type {const} */ ('task'), done: /x/i.test(box), parts: [box] }, { unseen: behind }] : []), ...inner([body, ...rest.map((line) => without(line, width))].filter(({ unseen, text }) => unseen + text !== ''), depth, isGrowing)];
}

/** A footnote: its name, and what it says. @param {Line[]} lines @param {string} name @param {number} depth @param {boolean} isGrowing @returns {Inner[]} */
function noteParts([first, ...rest], name, depth, isGrowing) {
  const length = NOTE.exec(first.text)?.[0].length ?? 0;
  const from = first.text.indexOf(name);
  const head = [{ unseen: first.unseen + first.text.slice(0, from) }, { tag: /** @type {const} */ ('mark'), parts: [name] }, { unseen: first.text.slice(from + name.length, length) }];
  const body = [{ unseen: '', text: first.text.slice(length) }, ...rest.map((line) => without(line, /^ {0,4}/))];
  return [...head, ...inner(body.filter(({ unseen, text }) => unseen + text !== ''), depth, isGrowing)];
}

/** @param {Line[]} lines @param {string} fence @param {boolean} isOpened @param {boolean} isClosed by these lines @returns {Inner[]} */
function codeParts(lines, fence, isOpened, isClosed) {
  const indent = new RegExp(`^ {0,${fence.length - fence.trimStart().length}}`);
  const body = lines.slice(isOpened ? 1 : 0, isClosed ? -1 : undefined).map((line) => without(line, indent));
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

/** @param {Line[]} lines @param {number} length of the mark @param {boolean} isGrowing @returns {Part[]} */
function marked([{ unseen, text }], length, isGrowing) {
  const line = bare(text);
  const to = Math.max(length, isGrowing ? line.length : line.length - (CLOSING.exec(line)?.[0].length ?? 0));
  return [{ unseen: unseen + line.slice(0, length) }, ...partsOf(line.slice(length, to), isGrowing), { unseen: text.slice(to) }];
}

/** @param {string} line @param {string} open the marks that opened the block */
function isClosing(line, open) {
  const marks = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1] ?? '';
  return marks.startsWith(open.trimStart());
}
