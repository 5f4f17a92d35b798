// Long text on the page, laid out in stretches: the browser passes over those that are out of sight.

import { PIECE_CHARACTERS, pieceAt, plain } from '../fences.js';
import { el } from './dom.js';
import { isFrameFull, overFrames } from './frames.js';

/** Adds text behind what is there. @param {Element} node holds stretches only @param {string} text no longer than a piece */
export function addText(node, text) {
  const last = node.lastElementChild;
  const end = last?.lastChild;
  if (last && end && lengthOf(last) + text.length <= PIECE_CHARACTERS) {
    // A translator may have put its own nodes in place of ours.
    if (end instanceof Text) end.appendData(text);
    else last.append(text);
  } else node.append(el('span', { class: 'stretch' }, text));
}

/** Takes so many characters from the end, and the elements that are left without any. @param {Element} node @param {number} count */
export function removeText(node, count) {
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

/** Fills a node with a text that is complete, from one position on. @param {Element} node @param {string} text @param {number} [from] */
export function fillText(node, text, from = 0) {
  let place = { ...plain, at: from };
  overFrames(node, () => {
    while (place.at < text.length) {
      if (isFrameFull()) return false;
      const { to, next } = pieceAt(text, place);
      addText(node, text.slice(place.at, to));
      place = next;
    }
    return true;
  });
}

/** @param {Element} node */
function lengthOf(node) {
  return node.textContent?.length ?? 0;
}
