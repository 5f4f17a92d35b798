// The list of runs: reading it, opening a run from it, deleting one, and where it stands.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE, NARROW, askLong, assertNoSidewaysScroll, at, ended, focused, listed, onPage, openRecorded, refusal, resize, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const entry = (id, title, fields = {}) => ({ run_id: id.padEnd(26, '0'), title, status: 'completed', created_at: ago(0), duration_ms: 48_000, cost_usd: 0, ...fields });
const RUNS = [
  entry('01A', 'Still going', { status: 'running', duration_ms: null }),
  entry('01B', 'Compare three vector indexes'),
  entry('01C', 'Plot the Lorenz attractor', { status: 'failed' }),
  entry('01D', HOSTILE, { created_at: ago(3 * 24 * 60), duration_ms: 21_000 }),
];
const row = (page, title) => page.locator('#history li', { hasText: title });
const titles = (page) => page.locator('.past-title').allTextContents();

/** Asks a question and waits for its end; the answer is its run's id. */
async function asked(page, query) {
  await page.locator('#new, #query').last().click();
  await page.fill('#query', query);
  await page.keyboard.press('Enter');
  await page.waitForFunction((asked) => document.querySelector('#question').textContent === asked, query);
  await ended(page);
  return new URL(page.url()).searchParams.get('run');
}

test('runs are listed by day, with how they ended in words', () =>
  onPage(async (page) => {
    await listed(page, RUNS);
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('.past');
    await soon.deepEqual(() => page.locator('#history section:not([hidden])').evaluateAll((nodes) => nodes.map((node) => [...node.querySelectorAll('h2, .past')].map(({ textContent }) => textContent))), [
      ['Today', 'Still going, Runningnow', 'Compare three vector indexes, Complete48.0 s', 'Plot the Lorenz attractorFailed'],
      ['Earlier', `${HOSTILE}, Complete21.0 s`],
    ]);
    await soon.equal(() => page.locator('#history img, #history script').count(), 0);
    await soon.equal(() => row(page, 'Still going').locator('button').isVisible(), false);
    await shot(page, 'history_light_1440');
  }));

test('an empty list says so, and one that cannot be read says why', () =>
  onPage(async (page) => {
    await listed(page, []);
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#history > .muted');
    await soon.equal(() => textOf(page, '#history'), 'No questions yet.');
    await page.route(/\/api\/runs\?/, (route) => route.fulfill(refusal(503, 'unavailable', 'The store cannot be used right now.')));
    await page.reload();
    await page.waitForSelector('#history .field-error:not(:empty)');
    await soon.equal(() => textOf(page, '#history'), 'The history could not be read. The store cannot be used right now.');
  }, { expectedErrors: [/status of 503/] }));

test('a question stands first in the list while it runs, and with its time when it has ended', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await askLong(page);
    const first = page.locator('#history section', { has: page.getByRole('heading', { name: 'Today' }) }).locator('.past').first();
    await soon.match(() => first.textContent(), /^Is 10+57 a prime number\? .*, Runningnow$/);
    await soon.equal(() => first.getAttribute('aria-current'), 'page');
    await ended(page);
    await soon.match(() => first.textContent(), /, Complete[\d.]+ s$/);
  }));

test('a run is opened from the list, and the way back leads back', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    const one = await asked(page, 'What is 11 times 7?');
    const two = await asked(page, 'What is 12 times 7?');
    await page.locator(`.past[href$="${one}"]`).click();
    await page.waitForFunction(() => document.querySelector('#question').textContent === 'What is 11 times 7?');
    await ended(page);
    assert.equal(new URL(page.url()).searchParams.get('run'), one);
    await soon.deepEqual(() => page.locator('.past[aria-current]').evaluateAll((nodes) => nodes.map((node) => node.href)), [at(`/orchestrator?run=${one}`)]);
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('#question').textContent === 'What is 12 times 7?');
    assert.equal(new URL(page.url()).searchParams.get('run'), two);
  }));

test('a run is deleted for good after asking; the focus goes to the next one', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await asked(page, 'What is 13 times 7?');
    const gone = await asked(page, 'What is 14 times 7?');
    const remove = row(page, 'What is 14 times 7?').locator('button[aria-label^="Delete"]');
    await soon.equal(() => remove.getAttribute('aria-label'), 'Delete “What is 14 times 7?”');
    await remove.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#confirm[open]');
    await soon.equal(() => textOf(page, '#confirm-text'), '“What is 14 times 7?” and everything stored of it will be gone for good.');
    await soon.equal(() => focused(page), 'Keep it');
    await page.keyboard.press('Enter');
    assert.equal((await fetch(at(`/api/runs/${gone}`))).status, 200);
    await remove.focus();
    await page.keyboard.press('Enter');
    await page.locator('#confirm button', { hasText: 'Delete' }).click();
    await page.waitForSelector('#idle:not([hidden])');
    await soon.equal(() => page.locator(`.past[href$="${gone}"]`).count(), 0);
    await soon.match(() => focused(page), /^What is 13 times 7\?/);
    assert.equal(page.url(), at('/orchestrator'));
    assert.equal((await fetch(at(`/api/runs/${gone}`))).status, 404);
  }));

