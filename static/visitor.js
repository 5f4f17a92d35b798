// Who comes without an access key where the service lets visitors in: known again by a token that this browser makes and keeps. Loaded on need.

import { VISITOR } from './access.js';
import { field } from './json.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 43; // As an access key: more than 256 random bits.
const TOKEN = /^visitor-[A-Za-z0-9]{43}$/;

/**
 * Whether the refusal of a request without a key lets visitors in. The token is then on the keyring.
 * @param {Response} response
 * @param {import('./access.js').Keyring} keyring
 * @param {() => Pick<Storage, 'getItem' | 'setItem'>} [device]
 */
export async function visit(response, keyring, device = () => localStorage) {
  const body = await response.clone().json().catch(() => null);
  if (field(field(body, 'error'), 'anonymous') !== true) return false;
  // Another request, or another tab, may have made one meanwhile.
  if (keyring.key() === '') keyring.visit(kept(device) ?? made(device));
  return true;
}

/** @param {() => Pick<Storage, 'getItem'>} device */
function kept(device) {
  try {
    const token = device().getItem(VISITOR) ?? '';
    return TOKEN.test(token) ? token : null;
  } catch {
    return null;
  }
}

/** @param {() => Pick<Storage, 'setItem'>} device */
function made(device) {
  const token = newToken((bytes) => crypto.getRandomValues(bytes));
  try {
    device().setItem(VISITOR, token);
  } catch {
    // A browser that keeps nothing: the visitor is known until the page is left.
  }
  return token;
}

/** Each letter is as likely as any other: bytes that would favour some are left out. @param {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array} draw */
export function newToken(draw) {
  let token = '';
  while (token.length < LENGTH) {
    for (const byte of draw(new Uint8Array(LENGTH))) {
      if (byte < 4 * LETTERS.length && token.length < LENGTH) token += LETTERS[byte % LETTERS.length];
    }
  }
  return `visitor-${token}`;
}
