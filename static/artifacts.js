// The files that programs hand back: which may be shown, and at what address. No DOM, no network.

import { callsOf } from './derive.js';

/**
 * `image` is the media type of a picture that may be shown, null for any other file: that is only ever saved.
 * @typedef {{name: string, bytes: number | null, url: string, image: string | null}} Artifact
 */

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const ADDRESS = /^\/api\/runs\/[^/]+\/artifacts\/[^/]+$/;

/**
 * The files of one result. One whose address is not an artifact of a run of this very service is left out.
 * @param {Record<string, any>} result
 * @param {string} origin of the page
 * @returns {Artifact[]}
 */
export function artifactsIn(result, origin) {
  if (!Array.isArray(result.artifacts)) return [];
  return result.artifacts.flatMap((given) => {
    const url = ownAddress(given?.url, origin);
    if (url === null || typeof given.name !== 'string') return [];
    const type = String(given.media_type).split(';')[0].trim().toLowerCase();
    const bytes = Number.isFinite(given.bytes) && given.bytes >= 0 ? given.bytes : null;
    return { name: given.name, bytes, url, image: IMAGES.includes(type) ? type : null };
  });
}

/**
 * The files of a run. Of several with one name, as a program that writes its file again makes them, the last counts.
 * @param {import('./fold.js').RunState} state
 * @param {string} origin
 * @returns {Artifact[]}
 */
export function artifactsOf(state, origin) {
  const results = callsOf(state).flatMap(({ outcome }) => (outcome?.ok ? outcome.result : []));
  const all = results.flatMap((result) => artifactsIn(result, origin));
  return [...new Map(all.map((artifact) => [artifact.name, artifact])).values()];
}

/** Path and query of an address, as the browser will send them (a path that begins so has no other host); null for one that is not an artifact here. @param {unknown} url @param {string} origin */
function ownAddress(url, origin) {
  if (typeof url !== 'string' || !url.startsWith('/api/runs/') || !URL.canParse(url, origin)) return null;
  const { pathname, search } = new URL(url, origin);
  return ADDRESS.test(pathname) ? pathname + search : null;
}
