// The API as this page uses it: one keyring, requests that carry its key, and what a refusal says.

import { createKeyring, createRequests } from './access.js';

/** @typedef {{code: string, message: string, field: string | null, limit?: string, retryAfter?: string | null}} Refusal `limit`: the one that was met; `retryAfter`: the header */

/** Who asks the person for a key is set by the page. @type {(isRefused: boolean) => Promise<boolean>} */
let askForKey = () => Promise.resolve(false);

export const keyring = createKeyring({ tab: () => sessionStorage, device: () => localStorage });

export const { request, check: checkKey, ask: askForKeyOnce } = createRequests({
  send: (path, init) => send(path, init),
  keyring,
  askForKey: (isRefused) => askForKey(isRefused),
  visit: async (response) => (await import('./visitor.js')).visit(response, keyring),
});

/** Whether the page shows a run by its share link: nothing but that run is asked for, and no key is sent. */
export let isShared = false;
/** @param {string} path @param {RequestInit} init */
let send = (path, init) => fetch(path, init);

/** @param {typeof send} sendShared */
export function share(sendShared) {
  isShared = true;
  send = sendShared;
}

/** @param {typeof askForKey} ask */
export function onKeyNeeded(ask) {
  askForKey = ask;
}

/**
 * A request for JSON. A reply without a body is null.
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<{ok: true, body: any} | {ok: false, error: Refusal}>}
 */
export async function ask(path, init) {
  try {
    const response = await request(path, init);
    if (!response.ok) return { ok: false, error: await refusalOf(response) };
    return { ok: true, body: response.status === 204 ? null : await response.json() };
  } catch {
    return { ok: false, error: unreachable };
  }
}

/** @param {string} runId */
export function runPath(runId) {
  return `/api/runs/${encodeURIComponent(runId)}`;
}

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

/** @type {Refusal} */
export const unreachable = { code: 'unreachable', message: 'The server did not answer; try again.', field: null };

/** @param {Response} response @returns {Promise<Refusal>} */
export async function refusalOf(response) {
  try {
    const { error } = await response.json();
    const wait = error.limit ? { limit: String(error.limit), retryAfter: response.headers.get('retry-after') } : {};
    return { code: String(error.code), message: String(error.message), field: error.field ?? null, ...wait };
  } catch {
    return { code: 'unreadable', message: `The server answered with status ${response.status} and no explanation.`, field: null };
  }
}
