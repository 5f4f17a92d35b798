// What a key may take: what is left of it, what is said where it is used up, and who is let in at all.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NARROW, RUN_WAIT_MS, assertNoSidewaysScroll, at, ended, focused, onPage, shot, soon, textOf } from '../on-page.mjs';
import { fullStats } from '../use-stats.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LIMITS = {
  runs_per_minute: { limit: 10, used: 3 },
  parallel: { limit: 4, used: 1 },
  usd_per_day: { limit: 5, used: 1.25, reserved: 0.5, resets_at: '2026-12-01T00:00:00Z' },
};
const EXPECTED = { expectedErrors: [/status of (?:401|402|429|503)/] };

/** The stack's own answer, with what it would say of a key that has limits. */
async function limited(page, { limits = LIMITS, owner = 'alice', paused = null } = {}) {
  const told = { limits, owner, paused };
  let reads = 0;
  await page.route('**/api/config', async (route) => {
    reads += 1;
    const response = await route.fetch();
    const body = await response.json();
    return route.fulfill({ response, json: { ...body, owner: told.owner, paused: told.paused, limits: { ...body.limits, ...told.limits } } });
  });
  return { told, reads: () => reads };
}

/** Refuses starts; what is asked for is the answer. */
async function refusing(page, status, code, limit, retryAfter, message = 'Refused.') {
  const asked = [];
  const state = { isOn: true };
  await page.route('**/api/chat/orchestrator/stream', (route) => {
    asked.push(route.request().postDataJSON().query);
    if (!state.isOn) return route.fallback();
    return route.fulfill({ status, headers: retryAfter === null ? {} : { 'retry-after': retryAfter }, json: { error: { code, message, limit } } });
  });
  return { asked, state };
}

/** All that the status region says from here on. */
async function heard(page) {
  await page.evaluate(() => {
    window.heard = [];
    new MutationObserver(() => window.heard.push(document.querySelector('#announcer').textContent)).observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true });
  });
  return () => page.evaluate(() => window.heard.filter(Boolean));
}

/** A run begins before it is told what is left after it. */
const leftIs = (page, text) => page.waitForFunction((text) => document.querySelector('.left')?.textContent === text, text, { timeout: RUN_WAIT_MS });

async function ask(page, query) {
  await page.fill('#query', query);
  await page.keyboard.press('Enter');
}

async function assertAccessible(page) {
  await page.evaluate(AXE);
  assert.deepEqual(await page.evaluate(async () => (await window.axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)), []);
}

test('what is left stands beside the way to the sums, and changes with each run', () =>
  onPage(async (page) => {
    const { told } = await limited(page);
    await page.goto(at('/orchestrator'));
    await soon.equal(() => textOf(page, '.left'), '7 of 10 runs left this minute · 3 of 4 at once · $3.25 left today');
    await shot(page, 'limits_light_1440');
    told.limits = { ...LIMITS, runs_per_minute: { limit: 10, used: 4 }, parallel: { limit: 4, used: 2 } };
    await ask(page, 'What is 6 times 7?');
    await leftIs(page, '6 of 10 runs left this minute · 2 of 4 at once · $3.25 left today');
    await ended(page);
    told.limits = { ...LIMITS, parallel: null, usd_per_day: { ...LIMITS.usd_per_day, used: 4, reserved: 0 } };
    await ask(page, 'What is 8 times 9?');
    await leftIs(page, '7 of 10 runs left this minute · $1.00 left today');
  }));

test('where nothing is limited nothing is said of it, and nothing is read again', () =>
  onPage(async (page) => {
    const { reads } = await limited(page, { limits: { runs_per_minute: null, parallel: null, usd_per_day: null }, owner: 'local' });
    const scripts = [];
    page.on('request', (request) => scripts.push(request.url()));
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#examples button');
    await ask(page, 'What is 6 times 7?');
    await ended(page);
    assert.equal(await page.locator('.left').count(), 0);
    assert.equal(reads(), 1);
    assert.ok(!scripts.some((url) => /standing|limits/.test(url)));
  }));

