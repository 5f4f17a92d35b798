// Where the bytes of artifacts come from. With an access key they are fetched, as neither an image nor a link can send it.

import { keyring, refusalOf, request, unreachable } from '../api.js';

/** @typedef {import('../artifacts.js').Artifact} Artifact */

/** @type {Map<string, Promise<string>>} */
const fetched = new Map();

/** Whether an address can be given to the browser as it is. */
export function isOpen() {
  return keyring.key() === '';
}

/**
 * The bytes of an artifact under a blob URL, fetched once. A file that is no picture gets a type that no browser opens,
 * since a document at a blob URL would run as this page.
 * @param {Artifact} artifact
 * @returns {Promise<string>} rejects with an Error that says why
 */
export function blobUrl({ url, image }) {
  const known = fetched.get(url);
  if (known) return known;
  const made = read(url).then((bytes) => URL.createObjectURL(new Blob([bytes], { type: image ?? 'application/octet-stream' })));
  fetched.set(url, made);
  made.catch(() => fetched.delete(url));
  return made;
}

/** Gives back the memory of all that was fetched. */
export function release() {
  for (const made of fetched.values()) made.then(URL.revokeObjectURL, () => undefined);
  fetched.clear();
}

/** @param {string} url */
async function read(url) {
  let response;
  try {
    response = await request(url);
    if (response.ok) return await response.arrayBuffer();
  } catch {
    throw new Error(unreachable.message);
  }
  throw new Error((await refusalOf(response)).message);
}
