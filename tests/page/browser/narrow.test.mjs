// Names of any length, wherever a name stands, make no page wider than a small phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, ended, listed, onPage, openRecorded, shot, soon } from '../on-page.mjs';
import * as run from '../runs.mjs';

const PHONE = { width: 320, height: 640 };
const NAMES = {
  'a word of 200 characters': 'W'.repeat(200),
  'a word of 10,000 characters': 'W'.repeat(10_000),
  'words of 10,000 characters together': 'word '.repeat(2_000).trim(),
  'characters without a place to break': '\u00a0x'.repeat(100),
  'characters that are joined': 'x\u2060'.repeat(2_000),
  'wide characters of both directions': '\u05e9\u202e﷽'.repeat(100),
};

/** Nothing on the page, also of what is cut off or scrolled by itself, may reach beyond the window's edge. */
async function assertNarrow(page) {
  const found = await page.evaluate(() => {
    const root = document.documentElement;
    const beyond = [...document.querySelectorAll('body *')].filter((node) => {
      if (!node.checkVisibility() || node.closest('.visually-hidden, .skip')) return false;
      const { left, right } = node.getBoundingClientRect();
      if (right <= innerWidth + 0.5 && left >= -0.5) return false;
      // What lies in a window of its own, or is cut, does not widen the page.
      for (let around = node.parentElement; around; around = around.parentElement) {
        const { overflowX, contain } = getComputedStyle(around);
        const box = around.getBoundingClientRect();
        if ((overflowX !== 'visible' || contain.includes('paint')) && box.right <= innerWidth + 0.5 && box.left >= -0.5 && around !== root && around !== document.body) return false;
      }
      return true;
    });
    return { width: root.scrollWidth, beyond: beyond.slice(0, 3).map((node) => `${node.tagName}.${node.className}#${node.id}: ${node.getBoundingClientRect().right}`) };
  });
  assert.deepEqual(found, { width: PHONE.width, beyond: [] });
}

/** A run in which every name is this one. */
function named(name) {
  const url = (file) => `/api/runs/x/artifacts/${encodeURIComponent(file.slice(0, 200))}`;
  const artifacts = [{ name, media_type: 'text/csv', bytes: 1, url: url(name) }, { name: `${name}.png`, media_type: 'image/png', bytes: 1, url: url(`${name}.png`) }];
  const results = [{ title: name, snippet: name, url: `https://${'a.'.repeat(60)}example.org/${name.replaceAll(' ', '')}` }, { title: '', snippet: '', url: name }];
  return [
    { ...run.start(name), created_at: new Date().toISOString() },
    run.round(1),
    run.decided(1, { model: name }),
    run.thinking(1, name),
    run.call(1, 'a', name, { [name]: name }),
    run.retry('a', 2, name),
    run.result(1, 'a', name, { [name]: name }),
    run.call(1, 'b', 'search', { query: name }),
    run.result(1, 'b', 'search', { num_results: 2, results }),
    run.call(1, 'c', 'code_interpreter', { code: name, stdin: name }),
    run.result(1, 'c', 'code_interpreter', { success: false, stdout: name, stderr: name, value: name, error: name, returncode: 1e15, isolation: name, artifacts, omitted: [{ name, reason: name }] }),
    run.call(1, 'd', name, name, { model: name }),
    run.result(1, 'd', name, { error: { code: name, message: name } }, { ok: false, duration_ms: 1e15, usage: run.usage(1e15, 1), cost_usd: 1e12 }),
    { ...run.failure(false), error: { code: name, message: name, remedy: name } },
    run.resumed({ reason: name }),
    { ...run.failure(true), error: { code: name, message: name, remedy: name } },
    run.final(null, name, results),
    run.complete({ status: name, duration_ms: 1e15, cost_usd: 1e15, usage: run.usage(1e15, 1e15) }),
  ];
}

for (const [what, name] of Object.entries(NAMES)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${what} (${colorScheme})`, () =>
      onPage(async (page) => {
        await page.route('**/artifacts/**', (route) => route.fulfill({ status: 404, json: { error: { code: 'not_found', message: name } } }));
        await page.route('**/api/config', (route) => route.fulfill({ json: {
          orchestrator: { model: 'a' }, models: [{ id: 'a', name, available: false }, { id: 'b', name, rehearsal: true }, { id: name, name: '' }], tools: [{ name }, { name: 'search' }], examples: [{ query: name, tools: [name, name] }],
        } }));
        await listed(page, [{ run_id: '01A', title: name, status: name, created_at: new Date().toISOString(), duration_ms: null }, { run_id: '01B', title: name, status: 'completed', created_at: '', duration_ms: 1e15 }]);
        await page.goto(at('/orchestrator'));
        await page.waitForSelector('#examples button');
        await assertNarrow(page);
        await page.locator('#open-preferences').click();
        await page.waitForSelector('#preferences[open]');
        await assertNarrow(page);
        await page.keyboard.press('Escape');
        await page.locator('#open-history').click();
        await page.waitForSelector('#drawer[open] .past');
        await assertNarrow(page);
        await page.keyboard.press('Escape');
        await openRecorded(page, named(name));
        await page.waitForSelector('#actions:not([hidden])');
        await assertNarrow(page);
        if (name.startsWith('W'.repeat(200))) await shot(page, `long_names_${colorScheme}_320`);
        for (const summary of await page.locator('#steps summary').all()) await summary.click();
        await page.locator('#files figure').scrollIntoViewIfNeeded();
        await page.waitForSelector('#files .picture-failed:not([hidden])');
        await assertNarrow(page);
        await page.locator('#steps li').nth(1).scrollIntoViewIfNeeded();
        if (name.startsWith('W'.repeat(200))) await shot(page, `long_names_open_${colorScheme}_320`);
        await page.locator('#actions button', { hasText: 'follow-up' }).click();
        await page.fill('#query', name.slice(0, 5_000));
        await assertNarrow(page);
        await soon.equal(() => page.locator('#fault').isVisible(), false);
      }, { viewport: PHONE, colorScheme, expectedErrors: [/status of 404/] }));
  }
}

test('a name that turns the direction of what follows it turns no words of the page', () =>
  onPage(async (page) => {
    const name = 'good\u202e\u2066\u200ftxt';
    await page.route('**/api/config', (route) => route.fulfill({ json: { orchestrator: { model: 'a' }, models: [{ id: 'a', name, available: false, rehearsal: true }, { id: 'b', name: 'x' }], tools: [{ name }], examples: [] } }));
    await openRecorded(page, [run.start(), run.round(1), run.call(1, 'a', name, {}, { model: name }), run.result(1, 'a', name, {}), run.call(1, 'b', name, {}), { ...run.failure(true) }]);
    await page.waitForSelector('#steps > li:nth-child(2)');
    await page.locator('#steps summary').first().click();
    await page.locator('#open-preferences').click();
    await page.waitForSelector('#preferences[open]');
    const words = await page.evaluate(() => ['#banners', '#steps .tool', '#steps .facts', '.lane-name', '#announcer', '#preferences'].map((selector) => document.querySelector(selector).textContent));
    assert.ok(words.filter((text) => text.includes('goodtxt')).length >= 5, JSON.stringify(words));
    assert.ok(words.every((text) => !/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text)));
  }));
