// Files that the page makes: the browser is given them to save.

import { el } from './dom.js';

const KEPT_MS = 60_000; // So long a browser may take to begin to save.

/** Has the browser save a text. Its type is one that no browser opens, as a document at such an address would run as this page. @param {string} name @param {string} content */
export function handOver(name, content) {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
