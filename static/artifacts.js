// The files that programs hand back: which may be pictures, and at what address. No DOM, no network.

import { callsOf } from './derive.js';
import { field, listIn, textIn } from './json.js';

/**
 * `image` is the media type of what is said to be a picture, null for any other file: that is only ever saved. Whether it is
 * one, only its bytes tell (`pictures.js`).
 * @typedef {{name: string, bytes: number | null, url: string, image: string | null}} Artifact
 */

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const ADDRESS = /^\/api\/runs\/[^/]+\/artifacts\/[^/]+$/;

/**
 * The files of one result. One whose address is not an artifact of a run of this very service is left out.
 * @param {unknown} result any JSON
 * @param {string} origin of the page
 * @returns {Artifact[]}
 */
export function artifactsIn(result, origin) {
  return listIn(result, 'artifacts').flatMap((given) => {
    const url = ownAddress(field(given, 'url'), origin);
    const name = field(given, 'name');
    if (url === null || typeof name !== 'string') return [];
    const type = textIn(given, 'media_type').split(';')[0].trim().toLowerCase();
    const size = field(given, 'bytes');
    const bytes = typeof size === 'number' && Number.isFinite(size) && size >= 0 ? size : null;
    return { name, bytes, url, image: IMAGES.includes(type) ? type : null };
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

/** Whether an answer shows a picture of this name in its own place. @param {string} answer @param {string} name */
export function isPlaced(answer, name) {
  return [...answer.matchAll(/!\[[^\]\n]{0,400}\]\(([^()\s]{1,400})/g)].some(([, path]) => !/^https?:/i.test(path) && path.split('/').at(-1)?.split('?')[0] === name);
}

/** Path and query of an address, as the browser will send them (a path that begins so has no other host); null for one that is not an artifact here. @param {unknown} url @param {string} origin */
function ownAddress(url, origin) {
  if (typeof url !== 'string' || !url.startsWith('/api/runs/') || !URL.canParse(url, origin)) return null;
  const { pathname, search } = new URL(url, origin);
  return ADDRESS.test(pathname) ? pathname + search : null;
}