for (const [colorScheme, viewport, name] of [['light', undefined, 'light_1440'], ['dark', NARROW, 'dark_390']]) {
  test(`the page of use tells what is left, and when it comes back (${name})`, () =>
    onPage(async (page) => {
      await page.route(/\/api\/stats/, (route) => route.fulfill({ json: { ...fullStats(30), limits: LIMITS } }));
      await limited(page);
      await page.goto(at('/orchestrator?view=use'));
      await page.waitForSelector('.use-left div');
      const rows = () => page.locator('.use-left > div').evaluateAll((nodes) => nodes.map((node) => [...node.children].map(({ textContent }) => textContent)));
      const [minute, parallel, day] = await rows();
      assert.deepEqual(minute, ['Runs this minute', '7 of 10 left', 'Each place is free again one minute after its run began.']);
      assert.deepEqual(parallel, ['Runs at once', '3 of 4 left', 'A place is free again when its run ends.']);
      assert.deepEqual(day.slice(0, 2), ['Dollars today', '$3.25 of $5.00 left']);
      assert.match(day[2], /^\$1\.25 spent, \$0\.5000 set aside for runs that go on\. All of it comes back at .*\d\d:00, midnight UTC\.$/);
      await assertNoSidewaysScroll(page);
      await assertAccessible(page);
      await shot(page, `limits_use_${name}`);
    }, { colorScheme, ...(viewport ? { viewport } : {}) }));
}

test('a start over the runs of a minute says so once, counts down on the button, keeps the question and sends nothing by itself', () =>
  onPage(async (page) => {
    await limited(page);
    const { asked, state } = await refusing(page, 429, 'rate_limited', 'runs_per_minute', '42');
    await page.clock.install();
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('.left:not([hidden])');
    const said = await heard(page);
    await ask(page, 'What is 6 times 7?');
    await page.waitForSelector('#composer-error:not([hidden])');
    const message = await textOf(page, '#composer-error');
    assert.match(message, /^All 10 runs of this minute are used\. You can ask again at \d\d:\d\d:\d\d\. Your question is kept\.$/);
    assert.equal(await page.inputValue('#query'), 'What is 6 times 7?');
    assert.equal(await page.getAttribute('#query', 'aria-invalid'), null);
    const seconds = async () => Number(/^Ask in (\d+) s$/.exec(await textOf(page, '#ask'))?.[1]);
    const before = await seconds();
    assert.ok(before <= 42, String(before));
    await page.clock.fastForward(10_000);
    await soon.ok(async () => (await seconds()) <= before - 10);
    assert.equal(await page.getByRole('button', { name: 'Ask', exact: true }).count(), 1, 'the name of the button does not count');
    assert.equal(await page.getAttribute('#ask', 'aria-disabled'), 'true');
    await page.locator('#query').press('Enter');
    assert.equal(await textOf(page, '#composer-error'), message);
    await page.clock.fastForward(42_000);
    await soon.equal(() => textOf(page, '#ask'), 'Ask');
    await soon.equal(() => page.locator('#composer-error').isVisible(), false);
    assert.equal(await page.getAttribute('#ask', 'aria-disabled'), 'false');
    await page.clock.fastForward(120_000);
    assert.deepEqual(asked, ['What is 6 times 7?'], 'nothing is sent by itself');
    assert.deepEqual(await said(), [message, 'You can ask again now.']);
    state.isOn = false;
    await page.locator('#ask').click();
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), 'What is 6 times 7?');
    assert.equal(asked.length, 2);
  }, EXPECTED));

