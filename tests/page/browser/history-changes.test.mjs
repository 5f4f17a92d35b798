// Renaming and pinning runs, what goes wrong with it, and what other tabs have changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE, WIDE, assertNoSidewaysScroll, at, ended, focused, keptList, lookedAtAgain, onPage, refusal, shot, soon } from '../on-page.mjs';

const PHONE = { width: 320, height: 640 };
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const entry = (id, title, fields = {}) => ({ run_id: id.padEnd(26, '0'), title, status: 'completed', created_at: ago(0), duration_ms: 48_000, cost_usd: 0, rating: null, pinned: false, ...fields });
const makeRuns = () => [entry('01F', 'Six'), entry('01E', 'Five', { status: 'running', duration_ms: null }), entry('01D', 'Four'), entry('01C', 'Three', { pinned: true }), entry('01B', 'Two'), entry('01A', 'One', { pinned: true, created_at: ago(5 * 24 * 60) })];
const shown = (page) => page.locator('#history section:not([hidden])').evaluateAll((nodes) => Object.fromEntries(nodes.map((node) => [node.querySelector('h2').textContent, [...node.querySelectorAll('.past-title')].map(({ textContent }) => textContent)])));
const changeOf = (page, title) => page.locator('#history li').filter({ has: page.getByText(title, { exact: true }) }).locator('button[aria-label^="Rename"]');
const changes = (asked) => asked.filter((each) => typeof each === 'object');
const name = (page) => page.locator('#change-name');
const pin = (page) => page.locator('#change input[type=checkbox]');
const error = (page) => page.locator('#change-error');

async function listOf(page, runs = makeRuns(), options) {
  const asked = await keptList(page, runs, options);
  await page.goto(at('/orchestrator'));
  await page.waitForSelector('#history .past', { state: 'attached' });
  return asked;
}

async function changing(page, title) {
  await changeOf(page, title).click();
  await page.waitForSelector('#change[open]');
}

test('pinned runs stand first, also those older than what was read, and each run once when older ones are read', () =>
  onPage(async (page) => {
    await listOf(page, makeRuns(), { size: 2 });
    await soon.deepEqual(() => shown(page), { Pinned: ['Three', 'One'], Today: ['Six', 'Five'] });
    for (let pages = 0; pages < 2; pages += 1) {
      const before = await page.locator('.past').count();
      await page.locator('#history .more').click();
      await soon.ok(async () => (await page.locator('.past').count()) > before || !(await page.locator('#history .more').isVisible()));
    }
    await soon.deepEqual(() => shown(page), { Pinned: ['Three', 'One'], Today: ['Six', 'Five', 'Four', 'Two'] });
  }));

test('pins that cannot be read cost nothing of the list, and those that are known stay', () =>
  onPage(async (page) => {
    await listOf(page, makeRuns(), { size: 2 });
    await soon.deepEqual(() => shown(page), { Pinned: ['Three', 'One'], Today: ['Six', 'Five'] });
    let refused = 0;
    await page.route(/\/api\/runs\?.*pinned=true/, (route) => {
      refused += 1;
      return route.fulfill(refusal(503, 'unavailable', 'The store cannot be used right now.'));
    });
    await lookedAtAgain(page);
    await soon.equal(() => refused, 1);
    await page.evaluate(() => fetch('/health').then(() => undefined));
    assert.deepEqual([await shown(page), await page.locator('#history .field-error').textContent()], [{ Pinned: ['Three', 'One'], Today: ['Six', 'Five'] }, '']);
    await page.reload();
    await soon.deepEqual(() => shown(page), { Today: ['Six', 'Five'] });
  }, { expectedErrors: [/status of 503/] }));

test('a run is renamed and pinned, also one that is going on; the row changes at once and has the focus', () =>
  onPage(async (page) => {
    const asked = await listOf(page);
    await changeOf(page, 'Five').focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#change[open]');
    assert.deepEqual([await name(page).inputValue(), await pin(page).isChecked()], ['Five', false]);
    await soon.equal(() => page.evaluate(() => [document.activeElement.id, getSelection().toString()].join()), 'change-name,Five');
    await page.keyboard.type('  The  fifth ');
    await pin(page).check();
    await page.locator('#change button', { hasText: 'Save' }).click();
    await page.waitForSelector('#change', { state: 'hidden' });
    await soon.deepEqual(() => shown(page), { Pinned: ['The fifth', 'Three', 'One'], Today: ['Six', 'Four', 'Two'] });
    await soon.equal(() => focused(page), 'The fifth, Runningnow');
    assert.deepEqual(changes(asked), [{ title: 'The fifth', pinned: true }]);
    await changing(page, 'The fifth');
    await pin(page).uncheck();
    await name(page).press('Enter');
    await soon.deepEqual(() => shown(page), { Pinned: ['Three', 'One'], Today: ['Six', 'The fifth', 'Four', 'Two'] });
    assert.deepEqual(changes(asked).at(-1), { pinned: false });
    await soon.equal(() => focused(page), 'The fifth, Runningnow');
  }));

