// What programs hand back: their outputs apart, pictures shown, other files only saved, and nothing from elsewhere.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { HOSTILE, NARROW, assertNoSidewaysScroll, at, ended, onPage, openRecorded, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const RUN = run.start().run_id;
const path = (name) => `/api/runs/${RUN}/artifacts/${name}`;
const file = (name, type, fields = {}) => ({ name, media_type: type, bytes: 1_234, url: path(encodeURIComponent(name)), ...fields });
/** A picture of one pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const program = (fields = {}) => ({ success: true, stdout: '', stderr: '', returncode: 0, value: null, error: null, truncated: null, artifacts: [], isolation: 'strict', ...fields });

/** A run of one program and an answer. */
const programRun = (result) => [
  run.start('Plot the Lorenz attractor'),
  run.round(1),
  run.decided(1),
  run.call(1, 'c1', 'code_interpreter', { code: 'plot()' }),
  run.result(1, 'c1', 'code_interpreter', result),
  run.final(null, 'Here it is.'),
  run.complete(),
];

/** Opens such a run, with the step of the program open. */
async function openProgram(page, result) {
  await openRecorded(page, programRun(result));
  await ended(page);
  await page.locator('#steps summary').first().click();
}

const parts = (page) =>
  page.locator('#steps .part').evaluateAll((nodes) => nodes.map((node) => [...node.children].map(({ textContent }) => textContent)));
const serve = (page, name, body, contentType) => page.route(`**/artifacts/${name}*`, (route) => route.fulfill({ body, contentType }));

test('the two outputs, the value, the fault, the exit code and the isolation stand apart', () =>
  onPage(async (page) => {
    const truncated = { stdout_bytes: 5_200_000, stderr_bytes: 7 };
    await openProgram(page, program({ success: false, stdout: HOSTILE, stderr: 'Grüße\n', value: "{'a': 1}", error: 'timeout', returncode: -9, truncated }));
    await soon.deepEqual(() => parts(page), [
      ['Code', 'plot()'],
      ['Standard output', HOSTILE, 'Shortened. The program wrote 5.2 MB here.'],
      ['Standard error', 'Grüße\n'],
      ['Value', "{'a': 1}"],
      ['Error', 'The time was up. (timeout)'],
    ]);
    await soon.equal(() => textOf(page, '#steps .facts'), 'Round\n1\nExit code\nsignal 9\nIsolation\nstrict\nCost\nnone');
    await soon.equal(() => page.locator('#files').isVisible(), false);
  }));

test('a program without output says so, and files that were left out are named', () =>
  onPage(async (page) => {
    const artifacts = [file('lost.csv', 'text/csv', { url: null })];
    await openProgram(page, program({ artifacts, omitted: [{ name: 'big.bin', reason: 'at most 32 files are handed back' }] }));
    await soon.deepEqual(() => parts(page), [['Code', 'plot()'], ['Files left out', 'big.bin: at most 32 files are handed backlost.csv: not kept']]);
    await page.unroute('**/api/runs/*/events?*');
    await openProgram(page, program());
    await soon.deepEqual(() => parts(page), [['Code', 'plot()'], ['Standard output', 'No output.']]);
  }));

test('of a very long output the beginning is shown, and all of it on request', () =>
  onPage(async (page) => {
    const stdout = `${'x'.repeat(65_536)}the end`;
    await openProgram(page, program({ stdout }));
    const output = page.locator('#steps .long pre');
    await soon.equal(async () => (await output.textContent()).length, 65_536);
    await page.locator('#steps .long > button', { hasText: 'Show all (66 kB)' }).click();
    await soon.equal(() => output.textContent(), stdout);
    await soon.equal(() => page.locator('#steps .long > button').count(), 0);
    await soon.equal(() => output.evaluate((node) => document.activeElement === node), true);
  }));

