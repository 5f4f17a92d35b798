// A run is shared by a link: its owner makes and revokes it, and a stranger without a key reads the run by it, and nothing else.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { LONG_QUESTION, NARROW, RUN_WAIT_MS, assertNoSidewaysScroll, ended, focused, onPage, shot, soon, textOf } from '../on-page.mjs';
import { png } from '../pictures.mjs';
import * as run from '../runs.mjs';
import { startWithKey } from '../server.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const NOT_FOUND = { expectedErrors: [/status of 404/] };
const DENIED = 'Copy link';

/** @type {Awaited<ReturnType<typeof startWithKey>>} */
let stack;
before(async () => {
  stack = await startWithKey();
});
after(() => stack?.stop());

const action = (page, name) => page.locator('#actions').getByRole('button', { name, exact: true });
const inDialog = (page, name) => page.locator('#share').getByRole('button', { name, exact: true });
const address = (path) => new URL(path, stack.address).href;

/** A page of somebody with this key, or of somebody without one. */
function as(key, work, options = {}) {
  return onPage(async (page) => {
    if (key) await page.addInitScript((key) => sessionStorage.getItem('access-key') ?? sessionStorage.setItem('access-key', key), key);
    await work(page);
  }, { ...options, origin: stack.address });
}

async function askOn(page, query) {
  await page.goto(address('/orchestrator'));
  await page.fill('#query', query);
  await page.keyboard.press('Enter');
}

/** Makes the link as a person does. @returns {Promise<string>} */
async function share(page) {
  await action(page, 'Share').click();
  await inDialog(page, 'Make a link').click();
  await page.waitForFunction(() => document.querySelector('#share-link')?.value.includes('share='));
  return page.inputValue('#share-link');
}

/** All that a page asks of the server's interface: method, path, key and where it says it comes from. */
function watched(page) {
  const asked = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    const headers = request.headers();
    asked.push({ method: request.method(), path: url.pathname, search: url.search, key: headers.authorization ?? null, referer: headers.referer || null });
  });
  return { all: () => asked, ofApi: () => asked.filter(({ path }) => path.startsWith('/api/') || path.startsWith('/v1/')) };
}

async function assertAccessible(page) {
  await page.evaluate(AXE);
  assert.deepEqual(await page.evaluate(async () => (await window.axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)), []);
}