test('what is as it was is not asked for; Cancel, Escape and a press beside the dialog change nothing', () =>
  onPage(async (page) => {
    const asked = await listOf(page);
    await changing(page, 'Six');
    await page.mouse.click(1_000, 800);
    await page.waitForSelector('#change', { state: 'hidden' });
    for (const leave of [() => page.keyboard.press('Enter'), () => page.locator('#change button', { hasText: 'Cancel' }).click(), () => page.keyboard.press('Escape')]) {
      await changing(page, 'Six');
      await leave();
      await page.waitForSelector('#change', { state: 'hidden' });
      await soon.equal(() => focused(page), 'Rename or pin “Six”');
    }
    await changing(page, 'Four');
    assert.equal(await name(page).inputValue(), 'Four');
    await page.keyboard.type('Forty');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#change', { state: 'hidden' });
    await changing(page, 'Four');
    assert.equal(await name(page).inputValue(), 'Four');
    assert.deepEqual(changes(asked), []);
  }));

test('a title must not be blank nor longer than the server takes; it is told and not cut', () =>
  onPage(async (page) => {
    const asked = await listOf(page);
    await changing(page, 'Six');
    for (const blank of ['', '   ', '\u3000']) {
      await name(page).fill(blank);
      await name(page).press('Enter');
      await soon.equal(() => error(page).textContent(), 'Give it a title.');
      assert.deepEqual([await name(page).getAttribute('aria-invalid'), await name(page).inputValue()], ['true', blank]);
    }
    await name(page).fill('😀'.repeat(121));
    await soon.equal(() => error(page).textContent(), 'A title has at most 120 characters; this one has 121.');
    await page.locator('#change button', { hasText: 'Save' }).click();
    await soon.equal(() => focused(page), 'change-name');
    assert.deepEqual([await name(page).inputValue(), changes(asked)], ['😀'.repeat(121), []]);
    await name(page).fill(` ${'😀'.repeat(120)} `);
    await soon.equal(() => error(page).textContent(), '');
    assert.equal(await name(page).getAttribute('aria-invalid'), null);
    await name(page).press('Enter');
    await soon.deepEqual(() => changes(asked), [{ title: '😀'.repeat(120) }]);
    await soon.deepEqual(async () => (await shown(page)).Today[0], '😀'.repeat(120));
    await assertNoSidewaysScroll(page);
  }));

for (const [what, status, code, message, field, told] of [
  ['a refused title', 400, 'invalid_request', 'title must be a text of 1 to 120 characters, got 121', 'title', 'title must be a text of 1 to 120 characters, got 121'],
  ['a store that is down', 503, 'unavailable', 'The store cannot be used right now.', null, 'The store cannot be used right now.'],
  ['a server that does not know the question', 405, 'method_not_allowed', 'PATCH is not known here.', null, 'PATCH is not known here.'],
]) {
  test(`${what} is told at the field, what was typed stays, and it can be saved again`, () =>
    onPage(async (page) => {
      await listOf(page);
      await changing(page, 'Six');
      const refuse = (route) => route.fulfill({ status, json: { error: { code, message, field } } });
      await page.route('**/api/runs/01F*', refuse);
      await name(page).fill('Sixty');
      await pin(page).check();
      await name(page).press('Enter');
      await soon.equal(() => error(page).textContent(), told);
      assert.deepEqual([await name(page).inputValue(), await pin(page).isChecked(), await name(page).getAttribute('aria-invalid')], ['Sixty', true, field ? 'true' : null]);
      await page.unroute('**/api/runs/01F*', refuse);
      await name(page).press('Enter');
      await soon.deepEqual(async () => (await shown(page)).Pinned, ['Sixty', 'Three', 'One']);
    }, { expectedErrors: [/status of (400|503|405)/] }));
}

test('without a network, or without a key, nothing is saved and nothing is lost', () =>
  onPage(async (page) => {
    await listOf(page);
    await changing(page, 'Six');
    const fail = (route) => route.abort('internetdisconnected');
    await page.route('**/api/runs/01F*', fail);
    await name(page).fill('Sixty');
    await name(page).press('Enter');
    await soon.equal(() => error(page).textContent(), 'The server did not answer; try again.');
    await page.unroute('**/api/runs/01F*', fail);
    await page.route('**/api/runs/01F*', (route) => route.fulfill(refusal(401, 'unauthorized', 'Send an access key.')));
    await name(page).press('Enter');
    await page.waitForSelector('#key[open]');
    await page.keyboard.press('Escape');
    await soon.equal(() => error(page).textContent(), 'An access key is needed.');
    assert.equal(await name(page).inputValue(), 'Sixty');
  }, { expectedErrors: [/status of 401/, /ERR_INTERNET_DISCONNECTED/] }));

