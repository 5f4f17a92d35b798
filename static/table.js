// The rows of a table. A bar within code or behind a backslash parts no cells.

import { partsOf } from './inline.js';
import { bare, isThere } from './lines.js';

/**
 * @typedef {import('./inline.js').Part} Part
 * @typedef {import('./lines.js').Line} Line
 * @typedef {import('./markdown.js').Inner} Inner
 */

const MOST_CELLS = 64;
const DELIMITERS = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** The cells of a row. A bar within code or behind a backslash is none of theirs. @param {Line} line @param {string[]} columns @param {boolean} head @param {boolean} isGrowing @returns {Inner[]} */
export function cells({ unseen, text }, columns, head, isGrowing) {
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
    parts.push({ tag: 'cell', align: columns[at] ?? '', head, parts: [{ unseen: before + content.slice(0, blank) }, ...partsOf(content.slice(blank, Math.max(blank, end)), isGrowing && to === row.length).map(withBars), { unseen: content.slice(Math.max(blank, end)) }].filter(isThere) });
  });
  return [...parts, { unseen: text.slice(row.length) }];
}

/** Within code, too, a backslash before a bar only says that the cell does not end there. @param {Part} part @returns {Part} */
function withBars(part) {
  if (typeof part === 'string' || 'unseen' in part) return part;
  const parts = part.tag === 'code' ? part.parts.flatMap((inner) => (typeof inner === 'string' ? barred(inner) : inner)) : part.parts.map(withBars);
  return { ...part, parts };
}

/** @param {string} code @returns {Part[]} */
function barred(code) {
  return code.split(/(\\)(?=\|)/).flatMap((piece, at) => (piece === '' ? [] : at % 2 === 1 ? { unseen: piece } : piece));
}

/** How the columns of a table lie whose head is this line and whose delimiters are the next; null where these are none. @param {Line[]} lines @param {number} index @returns {string[] | null} */
export function columnsAt(lines, index) {
  const next = lines[index + 1] === undefined ? '' : bare(lines[index + 1].text);
  if (!lines[index].text.includes('|') || !next.includes('|') || !next.includes('-') || !DELIMITERS.test(next)) return null;
  return next.trim().replace(/^\||\|$/g, '').split('|').map((cell) => (/^\s*:-+:\s*$/.test(cell) ? 'center' : /-:\s*$/.test(cell) ? 'end' : ''));
}