test('a run that cannot be deleted stays, and the list says why', () =>
  onPage(async (page) => {
    await listed(page, RUNS);
    await page.route('**/api/runs/01B*', (route) => route.fulfill(refusal(409, 'conflict', 'The run is still going on; cancel it first.')));
    await page.goto(at('/orchestrator'));
    await row(page, 'Compare').locator('button').click();
    await page.locator('#confirm button', { hasText: 'Delete' }).click();
    await page.waitForSelector('#history .field-error:not(:empty)');
    await soon.equal(() => textOf(page, '#history .field-error'), 'Not deleted. The run is still going on; cancel it first.');
    await soon.equal(async () => (await titles(page)).length, RUNS.length);
  }, { expectedErrors: [/status of 409/] }));

test('older runs are read when they are asked for', () =>
  onPage(async (page) => {
    const cursors = [];
    await page.route(/\/api\/runs\?/, (route) => {
      const { searchParams } = new URL(route.request().url());
      if (searchParams.has('pinned')) return route.fulfill({ json: { runs: [], cursor: null } });
      const cursor = searchParams.get('cursor');
      cursors.push(cursor);
      return route.fulfill({ json: cursor ? { runs: RUNS.slice(2), cursor: null } : { runs: RUNS.slice(0, 2), cursor: RUNS[1].run_id } });
    });
    await page.goto(at('/orchestrator'));
    await page.locator('#history .more').click();
    await page.waitForFunction(() => document.querySelectorAll('.past').length === 4);
    assert.deepEqual(cursors, [null, RUNS[1].run_id]);
    await soon.equal(() => page.locator('#history .more').isVisible(), false);
    await soon.match(() => focused(page), /^Plot the Lorenz attractor/);
  }));

test('Ctrl+K goes to the search of the list: in its column, or in the drawer where there is no room for one', () =>
  onPage(async (page) => {
    await listed(page, RUNS);
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes.'));
    await ended(page);
    await page.keyboard.press('Control+k');
    await soon.equal(() => focused(page), 'Search the history');
    await soon.equal(() => page.locator('dialog[open]').count(), 0);
    await page.keyboard.press('Tab');
    await soon.match(() => focused(page), /^Still going/);
    await resize(page, { width: 1100, height: 800 });
    await soon.equal(() => page.locator('#history').isVisible(), false);
    await page.keyboard.press('Control+k');
    await page.waitForSelector('#drawer[open]');
    await soon.equal(() => focused(page), 'Search the history');
    await page.locator('#drawer .past').last().focus();
    await page.keyboard.press('Meta+k');
    await soon.equal(() => focused(page), 'Search the history');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#drawer', { state: 'hidden' });
    await page.locator('#open-history').click();
    await soon.match(() => focused(page), /^Still going/);
    await page.keyboard.press('Escape');
    await resize(page, { width: 1440, height: 800 });
    await page.waitForSelector('#side #history .past');
    await page.locator('#open-help').click();
    await page.keyboard.press('Control+k');
    await soon.equal(() => focused(page), 'Close');
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`on a phone the list is a drawer that closes when a run is opened (${colorScheme})`, () =>
    onPage(async (page) => {
      await listed(page, RUNS);
      await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(run.answeredRun('Compare three vector indexes', 'Yes.')) }));
      await page.goto(at('/orchestrator'));
      await page.locator('#open-history').tap();
      await page.waitForSelector('#drawer[open] .past');
      const targets = await page.locator('#drawer .past, #drawer button:visible').evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().height));
      assert.ok(targets.length > RUNS.length && targets.every((height) => height >= 44), `heights in px: ${targets}`);
      await shot(page, `drawer_${colorScheme}_390`);
      await row(page, 'Compare').locator('.past').tap();
      await ended(page);
      await soon.equal(() => page.locator('dialog[open]').count(), 0);
      await soon.equal(() => textOf(page, '#question'), 'Compare three vector indexes');
      await assertNoSidewaysScroll(page);
    }, { viewport: NARROW, colorScheme, hasTouch: true, isMobile: true }));
}
