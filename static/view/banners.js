// The lines above the content that say what a person has to know now.

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
  /** @type {Map<string, {node: HTMLElement, then: HTMLElement, what: HTMLElement, act: {now: (() => void) | undefined}}>} */
  const shown = new Map();
  return {
    show(key, banner) {
      const old = shown.get(key);
      if (!banner) {
        old?.node.remove();
        shown.delete(key);
        return;
      }
      const entry = old ?? create(banner);
      entry.act.now = banner.action?.act;
      setText(entry.what, banner.what);
      setText(entry.then, banner.then);
      if (!old) {
        shown.set(key, entry);
        host.append(entry.node);
      }
    },
  };
}

/** @param {Banner} banner */
function create(banner) {
  const what = el('strong');
  const then = el('span');
  const act = { now: banner.action?.act };
  const node = el('div', { class: `banner ${banner.kind}` }, el('p', {}, what, ' ', then));
  if (banner.action) {
    const button = el('button', { type: 'button', class: 'quiet' }, banner.action.label);
    button.addEventListener('click', () => act.now?.());
    node.append(button);
  }
  return { node, what, then, act };
}
