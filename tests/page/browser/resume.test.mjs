// However a page was cut off from its run, it ends with the same text and numbers as one that was not: with its network gone, asleep, in several tabs,
// and with a server that was restarted in the middle. The server is real; a page that opens the run once it is over is what the others are held to.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RUN_WAIT_MS, WIDE, askLong, at, ended, onPage, soon, textOf } from '../on-page.mjs';
import { startServer, stopServer } from '../server.mjs';

const LOOK_MS = 200;

/** All that a page tells of a run that is over: its steps opened, what it has taken, and the answer. */
async function told(page) {
  await ended(page);
  await page.evaluate(() => document.querySelectorAll('#steps details').forEach((details) => { details.open = true; }));
  const read = () => page.evaluate(() => ({
    question: document.querySelector('#question').textContent,
    progress: document.querySelector('#progress').textContent,
    // Buttons are no part of the run: those of a step are loaded when it is opened, and a browser without network remembers that it could not.
    steps: [...document.querySelectorAll('#steps .step > :is(details, .plain) > :not(.steps)')].flatMap((part) => [...(part.matches('.body') ? part.children : [part])]).filter((part) => !part.matches('.buttons')).map((part) => part.textContent).join('\n'),
    answer: document.querySelector('#answer .prose').textContent,
    rail: document.querySelector('#rail').textContent,
  }));
  // What is loaded on need has come once nothing changes any more.
  let before = await read();
  await soon.ok(async () => {
    await sleep(LOOK_MS);
    const now = await read();
    const isSame = JSON.stringify(now) === JSON.stringify(before);
    before = now;
    return isSame;
  });
  return before;
}

/** Waits on the server, past the page. */
async function overOnServer(origin, runId) {
  for (let left = RUN_WAIT_MS; left > 0; left -= LOOK_MS) {
    const response = await fetch(`${origin}/api/runs?limit=100`);
    const { runs } = await response.json();
    const status = runs.find(({ run_id: id }) => id === runId)?.status;
    if (status !== undefined && status !== 'running') return;
    await sleep(LOOK_MS);
  }
  throw new Error('the run did not end');
}

/** In a page: its streams break with its network, as those of a device do. What the browser's own emulation refuses is new requests alone. */
function breakWithNetwork() {
  const original = window.fetch;
  window.fetch = async (url, init) => {
    const response = await original(url, init);
    if (!String(url).includes('/events') || !response.body) return response;
    const through = new TransformStream({ start: (controller) => addEventListener('offline', () => controller.error(new TypeError('network error'))) });
    return new Response(response.body.pipeThrough(through), { status: response.status, headers: response.headers });
  };
}

const runOf = (page) => new URL(page.url()).searchParams.get('run');

test('a page without network, one that sleeps, and a second tab end as one that was never disturbed', () =>
  onPage(async (page) => {
    const browser = page.context().browser();
    await page.goto(at('/orchestrator'));
    await askLong(page);
    await page.waitForURL(/run=/);
    await page.waitForSelector('#steps > li[data-kind="code_interpreter"]');
    const runId = runOf(page);
    const tab = await page.context().newPage();
    const sleeper = await (await browser.newContext({ viewport: WIDE })).newPage();
    for (const other of [tab, sleeper]) {
      await other.goto(at(`/orchestrator?run=${runId}`));
      await other.waitForSelector('#steps > li[data-kind="code_interpreter"][data-state="running"]');
      await soon.match(() => textOf(other, '#rail'), /Models/i);
    }
    const session = await sleeper.context().newCDPSession(sleeper);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    const cutOff = await (await browser.newContext({ viewport: WIDE })).newPage();
    await cutOff.addInitScript(breakWithNetwork);
    await cutOff.goto(at(`/orchestrator?run=${runId}`));
    await cutOff.waitForSelector('#steps > li[data-kind="code_interpreter"][data-state="running"]');
    await soon.match(() => textOf(cutOff, '#rail'), /Models/i);
    await cutOff.context().setOffline(true);
    await soon.ok(() => cutOff.evaluate(() => document.querySelector('#banners').innerText.includes('You are offline.')));
    await overOnServer(new URL(page.url()).origin, runId);
    assert.equal(await cutOff.locator('#progress [data-status="completed"]').count(), 0);
    await cutOff.context().setOffline(false);
    await session.send('Page.setWebLifecycleState', { state: 'active' });

    const undisturbed = await (await browser.newContext({ viewport: WIDE })).newPage();
    await undisturbed.goto(at(`/orchestrator?run=${runId}`));
    const wanted = await told(undisturbed);
    assert.match(wanted.answer, /\S/);
    for (const [name, each] of Object.entries({ 'the page that asked': page, 'a second tab': tab, 'the page that slept': sleeper, 'the page without network': cutOff })) {
      assert.deepEqual(await told(each), wanted, name);
    }
    for (const each of [sleeper, cutOff, undisturbed]) await each.context().close();
  }, { expectedErrors: [/ERR_INTERNET_DISCONNECTED/] }));

test('a page whose server is restarted in the middle of a run ends as one that was never disturbed', () =>
  onPage(async (blank) => {
    const browser = blank.context().browser();
    const data = await mkdtemp(join(tmpdir(), 'resume-'));
    let { server, address } = await startServer(data, 0);
    try {
      const page = await (await browser.newContext({ viewport: WIDE })).newPage();
      await page.goto(`${address}/orchestrator`);
      await askLong(page);
      await page.waitForSelector('#steps > li[data-kind="code_interpreter"]');
      // A part of the page that cannot be loaded is told, and is there after a reload: this is about the run.
      await soon.match(() => textOf(page, '#rail'), /Models/i);
      await stopServer(server);
      ({ server } = await startServer(data, new URL(address).port));
      const wanted = await told(page);
      assert.match(wanted.steps, /Another driver has taken over/);
      const undisturbed = await (await browser.newContext({ viewport: WIDE })).newPage();
      await undisturbed.goto(page.url());
      assert.deepEqual(await told(undisturbed), wanted);
      for (const each of [page, undisturbed]) await each.context().close();
    } finally {
      await stopServer(server);
      await rm(data, { recursive: true, force: true });
    }
  }));
