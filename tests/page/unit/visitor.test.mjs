import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VISITOR, createKeyring, createRequests } from '../../../static/access.js';
import { newToken, visit } from '../../../static/visitor.js';

const TOKEN = /^visitor-[A-Za-z0-9]{43}$/;
const KEPT = `visitor-${'a'.repeat(43)}`;

function store(held = {}) {
  return { held, getItem: (name) => held[name] ?? null, setItem: (name, value) => (held[name] = value), removeItem: (name) => delete held[name] };
}

/** A browser, what it keeps, and a service that lets in one key and, where it says so, visitors. */
function browser({ kept = {}, key = 'good', letsIn = true, tellsWithKey = false, given = [] } = {}) {
  const device = store({ ...kept });
  const keyring = createKeyring({ tab: () => store(), device: () => device });
  const seen = [];
  const asked = [];
  const service = { key, letsIn };
  const send = async (_, { headers = {} } = {}) => {
    const sent = (headers.authorization ?? '').replace('Bearer ', '');
    seen.push(sent);
    if (sent === service.key || (service.letsIn && TOKEN.test(sent))) return Response.json({});
    return Response.json({ error: { code: 'unauthorized', message: 'Send a key.', ...(service.letsIn && (sent === '' || tellsWithKey) ? { anonymous: true } : {}) } }, { status: 401 });
  };
  const askForKey = async (isRefused) => {
    asked.push(isRefused);
    const typed = given.shift();
    if (typed) keyring.keep(typed, 'device');
    return Boolean(typed);
  };
  return { device, keyring, seen, asked, service, ...createRequests({ send, keyring, askForKey, visit: (response) => visit(response, keyring, () => device) }) };
}

test('a token has 43 letters and digits, each as likely as any other', () => {
  const counts = new Map();
  for (let at = 0; at < 2_000; at += 1) {
    const token = newToken((bytes) => crypto.getRandomValues(bytes));
    assert.match(token, TOKEN);
    for (const letter of token.slice(8)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  assert.equal(counts.size, 62);
  const mean = (2_000 * 43) / 62;
  for (const [letter, n] of counts) assert.ok(Math.abs(n - mean) < 8 * Math.sqrt(mean), `${letter}: ${n}`);
});

test('whatever bytes are drawn, a token is of its form, and bytes that would favour a letter are left out', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 247 }), { minLength: 43, maxLength: 43 }), (drawn) => assert.match(newToken(() => Uint8Array.from(drawn)), TOKEN)));
  const draws = [Uint8Array.from(Array(43).fill(250)), Uint8Array.from(Array(43).fill(1))];
  assert.equal(newToken(() => draws.shift()), `visitor-${'B'.repeat(43)}`);
});

test('who comes without a key where visitors are let in is one, and is known again', async () => {
  const { device, seen, asked, request } = browser();
  assert.deepEqual((await Promise.all(['/a', '/b', '/c'].map((path) => request(path)))).map(({ status }) => status), [200, 200, 200]);
  const token = device.held[VISITOR];
  assert.match(token, TOKEN);
  assert.deepEqual(seen, ['', '', '', token, token, token]);
  assert.deepEqual(asked, []);
  const again = browser({ kept: device.held });
  assert.equal((await again.request('/a')).status, 200);
  assert.deepEqual(again.seen, [token]);
});

test('where visitors are not let in a key is asked for, also of one who was a visitor before; the token stays kept', async () => {
  for (const kept of [{}, { [VISITOR]: KEPT }]) {
    const { device, asked, request } = browser({ kept, letsIn: false, given: ['good'] });
    assert.equal((await request('/a')).status, 200);
    assert.deepEqual(asked, [false], 'no key was revoked');
    assert.equal(device.held[VISITOR], kept[VISITOR]);
  }
});

test('a revoked key is told before anybody goes on as a visitor', async () => {
  for (const tellsWithKey of [false, true]) {
    for (const kept of [{ 'access-key': 'old' }, { 'access-key': 'old', [VISITOR]: KEPT }]) {
      const { device, asked, seen, request } = browser({ kept, tellsWithKey });
      assert.deepEqual((await Promise.all([request('/a'), request('/b')])).map(({ status }) => status), [200, 200]);
      assert.deepEqual(asked, [true]);
      assert.equal(device.held['access-key'], undefined);
      assert.match(seen.at(-1), TOKEN);
      if (kept[VISITOR]) assert.equal(seen.at(-1), KEPT);
    }
  }
});

test('a key that is given takes the place of the token, and without it the visitor is the same again', async () => {
  const { keyring, seen, request, ask } = browser({ kept: { [VISITOR]: KEPT }, given: ['good'] });
  await request('/a');
  assert.equal(await ask(), true);
  await request('/a');
  keyring.forget();
  await request('/a');
  assert.deepEqual(seen, [KEPT, 'good', '', KEPT]);
});

test('what was kept and is no token is not sent a second time, and another is made', async () => {
  const { device, seen, request } = browser({ kept: { [VISITOR]: 'visitor-short' } });
  const statuses = [];
  for (let at = 0; at < 3; at += 1) statuses.push((await request('/a')).status);
  assert.equal(statuses.at(-1), 200);
  assert.match(device.held[VISITOR], TOKEN);
  assert.equal(seen.filter((sent) => sent === 'visitor-short').length, 1);
});

test('a browser that keeps nothing has one token until the page is left', async () => {
  const refuse = () => {
    throw new Error('denied');
  };
  const keyring = createKeyring({ tab: refuse, device: refuse });
  const refusal = () => Response.json({ error: { anonymous: true } }, { status: 401 });
  assert.equal(await visit(refusal(), keyring, refuse), true);
  const token = keyring.key();
  assert.match(token, TOKEN);
  assert.equal(await visit(refusal(), keyring, refuse), true);
  assert.equal(keyring.key(), token);
});

test('only what says so lets visitors in', async () => {
  for (const body of ['', 'null', '[]', '{}', '{"error":null}', '{"error":{"anonymous":"true"}}', '{"anonymous":true}', '<html>', '{"error":{"anonymous":1}}']) {
    const keyring = createKeyring({ tab: () => store(), device: () => store() });
    assert.equal(await visit(new Response(body, { status: 401 }), keyring, () => store()), false, body);
    assert.equal(keyring.key(), '');
  }
});
