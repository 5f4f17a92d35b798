// A start that was refused because a limit was met: which one, and when to come back. Nothing is sent again by itself. Loaded on need.

import { leftOf, readLimits, secondsOf } from '../limits.js';
import { limitWords as words } from '../strings-limits.js';
import { byId, el, setText } from './dom.js';

const COUNT_MS = 1_000;
/** Who waits so long sits in front of the page; for longer waits the button stays free, since more may be allowed meanwhile. */
const LONGEST_HOLD_S = 120;

/**
 * @typedef {import('../api.js').Refusal} Refusal
 * @param {{composer: Pick<ReturnType<typeof import('./composer.js').createComposer>, 'hold' | 'fail'>, service: {limits(): unknown, changed(): void, read(): unknown}}} page
 * @returns {{tell(refused: Refusal): void, end(): void}} `tell` puts it into words in place of the server's
 */
export function createLimitMet({ composer, service }) {
  let timer = 0;

  function end() {
    if (timer === 0) return;
    clearInterval(timer);
    timer = 0;
    composer.hold('');
  }

  /** @param {number} untilMs @param {number} seconds @param {string} message */
  function count(untilMs, seconds, message) {
    const left = leftOf(untilMs, seconds, Date.now());
    if (left > 0) {
      composer.hold(seconds <= LONGEST_HOLD_S ? message : '');
      // It changes each second: it is for who sees it, and the button's name stays.
      byId('ask').append(el('span', { 'aria-hidden': 'true' }, words.until(left)));
      return;
    }
    end();
    if (byId('composer-error').textContent === message) composer.fail('', false);
    setText(byId('announcer'), words.now);
  }

  return {
    tell(refused) {
      end();
      const now = Date.now();
      const seconds = secondsOf(refused.retryAfter, now);
      const name = refused.limit ?? '';
      /** @type {Record<string, string>} */
      const met = words.met(readLimits(service.limits()));
      const what = Object.hasOwn(met, name) ? met[name] : refused.message;
      const until = now + (seconds ?? 0) * 1_000;
      const then = seconds === null ? '' : (Object.hasOwn(words.then, name) ? words.then[name] : words.then.other)(words.clock(until, now));
      refused.message = `${what} ${then}`.trim();
      // A pause may be news; what is left has changed in any case.
      if (name === 'paused') void service.read();
      else service.changed();
      if (seconds === null) return;
      timer = setInterval(() => count(until, seconds, refused.message), COUNT_MS);
      count(until, seconds, refused.message);
    },
    end,
  };
}