test('an owner shares a run, a stranger reads it without a key, and nothing once it is revoked', () =>
  as(stack.key, async (page) => {
    await askOn(page, 'What is 6 times 7?');
    await ended(page);
    const answer = await textOf(page, '#answer');
    const runId = new URL(page.url()).searchParams.get('run');
    await action(page, 'Share').click();
    await soon.match(() => textOf(page, '#share'), /Whoever has the link can read the question, the steps, the answer and the files\. Nobody needs a key for it\. They do not see your instructions or who you are/);
    await soon.match(() => textOf(page, '#share'), /There is no link to this run yet\./);
    await assertAccessible(page);
    await inDialog(page, 'Make a link').click();
    await page.waitForFunction(() => document.querySelector('#share-link')?.value.includes('share='));
    const link = await page.inputValue('#share-link');
    assert.ok(link.startsWith(address(`/orchestrator?run=${runId}&share=`)), link);
    await soon.equal(() => focused(page), 'share-link');
    await soon.match(() => textOf(page, '#share'), /The link works now, until you revoke it\./);
    await soon.match(() => textOf(page, '#share'), /This address leads to this machine/);
    await assertAccessible(page);
    await shot(page, 'share_light_1440');
    await page.keyboard.press('Escape');
    await action(page, 'Share').click();
    await soon.equal(() => page.locator('#share-link').inputValue(), link, 'the same link is told again');

    await as(null, async (stranger) => {
      const { all, ofApi } = watched(stranger);
      await stranger.goto(link);
      await ended(stranger);
      assert.equal(await textOf(stranger, '#question'), 'What is 6 times 7?');
      assert.equal(await textOf(stranger, '#answer'), answer);
      await soon.match(() => textOf(stranger, '#banners'), /^Shared run, read only\. Somebody gave you this link\./);
      await soon.deepEqual(() => stranger.locator('#actions button:visible').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('aria-label') ?? node.textContent)), ['Copy answer', 'Export']);
      for (const gone of ['.top nav', '#query', '#ask', '#stop', '#side', '#open-history', '.rating', '#branches', 'input', 'textarea']) assert.equal(await stranger.locator(gone).count(), 0, gone);
      await stranger.locator('#steps summary').first().click();
      await stranger.keyboard.press('Escape');
      await stranger.keyboard.press('?');
      await stranger.keyboard.press('Control+k');
      assert.equal(await stranger.locator('dialog[open]').count(), 0);
      assert.deepEqual(await stranger.locator('#steps .buttons').count(), 0, 'what models were shown is the owner’s');
      for (const asked of ofApi()) {
        assert.equal(asked.method, 'GET');
        assert.match(asked.path, new RegExp(`^/api/runs/${runId}/events$`));
        assert.equal(asked.key, null);
      }
      assert.ok(ofApi().length > 0);
      const token = new URL(link).searchParams.get('share');
      for (const { path, search, referer } of all()) {
        assert.equal(referer, null, path);
        assert.ok(!search.includes(token) || path === '/orchestrator' || path.startsWith(`/api/runs/${runId}/`), path);
      }
      const kept = await stranger.evaluate((token) => [document.body.outerHTML, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.title].filter((text) => text.includes(token)), token);
      assert.deepEqual(kept, [], 'the token stands in the address alone');
      await assertAccessible(stranger);
      await shot(stranger, 'shared_light_1440');
    });

    await inDialog(page, 'Revoke the link').click();
    await soon.match(() => textOf(page, '#share'), /The link works no longer\./);
    assert.equal(await page.locator('#share-link').isVisible(), false);
    await as(null, async (stranger) => {
      await stranger.goto(link);
      await stranger.waitForSelector('.banner.danger');
      await soon.match(() => textOf(stranger, '#banners'), /This link does not work\. It was revoked or copied incompletely, or the run has been deleted or has expired\./);
      assert.equal(await stranger.locator('.banner.danger button, dialog[open]').count(), 0);
      assert.equal(await stranger.locator('#run').isVisible(), false);
      await assertAccessible(stranger);
      await shot(stranger, 'shared_revoked_light_1440');
    }, NOT_FOUND);
    const other = await (async () => {
      await inDialog(page, 'Make a link').click();
      await page.waitForFunction(() => document.querySelector('#share-link')?.value.includes('share='));
      return page.inputValue('#share-link');
    })();
    assert.notEqual(other, link, 'a new link is another one');
  }));

test('a run that goes on is shared and watched to its end, and nobody who watches can stop it', () =>
  as(null, async (stranger) => {
    // What the page is made of comes beforehand: the run takes ten seconds.
    await stranger.goto(address('/orchestrator?run=01JZZZZZZZZZZZZZZZZZZZZZZZ&share=x'));
    await stranger.waitForSelector('.banner.danger');
    await as(stack.key, async (page) => {
      await askOn(page, LONG_QUESTION);
      await page.waitForSelector('#stop:not([hidden])');
      const link = await share(page);
      assert.match(await textOf(page, '#share'), /and watch the run go on until it ends/);
      const { ofApi } = watched(stranger);
      await stranger.goto(link);
      await stranger.waitForSelector('#progress [data-status="running"]');
      await stranger.waitForSelector('#steps > li');
      await stranger.keyboard.press('Escape');
      assert.equal(await stranger.locator('dialog[open]').count(), 0);
      await shot(stranger, 'shared_running_dark_390');
      const ends = '#progress :is([data-status="completed"], [data-status="cancelled"], [data-status="failed"])';
      await stranger.waitForSelector(ends, { timeout: RUN_WAIT_MS });
      await page.waitForSelector(ends, { timeout: RUN_WAIT_MS });
      assert.equal(await stranger.locator('#progress .state').getAttribute('data-status'), await page.locator('#progress .state').getAttribute('data-status'));
      await soon.equal(() => textOf(stranger, '#answer'), await textOf(page, '#answer'));
      assert.ok(ofApi().every(({ method, key }) => method === 'GET' && key === null));
      await assertNoSidewaysScroll(stranger);
      await assertAccessible(stranger);
    });
  }, { ...NOT_FOUND, viewport: NARROW, colorScheme: 'dark' }));

