// Starting a run and following it to its end, across lost connections. Knows frames and sequence numbers, no page.

import { refusalOf, request, runPath, unreachable } from './api.js';
import { readEvent } from './events.js';
import { newKey } from './current.js';
import { createParser } from './sse.js';

const SILENCE_LIMIT_MS = 25_000; // The server sends something at least every 10 s.
const WAKE_SILENCE_MS = 12_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const LONGEST_WAIT_MS = 3_600_000;
/** A stream that lasted no longer has ended for a reason that would end the next one too. */
const SHORTEST_STREAM_MS = 1_000;
const WATCHER = 'watcher';

/**
 * @typedef {import('./fold.js').RunEvent} RunEvent
 * @typedef {import('./api.js').Refusal} Refusal
 * @typedef {{name: 'open'} | {name: 'lost', since: number, retryAt: number | null} | {name: 'suspended'} | {name: 'over'}
 *   | {name: 'refused', error: Refusal}} Link times in ms of `performance.now()`; `retryAt` is null while an attempt runs
 * @typedef {{name: 'over'} | {name: 'refused', error: Refusal} | {name: 'suspended', resumeAfterMs: number}
 *   | {name: 'come_again'} | {name: 'lost', retryAfterMs: number}} Ending `come_again`: the stream's time is over, not the run
 */

/**
 * Starts a run. The same key and body again attach to the same run, so that asking again after a lost reply is safe.
 * @param {{query: string} & Record<string, unknown>} body
 * @param {string} key
 * @returns {Promise<{started: true, runId: string, response: Response} | {started: false, error: Refusal}>}
 */
export async function startRun(body, key) {
  let response;
  try {
    response = await request('/api/chat/orchestrator/stream', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
  } catch {
    return { started: false, error: { ...unreachable, message: 'The server did not answer. Your question is kept; ask again.' } };
  }
  const runId = response.headers.get('x-run-id');
  if (response.ok && runId) return { started: true, runId, response };
  return { started: false, error: await refusalOf(response) };
}

/**
 * Follows a run until it is over, refused or closed. A stream that ends without `complete` is a lost connection.
 * @param {{runId: string, first: Response | null, lastSeq: () => number, onEvent: (event: RunEvent) => void,
 *   onLink: (link: Link) => void}} options
 * @returns {{retryNow(): void, close(): void}}
 */
export function followRun({ runId, first, lastSeq, onEvent, onLink }) {
  let closed = false;
  let heardAt = performance.now();
  let openedAt = heardAt;
  let attempt = new AbortController();
  /** @type {(() => void) | null} */
  let endWait = null;
  /** @type {number | null} */
  let lostSince = null;
  let failures = 0;

  const follow = () =>
    request(`${runPath(runId)}/events?after=${lastSeq()}`, { signal: attempt.signal, headers: { 'x-watcher': watcher() } });

  /** @param {Response | null} begun @returns {Promise<Ending>} */
  async function once(begun) {
    attempt = new AbortController();
    heardAt = performance.now();
    const response = begun ?? (await follow());
    if (response.status === 204) return { name: 'over' };
    if (!response.ok || !response.body) return endingOf(response);
    lostSince = null;
    openedAt = performance.now();
    onLink({ name: 'open' });
    const reader = response.body.getReader();
    // Cancelling the reader of the start's own response stops the transfer; the run goes on.
    attempt.signal.addEventListener('abort', () => reader.cancel().catch(() => undefined));
    const parser = createParser();
    /** @type {RunEvent | null} */
    let last = null;
    for (;;) {
      const { done, value } = await reader.read();
      if (closed || done) break;
      heardAt = performance.now();
      for (const frame of parser.push(value)) {
        const event = eventOf(frame);
        if (event.seq !== null && event.seq > lastSeq() + 1) {
          attempt.abort();
          return { name: 'lost', retryAfterMs: 0 };
        }
        if (event.event === 'suspended' && event.seq === null) return { name: 'come_again' };
        failures = 0;
        onEvent(event);
        if (event.event === 'complete') return { name: 'over' };
        if (event.event !== 'ping') last = event;
      }
    }
    if (last?.event === 'suspended') return { name: 'suspended', resumeAfterMs: last.resume_after_ms };
    return { name: 'lost', retryAfterMs: 0 };
  }

  /** @param {number} ms @returns {Promise<void>} */
  function wait(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      endWait = () => {
        clearTimeout(timer);
        endWait = null;
        resolve();
      };
    });
  }

  async function run() {
    let response = first;
    while (!closed) {
      const ending = await once(response).catch(() => /** @type {Ending} */ ({ name: 'lost', retryAfterMs: 0 }));
      response = null;
      if (closed) return;
      if (ending.name === 'over' || ending.name === 'refused') {
        onLink(ending);
        break;
      }
      const isWatching = document.visibilityState !== 'hidden';
      if (ending.name === 'come_again') {
        forgetWatcher();
        if (isWatching && performance.now() - openedAt > SHORTEST_STREAM_MS) continue;
      }
      if (ending.name === 'suspended') {
        onLink(ending);
        await wait(ending.resumeAfterMs);
        continue;
      }
      // A hidden page does not tail: it takes up the run again when it is looked at.
      if (!isWatching) {
        await wait(LONGEST_WAIT_MS);
        continue;
      }
      lostSince ??= performance.now();
      const delay = Math.max(ending.name === 'lost' ? ending.retryAfterMs : 0, delayAfter(failures));
      failures += 1;
      onLink({ name: 'lost', since: lostSince, retryAt: performance.now() + delay });
      await wait(delay);
      if (!closed) onLink({ name: 'lost', since: lostSince, retryAt: null });
    }
    stop();
  }

  const retryNow = () => endWait?.();
  const wake = () => {
    if (document.visibilityState === 'hidden') return;
    if (performance.now() - heardAt > WAKE_SILENCE_MS) attempt.abort();
    retryNow();
  };
  const watchdog = setInterval(() => {
    if (performance.now() - heardAt > SILENCE_LIMIT_MS) attempt.abort();
  }, 1_000);
  const stop = () => {
    clearInterval(watchdog);
    document.removeEventListener('visibilitychange', wake);
    window.removeEventListener('pageshow', wake);
    window.removeEventListener('online', wake);
  };
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('pageshow', wake);
  window.addEventListener('online', wake);
  // Not before the caller has what it asks `lastSeq` of.
  queueMicrotask(() => void run());

  return {
    retryNow,
    close() {
      closed = true;
      attempt.abort();
      retryNow();
      stop();
    },
  };
}

