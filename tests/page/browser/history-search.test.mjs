// The search of the history: what is asked for when, which reply counts, and what is shown of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE, WIDE, assertNoSidewaysScroll, at, ended, focused, keptList, lookedAtAgain, onPage, refusal, resize, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const entry = (id, title, fields = {}) => ({ run_id: id.padEnd(26, '0'), title, status: 'completed', created_at: ago(0), duration_ms: 48_000, cost_usd: 0, rating: null, pinned: false, ...fields });
const RUNS = [entry('01F', 'How crowded is Tokyo?'), entry('01E', 'Tokyo and Kyoto', { status: 'running', duration_ms: null }), entry('01D', 'Plot the Lorenz attractor'), entry('01C', 'Kyoto by night', { status: 'failed' }), entry('01B', 'Why?', { pinned: true })];
const titles = (page) => page.locator('#history .past-title').allTextContents();
const groups = (page) => page.locator('#history section:not([hidden]) h2').allTextContents();
const field = (page) => page.locator('#history .search');
const searches = (asked) => asked.filter((query) => typeof query === 'string' && query.includes('q=')).map((query) => new URLSearchParams(query)).map((query) => [query.get('q'), query.get('cursor')]);

async function listOf(page, runs = RUNS, options) {
  const asked = await keptList(page, structuredClone(runs), options);
  await page.goto(at('/orchestrator'));
  await page.waitForSelector('#history .past', { state: 'attached' });
  return asked;
}

test('words of titles are looked for once the typing rests; the empty field shows the list as it was, without asking', () =>
  onPage(async (page) => {
    const asked = await listOf(page);
    const before = await titles(page);
    await field(page).pressSequentially(' tokyo', { delay: 10 });
    await soon.deepEqual(() => groups(page), ['Found']);
    await soon.deepEqual(() => titles(page), ['How crowded is Tokyo?', 'Tokyo and Kyoto']);
    await soon.equal(() => textOf(page, '#history [role=status]'), '2 found.');
    assert.deepEqual(searches(asked), [['tokyo', null]]);
    const askedOnce = asked.length;
    await field(page).fill('');
    await soon.deepEqual(() => titles(page), before);
    await soon.deepEqual(() => groups(page), ['Pinned', 'Today']);
    await soon.equal(() => page.locator('#history [role=status]').textContent(), '');
    assert.equal(asked.length, askedOnce);
  }));

test('Enter asks at once, also again; blanks ask for nothing, and more of them for nothing new', () =>
  onPage(async (page) => {
    await page.clock.install();
    const asked = await listOf(page);
    await field(page).fill('kyoto');
    assert.deepEqual(searches(asked), []);
    await field(page).press('Enter');
    await soon.deepEqual(() => searches(asked), [['kyoto', null]]);
    await field(page).press('Enter');
    await soon.deepEqual(() => searches(asked), [['kyoto', null], ['kyoto', null]]);
    await field(page).fill('  kyoto  ');
    await page.clock.runFor(1_000);
    await field(page).fill('kyoto \u3000 by');
    await page.clock.runFor(249);
    assert.equal(searches(asked).length, 2);
    await page.clock.runFor(1);
    await soon.deepEqual(() => searches(asked).at(-1), ['kyoto by', null]);
    await soon.deepEqual(() => titles(page), ['Kyoto by night']);
    await field(page).fill(' \u3000 ');
    await soon.equal(async () => (await titles(page)).length, RUNS.length);
    await field(page).press('Enter');
    await page.clock.runFor(1_000);
    assert.equal(searches(asked).length, 3);
  }));

test('an older reply never takes the place of a newer one, nor of the list once the field is empty', () =>
  onPage(async (page) => {
    await listOf(page);
    const held = new Map();
    await page.route(/\/api\/runs\?.*q=/, (route) => void held.set(new URL(route.request().url()).searchParams.get('q'), route));
    for (const words of ['tokyo', 'kyoto', 'lorenz']) {
      await field(page).fill(words);
      await field(page).press('Enter');
      await soon.ok(() => held.has(words));
    }
    const answer = (words) => held.get(words).fulfill({ json: { runs: [entry(`02${words}`.toUpperCase(), `Found for ${words}`)], cursor: null } });
    await answer('kyoto');
    await answer('lorenz');
    await soon.deepEqual(() => titles(page), ['Found for lorenz']);
    await answer('tokyo');
    await field(page).fill('night');
    await field(page).press('Enter');
    await soon.ok(() => held.has('night'));
    await field(page).fill('');
    await soon.equal(async () => (await titles(page)).length, RUNS.length);
    await answer('night');
    await page.evaluate(() => fetch('/health').then(() => undefined));
    assert.deepEqual([await groups(page), (await titles(page)).length], [['Pinned', 'Today'], RUNS.length]);
  }));

