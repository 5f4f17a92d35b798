// Text on the page, however long. That of a model is set as the Markdown that it is: a block that has ended stays as it was made, and of
// those that still grow only what has changed is made anew. What marks the text up stays in the page unseen, so that its text is
// always the whole text.

import { WINDOW, blockAt, start } from '../markdown.js';
import { el, safeLink } from './dom.js';
import { isFrameFull, overFrames } from './frames.js';
import { text } from '../strings.js';

/**
 * @typedef {import('../markdown.js').Block} Block
 * @typedef {import('../markdown.js').Inner} Inner
 * @typedef {{place: import('../markdown.js').Place, read: import('../markdown.js').Read, node: HTMLElement}} Shown
 */

const BEHIND = 2 * WINDOW; // So much of a text may say where a block before it ends.
const MOST_ROWS = 400; // What comes into a table lays out all of it: a longer one goes on in the next.
const LISTS = /** @type {const} */ (['ul', 'ol']);

/**
 * Shows a growing text. Of a long text each frame adds as much as it has room for, and what has ended is not read again.
 * @param {HTMLElement} host holds nothing else
 * @param {() => void} [onWhole] called whenever all of the text is on the page
 * @returns {{show(text: string, isGrowing?: boolean): void}}
 */
export function createProse(host, onWhole = () => undefined) {
  let wanted = '';
  let shown = '';
  let isGrowing = false;
  let isPainting = false;
  /** @type {Shown[]} */
  const blocks = [];

  function paint() {
    const common = commonLength(shown, wanted);
    const certain = common < shown.length ? common - BEHIND : common;
    let at = blocks.findIndex(({ read }) => !read.whole || read.to > certain);
    if (at === -1) at = blocks.length;
    let place = blocks[at]?.place ?? blocks[at - 1]?.read.next ?? start;
    for (; place.at < wanted.length; at += 1) {
      shown = wanted.slice(0, place.at);
      if (isFrameFull()) return false;
      const read = blockAt(wanted, place, isGrowing);
      const old = blocks[at];
      const isSame = old !== undefined && old.place.at === place.at && isLike(old.read.block, read.block);
      if (isSame) patch(old.node, old.read.block.parts, read.block.parts);
      else cut(at);
      blocks[at] = { place, read, node: isSame ? old.node : put(host, read.block) };
      if (read.whole || !isGrowing) ended(blocks[at].node);
      place = read.next;
    }
    cut(at);
    shown = wanted;
    isPainting = false;
    onWhole();
    return true;
  }

  /** Takes away the blocks from this one on. @param {number} from */
  function cut(from) {
    for (const { node } of blocks.splice(from)) {
      const around = node.closest('.table') ?? node.parentElement;
      node.remove();
      if (around && around !== host && around.textContent === '') around.remove();
    }
  }

  return {
    show(text, growing = false) {
      if (text === wanted && growing === isGrowing) return;
      wanted = text;
      isGrowing = growing;
      if (isPainting) return;
      isPainting = true;
      overFrames(host, paint);
    },
  };
}

/** Items go into one list, rows into one table. @param {HTMLElement} host @param {Block} block */
function put(host, block) {
  const node = /** @type {HTMLElement} */ (nodeOf(block));
  const last = host.lastElementChild;
  if (block.kind === 'item') {
    const tag = LISTS[Number(block.ordered)];
    const list = last?.localName === tag ? last : host.appendChild(el(tag, { dir: 'auto' }));
    list.append(node);
  } else if (block.kind === 'row' || block.kind === 'table') {
    const rows = block.kind === 'row' && last?.matches('.table') ? homeOf(last) : null;
    const isFull = rows !== null && rows.childElementCount >= MOST_ROWS;
    const home = rows && !isFull ? rows : homeOf(host.appendChild(tableNode(isFull)));
    home.append(node);
    // Without its heads a table is whole, too.
    if (isFull) import('./heads.js').then(({ repeatHeads }) => repeatHeads(rows, home), () => undefined);
  } else {
    // Blocks within others lie in the direction of these.
    if (block.kind !== 'code') node.dir = 'auto';
    host.append(node);
  }
  return node;
}

/** @type {WeakSet<HTMLElement>} */
const highlighted = new WeakSet();

/** What is made of a block once, when it has ended. @param {HTMLElement} node */
function ended(node) {
  if (highlighted.has(node)) return;
  highlighted.add(node);
  const named = '.fenced[data-language]';
  const blocks = /** @type {HTMLElement[]} */ ([...(node.matches(named) ? [node] : []), ...node.querySelectorAll(named)]);
  // Without its colours code is whole, too.
  if (blocks.length > 0) import('./highlight.js').then(({ highlight }) => blocks.forEach((block) => highlight(homeOf(block), block.dataset.language ?? '')), () => undefined);
}

/** A button that copies a part of the text. Its word is no part of it. @param {'code' | 'csv'} what */
function copyButton(what) {
  return el('button', { type: 'button', class: 'copy', 'data-copy': what, 'data-label': text.actions[`${what}Short`], 'aria-label': text.actions[what] });
}

/** @param {boolean} [goesOn] with the rows of the table before it */
function tableNode(goesOn = false) {
  return el('div', { class: goesOn ? 'table goes-on' : 'table' }, el('div', { class: 'wide', tabindex: '0' }, el('table', { 'data-home': true, dir: 'auto' })), ...(goesOn ? [] : [copyButton('csv')]));
}

