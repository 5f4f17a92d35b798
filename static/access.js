// The access key, and the requests that carry it. A key that the server refuses is forgotten and asked for again. No page.

const NAME = 'access-key';
/** Where the token is kept by which a visitor without a key is known again. */
export const VISITOR = 'orchestrator-visitor';

/**
 * @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} Store
 * @typedef {'tab' | 'device'} Place how long a key is kept: until the tab is closed, or until it is forgotten
 * @typedef {{key(): string, keep(key: string, place: Place): void, visit(token: string): void, forget(): void}} Keyring `visit`: to be a visitor from now on;
 *   `forget`: what is kept of a visitor stays kept, but is not sent any more
 * @typedef {'accepted' | 'refused' | 'unreachable'} Verdict
 */

/**
 * Keeps one key. A browser that refuses storage keeps it until the page is left.
 * @param {Record<Place, () => Store>} stores
 * @returns {Keyring}
 */
export function createKeyring(stores) {
  /** @type {(() => Store)[]} */
  const all = [stores.tab, stores.device];
  let current = all.map((store) => tried(() => store().getItem(NAME))).find(Boolean) || (tried(() => stores.device().getItem(VISITOR)) ?? '');
  const forget = () => {
    current = '';
    for (const store of all) tried(() => store().removeItem(NAME));
  };
  return {
    key: () => current,
    keep(key, place) {
      forget();
      current = key;
      tried(() => stores[place]().setItem(NAME, key));
    },
    visit: (token) => void (current = token),
    forget,
  };
}

/**
 * Requests with the key. One that is refused with 401 waits for a new key and is sent again; where the person gives none,
 * the refusal is the answer, also of the requests that were under way with it. From then on only those ask again that do what
 * the person wants done: what the page reads by itself, however late, would open again what was just closed.
 * @param {{send: (path: string, init: RequestInit) => Promise<Response>, keyring: Keyring, askForKey: (isRefused: boolean) => Promise<boolean>, visit?: (response: Response) => Promise<boolean>}} parts
 *   `askForKey` keeps the key that it gets, and is told whether one was refused; `visit`: whether a refusal lets visitors in, who then have a token
 */
export function createRequests({ send, keyring, askForKey, visit = async () => false }) {
  let declined = 0;
  let isDeclined = false;
  /** @type {Promise<boolean> | null} */
  let asking = null;

  /** Asks the person for a key, once for all who wait for one. */
  function ask(isRefused = false) {
    asking ??= askForKey(isRefused).then((given) => {
      asking = null;
      isDeclined = !given;
      if (!given) declined += 1;
      return given;
    });
    return asking;
  }

  /** @param {string} path @param {RequestInit} [init] @returns {Promise<Response>} */
  async function request(path, init = {}) {
    const declinedBefore = declined;
    for (;;) {
      const key = keyring.key();
      const response = await send(path, withKey(init, key));
      if (response.status !== 401) return response;
      if (key !== '' && keyring.key() === key) keyring.forget();
      const mayAsk = declined === declinedBefore && !(isDeclined && isRead(init));
      // Who gives no other key in place of one that was refused may still come in without.
      const goesOn = keyring.key() !== '' || (key === '' && (await visit(response))) || (mayAsk && (await ask(key !== '' && !key.startsWith('visitor-')))) || key !== '';
      if (!goesOn) return response;
      await response.body?.cancel();
    }
  }

  /** Whether the server takes a key. @param {string} key @returns {Promise<Verdict>} */
  async function check(key) {
    try {
      const response = await send('/api/runs?limit=1', withKey({}, key));
      await response.body?.cancel();
      return response.status === 401 ? 'refused' : 'accepted';
    } catch {
      return 'unreachable';
    }
  }

  return { request, check, ask };
}

/** @param {RequestInit} init */
function isRead({ method = 'GET' }) {
  return method === 'GET';
}

/** @param {RequestInit} init @param {string} key @returns {RequestInit} */
function withKey(init, key) {
  return key === '' ? init : { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } };
}

/** @template T @param {() => T} work @returns {T | null} */
function tried(work) {
  try {
    return work();
  } catch {
    return null;
  }
}