test('a page that holds nothing and goes on offers to look further; nothing found says so with the words', () =>
  onPage(async (page) => {
    const asked = await listOf(page, RUNS, { size: 2 });
    await field(page).fill('night');
    await soon.equal(() => page.locator('#history > .muted').textContent(), 'Nothing found for “night” so far.');
    await soon.equal(() => textOf(page, '#history .more'), 'Look further');
    await page.locator('#history .more').click();
    await soon.deepEqual(() => titles(page), ['Kyoto by night']);
    await soon.equal(() => textOf(page, '#history [role=status]'), '1 found so far.');
    await page.locator('#history .more').click();
    await soon.equal(() => page.locator('#history .more').isVisible(), false);
    await soon.equal(() => focused(page), 'Search the history');
    assert.deepEqual(searches(asked), [['night', null], ['night', RUNS[1].run_id], ['night', RUNS[3].run_id]]);
    await field(page).fill('\u202e<b>nowhere</b>');
    await field(page).press('Enter');
    for (let pages = 0; pages < 2; pages += 1) {
      await soon.match(() => page.locator('#history > .muted').textContent(), /so far/);
      const { length } = searches(asked);
      await page.locator('#history .more').click();
      await soon.equal(() => searches(asked).length, length + 1);
    }
    await soon.equal(() => page.locator('#history > .muted').textContent(), 'Nothing found for “<b>nowhere</b>”.');
    await field(page).press('Escape');
    await soon.equal(() => textOf(page, '#history .more'), 'Older questions');
  }));

test('Escape empties the filled field, and stops no run and closes no drawer', () =>
  onPage(async (page) => {
    await listOf(page);
    await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ contentType: 'text/event-stream', body: run.streamed([run.start(), run.round(1)]) }));
    await page.locator('.past').first().click();
    await page.waitForSelector('#stop:not([hidden])');
    await page.keyboard.press('Control+k');
    await field(page).fill('kyoto');
    await soon.deepEqual(() => groups(page), ['Found']);
    await field(page).press('Escape');
    await soon.equal(() => field(page).inputValue(), '');
    await soon.deepEqual(() => groups(page), ['Pinned', 'Today']);
    assert.equal(await page.locator('dialog[open]').count(), 0);
    await resize(page, { width: 1100, height: 800 });
    await page.keyboard.press('Control+k');
    await page.waitForSelector('#drawer[open]');
    await field(page).fill('kyoto');
    await field(page).press('Escape');
    await soon.equal(() => field(page).inputValue(), '');
    assert.equal(await page.locator('#drawer[open]').count(), 1);
    await field(page).press('Escape');
    await page.waitForSelector('#drawer', { state: 'hidden' });
  }));

test('the typed words and what was found stay while the list is read again, and both are as the server has them then', () =>
  onPage(async (page) => {
    const runs = structuredClone(RUNS);
    await keptList(page, runs, { size: 3 });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#history .past');
    await field(page).fill('kyoto');
    await field(page).press('Enter');
    await soon.deepEqual(() => titles(page), ['Tokyo and Kyoto']);
    await page.locator('#history .more').click();
    await soon.deepEqual(() => titles(page), ['Tokyo and Kyoto', 'Kyoto by night']);
    runs[1].title = 'Kyoto alone';
    runs.unshift(entry('01G', 'Kyoto again'));
    await lookedAtAgain(page);
    await soon.deepEqual(() => titles(page), ['Kyoto again', 'Kyoto alone', 'Kyoto by night']);
    assert.equal(await field(page).inputValue(), 'kyoto');
    await field(page).press('Escape');
    await soon.deepEqual(() => titles(page), ['Why?', 'Kyoto again', 'How crowded is Tokyo?', 'Kyoto alone', 'Plot the Lorenz attractor']);
  }));

