import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyring, createRequests } from '../../../static/access.js';
import { canBeKey } from '../../../static/view/key-dialog.js';

/** A store in memory, with what it holds to look at. */
function store(held = {}) {
  return { held, getItem: (name) => held[name] ?? null, setItem: (name, value) => (held[name] = value), removeItem: (name) => delete held[name] };
}

/** A keyring on stores in memory. */
function ring(tab = {}, device = {}) {
  const stores = { tab: store(tab), device: store(device) };
  return { ...createKeyring({ tab: () => stores.tab, device: () => stores.device }), held: () => ({ tab: stores.tab.held, device: stores.device.held }) };
}

/** A server that takes one key, and notes the key of each request. */
function server(key) {
  const seen = [];
  const send = async (path, { headers = {}, signal } = {}) => {
    signal?.throwIfAborted();
    seen.push(headers.authorization ?? null);
    return new Response('', { status: headers.authorization === `Bearer ${key}` ? 200 : 401 });
  };
  return { seen, send };
}

test('a key is kept where the person chose, and nowhere else', () => {
  const keys = ring();
  keys.keep('one', 'device');
  assert.deepEqual([keys.key(), keys.held()], ['one', { tab: {}, device: { 'access-key': 'one' } }]);
  keys.keep('two', 'tab');
  assert.deepEqual([keys.key(), keys.held()], ['two', { tab: { 'access-key': 'two' }, device: {} }]);
  keys.forget();
  assert.deepEqual([keys.key(), keys.held()], ['', { tab: {}, device: {} }]);
});

test('a kept key is there again', () => {
  assert.equal(ring({ 'access-key': 'one' }).key(), 'one');
  assert.equal(ring({}, { 'access-key': 'two' }).key(), 'two');
});

test('a browser that refuses storage keeps the key until the page is left', () => {
  const refuse = () => {
    throw new Error('denied');
  };
  const keys = createKeyring({ tab: refuse, device: refuse });
  keys.keep('one', 'device');
  assert.equal(keys.key(), 'one');
});

test('what a header cannot carry is no key', () => {
  assert.deepEqual(['abc-_.~9', 'open sesame', '', ' ', 'schlüssel', 'a\nb'].map(canBeKey), [true, true, false, false, false, false]);
});