/** Fills a node with a text that is complete, as it is, from one position on. @param {Element} node @param {string} text @param {number} [from] */
export function fillText(node, text, from = 0) {
  let at = from;
  overFrames(node, () => {
    while (at < text.length) {
      if (isFrameFull()) return false;
      const end = text.lastIndexOf('\n', at + BEHIND) + 1;
      const to = end > at ? end : Math.min(text.length, at + BEHIND);
      node.append(el('span', { class: 'stretch' }, text.slice(at, to)));
      at = to;
    }
    return true;
  });
}

/** Whether a node of one is a node of the other, but for its parts. @param {Inner} a @param {Inner} b @returns {boolean} */
function isLike(a, b) {
  if (typeof a === 'string' || typeof b === 'string') return typeof a === typeof b;
  const { parts: _, ...own } = /** @type {any} */ (a);
  const { parts: __, ...other } = /** @type {any} */ (b);
  // A formula is read as a whole.
  return 'parts' in a && own.tag !== 'formula' && JSON.stringify(own) === JSON.stringify(other);
}

/** Makes a node's children those of the new parts. @param {Node} node @param {Inner[]} old @param {Inner[]} parts */
function patch(node, old, parts) {
  const home = homeOf(node);
  // A translator may have put its own nodes in place of ours.
  const button = home.firstElementChild?.matches('.copy') ? home.firstElementChild : null;
  const first = button ? 1 : 0;
  const isOurs = home.childNodes.length === first + old.length;
  if (!isOurs) home.replaceChildren(...(button ? [button] : []));
  for (const [index, part] of parts.entries()) {
    const child = home.childNodes[first + index];
    const before = isOurs ? old[index] : undefined;
    if (child === undefined || before === undefined) home.append(nodeOf(part));
    else if (JSON.stringify(before) === JSON.stringify(part)) continue;
    else if (!isLike(before, part)) child.replaceWith(nodeOf(part));
    else if (typeof part !== 'string') patch(child, /** @type {any} */ (before).parts, /** @type {any} */ (part).parts);
    else if (child instanceof Text) {
      if (part.startsWith(child.data)) child.appendData(part.slice(child.data.length));
      else child.data = part;
    } else child.replaceWith(nodeOf(part));
  }
  while (home.childNodes.length > first + parts.length) home.lastChild?.remove();
}

/** Where the parts of a node stand. @param {Node} node @returns {Element} */
function homeOf(node) {
  const element = /** @type {Element} */ (node);
  return element.querySelector(':scope > [data-home], :scope > .wide > [data-home]') ?? element;
}

/** @param {Inner} part @returns {Node} */
function nodeOf(part) {
  if (typeof part === 'string') return document.createTextNode(part);
  if ('unseen' in part) return el('span', { hidden: true }, part.unseen);
  const node = 'kind' in part ? blockNode(part) : elementOf(part);
  homeOf(node).append(...part.parts.map(nodeOf));
  // What cannot be loaded leaves the formula as it was written.
  if ('tag' in part && part.tag === 'formula') import('./formula.js').then(({ setFormula }) => setFormula(node, part.isDisplay), () => undefined);
  return node;
}

/** @param {Block} block */
function blockNode({ kind, level, goesOn, about }) {
  switch (kind) {
    case 'heading':
      return el(/** @type {'h3'} */ (`h${Math.min(6, level + 2)}`), { class: 'heading' });
    case 'rule':
      return el('div', { class: 'rule', role: 'separator' });
    case 'quote':
      return el('blockquote');
    case 'item':
      return el('li');
    case 'table':
    case 'row':
      return el('tr');
    case 'code':
      return goesOn ? el('div', { class: 'fenced goes-on', 'data-language': about || false }) : el('div', { class: 'fenced', 'data-language': about || false }, copyButton('code'));
    case 'note':
      return el('div', { class: 'footnote', 'data-name': about });
    case 'blank':
      return el('div', { hidden: true });
    case 'paragraph':
      return el('p', { class: goesOn ? 'goes-on' : false });
  }
}

/** @param {Exclude<Inner, string | Block | {unseen: string}>} part */
function elementOf(part) {
  switch (part.tag) {
    case 'cell':
      return el(part.head ? 'th' : 'td', { 'data-align': part.align || false });
    case 'a': {
      const link = safeLink(part.url, '');
      link.replaceChildren();
      link.title = part.url;
      return link;
    }
    case 'br':
      return el('span', {}, el('span', { 'data-home': true, hidden: true }), el('br'));
    case 'text':
      return el('code', { class: 'block', tabindex: '0' });
    case 'mark':
      return el('span', { class: 'mark' });
    case 'task':
      // A box that nobody can press is no control: it is a picture with a word.
      return el('span', { class: 'task', role: 'img', 'aria-label': text.task(part.done), 'data-done': part.done }, el('span', { 'data-home': true, hidden: true }));
    case 'cite':
      return el('a', { class: 'cite', 'data-number': String(part.number) });
    case 'note':
      return el('sup', {}, el('a', { 'data-home': true, 'data-note': part.name }));
    case 'file':
      return el('span', { class: 'file', 'data-file': part.name, 'data-picture': part.isPicture }, el('span', { 'data-home': true }));
    case 'formula':
      return el('span', { class: part.isDisplay ? 'formula display' : 'formula' }, el('code', { 'data-home': true }));
    case 'table':
      return tableNode();
    default:
      return el(part.tag);
  }
}

/** @param {string} a @param {string} b */
function commonLength(a, b) {
  if (b.startsWith(a)) return a.length;
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