test('each limit is told as the one that it is', async () => {
  for (const [status, code, limit, retryAfter, expected, button] of [
    [429, 'rate_limited', 'parallel', '10', /^As many runs are going on as may at once: 4\. You can ask again when one of them has ended; try at \d\d:\d\d:\d\d\. Your question is kept\.$/, /^Ask in \d+ s$/],
    [402, 'budget_exceeded', 'usd_per_day', '30000', /^Today’s \$5\.00 are spent, or set aside for runs that go on\. They come back at (?:\w+[ ,at]+)?\d\d:\d\d, midnight UTC\. Your question is kept\.$/, /^Ask in 8:(?:19|20):\d\d$/],
    [503, 'unavailable', 'paused', '60', /^New runs are paused: we move house\. Try again at \d\d:\d\d:\d\d\. Your question is kept\.$/, /^Ask in \d+ s$/],
    [429, 'rate_limited', 'of_a_later_version', '5', /^New runs are paused: we move house\. Try again at/, /^Ask in \d s$/],
    [429, 'rate_limited', 'runs_per_minute', null, /^All 10 runs of this minute are used\.$/, /^Ask$/],
    [429, 'rate_limited', '__proto__', 'soon', /^New runs are paused: we move house\.$/, /^Ask$/],
  ]) {
    await onPage(async (page) => {
      await limited(page);
      const { asked } = await refusing(page, status, code, limit, retryAfter, 'New runs are paused: we move house.');
      await page.goto(at('/orchestrator'));
      await page.waitForSelector('.left:not([hidden])');
      await ask(page, 'Why?');
      await page.waitForSelector('#composer-error:not([hidden])');
      assert.match(await textOf(page, '#composer-error'), expected);
      await soon.match(() => textOf(page, '#ask'), button);
      assert.equal(await page.inputValue('#query'), 'Why?');
      if (limit === 'usd_per_day') {
        // Whoever runs the service may allow more before the day is over.
        await page.locator('#ask').click();
        await soon.equal(() => asked.length, 2);
      }
    }, EXPECTED);
  }
});

for (const [colorScheme, viewport, name] of [['light', undefined, 'light_1440'], ['dark', NARROW, 'dark_390']]) {
  test(`a refused start can be read and used by everybody (${name})`, () =>
    onPage(async (page) => {
      await limited(page);
      await refusing(page, 429, 'rate_limited', 'runs_per_minute', '42');
      await page.goto(at('/orchestrator'));
      await page.waitForSelector('.left', { state: 'attached' });
      await ask(page, 'How many people live in the three largest cities of Europe, and how fast does each of them grow?');
      await page.waitForSelector('#composer-error:not([hidden])');
      await soon.match(() => textOf(page, '#ask'), /^Ask in \d+ s$/);
      await assertAccessible(page);
      await assertNoSidewaysScroll(page);
      await shot(page, `limit_met_${name}`);
    }, { ...EXPECTED, colorScheme, ...(viewport ? { viewport } : {}) }));
}

test('an example that is refused stands in the composer, and a start from elsewhere counts down as well', () =>
  onPage(async (page) => {
    await limited(page);
    const { state } = await refusing(page, 429, 'rate_limited', 'parallel', '10');
    await page.goto(at('/orchestrator'));
    await page.locator('#examples button').first().click();
    await page.waitForSelector('#composer-error:not([hidden])');
    await soon.match(() => textOf(page, '#ask'), /^Ask in \d+ s$/);
    const typed = await page.inputValue('#query');
    assert.notEqual(typed, '');
    state.isOn = false;
    // What a person presses is sent at once.
    await page.locator('#examples button').first().click();
    await ended(page);
    await soon.equal(() => textOf(page, '#ask'), 'Ask');
  }, EXPECTED));

test('a service whose new runs are paused says so with its reason, until they are not', () =>
  onPage(async (page) => {
    const { told } = await limited(page, { limits: {}, paused: 'We move house until noon' });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('.banner.warn');
    assert.match(await textOf(page, '#banners'), /New runs are paused\. We move house until noon\. Runs that are going on end as they would\./);
    await assertAccessible(page);
    await shot(page, 'paused_light_1440');
    told.paused = null;
    await ask(page, 'What is 6 times 7?');
    await soon.equal(() => page.locator('.banner.warn').count(), 0);
    await ended(page);
  }));

/** Lets in one key, and visitors where `letsIn`. */
async function gate(page, accepted) {
  const seen = new Set();
  await page.route('**/api/**', async (route) => {
    const key = (route.request().headers().authorization ?? '').replace('Bearer ', '');
    const isVisitor = accepted.letsIn && /^visitor-[A-Za-z0-9]{43}$/.test(key);
    seen.add(key);
    if (key !== accepted.key && !isVisitor) return route.fulfill({ status: 401, json: { error: { code: 'unauthorized', message: 'Send an access key.', ...(accepted.letsIn && key === '' ? { anonymous: true } : {}) } } });
    if (!route.request().url().endsWith('/api/config')) return route.fallback();
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...(await response.json()), owner: isVisitor ? 'visitor' : 'alice', paused: null } });
  });
  return seen;
}