test('a run that is gone is told, and leaves the list with the dialog', () =>
  onPage(async (page) => {
    const runs = makeRuns();
    await listOf(page, runs);
    await changing(page, 'Six');
    runs.shift();
    await name(page).fill('Sixty');
    await name(page).press('Enter');
    await soon.equal(() => error(page).textContent(), 'There is no such run.');
    await page.keyboard.press('Escape');
    await soon.deepEqual(() => shown(page), { Pinned: ['Three', 'One'], Today: ['Five', 'Four', 'Two'] });
    await soon.match(() => focused(page), /^Five/);
  }, { expectedErrors: [/status of 404/] }));

test('it is saved once however often that is pressed, and what is closed meanwhile is told in the list', () =>
  onPage(async (page) => {
    const asked = await listOf(page);
    /** @type {import('playwright-core').Route[]} */
    const held = [];
    await page.route('**/api/runs/01*', (route) => void held.push(route));
    await changing(page, 'Six');
    await name(page).fill('Sixty');
    await name(page).press('Enter');
    await soon.equal(() => page.locator('#change [type=submit]').textContent(), 'Saving…');
    await name(page).press('Enter');
    await page.locator('#change [type=submit]').click({ force: true });
    await page.keyboard.press('Escape');
    await page.waitForSelector('#change', { state: 'hidden' });
    // Another one can be changed while the first is under way.
    await changing(page, 'Four');
    await soon.equal(() => page.locator('#change [type=submit]').textContent(), 'Save');
    await name(page).fill('Forty');
    await soon.equal(() => held.length, 1);
    await held[0].fulfill({ json: entry('01F', 'Sixty') });
    await soon.deepEqual(async () => (await shown(page)).Today, ['Sixty', 'Five', 'Four', 'Two']);
    assert.deepEqual([await name(page).inputValue(), await focused(page)], ['Forty', 'change-name']);
    await name(page).press('Enter');
    await soon.equal(() => held.length, 2);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#change', { state: 'hidden' });
    await held[1].fulfill(refusal(503, 'unavailable', 'The store cannot be used right now.'));
    await soon.equal(() => page.locator('#history .field-error').textContent(), 'Not saved. The store cannot be used right now.');
    assert.deepEqual(changes(asked), []);
  }, { expectedErrors: [/status of 503/] }));

test('of two changes of one run the later counts, whichever reply comes last; a list read meanwhile leaves what is typed', () =>
  onPage(async (page) => {
    await listOf(page);
    /** @type {import('playwright-core').Route[]} */
    const held = [];
    await page.route('**/api/runs/01F*', (route) => void held.push(route));
    for (const [index, title] of ['Alpha', 'Beta'].entries()) {
      await changing(page, 'Six');
      await name(page).fill(title);
      await lookedAtAgain(page);
      await name(page).press('Enter');
      await soon.equal(() => held.length, index + 1);
      await page.keyboard.press('Escape');
      await page.waitForSelector('#change', { state: 'hidden' });
    }
    assert.deepEqual(held.map((route) => route.request().postDataJSON()), [{ title: 'Alpha' }, { title: 'Beta' }]);
    await held[1].fulfill({ json: entry('01F', 'Beta') });
    await soon.deepEqual(async () => (await shown(page)).Today[0], 'Beta');
    await held[0].fulfill({ json: entry('01F', 'Alpha') });
    await page.evaluate(() => fetch('/health').then(() => undefined));
    assert.deepEqual((await shown(page)).Today[0], 'Beta');
  }));

test('a list that was asked for before a change does not undo it', () =>
  onPage(async (page) => {
    await listOf(page);
    /** @type {import('playwright-core').Route[]} */
    const held = [];
    const hold = (route) => void held.push(route);
    await page.route(/\/api\/runs\?/, hold);
    const old = makeRuns();
    await lookedAtAgain(page);
    await soon.equal(() => held.length, 2);
    await page.unroute(/\/api\/runs\?/, hold);
    await changing(page, 'Six');
    await name(page).fill('Sixty');
    await pin(page).check();
    await name(page).press('Enter');
    await soon.deepEqual(async () => (await shown(page)).Pinned, ['Sixty', 'Three', 'One']);
    let again = 0;
    await page.route(/\/api\/runs\?/, (route) => {
      again += 1;
      return route.fallback();
    });
    for (const route of held) await route.fulfill({ json: { runs: old, cursor: null } });
    await soon.equal(() => again, 2);
    await soon.deepEqual(() => shown(page), { Pinned: ['Sixty', 'Three', 'One'], Today: ['Five', 'Four', 'Two'] });
  }));

