// Where the code blocks of a text lie, read once from front to end while the text still grows. The rest of Markdown is left as
// it was written.

/**
 * @typedef {'text' | 'fence' | 'code'} Kind
 * @typedef {{at: number, open: string, within: Kind | null, blocks: number}} Place where reading goes on: the marks of the
 *   block that is open there ('' for none), what the line is that it lies in (null at a line's beginning), and how many blocks
 *   were opened before it
 * @typedef {{kind: Kind, to: number, whole: boolean, next: Place}} Piece `whole`: no text that follows can change its kind
 */

/** A piece is no longer than this. What a line is follows from as many of its characters. */
export const PIECE_CHARACTERS = 8_192;

/** Blocks of a text that are set as code; those after them stay as they were written. */
export const MOST_BLOCKS = 500;

/** @type {Place} */
export const beginning = { at: 0, open: '', within: null, blocks: 0 };

/** The beginning of a text in which nothing is a block. @type {Place} */
export const plain = { ...beginning, blocks: MOST_BLOCKS };

/**
 * The piece that begins at a place before the text's end: lines of one kind, the one line of a fence, or a part of a very long
 * line. The pieces together are the text, whole.
 * @param {string} text
 * @param {Place} place
 * @returns {Piece}
 */
export function pieceAt(text, place) {
  let piece = lineAt(text, place);
  while (piece.whole && piece.kind !== 'fence' && piece.next.within === null && piece.to < text.length) {
    const line = lineAt(text, piece.next);
    if (!line.whole || line.kind !== piece.kind || line.to - place.at > PIECE_CHARACTERS) break;
    piece = line;
  }
  return piece;
}

/** @param {string} text @param {Place} place @returns {Piece} */
function lineAt(text, place) {
  const { at, open, blocks } = place;
  const head = text.slice(at, at + PIECE_CHARACTERS);
  const lineEnd = head.indexOf('\n') + 1;
  const isCut = lineEnd === 0 && head.length === PIECE_CHARACTERS;
  const line = lineEnd > 0 ? head.slice(0, lineEnd) : head;
  const [kind, then] = place.within === null ? kindOf(line, place) : [place.within, { open, blocks }];
  const to = at + (isCut ? cutOf(head) : line.length);
  return { kind, to, whole: lineEnd > 0 || isCut, next: { ...then, at: to, within: isCut ? kind : null } };
}

/** @param {string} line @param {Place} place @returns {[Kind, {open: string, blocks: number}]} */
function kindOf(line, { open, blocks }) {
  if (open !== '') return closes(line, open) ? ['fence', { open: '', blocks }] : ['code', { open, blocks }];
  const marks = blocks < MOST_BLOCKS ? opening(line) : '';
  return marks === '' ? ['text', { open, blocks }] : ['fence', { open: marks, blocks: blocks + 1 }];
}

/** Where a part of a line ends: behind a blank, if there is one in its second half, and within no character. @param {string} part */
function cutOf(part) {
  const blank = part.lastIndexOf(' ') + 1;
  if (blank > part.length / 2) return blank;
  const last = part.charCodeAt(part.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? part.length - 1 : part.length;
}

/** The marks that open a block, '' for any other line. @param {string} line */
function opening(line) {
  return /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1] ?? '';
}

/** @param {string} line @param {string} open the marks that opened the block */
function closes(line, open) {
  const marks = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1] ?? '';
  return marks.startsWith(open);
}
