// How a run is followed across streams that end, break, fall silent or are refused. Time stands still but where a test moves it.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { startRun } from '../../../static/api.js';
import { followRun } from '../../../static/connection.js';
import { connectionsOf, eventsOf, kinds, sample } from '../transcripts.mjs';

const comeAgain = sample('come_again', 'suspended');
const suspended = sample('suspended', 'suspended');
const stored = (id, data) => `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
const passing = (data) => `data: ${JSON.stringify(data)}\n\n`;
const start = stored(1, { event: 'start' });
const complete = (id) => stored(id, { event: 'complete' });

/** What the page has asked for, and what it is answered. @type {{asked: {path: string, watcher: string}[], answers: Function[]}} */
let server;
let page;
let frame;
let now;

beforeEach(() => {
  now = 0;
  mock.method(performance, 'now', () => now);
  mock.method(Math, 'random', () => 1);
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  server = { asked: [], answers: [] };
  const kept = new Map();
  page = new EventTarget();
  page.visibilityState = 'visible';
  frame = new EventTarget();
  globalThis.document = page;
  globalThis.window = frame;
  globalThis.sessionStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
  globalThis.fetch = async (path, init) => {
    server.asked.push({ path, watcher: init.headers['x-watcher'], init });
    const answered = server.answers.shift();
    if (!answered) throw new Error('nothing is written down for this request');
    return answered(init);
  };
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  for (const name of ['document', 'window', 'sessionStorage']) delete globalThis[name];
});

/** Lets all that waits for nothing but the next turn be done. */
async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

/** Lets time pass, for clocks and timers, in steps as short as the shortest timer. */
async function pass(ms) {
  for (let left = ms; left > 0; left -= 250) {
    const step = Math.min(250, left);
    now += step;
    mock.timers.tick(step);
    await settle();
  }
}

/** An answer that lasts so long and says so much. */
const answer = (lasts, ...frames) => () => {
  const body = new ReadableStream(
    {
      pull(controller) {
        now += lasts;
        for (const each of frames) controller.enqueue(new TextEncoder().encode(each));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 200 });
};

/** An answer that goes on for as long as the test likes. `cancelled` says whether the page has let go of it. */
function held() {
  const it = { cancelled: false };
  const body = new ReadableStream({
    start: (controller) => (it.controller = controller),
    cancel: () => (it.cancelled = true),
  });
  it.says = (text) => it.controller.enqueue(new TextEncoder().encode(text));
  it.ends = () => it.controller.close();
  it.breaks = () => it.controller.error(new TypeError('network error'));
  it.answer = ({ signal } = {}) => {
    signal?.throwIfAborted();
    return new Response(body, { status: 200 });
  };
  return it;
}

const refusal = (status, headers = {}) => () => new Response(JSON.stringify({ error: { code: 'x', message: 'No.' } }), { status, headers });

/** Follows a run, and writes down what is told of it. */
function following({ first = null, answers = [], lastSeq = 0 } = {}) {
  server.answers = answers;
  const seen = { events: [], links: [], names: () => seen.links.map(({ name }) => name), last: lastSeq };
  seen.follower = followRun({
    runId: 'RUN',
    first,
    lastSeq: () => seen.last,
    onEvent(event) {
      seen.events.push(event.event);
      seen.last = Math.max(seen.last, event.seq ?? 0);
    },
    onLink: (link) => seen.links.push(link),
  });
  return seen;
}

/** Follows a run until nothing more happens by itself. */
async function follow(options) {
  const seen = following(options);
  await settle();
  return seen;
}

const paths = () => server.asked.map(({ path }) => path);
const events = (after) => `/api/runs/RUN/events?after=${after}`;

test('a stream whose time is over goes on in the next one at once, and the run is not shown as paused', async () => {
  const answers = [
    answer(120_000, start, passing({ event: 'ping' }), passing(comeAgain)),
    answer(120_000, stored(2, { event: 'round_start' }), passing(comeAgain)),
    answer(1, complete(3)),
  ];
  const { events: seen, names } = await follow({ answers });
  assert.deepEqual(seen, ['start', 'ping', 'round_start', 'complete']);
  assert.deepEqual(names(), ['open', 'open', 'open', 'over']);
  assert.deepEqual(paths(), [0, 1, 2].map(events));
});

for (const kind of kinds) {
  test(`a run of the kind ${kind} is followed to its end over as many connections as it took`, async () => {
    const connections = connectionsOf(kind);
    const seen = following({ answers: connections.map((text) => answer(60_000, text)) });
    for (let turn = 0; turn < connections.length; turn += 1) {
      await settle();
      mock.timers.tick(500);
    }
    await settle();
    const ends = (event) => event.event === 'suspended' && event.seq === null;
    assert.deepEqual(seen.events, eventsOf(kind).filter((event) => !ends(event)).map(({ event }) => event));
    assert.equal(seen.names().at(-1), 'over');
    const link = { come_again: [], resumed: ['lost', 'lost'], suspended: ['suspended'] }[kind];
    assert.deepEqual(seen.names(), link ? ['open', ...link, 'open', 'over'] : ['open', 'over']);
  });
}

test('a run that is suspended is shown so, and is asked for after the time that was named, also where a ping came last', async () => {
  const answers = [answer(1, start, stored(2, { ...suspended, resume_after_ms: 3_000 }), passing({ event: 'ping' })), answer(1, stored(3, { event: 'resumed' }), complete(4))];
  const seen = await follow({ answers });
  assert.deepEqual(seen.names(), ['open', 'suspended']);
  await pass(2_999);
  assert.equal(server.asked.length, 1);
  await pass(1);
  assert.deepEqual(seen.events, ['start', 'suspended', 'ping', 'resumed', 'complete']);
  assert.deepEqual(seen.names(), ['open', 'suspended', 'open', 'over']);
});

test('a run that has gone on after it was suspended is not shown as suspended when its stream ends', async () => {
  const seen = await follow({ answers: [answer(1, start, stored(2, suspended), stored(3, { event: 'resumed' }))] });
  assert.deepEqual(seen.names(), ['open', 'lost']);
});

test('a tab keeps its name when it is loaded again, and takes another one when its stream was ended', async () => {
  (await follow({ answers: [answer(1, start)] })).follower.close();
  await follow({ answers: [answer(5_000, passing(comeAgain)), answer(1, complete(1))] });
  const names = server.asked.map(({ watcher }) => watcher);
  assert.equal(names.length, 3);
  assert.equal(names[0], names[1]);
  assert.notEqual(names[1], names[2]);
  for (const name of names) assert.match(name, /^[0-9a-f]{32}$/);
});

test('a browser that keeps nothing follows all the same', async () => {
  for (const method of ['getItem', 'setItem', 'removeItem']) {
    sessionStorage[method] = () => {
      throw new Error('refused');
    };
  }
  const answers = [answer(5_000, passing(comeAgain)), answer(1, complete(1))];
  assert.deepEqual((await follow({ answers })).names(), ['open', 'open', 'over']);
  for (const { watcher } of server.asked) assert.match(watcher, /^[0-9a-f]{32}$/);
});

test('a server that ends each stream at once is not asked again at once', async () => {
  for (const [lasts, names] of [[1, ['open', 'lost']], [1_000, ['open', 'lost']], [1_001, ['open', 'open', 'over']]]) {
    const seen = await follow({ answers: [answer(lasts, passing(comeAgain)), answer(1, complete(1))] });
    assert.deepEqual(seen.names(), names, `a stream of ${lasts} ms`);
    if (names.at(-1) === 'lost') assert.equal(seen.links.at(-1).retryAt, now + 500);
    seen.follower.close();
  }
});

test('pauses double up to a limit, are told, and begin anew once an event has come', async () => {
  const broken = () => {
    throw new TypeError('network error');
  };
  const seen = await follow({ answers: [...Array(7).fill(broken), answer(0, start), broken] });
  for (const delay of [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
    const at = now;
    assert.deepEqual(seen.links.at(-1), { name: 'lost', since: 0, retryAt: at + delay });
    const asked = server.asked.length;
    await pass(delay - 1);
    assert.equal(server.asked.length, asked, `asked before ${delay} ms`);
    await pass(1);
    assert.equal(server.asked.length, asked + 1);
    assert.deepEqual(seen.links.filter(({ retryAt }) => retryAt === null).at(-1), { name: 'lost', since: 0, retryAt: null });
  }
  assert.deepEqual(seen.names().slice(-2), ['open', 'lost']);
  assert.deepEqual(seen.links.at(-1), { name: 'lost', since: now, retryAt: now + 500 });
  seen.follower.close();
});

test('a quarter of each pause is left to chance', async () => {
  Math.random.mock.mockImplementation(() => 0);
  const seen = await follow({ answers: [answer(0, start)] });
  assert.equal(seen.links.at(-1).retryAt, 375);
});

test('an attempt runs as soon as the person asks for it, and the link is told without a time', async () => {
  const seen = await follow({ answers: [answer(0, start), answer(0, complete(2))] });
  seen.follower.retryNow();
  await settle();
  assert.deepEqual(seen.names(), ['open', 'lost', 'lost', 'open', 'over']);
  assert.deepEqual(seen.links[2], { name: 'lost', since: 0, retryAt: null });
  await pass(60_000);
  assert.equal(server.asked.length, 2);
});

test('of a run that is over there is nothing to read', async () => {
  const seen = await follow({ answers: [() => new Response(null, { status: 204 })], lastSeq: 12 });
  assert.deepEqual([seen.names(), seen.events, paths()], [['over'], [], [events(12)]]);
});

test('what passes is asked for again, not before the server says; anything else is a refusal', async () => {
  for (const [status, headers, delay] of [
    [429, { 'retry-after': '7' }, 7_000], [503, { 'retry-after': '1' }, 1_000], [500, {}, 500], [408, {}, 500], [425, {}, 500], [503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, 500], [503, { 'retry-after': '-5' }, 500], [502, { 'retry-after': 'soon' }, 500], [503, { 'retry-after': '0.1' }, 500], [599, { 'retry-after': '999999' }, 3_600_000],
  ]) {
    const seen = await follow({ answers: [refusal(status, headers)] });
    assert.deepEqual(seen.links, [{ name: 'lost', since: now, retryAt: now + delay }], `${status} ${JSON.stringify(headers)}`);
    seen.follower.close();
  }
  for (const status of [400, 403, 404, 407, 409, 428, 430, 499]) {
    const seen = await follow({ answers: [refusal(status)] });
    assert.deepEqual(seen.links, [{ name: 'refused', error: { code: 'x', message: 'No.', field: null } }], `${status}`);
    await pass(60_000);
  }
  const bare = await follow({ answers: [() => new Response(null, { status: 200 })] });
  assert.equal(bare.links[0].error.code, 'unreadable');
});

test('an answer that is not read is let go of', async () => {
  const busy = held();
  const seen = await follow({ answers: [() => new Response(busy.answer().body, { status: 503 })] });
  assert.deepEqual([seen.names(), busy.cancelled], [['lost'], true]);
  seen.follower.close();
});

test('a gap ends the stream, and the run is read again from the last event before it', async () => {
  const gapped = held();
  const seen = await follow({ answers: [gapped.answer, answer(0, stored(2, { event: 'round_start' }), complete(3))] });
  gapped.says(start + passing({ event: 'delta', call_id: 'c', offset: 0, content: 'x' }) + stored(3, { event: 'complete' }));
  await settle();
  assert.deepEqual([seen.events, seen.names(), gapped.cancelled], [['start', 'delta'], ['open', 'lost'], true]);
  await pass(500);
  assert.deepEqual([seen.events, paths()], [['start', 'delta', 'round_start', 'complete'], [events(0), events(1)]]);
});

test('events that come again are passed on, and are no gap', async () => {
  const seen = await follow({ answers: [answer(0, start, start, stored(2, { event: 'round_start' }), start, complete(3))], lastSeq: 0 });
  assert.deepEqual(seen.events, ['start', 'start', 'round_start', 'start', 'complete']);
  assert.deepEqual(seen.names(), ['open', 'over']);
});

test('ids are whole numbers, and what is no JSON is an event that cannot be read', async () => {
  const seen = following({ answers: [answer(0, 'id: 1\ndata: {\n\n', 'id: 9x\ndata: {"event":"a"}\n\n', 'id: -7\ndata: 7\n\n', 'id:\ndata: {"event":"b"}\n\n', complete(2))] });
  await settle();
  assert.deepEqual([seen.events, seen.last], [['unreadable', 'a', 'unreadable', 'b', 'complete'], 2]);
});

test('a stream that is silent for longer than 25 s is taken for lost', async () => {
  const silent = held();
  const seen = await follow({ answers: [silent.answer] });
  await pass(20_000);
  silent.says(start);
  await settle();
  await pass(25_000);
  assert.deepEqual([seen.names(), silent.cancelled], [['open'], false]);
  await pass(1_000);
  assert.deepEqual([seen.names(), silent.cancelled], [['open', 'lost'], true]);
  seen.follower.close();
});

test('silence is counted from what was heard last, to the millisecond', async () => {
  const silent = held();
  const seen = await follow({ answers: [silent.answer] });
  await pass(19_999);
  silent.says(start);
  await settle();
  await pass(24_001);
  assert.equal(silent.cancelled, false);
  await pass(1_000);
  assert.equal(silent.cancelled, true, '25,001 ms are more than 25 s');
  seen.follower.close();
});

test('a page that is looked at again waits no longer than 12 s for its stream', async () => {
  const stream = held();
  const seen = await follow({ answers: [stream.answer, answer(0, start, complete(2))] });
  await pass(12_001);
  page.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(stream.cancelled, true);
  seen.follower.close();
});

test('a request that is not answered is given up after the same time', async () => {
  const asked = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const seen = await follow({ answers: [asked] });
  await pass(25_000);
  assert.deepEqual(seen.names(), []);
  await pass(1_000);
  assert.deepEqual(seen.names(), ['lost']);
  seen.follower.close();
});

for (const [target, event] of [['page', 'visibilitychange'], ['frame', 'pageshow'], ['frame', 'online']]) {
  test(`a page that is looked at again (${event}) reads on at once, where its stream was silent for more than 12 s`, async () => {
    const wake = () => (target === 'page' ? page : frame).dispatchEvent(new Event(event));
    const stream = held();
    const seen = await follow({ answers: [stream.answer, answer(0, start, complete(2))] });
    await pass(12_000);
    wake();
    await settle();
    assert.deepEqual([seen.names(), stream.cancelled], [['open'], false]);
    await pass(250);
    page.visibilityState = 'hidden';
    wake();
    await settle();
    assert.equal(stream.cancelled, false);
    page.visibilityState = 'visible';
    wake();
    await settle();
    assert.deepEqual([seen.names(), stream.cancelled], [['open', 'lost'], true]);
    wake();
    await settle();
    assert.deepEqual(seen.names(), ['open', 'lost', 'lost', 'open', 'over']);
  });
}

test('a hidden page waits until it is looked at, and nothing is told of it', async () => {
  page.visibilityState = 'hidden';
  const seen = following({ answers: [answer(120_000, start, passing(comeAgain)), answer(1, complete(2))] });
  await settle();
  await pass(60_000);
  assert.deepEqual([server.asked.length, seen.names()], [1, ['open']]);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.deepEqual([seen.events, seen.names()], [['start', 'complete'], ['open', 'open', 'over']]);
});

test('a hidden page asks again after an hour', async () => {
  page.visibilityState = 'hidden';
  await follow({ answers: [answer(0, start), answer(0, complete(2))] });
  mock.timers.tick(3_599_999);
  await settle();
  assert.equal(server.asked.length, 1);
  mock.timers.tick(1);
  await settle();
  assert.equal(server.asked.length, 2);
});

test('the response of the start is the first stream, and closing lets go of it', async () => {
  const first = held();
  const seen = await follow({ first: first.answer() });
  first.says(start);
  await settle();
  assert.deepEqual([server.asked.length, seen.events], [0, ['start']]);
  seen.follower.close();
  await settle();
  assert.equal(first.cancelled, true);
});

test('nothing is asked, told or listened for after the end of a run or after closing', async () => {
  const closed = held();
  const seen = await follow({ answers: [closed.answer, answer(0, complete(1))] });
  seen.follower.close();
  await pass(60_000);
  page.dispatchEvent(new Event('visibilitychange'));
  frame.dispatchEvent(new Event('online'));
  await pass(60_000);
  assert.deepEqual([server.asked.length, seen.events, seen.names()], [1, [], ['open']]);

  const waiting = await follow({ answers: [answer(0, start)] });
  waiting.follower.close();
  await pass(60_000);
  assert.deepEqual([server.asked.length, waiting.names()], [2, ['open', 'lost']]);

  const removed = [mock.method(page, 'addEventListener'), mock.method(globalThis, 'clearInterval')];
  const over = await follow({ answers: [answer(0, complete(1))] });
  assert.equal(removed[1].mock.callCount(), 1);
  assert.ok(removed[0].mock.calls.every(({ arguments: [, , { signal }] }) => signal.aborted));
  over.follower.close();
  await pass(60_000);
  assert.equal(over.names().length, 2);
});

test('a follower that is closed at once asks for nothing', async () => {
  const seen = following({ answers: [answer(0, complete(1))] });
  seen.follower.close();
  await settle();
  assert.deepEqual([server.asked.length, seen.names()], [0, []]);
});

test('a run is started with its key, and what comes instead is told', async () => {
  server.answers = [() => new Response('', { status: 200, headers: { 'x-run-id': 'RUN' } })];
  const begun = await startRun({ query: 'Why?' }, 'key');
  assert.deepEqual([begun.started, begun.runId, begun.response.status], [true, 'RUN', 200]);
  const [{ path, init }] = server.asked;
  assert.deepEqual([path, init.method, init.headers, init.body], ['/api/chat/orchestrator/stream', 'POST', { 'content-type': 'application/json', 'idempotency-key': 'key' }, '{"query":"Why?"}']);
  server.answers = [refusal(400), () => new Response('', { status: 200 }), refusal(409, { 'x-run-id': 'RUN' })];
  assert.deepEqual(await startRun({ query: '' }, 'key'), { started: false, error: { code: 'x', message: 'No.', field: null } });
  assert.equal((await startRun({ query: '' }, 'key')).error.code, 'unreadable');
  assert.equal((await startRun({ query: '' }, 'key')).started, false);
  const unreachable = await startRun({ query: '' }, 'key');
  assert.deepEqual(unreachable.error, { code: 'unreachable', message: 'The server did not answer. Your question is kept; ask again.', field: null });
});

test('while a stream is open nobody opens a second one', async () => {
  const stream = held();
  const seen = await follow({ answers: [stream.answer, answer(0, complete(2))] });
  seen.follower.retryNow();
  await pass(5_000);
  page.dispatchEvent(new Event('visibilitychange'));
  frame.dispatchEvent(new Event('online'));
  await settle();
  assert.deepEqual([server.asked.length, seen.names(), stream.cancelled], [1, ['open'], false]);
  seen.follower.close();
});

test('a connection that breaks in the middle of a stream is lost, and what came before it is kept', async () => {
  const stream = held();
  const seen = await follow({ answers: [stream.answer, answer(0, complete(2))] });
  stream.says(`${start}id: 2\ndata: {"event"`);
  await settle();
  stream.breaks();
  await settle();
  assert.deepEqual([seen.events, seen.names()], [['start'], ['open', 'lost']]);
  await pass(500);
  assert.deepEqual(paths(), [events(0), events(1)]);
});

test('once the response of the start has ended the run is asked for', async () => {
  const seen = await follow({ first: answer(0, start)(), answers: [answer(0, complete(2))] });
  assert.deepEqual([server.asked.length, seen.names()], [0, ['open', 'lost']]);
  await pass(500);
  assert.deepEqual([paths(), seen.names()], [[events(1)], ['open', 'lost', 'lost', 'open', 'over']]);
});

test('a follower that is closed leaves no listener and no timer', async () => {
  const listened = [page, frame].map((target) => mock.method(target, 'addEventListener'));
  const cleared = mock.method(globalThis, 'clearInterval');
  const seen = await follow({ answers: [answer(0, start)] });
  seen.follower.close();
  const signals = listened.flatMap(({ mock: { calls } }) => calls.map(({ arguments: [, , { signal }] }) => signal.aborted));
  assert.deepEqual([signals, cleared.mock.callCount()], [[true, true, true], 1]);
});