/**
 * Names this tab to the server, across reloads: the stream that a reload has left ends as soon as the next one begins. A server
 * in Lambda is not told that it has been left.
 */
function watcher() {
  try {
    const kept = sessionStorage.getItem(WATCHER);
    if (kept) return kept;
    const drawn = newKey();
    sessionStorage.setItem(WATCHER, drawn);
    return drawn;
  } catch {
    // A browser that keeps nothing: nobody comes back under the name.
    return newKey();
  }
}

/** A tab that was duplicated has the name too, and ended this one's stream: the next has a name of its own. */
function forgetWatcher() {
  try {
    sessionStorage.removeItem(WATCHER);
  } catch {
    // Nothing was kept.
  }
}

/** Doubles up to a limit; the random part keeps many pages from returning at once. @param {number} failures */
function delayAfter(failures) {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
  return full * (0.75 + Math.random() / 4);
}

/** @param {Response} response @returns {Promise<Ending>} */
async function endingOf(response) {
  const passing = response.status === 429 || response.status >= 500;
  if (!passing) return { name: 'refused', error: await refusalOf(response) };
  await response.body?.cancel();
  const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000;
  return { name: 'lost', retryAfterMs: retryAfterMs > 0 ? Math.min(LONGEST_WAIT_MS, retryAfterMs) : 0 };
}

/** @param {import('./sse.js').Frame} frame @returns {RunEvent} */
function eventOf(frame) {
  const seq = frame.id !== null && /^\d+$/.test(frame.id) ? Number(frame.id) : null;
  try {
    return readEvent(JSON.parse(frame.data), seq);
  } catch {
    return { event: 'unreadable', seq };
  }
}
