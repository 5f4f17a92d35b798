// Text on the page, however long: laid out in stretches, of which the browser passes over those that are out of sight. That of a
// model is as it was written, but with its code blocks set as code.

import { PIECE_CHARACTERS, beginning, pieceAt, plain } from '../fences.js';
import { el } from './dom.js';
import { isFrameFull, overFrames } from './frames.js';

/**
 * Shows a growing text. Parts that are on the page already stay, and with them a person's selection. The lines that fence
 * code stay in the page unseen, so that its text is always the whole text. Of a long text each frame adds as much as it has
 * room for, and what was read once is not read again.
 * @param {HTMLElement} host holds nothing else
 * @returns {{show(text: string): void}}
 */
export function createProse(host) {
  let wanted = '';
  let shown = '';
  // The place before each piece on the page, and last the one behind those whose kind is certain.
  let places = [beginning];
  /** What the rest of the shown text was taken for. @type {import('../fences.js').Kind | null} */
  let tail = null;
  let isGrowing = false;

  function grow() {
    takeBack(commonLength(shown, wanted));
    while (shown.length < wanted.length) {
      if (isFrameFull()) return false;
      const place = places[places.length - 1];
      const piece = pieceAt(wanted, place);
      // What a line is, and where a long one is cut, may be another thing now that more of it is there.
      if (tail !== null && (tail !== piece.kind || piece.to < shown.length)) takeBack(place.at);
      add(piece.kind, wanted.slice(shown.length, piece.to), tail !== null);
      shown = wanted.slice(0, piece.to);
      tail = piece.whole ? null : piece.kind;
      if (piece.whole) places.push(piece.next);
    }
    isGrowing = false;
    return true;
  }

  /** Takes away what lies behind a position, whole pieces at a time. @param {number} length */
  function takeBack(length) {
    if (shown.length <= length) return;
    while (places[places.length - 1].at > length) places.pop();
    const { at } = places[places.length - 1];
    removeText(host, shown.length - at);
    shown = shown.slice(0, at);
    tail = null;
  }

  /** @param {import('../fences.js').Kind} kind @param {string} text @param {boolean} isSame whether it belongs to the line before it */
  function add(kind, text, isSame) {
    const last = host.lastElementChild;
    const goesOn = last instanceof HTMLElement && last.dataset.part === kind && (isSame || kind !== 'fence');
    const part = goesOn ? last : create(kind);
    if (!goesOn) host.append(part);
    addText(part, text, isSame);
  }

  return {
    show(text) {
      wanted = text;
      if (isGrowing) grow();
      else {
        isGrowing = true;
        overFrames(host, grow);
      }
    },
  };
}

/** Fills a node with a text that is complete, from one position on. @param {Element} node @param {string} text @param {number} [from] */
export function fillText(node, text, from = 0) {
  let place = { ...plain, at: from };
  overFrames(node, () => {
    while (place.at < text.length) {
      if (isFrameFull()) return false;
      const { to, next } = pieceAt(text, place);
      addText(node, text.slice(place.at, to), false);
      place = next;
    }
    return true;
  });
}

/** @param {import('../fences.js').Kind} kind */
function create(kind) {
  switch (kind) {
    case 'code':
      return el('code', { class: 'block', 'data-part': kind, tabindex: '0' });
    case 'fence':
      return el('span', { 'data-part': kind, hidden: true });
    case 'text':
      return el('span', { 'data-part': kind });
  }
}

/** @param {string} a @param {string} b */
function commonLength(a, b) {
  if (b.startsWith(a)) return a.length;
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** Adds text behind what is there. @param {Element} node holds stretches only @param {string} text no longer than a piece @param {boolean} isSame whether it goes on with a line: a stretch ends with one */
function addText(node, text, isSame) {
  const last = node.lastElementChild;
  const end = last?.lastChild;
  if (last && end && (isSame || lengthOf(last) + text.length <= PIECE_CHARACTERS)) {
    // A translator may have put its own nodes in place of ours.
    if (end instanceof Text) end.appendData(text);
    else last.append(text);
  } else node.append(el('span', { class: 'stretch' }, text));
}

/** Takes so many characters from the end, and the elements that are left without any. @param {Element} node @param {number} count */
function removeText(node, count) {
  let rest = count;
  while (rest > 0) {
    /** @type {Node} */
    let end = node;
    while (end.lastChild) end = end.lastChild;
    if (end === node) return;
    const length = end instanceof Text ? end.length : 0;
    if (end instanceof Text && length > rest) return end.deleteData(length - rest, rest);
    rest -= length;
    /** @type {Node | null} */
    let empty = end;
    while (empty && empty !== node && !empty.hasChildNodes()) {
      /** @type {Node | null} */
      const parent = empty.parentNode;
      /** @type {ChildNode} */ (empty).remove();
      empty = parent;
    }
  }
}

/** @param {Element} node */
function lengthOf(node) {
  return node.textContent?.length ?? 0;
}
