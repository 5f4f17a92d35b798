// The lines above the content that say what a person has to know now.

import { text } from '../strings.js';
import { guarded } from './boundary.js';
import { el, setText } from './dom.js';

/**
 * @typedef {{kind: 'info' | 'warn' | 'danger', what: string, then: string, action?: {label: string, act: () => void}}} Banner
 */

/**
 * Banners are keyed: one that stays keeps its element, so that a button in it keeps the focus while the text counts down.
 * @param {HTMLElement} host
 * @returns {{show(key: string, banner: Banner | null): void}}
 */
export function createBanners(host) {
  /** @type {Map<string, ReturnType<typeof create>>} */
  const shown = new Map();
  return {
    show(key, banner) {
      const old = shown.get(key);
      if (!banner) {
        old?.node.remove();
        shown.delete(key);
        return;
      }
      const entry = guarded(() => filled(old ?? create(banner), banner), () => filled(old ?? create(unpainted), unpainted));
      if (!old) {
        shown.set(key, entry);
        host.append(entry.node);
      }
    },
  };
}

/** Stands for a banner that cannot be painted. @type {Banner} */
const unpainted = { kind: 'danger', what: text.unpainted, then: '' };

/** @param {ReturnType<typeof create>} entry @param {Banner} banner */
function filled(entry, banner) {
  entry.act.now = banner.action?.act;
  setText(entry.what, banner.what);
  setText(entry.then, banner.then);
  return entry;
}

/** @param {Banner} banner */
function create(banner) {
  const what = el('strong');
  const then = el('span');
  /** @type {{now: (() => void) | undefined}} */
  const act = { now: banner.action?.act };
  const node = el('div', { class: `banner ${banner.kind}` }, el('p', {}, what, ' ', then));
  if (banner.action) {
    const button = el('button', { type: 'button', class: 'quiet' }, banner.action.label);
    button.addEventListener('click', () => act.now?.());
    node.append(button);
  }
  return { node, what, then, act };
}