test('a visitor asks without a key, is known again, and can give one', () =>
  onPage(async (page) => {
    const seen = await gate(page, { letsIn: true, key: 'good' });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#examples button');
    await soon.match(() => textOf(page, '#banners'), /You are a visitor here\. This browser alone can show your runs again, and visitors share what may be spent\.\s+Give a key/);
    assert.equal(await page.locator('dialog[open]').count(), 0);
    const token = await page.evaluate(() => localStorage.getItem('orchestrator-visitor'));
    assert.match(token, /^visitor-[A-Za-z0-9]{43}$/);
    await assertAccessible(page);
    await shot(page, 'visitor_light_1440');
    await ask(page, 'What is 6 times 7?');
    await ended(page);
    await page.reload();
    await ended(page);
    assert.deepEqual([...seen], ['', token]);
    await page.locator('#open-preferences').click();
    await soon.match(() => textOf(page, '.key-kept'), /^You are a visitor here, without an access key\. Your runs are known by a token that this browser keeps\.\s+Forget this visitor$/);
    await page.keyboard.press('Escape');
    await page.locator('.banner button', { hasText: 'Give a key' }).click();
    await page.waitForSelector('#key[open]');
    await page.keyboard.press('Escape');
    await soon.equal(() => page.locator('dialog[open]').count(), 0);
    assert.doesNotMatch(await textOf(page, '#banners'), /An access key is needed/);
    await page.locator('.banner button', { hasText: 'Give a key' }).click();
    await page.fill('#key-field', 'good');
    await page.keyboard.press('Enter');
    await soon.doesNotMatch(() => textOf(page, '#banners'), /visitor/);
    await page.locator('#open-preferences').click();
    await soon.match(() => textOf(page, '.key-kept'), /^This browser keeps the access key of alice\.\s+Forget this key$/);
    await shot(page, 'key_of_light_1440');
  }, EXPECTED));

test('a visitor who wants to be forgotten is somebody else from then on', () =>
  onPage(async (page) => {
    const seen = await gate(page, { letsIn: true, key: 'good' });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#examples button');
    await page.locator('#open-preferences').click();
    await page.locator('.key-kept button').click();
    await soon.equal(() => page.evaluate(() => localStorage.getItem('orchestrator-visitor')), null);
    await page.reload();
    await page.waitForSelector('#examples button');
    assert.equal([...seen].filter((key) => key.startsWith('visitor-')).length, 2);
  }, EXPECTED));

test('a key that was revoked is told as such, and asked for again', () =>
  onPage(async (page) => {
    await page.addInitScript(() => sessionStorage.setItem('access-key', 'revoked'));
    await gate(page, { letsIn: false, key: 'good' });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#key[open]');
    await soon.match(() => textOf(page, '#key-form'), /The key that was kept here is not taken any more: it was revoked or replaced\. Whoever runs the service gives you another one\./);
    await soon.equal(() => focused(page), 'key-field');
    await assertAccessible(page);
    await shot(page, 'key_revoked_light_1440');
    await page.keyboard.press('Escape');
    await soon.match(() => textOf(page, '#banners'), /^The key that was kept here is not taken any more: it was revoked or replaced\./);
    await page.locator('.banner button').click();
    await page.fill('#key-field', 'good');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#examples button');
  }, EXPECTED));

test('a key that was revoked where visitors are let in is told before anybody goes on as one', () =>
  onPage(async (page) => {
    await page.addInitScript(() => sessionStorage.getItem('done') ?? (sessionStorage.setItem('access-key', 'revoked'), sessionStorage.setItem('done', 'yes')));
    await gate(page, { letsIn: true, key: 'good' });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#key[open]');
    await soon.match(() => textOf(page, '#key-form'), /not taken any more/);
    await page.keyboard.press('Escape');
    await soon.match(() => textOf(page, '#banners'), /You are a visitor here\./);
    assert.doesNotMatch(await textOf(page, '#banners'), /not taken any more/);
  }, EXPECTED));