test('a request carries the key beside its own headers', async () => {
  const sent = [];
  const keys = ring({ 'access-key': 'good' });
  const send = async (path, init) => {
    sent.push([path, init]);
    return new Response('');
  };
  const { request } = createRequests({ send, keyring: keys, askForKey: async () => assert.fail('nobody is asked') });
  await request('/api/runs', { method: 'POST', headers: { 'content-type': 'application/json' } });
  assert.deepEqual(sent, [['/api/runs', { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer good' } }]]);
});

test('a request without a key goes as it is', async () => {
  const sent = [];
  const send = async (path, init) => {
    sent.push(init);
    return new Response('');
  };
  await createRequests({ send, keyring: ring(), askForKey: async () => assert.fail('nobody is asked') }).request('/api/config', { method: 'POST' });
  assert.deepEqual(sent, [{ method: 'POST' }]);
});

test('a key is tried on the list of runs, and no body that nobody reads is left open', async () => {
  const asked = [];
  const send = async (path, { headers = {} } = {}) => {
    const one = { path, status: headers.authorization === 'Bearer good' ? 200 : 401, isLetGo: false };
    asked.push(one);
    return new Response(new ReadableStream({ cancel: () => void (one.isLetGo = true) }), { status: one.status });
  };
  const keys = ring();
  const giveKey = async () => {
    keys.keep('good', 'tab');
    return true;
  };
  const { check, request } = createRequests({ send, keyring: keys, askForKey: giveKey });
  assert.equal(await check('bad'), 'refused');
  assert.equal((await request('/a')).status, 200);
  assert.deepEqual(asked, [
    { path: '/api/runs?limit=1', status: 401, isLetGo: true },
    { path: '/a', status: 401, isLetGo: true },
    { path: '/a', status: 200, isLetGo: false },
  ]);
});

test('a refused key is forgotten, asked for once, and all who waited go on with the new one', async () => {
  const { seen, send } = server('good');
  const keys = ring({ 'access-key': 'old' });
  let asked = 0;
  const askForKey = async () => {
    asked += 1;
    assert.deepEqual(keys.held(), { tab: {}, device: {} });
    // The person takes so long that all three have been refused.
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(seen.length, 3);
    keys.keep('good', 'tab');
    return true;
  };
  const { request } = createRequests({ send, keyring: keys, askForKey });
  const responses = await Promise.all([request('/a'), request('/b'), request('/c')]);
  assert.deepEqual(responses.map(({ status }) => status), [200, 200, 200]);
  assert.equal(asked, 1);
  assert.deepEqual(seen, ['Bearer old', 'Bearer old', 'Bearer old', 'Bearer good', 'Bearer good', 'Bearer good']);
});

test('where no key is given the refusal is the answer, and only what a person does later asks again', async () => {
  const { send } = server('good');
  let asked = 0;
  const askForKey = async () => {
    asked += 1;
    return false;
  };
  let late = () => undefined;
  const slow = async (path, init) => {
    if (path === '/slow') await new Promise((resolve) => (late = resolve));
    return send(path, init);
  };
  const { request } = createRequests({ send: slow, keyring: ring(), askForKey });
  const underWay = request('/slow');
  assert.equal((await request('/a')).status, 401);
  late();
  assert.equal((await underWay).status, 401);
  assert.equal(asked, 1);
  assert.equal((await request('/b')).status, 401);
  assert.equal(asked, 1);
  await request('/b', { method: 'POST' });
  assert.equal(asked, 2);
});

test('a key that is refused after one was given is asked for, whoever notices', async () => {
  let accepted = 'good';
  const keys = ring();
  const given = [false, true, false];
  const askForKey = async () => {
    const isGiven = given.shift();
    if (isGiven) keys.keep('good', 'tab');
    return isGiven;
  };
  const send = async (path, init) => server(accepted).send(path, init);
  const { request, ask } = createRequests({ send, keyring: keys, askForKey });
  assert.equal((await request('/a')).status, 401);
  assert.equal(await ask(), true);
  assert.equal((await request('/a')).status, 200);
  accepted = 'other';
  assert.equal((await request('/a')).status, 401);
  assert.deepEqual(given, []);
});

test('where the given key is refused, too, another is asked for', async () => {
  const { seen, send } = server('good');
  const keys = ring();
  const typed = ['bad', 'good'];
  const giveKey = async () => {
    keys.keep(typed.shift(), 'tab');
    return true;
  };
  assert.equal((await createRequests({ send, keyring: keys, askForKey: giveKey }).request('/a')).status, 200);
  assert.deepEqual(seen, [null, 'Bearer bad', 'Bearer good']);
});

test('without a kept key there is none', () => {
  assert.equal(ring().key(), '');
});

test('a refusal of an old key does not forget the new one', async () => {
  const keys = ring({ 'access-key': 'old' });
  const { seen, send } = server('new');
  const slow = async (path, init) => {
    const response = await send(path, init);
    keys.keep('new', 'tab');
    return response;
  };
  const { request } = createRequests({ send: slow, keyring: keys, askForKey: async () => assert.fail('nobody is asked') });
  assert.equal((await request('/a')).status, 200);
  assert.deepEqual(seen, ['Bearer old', 'Bearer new']);
});

test('a key is tried before it is kept', async () => {
  const { send } = server('good');
  const down = async () => {
    throw new TypeError('Load failed');
  };
  const parts = { keyring: ring(), askForKey: async () => false };
  assert.equal(await createRequests({ send, ...parts }).check('good'), 'accepted');
  assert.equal(await createRequests({ send, ...parts }).check('bad'), 'refused');
  assert.equal(await createRequests({ send: down, ...parts }).check('good'), 'unreachable');
});
