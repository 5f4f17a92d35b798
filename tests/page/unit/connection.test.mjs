import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { followRun } from '../../../static/connection.js';
import { sample } from '../transcripts.mjs';

const comeAgain = sample('come_again', 'suspended');
const stored = (id, data) => `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
const passing = (data) => `data: ${JSON.stringify(data)}\n\n`;

/** What the page has asked for, and what it is answered. @type {{asked: {path: string, watcher: string}[], answers: Function[]}} */
let server;
let page;
let now;

beforeEach(() => {
  now = 0;
  mock.method(performance, 'now', () => now);
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  server = { asked: [], answers: [] };
  const kept = new Map();
  page = new EventTarget();
  page.visibilityState = 'visible';
  globalThis.document = page;
  globalThis.window = new EventTarget();
  globalThis.sessionStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
  globalThis.fetch = async (path, { headers }) => {
    server.asked.push({ path, watcher: headers['x-watcher'] });
    return server.answers.shift()();
  };
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  for (const name of ['document', 'window', 'sessionStorage']) delete globalThis[name];
});

/** An answer that lasts so long and says so much. */
const answer = (lasts, ...frames) => () => {
  const body = new ReadableStream(
    {
      pull(controller) {
        now += lasts;
        for (const frame of frames) controller.enqueue(new TextEncoder().encode(frame));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 200 });
};

/** Follows a run until as much was asked as is answered. */
async function follow({ first = null, answers, lastSeq = 0 }) {
  server.answers = answers;
  const seen = { events: [], links: [], last: lastSeq };
  let over = () => {};
  const ended = new Promise((resolve) => (over = resolve));
  seen.follower = followRun({
    runId: 'RUN',
    first,
    lastSeq: () => seen.last,
    onEvent(event) {
      seen.events.push(event.event);
      seen.last = event.seq ?? seen.last;
    },
    onLink(link) {
      seen.links.push(link.name);
      if (['over', 'lost', 'refused'].includes(link.name)) over();
    },
  });
  await ended;
  return seen;
}

test('a stream whose time is over goes on in the next one at once, and the run is not shown as paused', async () => {
  const answers = [
    answer(120_000, stored(1, { event: 'start' }), passing({ event: 'ping' }), passing(comeAgain)),
    answer(120_000, stored(2, { event: 'round_start' }), passing(comeAgain)),
    answer(1, stored(3, { event: 'complete' })),
  ];
  const { events, links } = await follow({ answers });
  assert.deepEqual(events, ['start', 'ping', 'round_start', 'complete']);
  assert.deepEqual(links, ['open', 'open', 'open', 'over']);
  assert.deepEqual(server.asked.map(({ path }) => path), [0, 1, 2].map((after) => `/api/runs/RUN/events?after=${after}`));
});

test('a run that is suspended is shown so', async () => {
  const answers = [
    answer(1, stored(1, { event: 'start' }), stored(2, { ...comeAgain, resume_after_ms: 1 })),
    answer(1, stored(3, { event: 'resumed' }), stored(4, { event: 'complete' })),
  ];
  const following = follow({ answers });
  await new Promise(setImmediate);
  mock.timers.tick(1);
  const { events, links } = await following;
  assert.deepEqual(events, ['start', 'suspended', 'resumed', 'complete']);
  assert.deepEqual(links, ['open', 'suspended', 'open', 'over']);
});

test('a tab keeps its name when it is loaded again, and takes another one when its stream was ended', async () => {
  await follow({ answers: [answer(1, stored(1, { event: 'start' }))] });
  await follow({ answers: [answer(5_000, passing(comeAgain)), answer(1, stored(1, { event: 'complete' }))] });
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
  const answers = [answer(5_000, passing(comeAgain)), answer(1, stored(1, { event: 'complete' }))];
  assert.deepEqual((await follow({ answers })).links, ['open', 'open', 'over']);
});

test('a server that ends each stream at once is not asked again at once', async () => {
  const { links, follower } = await follow({ answers: [answer(1, passing(comeAgain))] });
  assert.deepEqual(links, ['open', 'lost']);
  assert.equal(server.asked.length, 1);
  follower.close();
});

test('a hidden page waits until it is looked at', async () => {
  page.visibilityState = 'hidden';
  const answers = [answer(120_000, stored(1, { event: 'start' }), passing(comeAgain)), answer(1, stored(2, { event: 'complete' }))];
  const following = follow({ answers });
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  assert.equal(server.asked.length, 1);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  assert.deepEqual((await following).events, ['start', 'complete']);
});
