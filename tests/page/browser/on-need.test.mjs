// What a first visit does not load: it comes with the first run, and the page holds where it does not come.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, ended, focused, onPage, openRecorded, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const RUN_PART = '**/static/run-page.js';
const address = `/orchestrator?run=${run.start().run_id}`;
const body = run.streamed(run.answeredRun('Why?', 'Because.'));
const serveRun = (page) => page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body }));
const serveStart = (page) =>
  page.route('**/api/chat/orchestrator/stream', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', headers: { 'x-run-id': run.start().run_id }, body }));

/** The scripts that the page has asked for, as they are asked for. */
function scriptsOf(page) {
  const asked = [];
  page.on('request', (request) => request.url().endsWith('.js') && asked.push(new URL(request.url()).pathname.replace('/static/', '')));
  return asked;
}

test('a first visit asks for nothing that only a run needs; the first letter of a question does', () =>
  onPage(async (page) => {
    const asked = scriptsOf(page);
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#examples button');
    await soon.equal(() => page.locator('#query').isEditable(), true);
    for (const part of ['run-page.js', 'fold.js', 'connection.js', 'view/steps.js', 'view/tools/registry.js', 'view/artifacts.js', 'strings-on-need.js']) assert.ok(!asked.includes(part), part);
    const loaded = page.waitForResponse(RUN_PART);
    await page.locator('#query').press('w');
    await loaded;
  }));

test('a run that is left before its part of the page has come is not shown, and the one that is asked for last is', () =>
  onPage(async (page) => {
    let followed = 0;
    let letIn;
    const held = new Promise((resolve) => (letIn = resolve));
    await page.route(RUN_PART, async (route) => {
      await held;
      await route.continue();
    });
    await page.route('**/api/runs/*/events?*', (route) => {
      followed += 1;
      return route.fulfill({ status: 200, contentType: 'text/event-stream', body });
    });
    await page.goto(at('/orchestrator'));
    await page.evaluate((to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }, address);
    await page.waitForSelector('#idle', { state: 'hidden' });
    await page.goBack();
    await page.waitForSelector('#idle', { state: 'visible' });
    await page.goForward();
    await page.waitForSelector('#idle', { state: 'hidden' });
    letIn();
    await ended(page);
    await soon.equal(() => textOf(page, '#answer'), 'Because.');
    assert.equal(followed, 1);
    await page.goBack();
    await page.waitForSelector('#idle', { state: 'visible' });
    await soon.equal(() => page.locator('#run').isVisible(), false);
    await soon.equal(() => page.title(), 'Orchestrator');
  }));

test('a question whose run cannot be painted has been asked all the same: its address is there, and a reload shows it', () =>
  onPage(async (page) => {
    let isThere = false;
    await page.route('**/static/fold.js', (route) => (isThere ? route.continue() : route.abort('connectionreset')));
    await serveStart(page);
    await serveRun(page);
    await page.goto(at('/orchestrator'));
    await page.locator('#query').fill('Why?');
    await page.locator('#ask').click();
    await page.waitForSelector('#fault:not([hidden])');
    await soon.match(() => textOf(page, '#fault'), /^A part of the page could not be loaded\. Runs go on without it/);
    assert.equal(new URL(page.url()).search, `?run=${run.start().run_id}`);
    await soon.equal(() => page.locator('#ask').innerText(), 'Ask', 'the composer works on');
    isThere = true;
    await page.locator('#fault button').click();
    await ended(page);
    await soon.equal(() => textOf(page, '#answer'), 'Because.');
  }, { expectedErrors: [/ERR_CONNECTION_RESET/], expectedFaults: [/dynamically imported module/] }));

test('a part of a later version, which does not fit the others, is told as one that could not be loaded', () =>
  onPage(async (page) => {
    await page.route(RUN_PART, (route) => route.fulfill({ contentType: 'text/javascript', body: "import { ofLater } from './strings.js'; export const createRunPage = ofLater;" }));
    await serveStart(page);
    await page.goto(at('/orchestrator'));
    await page.locator('#query').fill('Why?');
    await page.locator('#ask').click();
    await page.waitForSelector('#fault:not([hidden])');
    await soon.match(() => textOf(page, '#fault'), /^A part of the page could not be loaded\. Runs go on without it/);
    await page.unroute(RUN_PART);
    await serveRun(page);
    await page.locator('#fault button').click();
    await ended(page);
  }, { expectedFaults: [/provide an export named/] }));

test('an example that is asked for first shows its question, which has the focus', () =>
  onPage(async (page) => {
    await serveStart(page);
    await page.goto(at('/orchestrator'));
    const example = page.locator('#examples button').first();
    const query = await example.locator('span').first().innerText();
    await example.click();
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), 'Why?');
    await soon.equal(() => focused(page), 'Why?');
    assert.notEqual(query, '');
  }));

test('the files of a run come when it is over, and go when it is left', () =>
  onPage(async (page) => {
    const asked = scriptsOf(page);
    const artifacts = [{ name: 'a.csv', media_type: 'text/csv', bytes: 3, url: `/api/runs/${run.start().run_id}/artifacts/a.csv` }];
    await openRecorded(page, [
      run.start('Why?'), run.round(1), run.call(1, 'c1', 'code_interpreter', { code: '1' }),
      run.result(1, 'c1', 'code_interpreter', { success: true, stdout: '', artifacts }), run.final(null, 'Because.'), run.complete(),
    ]);
    await page.waitForSelector('#files a');
    assert.ok(asked.includes('view/artifacts.js') && !asked.includes('view/files.js'));
    await page.locator('#new').click();
    await page.waitForSelector('#files', { state: 'hidden' });
    await soon.equal(() => page.locator('#files a').count(), 0);
  }));