test('a run that was found is opened, deleted and renamed as in the list', () =>
  onPage(async (page) => {
    const runs = structuredClone(RUNS);
    const asked = await keptList(page, runs);
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#history .past');
    await page.route(`**/api/runs/${runs[3].run_id}`, (route) => (route.request().method() === 'DELETE' ? route.fulfill({ status: 204 }) : route.fallback()));
    await field(page).fill('kyoto');
    await field(page).press('Enter');
    await soon.deepEqual(() => titles(page), ['Tokyo and Kyoto', 'Kyoto by night']);
    await page.locator('button[aria-label="Rename or pin “Kyoto by night”"]').click();
    await page.fill('#change-name', 'By day');
    await page.locator('#change input[type=checkbox]').check();
    await page.keyboard.press('Enter');
    await soon.deepEqual(() => titles(page), ['Tokyo and Kyoto', 'By day']);
    assert.deepEqual(asked.at(-1), { title: 'By day', pinned: true });
    await page.locator('button[aria-label="Delete “By day”"]').click();
    await page.locator('#confirm button', { hasText: 'Delete' }).click();
    await soon.deepEqual(() => titles(page), ['Tokyo and Kyoto']);
    await soon.match(() => focused(page), /^Tokyo and Kyoto/);
    await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ contentType: 'text/event-stream', body: run.streamed(run.answeredRun('Tokyo and Kyoto', 'Yes.')) }));
    await page.locator('.past').click();
    await ended(page);
    assert.equal(await field(page).inputValue(), 'kyoto');
    await soon.equal(() => page.locator('.past[aria-current]').count(), 1);
  }));

test('what cannot be searched says why; the words stay, and Enter asks again', () =>
  onPage(async (page) => {
    await listOf(page);
    const refuse = (route) => route.fulfill(refusal(503, 'unavailable', 'The store cannot be used right now.'));
    await page.route(/\/api\/runs\?.*q=/, refuse);
    await field(page).fill('kyoto');
    await soon.equal(() => page.locator('#history .field-error').textContent(), 'The history could not be searched. The store cannot be used right now.');
    assert.deepEqual([await field(page).inputValue(), await groups(page)], ['kyoto', ['Pinned', 'Today']]);
    await page.unroute(/\/api\/runs\?.*q=/, refuse);
    await field(page).press('Enter');
    await soon.deepEqual(() => groups(page), ['Found']);
    await soon.equal(() => page.locator('#history .field-error').textContent(), '');
    await page.context().setOffline(true);
    await page.route(/\/api\/runs\?/, (route) => route.abort('internetdisconnected'));
    await field(page).fill('tokyo');
    await soon.equal(() => page.locator('#history .field-error').textContent(), 'The history could not be searched. The server did not answer; try again.');
    await soon.deepEqual(() => groups(page), ['Pinned', 'Today']);
    await field(page).fill('x'.repeat(121));
    await soon.equal(() => page.locator('#history .field-error').textContent(), 'At most 120 characters can be looked for.');
    await field(page).fill('');
    await soon.equal(() => page.locator('#history .field-error').textContent(), '');
  }, { expectedErrors: [/status of 503/, /ERR_INTERNET_DISCONNECTED/] }));

test('without a key the search says nothing of its own', () =>
  onPage(async (page) => {
    await listOf(page);
    await page.route(/\/api\/runs\?/, (route) => route.fulfill(refusal(401, 'unauthorized', 'Send an access key.')));
    await field(page).fill('kyoto');
    await page.waitForSelector('#key[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.banner.warn');
    await soon.equal(() => page.locator('#history .field-error').textContent(), '');
    assert.equal(await field(page).inputValue(), 'kyoto');
  }, { expectedErrors: [/status of 401/] }));