test('whoever has a key of their own sees the shared view all the same, their key is not sent, and they keep it', () =>
  as(stack.key, async (page) => {
    await askOn(page, 'What is 6 times 7?');
    await ended(page);
    const link = await share(page);
    for (const key of [stack.key, `slm_${'x'.repeat(43)}`]) {
      await as(key, async (reader) => {
        const { ofApi } = watched(reader);
        await reader.goto(link);
        await ended(reader);
        await soon.match(() => textOf(reader, '#banners'), /^Shared run, read only\./);
        assert.ok(ofApi().every(({ key }) => key === null));
        await reader.goto(`${link}x`);
        await reader.waitForSelector('.banner.danger');
        assert.equal(await reader.evaluate(() => sessionStorage.getItem('access-key')), key);
        await reader.locator('.brand').click();
        await reader.waitForSelector(key === stack.key ? '#examples button' : '#key[open]');
      }, { expectedErrors: [/status of 40[14]/] });
    }
  }));

test('a link that is cut off or wrong says so, and asks for no key', () =>
  as(null, async (stranger) => {
    const runId = '01JZZZZZZZZZZZZZZZZZZZZZZZ';
    for (const path of [`?run=${runId}&share=`, `?run=${runId}&share=wrong`, `?run=nothing&share=wrong`, `?run=..%2f..&share=wrong`]) {
      await stranger.goto(address(`/orchestrator${path}`));
      await stranger.waitForSelector('.banner.danger');
      await soon.match(() => textOf(stranger, '#banners'), /This link does not work\./);
      assert.equal(await stranger.locator('dialog[open]').count(), 0);
    }
  }, { expectedErrors: [/status of 40[014]/] }));

test('what a stranger saves of a shared run holds no token', () =>
  as(stack.key, async (page) => {
    await askOn(page, 'What is 6 times 7?');
    await ended(page);
    const link = await share(page);
    const token = new URL(link).searchParams.get('share');
    await as(null, async (stranger) => {
      const { ofApi } = watched(stranger);
      await stranger.goto(link);
      await ended(stranger);
      await action(stranger, 'Export').click();
      for (const form of ['Markdown', 'Web page', 'JSON']) {
        const download = stranger.waitForEvent('download');
        await stranger.locator('dialog[open]').getByRole('button', { name: form, exact: true }).click();
        const text = readFileSync(await (await download).path(), 'utf8');
        assert.ok(text.includes('What is 6 times 7?') && !text.includes(token), form);
        assert.doesNotMatch(text, /"(?:instructions|owner|shared)":/, form);
      }
      assert.ok(ofApi().every(({ method, key, search }) => method === 'GET' && key === null && new URLSearchParams(search).get('share') === token));
    });
  }));

