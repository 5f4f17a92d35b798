// What the page sends where it shows a run by its share link: requests of that one run, with the link's token and with nothing else. No DOM.

import { addressOf } from './current.js';

const FILES_AND_EVENTS = /^\/(?:events|artifacts\/[^/]+)$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** @typedef {{runId: string, token: string}} Link */

/** The link that an address is, if it is one. @param {string} search of the address @returns {Link | null} */
export function linkIn(search) {
  const address = new URLSearchParams(search);
  const runId = address.get('run');
  return runId && address.has('share') ? { runId, token: address.get('share') ?? '' } : null;
}

/**
 * The link to a shared run, as it is given away: the server tells the token; how the page is reached, the page knows best.
 * @param {unknown} url that the server gave @param {string} runId @param {string} origin of the page
 * @returns {string | null} null where it is none for this run
 */
export function linkTo(url, runId, origin) {
  const link = typeof url === 'string' && URL.canParse(url, origin) ? linkIn(new URL(url, origin).search) : null;
  if (!link || link.runId !== runId || link.token === '') return null;
  return `${origin}${addressOf(runId)}&share=${encodeURIComponent(link.token)}`;
}

/** Whether an address leads to the machine that it is used on. @param {string} url */
export function isLocal(url) {
  return LOOPBACK.test(new URL(url).hostname);
}

/**
 * The address to which a request goes: with the token, where it reads the shared run; null where it would ask for anything else.
 * @param {Link} link @param {string} path @param {string} [method]
 */
export function addressWith({ runId, token }, path, method = 'GET') {
  const here = 'http://page.invalid';
  if (method !== 'GET' || !path.startsWith('/') || !URL.canParse(path, here)) return null;
  const url = new URL(path, here);
  const own = `/api/runs/${encodeURIComponent(runId)}`;
  const rest = url.pathname.startsWith(own) ? url.pathname.slice(own.length) : null;
  if (url.origin !== here || rest === null || (rest !== '' && !FILES_AND_EVENTS.test(rest))) return null;
  url.searchParams.set('share', token);
  return url.pathname + url.search;
}

/**
 * Sends what reads the shared run, without a key: that of a visitor who has one is no business of the link, and would show whose eyes these are.
 * @param {Link} link
 * @param {(path: string, init: RequestInit) => Promise<Response>} send
 */
export function sharedSender(link, send) {
  /** @param {string} path @param {RequestInit} init */
  return async (path, init) => {
    const to = addressWith(link, path, init.method);
    if (to === null) return gone();
    const headers = new Headers(init.headers);
    headers.delete('authorization');
    const response = await send(to, { ...init, headers, credentials: 'omit', referrerPolicy: 'no-referrer' });
    // Nobody is asked for a key here.
    if (response.status !== 401) return response;
    await response.body?.cancel();
    return gone();
  };
}

function gone() {
  return Response.json({ error: { code: 'not_found', message: 'This link does not work.' } }, { status: 404 });
}
