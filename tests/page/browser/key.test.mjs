// The access key, against the running stack behind a gate that takes one key: every request without it is refused with 401.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, RUN_WAIT_MS, askLong, at, ended, focused, onPage, openRecorded, refusal, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const REFUSED = { expectedErrors: [/status of 401/] };
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** Puts the gate in front of all routes of the API; what passes falls through to the routes that were set before. */
async function gate(page, accepted = { key: 'good' }) {
  const passed = [];
  await page.route('**/api/**', (route) => {
    const { authorization } = route.request().headers();
    if (authorization !== `Bearer ${accepted.key}`) return route.fulfill(refusal(401, 'unauthorized', 'Send an access key.'));
    passed.push(new URL(route.request().url()).pathname);
    return route.fallback();
  });
  return passed;
}

async function give(page, key, { stays = false } = {}) {
  await page.waitForSelector('#key[open]');
  await page.fill('#key-field', key);
  await page.locator('#key-stays').setChecked(stays);
  await page.keyboard.press('Enter');
}

const keptKeys = (page) => page.evaluate(() => ({ tab: sessionStorage.getItem('access-key'), device: localStorage.getItem('access-key') }));
const closed = (page) => page.waitForSelector('#key', { state: 'hidden' });

test('the page asks for the key once, and every request carries it', () =>
  onPage(async (page) => {
    const passed = await gate(page);
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#key[open]');
    await soon.equal(() => focused(page), 'key-field');
    await shot(page, 'key_light_1440');
    await give(page, 'good');
    await closed(page);
    await page.waitForSelector('#examples button');
    await soon.equal(() => page.locator('.banner.warn, .banner.danger').count(), 0);
    await askLong(page);
    await page.reload();
    await page.locator('#stop').click();
    await ended(page, 'cancelled');
    await soon.equal(() => page.locator('dialog[open]').count(), 0);
    const runId = new URL(page.url()).searchParams.get('run');
    assert.deepEqual([...new Set(passed)].toSorted(), ['/api/chat/orchestrator/stream', '/api/config', '/api/runs', `/api/runs/${runId}/cancel`, `/api/runs/${runId}/events`]);
    await soon.deepEqual(() => keptKeys(page), { tab: 'good', device: null });
  }, REFUSED));

test('a key that is wrong or cannot be one is told in the dialog, and is not kept', () =>
  onPage(async (page) => {
    await gate(page);
    await page.goto(at('/orchestrator'));
    for (const [key, message] of [['', 'Type or paste the key first.'], ['schlüssel', 'A key has only plain ASCII characters.'], ['bad', 'The server does not take this key.']]) {
      await give(page, key);
      await page.waitForFunction((expected) => document.querySelector('#key-error').textContent === expected, message);
      await soon.equal(() => page.getAttribute('#key-field', 'aria-invalid'), 'true');
      await soon.equal(() => focused(page), 'key-field');
    }
    await shot(page, 'key_refused_dark_390');
    await soon.deepEqual(() => keptKeys(page), { tab: null, device: null });
    await page.keyboard.type('?');
    await soon.equal(() => textOf(page, '#key-error'), '');
  }, { ...REFUSED, viewport: NARROW, colorScheme: 'dark' }));

test('a server that does not answer is told in the dialog', () =>
  onPage(async (page) => {
    await gate(page);
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#key[open]');
    await page.route('**/api/runs?limit=1', (route) => route.abort('connectionfailed'));
    await give(page, 'good');
    await page.waitForFunction(() => document.querySelector('#key-error').textContent === 'The server did not answer; try again.');
  }, { expectedErrors: [/status of 401/, /ERR_CONNECTION_FAILED/] }));

test('a key stays on the device only where the person says so, and can be forgotten', () =>
  onPage(async (page) => {
    await gate(page);
    await page.goto(at('/orchestrator'));
    await give(page, 'good', { stays: true });
    await closed(page);
    await soon.deepEqual(() => keptKeys(page), { tab: null, device: 'good' });
    const other = await page.context().newPage();
    await gate(other);
    await other.goto(at('/orchestrator'));
    await other.waitForSelector('#examples button');
    await other.close();
    await page.locator('#open-preferences').click();
    await page.waitForSelector('#preferences[open]');
    await page.locator('.key-kept button').click();
    await soon.deepEqual(() => keptKeys(page), { tab: null, device: null });
    await soon.equal(() => page.locator('.key-kept').isVisible(), false);
    await page.reload();
    await page.waitForSelector('#key[open]');
  }, REFUSED));

test('without a key the page says what is missing, and goes on once it is given', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes.'));
    await gate(page);
    await page.reload();
    await page.waitForSelector('#key[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.banner.warn');
    await soon.match(() => textOf(page, '#banners'), /^An access key is needed\. Without it the server shows and runs nothing\.\s+Give the key$/);
    await soon.equal(() => page.locator('dialog[open]').count(), 0);
    await soon.equal(() => textOf(page, '#history'), '');
    await shot(page, 'no_key_light_1440');
    await page.locator('.banner button').click();
    await give(page, 'good');
    await ended(page);
    await soon.equal(() => textOf(page, '#answer'), 'Yes.');
    await page.waitForSelector('.past');
    await soon.equal(() => page.locator('.banner.warn').count(), 0);
  }, REFUSED));