test('a server that knows neither words nor pins is searched page by page, and offers no change', () =>
  onPage(async (page) => {
    const old = RUNS.map(({ pinned: _, rating: __, ...run }) => run);
    await page.route(/\/api\/runs\?/, (route) => {
      const { searchParams } = new URL(route.request().url());
      if (searchParams.get('pinned') === 'true') return route.fulfill(refusal(400, 'invalid_request', 'pinned is not known'));
      return route.fulfill({ json: searchParams.has('cursor') ? { runs: old.slice(3), cursor: null } : { runs: old.slice(0, 3), cursor: old[2].run_id } });
    });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#history .past');
    assert.deepEqual([await groups(page), await page.locator('#history .field-error').textContent(), await page.locator('button[aria-label^="Rename"]').count()], [['Today'], '', 0]);
    await field(page).fill('KYOTO');
    await soon.deepEqual(() => titles(page), ['Tokyo and Kyoto']);
    await page.locator('#history .more').click();
    await soon.deepEqual(() => titles(page), ['Tokyo and Kyoto', 'Kyoto by night']);
  }, { expectedErrors: [/status of 400/] }));

test('what an input method has not finished is not looked for, and its Enter and Escape are its own', () =>
  onPage(async (page) => {
    const asked = await listOf(page, [entry('01A', '東京はどれほど混んでいますか'), ...RUNS]);
    await field(page).focus();
    const session = await page.context().newCDPSession(page);
    await page.clock.install();
    await session.send('Input.imeSetComposition', { text: 'toukyou', selectionStart: 7, selectionEnd: 7 });
    await page.clock.runFor(1_000);
    await field(page).evaluate((node) => {
      for (const key of ['Enter', 'Escape']) node.dispatchEvent(new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true }));
      for (const key of ['Enter', 'Escape']) node.dispatchEvent(new KeyboardEvent('keydown', { key, keyCode: 229, bubbles: true, cancelable: true }));
    });
    await page.clock.runFor(1_000);
    assert.deepEqual([searches(asked), await field(page).inputValue()], [[], 'toukyou']);
    await session.send('Input.insertText', { text: '東京' });
    await page.clock.runFor(1_000);
    await soon.deepEqual(() => searches(asked), [['東京', null]]);
    await soon.deepEqual(() => titles(page), ['東京はどれほど混んでいますか']);
  }));

test('the real server finds words whatever their case, and a question that is asked meanwhile where it holds them', () =>
  onPage(async (page) => {
    const word = `zebra${Date.now()}`;
    await page.goto(at('/orchestrator'));
    for (const query of [`What is 2 plus 2? ${word}`, `${word.toUpperCase()}: what is 3 plus 3?`]) {
      await page.locator('#new, #query').last().click();
      await page.fill('#query', query);
      await page.keyboard.press('Enter');
      await page.waitForFunction((asked) => document.querySelector('#question').textContent === asked, query);
      await ended(page);
      await field(page).fill(`WHAT ${word}`);
      await field(page).press('Enter');
      await soon.deepEqual(() => groups(page), ['Found']);
    }
    await soon.deepEqual(() => titles(page), [`${word.toUpperCase()}: what is 3 plus 3?`, `What is 2 plus 2? ${word}`]);
    await field(page).fill(`% ${word}`);
    await field(page).press('Enter');
    await soon.equal(() => page.locator('#history > .muted').textContent(), `Nothing found for “% ${word}”.`);
  }));

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [WIDE, { width: 320, height: 640 }]) {
    test(`the search at ${viewport.width} px (${colorScheme})`, () =>
      onPage(async (page) => {
        await listOf(page, [entry('01H', 'W'.repeat(120)), entry('01G', HOSTILE), entry('01J', '\u202eTokyo abc'), entry('01K', '😀'.repeat(120)), ...RUNS]);
        if (viewport !== WIDE) await page.locator('#open-history').tap();
        await shot(page, `history_${colorScheme}_${viewport.width}`);
        await field(page).fill('o');
        await soon.deepEqual(() => groups(page), ['Found']);
        await assertNoSidewaysScroll(page);
        if (viewport !== WIDE) {
          const targets = await page.locator('#drawer .search, #drawer .past, #drawer button:visible').evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height)));
          assert.ok(targets.length > 10 && targets.every((px) => px >= 44), `in px: ${targets}`);
        }
        await shot(page, `found_${colorScheme}_${viewport.width}`);
      }, { viewport, colorScheme, ...(viewport !== WIDE && { hasTouch: true, isMobile: true }) }));
  }
}
