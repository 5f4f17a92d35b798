import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressWith, isLocal, linkIn, linkTo, sharedSender } from '../../../static/shared.js';

const ID = '01JZZZZZZZZZZZZZZZZZZZZZZZ';
const LINK = { runId: ID, token: 'secret+/=&?#' };
const own = `/api/runs/${ID}`;
const tokenIn = (path) => new URL(path, 'http://x').searchParams.getAll('share');

test('an address is a share link where it names a run and a token, be it cut off', () => {
  assert.deepEqual(linkIn(`?run=${ID}&share=abc`), { runId: ID, token: 'abc' });
  assert.deepEqual(linkIn(`?share=abc&run=${ID}&view=use`), { runId: ID, token: 'abc' });
  assert.deepEqual(linkIn(`?run=${ID}&share=`), { runId: ID, token: '' });
  for (const other of ['', `?run=${ID}`, '?share=abc', '?run=&share=abc', '?view=use']) assert.equal(linkIn(other), null, other);
});

test('reads of the shared run carry the token, and nothing else is let out', () => {
  for (const path of [own, `${own}/events`, `${own}/events?after=3`, `${own}/artifacts/figure-1.png`, `${own}/artifacts/a%20b.csv?share=other`]) {
    const to = addressWith(LINK, path);
    assert.deepEqual(tokenIn(to), [LINK.token], path);
    assert.ok(to.startsWith(path.split('?')[0]), path);
  }
  assert.equal(new URL(addressWith(LINK, `${own}/events?after=3`), 'http://x').searchParams.get('after'), '3');
  for (const path of [
    '/api/config', '/api/runs?limit=30', '/api/stats?days=30', `${own}/calls/r1.1/prompt`, `${own}/rating`, `${own}/share`, `${own}/cancel`, `${own}X`, `${own}X/events`, `${own}/../other`, '/api/runs/other',
    `//evil.example${own}`, `/\\evil.example${own}`, `https://evil.example${own}`, `${own}/artifacts/a/b`, `${own}/artifacts/..`, `${own}/artifacts/../share`, `${own}/events/`, '', 'api/runs', `${own}/artifacts/%2e%2e`,
  ]) assert.equal(addressWith(LINK, path), null, path);
  for (const method of ['POST', 'DELETE', 'PATCH', 'PUT', 'get']) assert.equal(addressWith(LINK, own, method), null, method);
});

test('whatever is asked for, the token goes to the shared run of this very service alone', () => {
  const piece = fc.constantFrom('/', '//', '..', '.', ID, 'api', 'runs', 'events', 'artifacts', '\\', '@evil.example', 'https:', '?share=', '#', '%2f', '%5c', ' ', '\t', 'a');
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
    const to = addressWith(LINK, pieces.join(''));
    if (to === null) return;
    const url = new URL(to, 'https://page.example');
    assert.equal(url.origin, 'https://page.example');
    assert.match(url.pathname, new RegExp(`^${own}(?:/events|/artifacts/[^/]+)?$`));
    assert.deepEqual(url.searchParams.getAll('share'), [LINK.token]);
  }), { numRuns: 2_000 });
});

test('no key goes along, and a refusal asks for none', async () => {
  const sent = [];
  const reply = { status: 200 };
  const send = sharedSender(LINK, async (path, init) => {
    sent.push([path, Object.fromEntries(new Headers(init.headers)), init.credentials, init.referrerPolicy]);
    return new Response('', { status: reply.status });
  });
  const mine = { headers: { authorization: 'Bearer slm_mine', 'x-watcher': 'w' } };
  assert.equal((await send(`${own}/events?after=0`, mine)).status, 200);
  assert.deepEqual(sent, [[addressWith(LINK, `${own}/events?after=0`), { 'x-watcher': 'w' }, 'omit', 'no-referrer']]);
  reply.status = 401;
  const refused = await send(own, {});
  assert.deepEqual([refused.status, (await refused.json()).error.code], [404, 'not_found']);
  assert.equal((await send('/api/config', mine)).status, 404);
  assert.equal((await send(`${own}/cancel`, { method: 'POST' })).status, 404);
  assert.equal(sent.length, 2, 'what is not of the shared run is not sent at all');
});

test('the link that is given away leads to this page, with the token of the server', () => {
  const origin = 'https://page.example';
  const whole = `${origin}/orchestrator?run=${ID}&share=abc`;
  for (const url of [whole, `http://127.0.0.1:8080/orchestrator?run=${ID}&share=abc`, `/orchestrator?run=${ID}&share=abc`, `https://function.on.aws/orchestrator?share=abc&run=${ID}#x`]) assert.equal(linkTo(url, ID, origin), whole, url);
  for (const url of [null, undefined, 7, {}, '', 'no', `${origin}/orchestrator?run=${ID}`, `${origin}/orchestrator?run=${ID}&share=`, `${origin}/orchestrator?run=other&share=abc`, 'javascript:alert(1)']) assert.equal(linkTo(url, ID, origin), null, String(url));
  fc.assert(fc.property(fc.string({ minLength: 1 }), (token) => {
    const url = new URL(origin);
    url.search = String(new URLSearchParams({ run: ID, share: token }));
    const to = linkTo(url.href, ID, origin);
    assert.equal(linkIn(new URL(to).search)?.token, linkIn(url.search)?.token);
  }));
});

test('an address of the machine itself is told', () => {
  for (const url of ['http://127.0.0.1:8080/x', 'http://localhost/x', 'http://[::1]:1/x', 'http://127.9.9.9/']) assert.equal(isLocal(url), true, url);
  for (const url of ['https://page.example/x', 'http://192.168.1.7/', 'http://localhost.example/', 'http://127.0.0.1.example/']) assert.equal(isLocal(url), false, url);
});