test('a question that is asked without a key waits for it, and is kept where none is given', () =>
  onPage(async (page) => {
    await gate(page);
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#key[open]');
    await page.locator('#key button', { hasText: 'Not now' }).click();
    await page.fill('#query', 'What is 6 times 7?');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#key[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#composer-error:not([hidden])');
    await soon.equal(() => textOf(page, '#composer-error'), 'An access key is needed.');
    await soon.equal(() => page.inputValue('#query'), 'What is 6 times 7?');
    await page.locator('#ask').click();
    await give(page, 'good');
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), 'What is 6 times 7?');
  }, REFUSED));

test('a key that the server takes no longer is forgotten and asked for again, and the run goes on', () =>
  onPage(async (page) => {
    const accepted = { key: 'good' };
    await page.addInitScript(() => sessionStorage.getItem('access-key') ?? sessionStorage.setItem('access-key', 'good'));
    const events = run.answeredRun('Did solar pass coal?', 'Yes, in 2025.');
    await page.route('**/api/runs/*/events?*', (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('after'));
      if (from === 0) accepted.key = 'new';
      return route.fulfill({ status: 200, contentType: 'text/event-stream', body: from === 0 ? run.streamed(events.slice(0, 5)) : run.streamed(events, { after: from }) });
    });
    await gate(page, accepted);
    await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
    await page.waitForSelector('#key[open]', { timeout: RUN_WAIT_MS });
    await soon.deepEqual(() => keptKeys(page), { tab: null, device: null });
    await soon.equal(() => page.locator('#question').textContent(), 'Did solar pass coal?');
    await give(page, 'new');
    await ended(page);
    await soon.equal(() => textOf(page, '#answer'), 'Yes, in 2025.');
    await soon.equal(() => page.locator('#steps > li').count(), 2);
  }, REFUSED));

test('with a key pictures are fetched when they come into view and shown from memory, and files are saved', () =>
  onPage(async (page) => {
    const runId = run.start().run_id;
    const file = (name, type) => ({ name, media_type: type, bytes: 70, url: `/api/runs/${runId}/artifacts/${name}` });
    const result = { success: true, stdout: '', stderr: '', returncode: 0, value: null, error: null, truncated: null, isolation: 'strict', artifacts: [file('figure-1.png', 'image/png'), file('page.html', 'text/html')] };
    await page.addInitScript(() => {
      sessionStorage.setItem('access-key', 'good');
      const create = URL.createObjectURL;
      const types = [];
      URL.createObjectURL = (blob) => {
        types.push(blob.type);
        return create(blob);
      };
      Object.assign(window, { types });
    });
    await page.route('**/figure-1.png', (route) => route.fulfill({ body: PIXEL, contentType: 'image/png' }));
    await page.route('**/page.html', (route) => route.fulfill({ body: '<script>alert(1)</script>', contentType: 'text/html' }));
    const events = [run.start(), run.round(1), run.call(1, 'c1', 'code_interpreter', { code: 'plot()' }), run.result(1, 'c1', 'code_interpreter', result), run.final(null, 'x\n'.repeat(100)), run.complete()];
    await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(events) }));
    const passed = await gate(page);
    await page.goto(at(`/orchestrator?run=${runId}`));
    await ended(page);
    const files = () => passed.filter((path) => path.includes('/artifacts/'));
    assert.deepEqual(files(), []);
    await page.locator('#files').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#files img').naturalWidth === 1);
    await soon.match(() => page.getAttribute('#files img', 'src'), /^blob:/);
    await page.locator('#steps summary').first().click();
    await page.waitForFunction(() => document.querySelector('#steps img').naturalWidth === 1);
    assert.deepEqual(files(), [`/api/runs/${runId}/artifacts/figure-1.png`]);

    const opened = page.context().waitForEvent('page');
    await page.locator('#files .picture').click();
    const picture = await opened;
    await picture.waitForFunction(() => document.images[0]?.naturalWidth === 1);
    await picture.close();

    const download = page.waitForEvent('download');
    await page.locator('#files a', { hasText: 'page.html' }).click();
    assert.equal((await download).suggestedFilename(), 'page.html');
    await soon.deepEqual(() => page.evaluate(() => window.types), ['image/png', 'application/octet-stream']);
    const src = await page.getAttribute('#files img', 'src');
    await page.locator('#new').click();
    await page.waitForSelector('#idle:not([hidden])');
    assert.equal(await page.evaluate((url) => new Promise((resolve) => {
      const img = new Image();
      img.onload = () => resolve('still there');
      img.onerror = () => resolve('gone');
      img.src = url;
    }), src), 'gone');
  }, { expectedErrors: [/ERR_FILE_NOT_FOUND/] }));
