// What can be done with a run that is over: copy, link, ask again, edit, follow up.

import { text } from '../strings.js';
import { byId, el } from './dom.js';

const TOLD_MS = 2_000;
const words = text.actions;

/**
 * @param {{answer(): string, link(): string, again(): void, edit(): void, export(): void, followUp(): void, say(message: string): void}} page
 * @returns {{show(what: {over: boolean, hasAnswer: boolean, failed: boolean}): void}}
 */
export function createActions(page) {
  const host = byId('actions');
  const copy = copyButton(words.copy, page.answer, page.say);
  const again = button(words.again, page.again);
  const followUp = button(words.followUp, page.followUp);
  host.replaceChildren(copy, copyButton(words.link, page.link, page.say), again, button(words.edit, page.edit), button(words.export, page.export), followUp);
  return {
    show({ over, hasAnswer, failed }) {
      host.hidden = !over;
      copy.hidden = !hasAnswer;
      // The banner of a failed run has this button already.
      again.hidden = failed;
    },
  };
}

/** @param {string} label @param {() => void} act */
function button(label, act) {
  const node = el('button', { type: 'button', class: 'secondary' }, label);
  node.addEventListener('click', act);
  return node;
}

/** @param {string} label @param {() => string} content @param {(message: string) => void} say */
function copyButton(label, content, say) {
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
