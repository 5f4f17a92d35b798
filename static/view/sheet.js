// Styles that only a part of the page needs. Loaded on need, as that part is.

import { el } from './dom.js';

/** @type {Map<string, Promise<void>>} */
const loading = new Map();

/** Loads a style sheet, once. What cannot be loaded leaves its part plain. @param {string} name @returns {Promise<void>} */
export function withSheet(name) {
  const known = loading.get(name);
  if (known) return known;
  const link = el('link', { rel: 'stylesheet', href: new URL(`../${name}`, import.meta.url).href });
  const loaded = new Promise((/** @type {(value: void) => void} */ resolve) => {
    for (const kind of ['load', 'error']) link.addEventListener(kind, () => resolve());
  });
  loading.set(name, loaded);
  document.head.append(link);
  return loaded;
}
