// One stream of events, from its request to its end. Knows frames and sequence numbers, no page.

import { refusalOf, request, runPath } from './api.js';
import { newKey } from './current.js';
import { readEvent } from './events.js';
import { createParser } from './sse.js';

const LONGEST_WAIT_MS = 3_600_000;
const WATCHER = 'watcher';

/**
 * @typedef {import('./fold.js').RunEvent} RunEvent
 * @typedef {{name: 'over'} | {name: 'refused', error: import('./api.js').Refusal} | {name: 'suspended', resumeAfterMs: number}
 *   | {name: 'come_again'} | {name: 'lost', retryAfterMs: number}} Ending `come_again`: the stream's time is over, not the run
 */

/**
 * The streams of one run, one at a time.
 * @param {{runId: string, lastSeq: () => number, onOpen: () => void, onEvent: (event: RunEvent) => void}} options
 * @returns {{follow(begun: Response | null): Promise<Ending>, abort(): void, heardAt(): number, openedAt(): number}} `begun`: the
 *   response that the stream is read from, in place of a request; times in ms of `performance.now()`
 */
export function createStream({ runId, lastSeq, onOpen, onEvent }) {
  let heardAt = performance.now();
  let openedAt = heardAt;
  let attempt = new AbortController();

  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {AbortSignal} signal @returns {Promise<Ending>} */
  async function read(reader, signal) {
    const parser = createParser();
    /** @type {RunEvent | null} */
    let last = null;
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted || done) break;
      heardAt = performance.now();
      for (const frame of parser.push(value)) {
        const event = eventOf(frame);
        if (event.seq !== null && event.seq > lastSeq() + 1) {
          attempt.abort();
          return { name: 'lost', retryAfterMs: 0 };
        }
        if (event.event === 'suspended' && event.seq === null) return { name: 'come_again' };
        onEvent(event);
        if (event.event === 'complete') return { name: 'over' };
        if (event.event !== 'ping') last = event;
      }
    }
    if (last?.event === 'suspended') return { name: 'suspended', resumeAfterMs: last.resume_after_ms };
    return { name: 'lost', retryAfterMs: 0 };
  }

  return {
    async follow(begun) {
      attempt = new AbortController();
      const { signal } = attempt;
      heardAt = performance.now();
      const response = begun ?? (await request(`${runPath(runId)}/events?after=${lastSeq()}`, { signal, headers: { 'x-watcher': watcher() } }));
      if (response.status === 204) return { name: 'over' };
      if (!response.ok || !response.body) return endingOf(response);
      openedAt = performance.now();
      onOpen();
      const reader = response.body.getReader();
      // Cancelling the reader of the start's own response stops the transfer; the run goes on.
      signal.addEventListener('abort', () => reader.cancel().catch(() => undefined));
      return read(reader, signal);
    },
    abort: () => attempt.abort(),
    heardAt: () => heardAt,
    openedAt: () => openedAt,
  };
}

/**
 * Names this tab to the server, across reloads: the stream that a reload has left ends as soon as the next one begins. A server
 * in Lambda is not told that it has been left.
 */
export function watcher() {
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
export function forgetWatcher() {
  try {
    sessionStorage.removeItem(WATCHER);
  } catch {
    // Nothing was kept.
  }
}

/** @param {Response} response @returns {Promise<Ending>} */
async function endingOf(response) {
  const passing = [408, 425, 429].includes(response.status) || response.status >= 500;
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
