// Where the bytes of artifacts come from. They are fetched by the page: neither an image nor a link can send an access key, and
// how large a picture unfolds must be known before the browser decodes it.

import { refusalOf, request, unreachable } from '../api.js';
import { fileWords, pictureWords } from '../strings-on-need.js';

/** @typedef {import('../artifacts.js').Artifact} Artifact */

const MOST_PICTURE_BYTES = 8_000_000; // More than a tool hands back.

/** Says why a file stays unshown for good: to ask for it again would change nothing. */
class NotShown extends Error {
  name = 'NotShown';
}

/** @type {Map<string, Promise<string>>} */
const fetched = new Map();
/** Pixels of the pictures of this run that are shown, by their address. @type {Map<string, number>} */
let unfolded = new Map();

/**
 * A file under a blob URL, to be saved, fetched once. It gets a type that no browser opens, since a document at a blob URL would
 * run as this page.
 * @param {Artifact} artifact
 * @returns {Promise<string>} rejects with an Error that says why
 */
export function savedUrl({ url }) {
  return once(`save ${url}`, async () => blobUrl(await read(url, Infinity), 'application/octet-stream'));
}

/**
 * A picture under a blob URL, to be shown. Its type is what its bytes are.
 * @param {Artifact} artifact
 * @returns {Promise<string>} rejects with an Error that says why
 */
export function pictureUrl({ url }) {
  return once(`show ${url}`, async () => {
    const counted = unfolded; // Of this run, also where another one is shown before the bytes have come.
    // Loaded on need: most runs have no pictures.
    const { decodes, looked } = await import('./look.js').catch(() => {
      throw new Error(unreachable.message);
    });
    const bytes = await read(url, MOST_PICTURE_BYTES);
    const { type, pixels, fault } = looked(bytes, [...counted.values()]);
    if (fault !== null) throw new NotShown(fault);
    counted.set(url, pixels);
    const shown = blobUrl(bytes, type);
    if (await decodes(shown)) return shown;
    URL.revokeObjectURL(shown);
    counted.delete(url);
    throw new NotShown(fileWords.noPicture);
  });
}

/**
 * A picture as an address that holds it, for a file that stands alone.
 * @param {Artifact} artifact
 * @returns {Promise<string>} rejects with an Error that says why
 */
export async function pictureData({ url }) {
  const { looked } = await import('./look.js');
  const bytes = await read(url, MOST_PICTURE_BYTES);
  const { type, fault } = looked(bytes, []);
  if (fault !== null) throw new NotShown(fault);
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(fileWords.noPicture));
    reader.readAsDataURL(new Blob([bytes], { type }));
  });
}

/** Gives back the memory of all that was fetched. */
export function release() {
  for (const made of fetched.values()) made.then(URL.revokeObjectURL, () => undefined);
  fetched.clear();
  unfolded = new Map();
}

/** @param {string} key @param {() => Promise<string>} make @returns {Promise<string>} */
function once(key, make) {
  const known = fetched.get(key);
  if (known) return known;
  const made = make();
  fetched.set(key, made);
  made.catch((error) => {
    if (!(error instanceof NotShown)) fetched.delete(key);
  });
  return made;
}

/** @param {ArrayBuffer} bytes @param {string} type */
function blobUrl(bytes, type) {
  return URL.createObjectURL(new Blob([bytes], { type }));
}

/** @param {string} url @param {number} most bytes */
async function read(url, most) {
  let response;
  try {
    response = await request(url);
    if (response.ok && Number(response.headers.get('content-length')) > most) {
      await response.body?.cancel();
      throw new NotShown(pictureWords.tooLong);
    }
    if (response.ok) return await response.arrayBuffer();
  } catch (error) {
    throw error instanceof NotShown ? error : new Error(unreachable.message);
  }
  throw new Error((await refusalOf(response)).message);
}