test('what another tab renamed, pinned, began or deleted is shown when the tab is looked at again; the focus stays', () =>
  onPage(async (page) => {
    const runs = makeRuns();
    await listOf(page, runs, { size: 3 });
    await soon.deepEqual(() => shown(page), { Pinned: ['Three', 'One'], Today: ['Six', 'Five', 'Four'] });
    await page.locator('.past', { hasText: 'Four' }).focus();
    Object.assign(runs[2], { pinned: true, title: 'Forty' });
    Object.assign(runs[3], { pinned: false });
    Object.assign(runs[5], { title: 'The first' });
    runs.splice(0, 1);
    runs.unshift(entry('01G', 'Seven'));
    await lookedAtAgain(page);
    await soon.deepEqual(() => shown(page), { Pinned: ['Forty', 'The first'], Today: ['Seven', 'Five'] });
    await soon.match(() => focused(page), /^Forty/);
  }));

test('an older run that is pinned no longer leaves the list until it is read, and the focus goes to its neighbour', () =>
  onPage(async (page) => {
    await listOf(page, makeRuns(), { size: 2 });
    await soon.deepEqual(() => shown(page), { Pinned: ['Three', 'One'], Today: ['Six', 'Five'] });
    await changing(page, 'Three');
    await pin(page).uncheck();
    await name(page).press('Enter');
    await soon.deepEqual(() => shown(page), { Pinned: ['One'], Today: ['Six', 'Five'] });
    await soon.match(() => focused(page), /^One/);
  }));

test('two tabs of the real server: a run is renamed, pinned and found in both, and its question stays', () =>
  onPage(async (page) => {
    const word = `yak${Date.now()}`;
    await page.goto(at('/orchestrator'));
    await page.fill('#query', `What is 6 times 7? ${word}`);
    await page.keyboard.press('Enter');
    await ended(page);
    const other = await page.context().newPage();
    await other.goto(at('/orchestrator'));
    await other.locator('#history .past', { hasText: word }).first().waitFor();
    await page.bringToFront();
    await changing(page, `What is 6 times 7? ${word}`);
    await name(page).fill(`<b>Sixes</b> ${word} \u202etxt`);
    await pin(page).check();
    await page.locator('#change [type=submit]').click();
    const title = `<b>Sixes</b> ${word} \u202etxt`;
    await soon.ok(async () => (await shown(page)).Pinned?.includes(title));
    assert.equal(await page.locator('#question').textContent(), `What is 6 times 7? ${word}`);
    await lookedAtAgain(other);
    await soon.ok(async () => (await shown(other)).Pinned?.includes(title));
    assert.equal(await other.locator('#history b').count(), 0);
    await other.locator('#history .search').fill(`SIXES ${word}`);
    await soon.deepEqual(() => shown(other), { Found: [title] });
    await other.locator('button[aria-label^="Delete"]').click();
    await soon.match(() => other.locator('#confirm-text').textContent(), /^“<b>Sixes<\/b> yak\d+ txt” and/);
    await other.locator('#confirm button', { hasText: 'Delete' }).click();
    await soon.deepEqual(() => shown(other), {});
    await lookedAtAgain(page);
    await soon.ok(async () => !((await shown(page)).Pinned ?? []).includes(title));
    await other.close();
  }));

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [WIDE, PHONE]) {
    test(`the dialog at ${viewport.width} px (${colorScheme})`, () =>
      onPage(async (page) => {
        await listOf(page, [entry('01H', HOSTILE), entry('01J', 'W'.repeat(120)), ...makeRuns()]);
        if (viewport === PHONE) {
          await page.locator('#open-history').tap();
          await page.locator('button[aria-label^="Rename or pin “<img"]').tap();
        } else {
          await page.locator('#history li', { hasText: '<img' }).hover();
          await shot(page, `history_hover_${colorScheme}_${viewport.width}`);
          await page.locator('button[aria-label^="Rename or pin “<img"]').click();
        }
        await page.waitForSelector('#change[open]');
        assert.equal(await name(page).inputValue(), HOSTILE);
        await name(page).fill('x'.repeat(121));
        await soon.match(() => error(page).textContent(), /at most 120/);
        await assertNoSidewaysScroll(page);
        await shot(page, `rename_${colorScheme}_${viewport.width}`);
        if (viewport !== PHONE) return;
        const targets = await page.locator('#change input[type=text], #change button, #change .check').evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().height));
        assert.ok(targets.length === 4 && targets.every((px) => px >= 44), `heights in px: ${targets}`);
        await name(page).fill('A name');
        await page.locator('#change [type=submit]').tap();
        await soon.deepEqual(async () => (await shown(page)).Today[0], 'A name');
        assert.equal(await page.locator('#drawer[open]').count(), 1);
      }, { viewport, colorScheme, ...(viewport === PHONE && { hasTouch: true, isMobile: true }) }));
  }
}
