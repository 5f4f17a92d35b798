// Whose key is used, what is left of its limits, and whether new runs begin: told above and beside the content. Loaded on need.

import { ask, askForKeyOnce } from '../api.js';
import { field, shortLine, textIn } from '../json.js';
import { isBound, readLimits } from '../limits.js';
import { limitWords, visitorWords } from '../strings-limits.js';
import { byId, el, setText } from './dom.js';

const SETTLE_MS = 500; // What is counted is written at about the time at which the page learns of it.
const AGAIN_MS = 61_000; // Places of a minute are free again then, and a pause may be over.

/**
 * @param {ReturnType<typeof import('./banners.js').createBanners>} banners
 * @param {() => void} onKey a key was given in place of none
 * @returns {{show(config: unknown): void, read(): void}} `read`: again, soon
 */
export function createStanding(banners, onKey) {
  const node = el('p', { class: 'left', hidden: true });
  byId('open-use').before(node);
  let timer = 0;
  let isDue = false;
  document.addEventListener('visibilitychange', () => isDue && plan(0));

  /** @param {unknown} config */
  function show(config) {
    const limits = readLimits(field(config, 'limits'));
    setText(node, limitWords.short(limits));
    node.hidden = !isBound(limits);
    const reason = shortLine(textIn(config, 'paused'));
    banners.show('pausedService', reason === '' ? null : { kind: 'warn', what: limitWords.pausedTitle, then: limitWords.paused(reason) });
    const isVisitor = textIn(config, 'owner') === 'visitor';
    banners.show('visitor', isVisitor ? { kind: 'info', what: visitorWords.title, then: visitorWords.then, action: { label: visitorWords.give, act: () => void giveKey() } } : null);
    // Who gave no key in place of one that was refused may have come in all the same.
    if (isVisitor) banners.show('key', null);
    // What goes by by itself is looked at again; where nothing is used, nothing will.
    if (reason !== '' || (limits.minute && limits.minute.left < limits.minute.limit) || (limits.parallel && limits.parallel.left < limits.parallel.limit)) plan(AGAIN_MS);
  }

  async function giveKey() {
    if (await askForKeyOnce()) onKey();
  }

  /** @param {number} ms */
  function plan(ms) {
    clearTimeout(timer);
    isDue = false;
    timer = setTimeout(() => void read(), ms);
  }

  async function read() {
    // A page that nobody looks at asks for nothing.
    isDue = document.visibilityState === 'hidden';
    if (isDue) return;
    const answer = await ask('/api/config');
    if (answer.ok) show(answer.body);
  }

  return { show, read: () => plan(SETTLE_MS) };
}