test('pictures and files of a shared run come with the token and without a key, and no address on the page holds it', () =>
  as(stack.key, async (page) => {
    const runId = run.start().run_id;
    const asked = [];
    const file = (name, type) => ({ name, media_type: type, bytes: 70, url: `/api/runs/${runId}/artifacts/${name}` });
    const result = { success: true, stdout: '', stderr: '', returncode: 0, value: null, error: null, truncated: null, isolation: 'strict', artifacts: [file('figure-1.png', 'image/png'), file('data.csv', 'text/csv'), { ...file('x.csv', 'text/csv'), url: '/api/runs/another/artifacts/x.csv' }] };
    const events = [run.start(), run.round(1), run.call(1, 'c1', 'code_interpreter', { code: 'plot()' }), run.result(1, 'c1', 'code_interpreter', result), run.final(null, 'See ![it](figure-1.png) and [the site](https://example.org/x).'), run.complete()];
    await page.route('**/api/**', (route) => {
      const url = new URL(route.request().url());
      asked.push(`${url.pathname}${url.search}`);
      assert.equal(route.request().headers().authorization, undefined);
      if (url.pathname.endsWith('/events')) return route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(events) });
      return route.fulfill({ body: url.pathname.endsWith('.png') ? png(1, 1) : 'a,b\n', contentType: url.pathname.endsWith('.png') ? 'image/png' : 'text/csv' });
    });
    await page.goto(address(`/orchestrator?run=${runId}&share=secret-token`));
    await ended(page);
    await page.locator('#answer figure').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#answer figure img')?.naturalWidth === 1, undefined, { timeout: RUN_WAIT_MS });
    const opened = page.context().waitForEvent('page');
    await page.locator('#answer .picture').click();
    const picture = await opened;
    assert.match(picture.url(), /^blob:/);
    await picture.close();
    for (const name of ['figure-1.png', 'data.csv']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.locator(`:is(#answer, #files) .save a[download="${name}"]`).click()]);
      assert.equal(download.suggestedFilename(), name);
    }
    await page.locator('#files .save a[download="x.csv"]').click();
    await soon.match(() => textOf(page, '#files .saves'), /Not saved\. This link does not work\./);
    assert.deepEqual([...new Set(asked)], [`/api/runs/${runId}/events?after=0&share=secret-token`, `/api/runs/${runId}/artifacts/figure-1.png?share=secret-token`, `/api/runs/${runId}/artifacts/data.csv?share=secret-token`]);
    assert.equal(await page.evaluate(() => [...document.querySelectorAll('[href], [src]')].filter((node) => `${node.getAttribute('href')}${node.getAttribute('src')}`.includes('secret-token')).length), 0);
    const site = page.locator('#answer a', { hasText: 'the site' });
    assert.equal(await site.getAttribute('rel'), 'noopener noreferrer');
  }));

test('where the clipboard is refused the link is copied all the same, or selected for copying by hand', () =>
  as(stack.key, async (page) => {
    await page.addInitScript(() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
      window.copied = [];
      document.execCommand = (name) => {
        if (window.refuses) throw new Error('denied');
        window.copied.push([name, document.activeElement.value]);
        return true;
      };
    });
    await askOn(page, 'What is 6 times 7?');
    await ended(page);
    const link = await share(page);
    await inDialog(page, DENIED).click();
    await soon.match(() => textOf(page, '#share'), /The link is copied\./);
    assert.deepEqual(await page.evaluate(() => window.copied), [['copy', link]]);
    await soon.equal(() => focused(page), DENIED);
    await page.evaluate(() => (window.refuses = true));
    await inDialog(page, DENIED).click();
    await soon.match(() => textOf(page, '#share'), /It could not be copied\. It is selected: copy it by hand\./);
    assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.activeElement.selectionEnd]), ['share-link', link.length]);
  }));

test('what goes wrong while a link is made or revoked is told, and can be tried again', () =>
  as(stack.key, async (page) => {
    await askOn(page, 'What is 6 times 7?');
    await ended(page);
    const refuse = (route) => route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'The store cannot be used right now.' } } });
    await page.route('**/share', refuse, { times: 1 });
    await action(page, 'Share').click();
    await inDialog(page, 'Make a link').click();
    await soon.match(() => textOf(page, '#share'), /That did not work\. The store cannot be used right now\./);
    await inDialog(page, 'Make a link').click();
    await page.waitForFunction(() => document.querySelector('#share-link')?.value.includes('share='));
    const link = await page.inputValue('#share-link');
    await page.route('**/share', refuse, { times: 1 });
    await inDialog(page, 'Revoke the link').click();
    await soon.match(() => textOf(page, '#share'), /That did not work\. The store cannot be used right now\./);
    assert.equal(await page.inputValue('#share-link'), link, 'what is known stays');
    await inDialog(page, 'Revoke the link').click();
    await soon.match(() => textOf(page, '#share'), /The link works no longer\./);
  }, { expectedErrors: [/status of 503/] }));

test('the page is not for search engines, and sends no referrer', () =>
  as(null, async (page) => {
    const response = await page.goto(address('/orchestrator?run=01JZZZZZZZZZZZZZZZZZZZZZZZ&share=x'));
    assert.equal(response.headers()['referrer-policy'], 'no-referrer');
    assert.equal(await page.getAttribute('meta[name="robots"]', 'content'), 'noindex');
    assert.equal(await page.getAttribute('meta[name="referrer"]', 'content'), 'no-referrer');
  }, { expectedErrors: [/status of 40[14]/] }));