test('a picture is shown below the answer and in its step, in a box that has its size beforehand', () =>
  onPage(async (page) => {
    const waiting = [];
    await page.route('**/artifacts/**', (route) => waiting.push(route));
    await openRecorded(page, programRun(program({ artifacts: [file('figure-1.png', 'image/png', { url: `${path('figure-1.png')}?version=r1.0-1` })] })));
    await ended(page);
    const img = page.locator('#files img');
    const box = await img.boundingBox();
    const actions = await page.locator('#actions').boundingBox();
    while (waiting.length === 0) await page.waitForTimeout(20);
    assert.equal(waiting[0].request().url(), at(`${path('figure-1.png')}?version=r1.0-1`));
    for (const route of waiting.splice(0)) await route.fulfill({ body: PIXEL, contentType: 'image/png' });
    await page.waitForFunction(() => document.querySelector('#files img').naturalWidth === 1);
    await soon.deepEqual(() => img.boundingBox(), box);
    await soon.deepEqual(() => page.locator('#actions').boundingBox(), actions);
    assert.ok(box.height > 100 && box.height <= 336, `${box.height} px`);
    await soon.deepEqual(() => img.evaluate(({ alt, loading }) => ({ alt, loading })), { alt: 'figure-1.png', loading: 'lazy' });
    await soon.equal(() => textOf(page, '#files figcaption'), 'figure-1.png, 1.2 kB\nSave');
    // The picture in the closed step is not asked for.
    assert.deepEqual(waiting, []);
    const opened = page.context().waitForEvent('page');
    await page.unroute('**/artifacts/**');
    await page.context().route('**/artifacts/**', (route) => route.fulfill({ body: PIXEL, contentType: 'image/png' }));
    await page.locator('#files .picture').click();
    assert.equal((await opened).url(), at(`${path('figure-1.png')}?version=r1.0-1`));
    await page.locator('#steps summary').first().click();
    await page.waitForFunction(() => document.querySelector('#steps img').naturalWidth === 1);
  }));

test('every other file is only offered for saving, SVG and HTML too', () =>
  onPage(async (page) => {
    const active = '<html><script>alert(1)</script></html>';
    await serve(page, '*', active, 'text/html');
    const artifacts = [file('data.csv', 'text/csv'), file('page.html', 'text/html', { bytes: 1_512_345 }), file('drawing.svg', 'image/svg+xml'), file(`${HOSTILE}.txt`, 'text/plain')];
    await openProgram(page, program({ artifacts }));
    await soon.equal(() => page.locator('main img, main iframe, main object, main embed, main svg').count(), 0);
    const links = await page.locator('#files a').evaluateAll((nodes) => nodes.map((a) => [a.textContent, a.getAttribute('href'), a.download, a.getAttribute('aria-label')]));
    assert.deepEqual(links, artifacts.map(({ name, url }, index) => {
      const label = `${name}, ${index === 1 ? '1.5 MB' : '1.2 kB'}`;
      return [label, url, name, `Save ${label}`];
    }));
    const download = page.waitForEvent('download');
    await page.locator('#files a', { hasText: 'page.html' }).click();
    assert.equal((await download).suggestedFilename(), 'page.html');
    await soon.equal(() => textOf(page, '#question'), 'Plot the Lorenz attractor');
  }));

test('a file at any other address is neither shown nor offered', () =>
  onPage(async (page) => {
    const urls = ['https://foreign.example/api/runs/x/artifacts/a.png', '//foreign.example/a.png', 'javascript:alert(1)', 'data:image/png;base64,AA==', '/api/runs/x/../../../static/favicon.svg', '/api/config'];
    await openProgram(page, program({ artifacts: urls.map((url) => file('a.png', 'image/png', { url })) }));
    await soon.equal(() => page.locator('main img, .artifacts').count(), 0);
    await soon.equal(() => page.locator('#files').isVisible(), false);
  }));

test('a picture that cannot be loaded says why in its place, and can be asked for again', () =>
  onPage(async (page) => {
    let found = false;
    await page.route('**/artifacts/**', (route) =>
      found ? route.fulfill({ body: PIXEL, contentType: 'image/png' }) : route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'There is no such file.' } } }));
    await openRecorded(page, programRun(program({ artifacts: [file('figure-1.png', 'image/png')] })));
    await ended(page);
    await page.waitForSelector('#files .picture-failed:not([hidden])');
    await soon.equal(() => textOf(page, '#files .picture-failed span'), 'figure-1.png could not be loaded. There is no such file.');
    await shot(page, 'picture_failed_light_1440');
    found = true;
    await page.locator('#files .picture-failed button').click();
    await page.waitForFunction(() => document.querySelector('#files img').naturalWidth === 1);
    await soon.equal(() => page.locator('#files .picture').evaluate((node) => document.activeElement === node), true);
  }, { expectedErrors: [/status of 404/] }));

for (const [colorScheme, viewport] of [['light', undefined], ['dark', NARROW]]) {
  test(`files on the page (${colorScheme})`, () =>
    onPage(async (page) => {
      const picture = await readFile(new URL('../../../docs/page.png', import.meta.url));
      await serve(page, 'figure*', picture, 'image/png');
      await openProgram(page, program({ stdout: 'plotted\n', stderr: 'a warning\n', artifacts: [file('figure-1.png', 'image/png'), file('data.csv', 'text/csv')] }));
      await page.locator('#files').scrollIntoViewIfNeeded();
      await page.waitForFunction(() => document.querySelector('#files img').naturalWidth > 1);
      await assertNoSidewaysScroll(page);
      await shot(page, `files_${colorScheme}_${viewport?.width ?? 1440}`);
    }, { colorScheme, ...(viewport ? { viewport } : {}) }));
}
