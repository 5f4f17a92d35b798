// A run that is over: why its answer is what it is, and the files that it can be saved as.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { NARROW, assertNoSidewaysScroll, at, ended, focused, onPage, openRecorded, shot, soon, textOf } from '../on-page.mjs';
import { png } from '../pictures.mjs';
import * as run from '../runs.mjs';

const FIGURE = { name: 'figure-1.png', media_type: 'image/png', bytes: 70, url: `/api/runs/${run.start().run_id}/artifacts/figure-1.png?version=1` };
const EVENTS = run.answeredRun('Did <b>solar</b> pass coal?', 'Yes [1].\n\n![x](figure-1.png)\n\n<script>document.title = "run"</script>', { sources: [{ title: 'Review', url: 'https://example.org/review' }] })
  .toSpliced(5, 0, run.call(1, 'c0', 'code_interpreter', { code: 'plot()' }), run.result(1, 'c0', 'code_interpreter', { success: true, artifacts: [FIGURE] }));

async function open(page) {
  await page.route('**/artifacts/**', (route) => route.fulfill({ status: 200, contentType: 'image/png', body: png(8, 5) }));
  await page.route(/\/api\/runs\/[^/]+$/, (route) => route.fulfill({ json: { run_id: 'x', rounds: [{ round: 1 }] } }));
  await openRecorded(page, EVENTS);
  await ended(page);
}

/** What the browser saves when a button is pressed: its name and its content. */
async function saved(page, name) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('dialog[open] button', { hasText: name }).click()]);
  return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')];
}

test('why an answer is what it is stands below it in three sentences, for whoever opens it', () =>
  onPage(async (page) => {
    await open(page);
    await page.locator('#why summary').press('Enter');
    await soon.match(() => textOf(page, '#why p'), /^.+ chose the steps in 2 rounds: search and code at once, then answer\. .+ wrote the answer, which rests on 1 source, “Review”, what 1 program printed, and 1 file\. Every call succeeded at the first attempt; all of it took 4\.2 s and \$0\.0041\.$/);
    await assertNoSidewaysScroll(page);
    await shot(page, 'why_light_390');
  }, { viewport: NARROW }));

test('a run is saved as Markdown, as a web page with its figures, and as JSON, with the keyboard alone', () =>
  onPage(async (page) => {
    await open(page);
    await page.locator('#actions button', { hasText: 'Export' }).press('Enter');
    await soon.equal(() => page.locator('dialog[open] h2').innerText(), 'Export this run');
    const id = run.start().run_id;
    const [markdown, content] = await saved(page, 'Markdown');
    assert.equal(markdown, `run-${id}.md`);
    assert.match(content, /^# Question\n\nDid <b>solar<\/b> pass coal\?\n/);
    await soon.equal(() => textOf(page, 'dialog[open] [role=status]'), `run-${id}.md was handed to the browser: look among its downloads.`);
    const [, json] = await saved(page, 'JSON');
    assert.deepEqual(JSON.parse(json), { run_id: 'x', rounds: [{ round: 1 }] });
    const [name, html] = await saved(page, 'Web page');
    assert.equal(name, `run-${id}.html`);
    await shot(page, 'export_light_1440');
    await page.keyboard.press('Escape');
    await soon.equal(() => page.locator('dialog[open]').count(), 0);
    await soon.equal(() => focused(page), 'Export');
    // What was saved, opened as it is: nothing of it runs or is loaded, and its figure is in it.
    await page.route(at('/exported'), (route) => route.fulfill({ contentType: 'text/html', body: html }));
    await page.goto(at('/exported'));
    await soon.equal(() => page.title(), 'Did <b>solar</b> pass coal?');
    await soon.equal(() => page.locator('img').evaluate((node) => node.naturalWidth), 8);
    assert.equal(await page.locator('script').count(), 0);
    await shot(page, 'exported_light_1440');
  }));

test('what cannot be saved is told, and the dialog stays', () =>
  onPage(async (page) => {
    await open(page);
    await page.unroute(/\/api\/runs\/[^/]+$/);
    await page.route(/\/api\/runs\/[^/]+$/, (route) => route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'The store cannot be used right now.' } } }));
    await page.locator('#actions button', { hasText: 'Export' }).click();
    await page.locator('dialog[open] button', { hasText: 'JSON' }).click();
    await soon.equal(() => textOf(page, 'dialog[open] [role=status]'), 'The file could not be made. The store cannot be used right now.');
  }, { expectedErrors: [/status of 503/] }));
