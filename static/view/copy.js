// A button that copies a text. Loaded on need.

import { copyWords as words } from '../strings-again.js';
import { el } from './dom.js';

const TOLD_MS = 2_000;

/** @param {string} label @param {() => string} content @param {(message: string) => void} say */
export function copyButton(label, content, say) {
  // All that it will say lies in it, one upon the other, so that it keeps its width.
  const states = [label, words.copied, words.notCopied].map((word) => el('span', {}, word));
  const node = el('button', { type: 'button', class: 'secondary stacked', 'aria-label': label }, ...states);
  /** @param {number} shown */
  const show = (shown) => states.forEach((state, index) => state.classList.toggle('unseen', index !== shown));
  let timer = 0;
  show(0);
  node.addEventListener('click', async () => {
    const done = await copied(content());
    show(done ? 1 : 2);
    say(done ? words.copied : words.notCopied);
    clearTimeout(timer);
    timer = setTimeout(() => show(0), TOLD_MS);
  });
  return node;
}

/** Whether a text could be copied. The clipboard is missing where the page is not served securely. @param {string} content */
export async function copied(content) {
  try {
    await navigator.clipboard.writeText(content);
    return true;
  } catch {
    return false;
  }
}
