// Following a run to its end, across lost connections.

import { createStream, forgetWatcher } from './stream.js';

const SILENCE_LIMIT_MS = 25_000; // The server sends something at least every 10 s.
const WAKE_SILENCE_MS = 12_000;
const WATCHDOG_MS = 1_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const LONGEST_WAIT_MS = 3_600_000;
/** A stream that lasted no longer has ended for a reason that would end the next one too. */
const SHORTEST_STREAM_MS = 1_000;

/**
 * @typedef {import('./fold.js').RunEvent} RunEvent
 * @typedef {{name: 'open'} | {name: 'lost', since: number, retryAt: number | null} | {name: 'suspended'} | {name: 'over'}
 *   | {name: 'refused', error: import('./api.js').Refusal}} Link times in ms of `performance.now()`; `retryAt` is null while an
 *   attempt runs
 */

/**
 * Follows a run until it is over, refused or closed. A stream that ends without `complete` is a lost connection.
 * @param {{runId: string, first: Response | null, lastSeq: () => number, onEvent: (event: RunEvent) => void,
 *   onLink: (link: Link) => void}} options
 * @returns {{retryNow(): void, close(): void}}
 */
export function followRun({ runId, first, lastSeq, onEvent, onLink }) {
  const pause = createPause();
  const guard = createGuard({ heardAt: () => stream.heardAt(), abort: () => stream.abort(), wake: pause.end });
  let closed = false;
  /** @type {number | null} */
  let lostSince = null;
  let failures = 0;
  const stream = createStream({
    runId,
    lastSeq,
    onOpen() {
      lostSince = null;
      onLink({ name: 'open' });
    },
    onEvent(event) {
      failures = 0;
      onEvent(event);
    },
  });

  /** What is done between one stream and the next. @param {Exclude<import('./stream.js').Ending, {name: 'over' | 'refused'}>} ending */
  async function goOn(ending) {
    const isWatching = document.visibilityState !== 'hidden';
    if (ending.name === 'come_again') {
      forgetWatcher();
      if (isWatching && performance.now() - stream.openedAt() > SHORTEST_STREAM_MS) return;
    }
    if (ending.name === 'suspended') {
      onLink(ending);
      return pause.begin(ending.resumeAfterMs);
    }
    // A hidden page does not tail: it takes up the run again when it is looked at.
    if (!isWatching) return pause.begin(LONGEST_WAIT_MS);
    lostSince ??= performance.now();
    const delay = Math.max(ending.name === 'lost' ? ending.retryAfterMs : 0, delayAfter(failures));
    failures += 1;
    onLink({ name: 'lost', since: lostSince, retryAt: performance.now() + delay });
    await pause.begin(delay);
    if (!closed) onLink({ name: 'lost', since: lostSince, retryAt: null });
  }

  async function run() {
    let response = first;
    while (!closed) {
      const ending = await stream.follow(response).catch(() => /** @type {const} */ ({ name: 'lost', retryAfterMs: 0 }));
      response = null;
      if (closed) return;
      if (ending.name === 'over' || ending.name === 'refused') {
        guard.stop();
        return onLink(ending);
      }
      await goOn(ending);
    }
  }

  // Not before the caller has what it asks `lastSeq` of.
  queueMicrotask(() => void run());

  return {
    retryNow: pause.end,
    close() {
      closed = true;
      stream.abort();
      pause.end();
      guard.stop();
    },
  };
}

/** A wait that can be ended before its time. */
function createPause() {
  let end = () => undefined;
  return {
    /** @param {number} ms @returns {Promise<void>} */
    begin: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        end = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    end: () => end(),
  };
}

/**
 * Ends a stream that is silent for too long, and sooner where the page has just been looked at again.
 * @param {{heardAt(): number, abort(): void, wake(): void}} of
 * @returns {{stop(): void}}
 */
function createGuard({ heardAt, abort, wake }) {
  const unlisten = new AbortController();
  const endSilent = (/** @type {number} */ limit) => {
    if (performance.now() - heardAt() > limit) abort();
  };
  const onWake = () => {
    if (document.visibilityState === 'hidden') return;
    endSilent(WAKE_SILENCE_MS);
    wake();
  };
  const timer = setInterval(() => endSilent(SILENCE_LIMIT_MS), WATCHDOG_MS);
  for (const [on, event] of /** @type {const} */ ([[document, 'visibilitychange'], [window, 'pageshow'], [window, 'online']])) on.addEventListener(event, onWake, { signal: unlisten.signal });
  return {
    stop() {
      clearInterval(timer);
      unlisten.abort();
    },
  };
}

/** Doubles up to a limit; the random part keeps many pages from returning at once. @param {number} failures */
function delayAfter(failures) {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
  return full * (0.75 + Math.random() / 4);
}
