// axe-core finds nothing to complain of in any state of the page: light, dark and with forced colours, wide, narrow and at 200 %.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NARROW, WIDE, assertNoSidewaysScroll, at, ended, keptList, listed, onPage, openRecorded, refusal, shot } from '../on-page.mjs';
import * as make from '../pictures.mjs';
import * as run from '../runs.mjs';
import { textOf } from '../transcripts.mjs';
import { DOWN, fullStats } from '../use-stats.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const NOW = new Date().toISOString();
const RUNS = ['running', 'completed', 'failed', 'cancelled'].map((status, index) =>
  ({ run_id: `01${index}`.padEnd(26, '0'), title: `A run that is ${status}`, status, created_at: NOW, duration_ms: 1_000, cost_usd: 0 }));
const RESULT = {
  success: false, stdout: 'out\n', stderr: 'err\n', returncode: 1, value: '1', error: 'exception', truncated: { stdout_bytes: 9_000, stderr_bytes: 4 }, isolation: 'strict',
  artifacts: [{ name: 'figure-1.png', media_type: 'image/png', bytes: 9, url: '/api/runs/x/artifacts/figure-1.png' }, { name: 'data.csv', media_type: 'text/csv', bytes: 9, url: '/api/runs/x/artifacts/data.csv' }],
};
const RUNNING = [{ ...run.start(), created_at: NOW }, run.round(1), run.decided(1), run.call(1, 'c1', 'search', { query: 'solar' })];
const FAILED = [...RUNNING, run.failure(false), run.failure(true), run.complete({ status: 'failed' })];
const DONE = [
  ...run.answeredRun('Did solar pass coal?', 'Yes:\n```\n2025\n```\n', { sources: [{ title: 'Review', url: 'https://example.org/review' }] }).slice(0, -2),
  run.call(2, 'c3', 'code_interpreter', { code: 'plot()', stdin: 'x' }),
  run.result(2, 'c3', 'code_interpreter', RESULT),
  ...run.answeredRun('', 'Yes:\n```\n2025\n```\n', { sources: [{ title: 'Review', url: 'https://example.org/review' }] }).slice(-2),
];

const idle = async (page) => {
  await page.goto(at('/orchestrator'));
  await page.waitForSelector('#examples button');
};
const done = async (page) => {
  await openRecorded(page, DONE);
  await ended(page);
};

const ODD = [
  run.start(), run.round(1), run.call(1, 'a', 'search', { query: 7 }), run.result(1, 'a', 'search', { results: Array.from({ length: 60 }, (_, index) => (index % 2 ? index : run.found.results[0])) }),
  run.call(1, 'b', 'W'.repeat(200), [1]), run.result(1, 'b', 'W'.repeat(200), 'text'), run.call(1, 'c', 'code_interpreter', { code: `x = 1\n${'y = 2\n'.repeat(15_000)}` }), run.result(1, 'c', 'code_interpreter', RESULT),
  run.final(null, `${'A long answer. '.repeat(2_000)}\n\`\`\`\n${'x = 1\n'.repeat(3_000)}\`\`\`\n`, Array.from({ length: 60 }, () => run.found.results[0])), run.complete(),
];

/** An answer with all that Markdown can say. */
const ANSWER = '# A heading\n\nA *word*, [a link](https://example.org/x), a number [1], a mark[^n] and $x^2$.\n\n$$\\frac{1}{2}$$\n\n- one\n  1. two\n- [x] three\n\n> said\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```js\nconst x = "y"; // 1\n```\n\n![What it gave](figure-1.png)\n\n---\n\nمرحبا\n\n[^n]: noted\n';
const SET = run.answeredRun('Did solar pass coal?', ANSWER, { sources: [{ title: 'Review', url: 'https://example.org/review' }] })
  .toSpliced(5, 0, run.call(1, 'c3', 'code_interpreter', { code: 'plot()' }), run.result(1, 'c3', 'code_interpreter', { ...RESULT, success: true }), run.call(1, 'c4', 'enhance_reasoning', { problem: 'x' }, { model: 'qwen' }), run.retry('c4', 2, { model: 'phi' }), run.result(1, 'c4', 'enhance_reasoning', run.answered(ANSWER)));

/** What runs took, with every table unfolded. */
const used = async (page, stats = { json: fullStats(30) }, address = '/orchestrator?view=use') => {
  await page.route(/\/api\/stats/, (route) => route.fulfill(stats));
  await page.route('**/api/config', (route) => route.fulfill({ json: DOWN }));
  await page.goto(at(address));
  await page.waitForSelector('.use[aria-busy="false"] .use-checks .down');
  for (const summary of await page.locator('.use-table summary:visible').all()) await summary.click();
  await page.waitForFunction(() => document.querySelector('.use-sums').hidden || document.querySelectorAll('.use-sums table').length === 5);
};

/** Each state: how the page gets into it. */
const STATES = {
  idle,
  used,
  usedForAYear: (page) => used(page, { json: fullStats(365) }, '/orchestrator?view=use&days=365'),
  usedNot: (page) => used(page, { json: { days: [] } }),
  useUnread: (page) => used(page, refusal(503, 'unavailable', 'The table does not answer.')),
  lost: async (page) => {
    await page.route('**/api/runs/*/events?*', (route) => route.abort('connectionreset'));
    await page.route('**/api/runs/*/events?after=0', (route) => route.fulfill({ contentType: 'text/event-stream', body: run.streamed(RUNNING) }));
    await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
    await page.waitForSelector('#stop:not([hidden])');
    await page.waitForSelector('.banner.warn');
  },
  failed: async (page) => {
    await openRecorded(page, FAILED);
    await ended(page, 'failed');
  },
  complete: async (page) => {
    await done(page);
    for (const summary of await page.locator('#steps summary').all()) await summary.click();
    await page.locator('#actions button', { hasText: 'follow-up' }).click();
  },
  set: async (page) => {
    await openRecorded(page, SET);
    await ended(page);
    await page.locator('#answer figure').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => [...document.querySelectorAll('#answer .formula')].every((node) => node.shadowRoot) && document.querySelector('#answer .cite[href]') && document.querySelector('#answer figure img[src]'));
    await page.locator('#why summary').click();
    await page.waitForFunction(() => document.querySelector('#why p').textContent !== '');
    for (const summary of await page.locator('#steps summary').all()) await summary.click();
  },
  exporting: async (page) => {
    await done(page);
    await page.locator('#actions button', { hasText: 'Export' }).click();
    await page.waitForSelector('dialog[open] .export-form');
  },
  odd: async (page) => {
    await page.unroute('**/artifacts/**');
    await page.route('**/artifacts/**', (route) => route.fulfill({ contentType: 'image/png', body: make.bmp(9, 9) }));
    await openRecorded(page, ODD);
    await ended(page);
    for (const summary of await page.locator('#steps summary').all()) await summary.click();
    await page.locator('#files figure').scrollIntoViewIfNeeded();
    await page.waitForSelector('#files .picture-failed:not([hidden])');
  },
  faulty: async (page) => {
    await idle(page);
    await page.evaluate(() => void Promise.reject(new Error('nobody awaits this')));
    await page.waitForSelector('#fault:not([hidden])');
  },
  refused: async (page) => {
    await idle(page);
    await page.locator('#ask').click();
  },
  preferences: async (page) => {
    await idle(page);
    await page.locator('#open-preferences').click();
    await page.waitForSelector('#preferences[open]');
  },
  limitRefused: async (page) => {
    await page.route('**/api/chat/orchestrator/stream', (route) => route.fulfill({ status: 400, json: { error: { code: 'invalid_request', message: 'The model phi has no price.', field: 'preferences.max_cost_usd' } } }));
    await idle(page);
    await page.fill('#query', 'Why?');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#preferences[open]');
  },
  overBudget: async (page) => {
    await openRecorded(page, [], textOf('over_budget'));
    await ended(page, 'over_budget');
  },
  beside: async (page) => {
    await openRecorded(page, [...RUNNING, run.call(1, 'c2', 'search', { query: 'coal' }), run.result(1, 'c1', 'search', run.found), run.result(1, 'c2', 'search', run.found), run.final(null, '- [x] a\n- [ ] b\n'), run.complete()]);
    await ended(page);
    await page.waitForSelector('#rail .beside li');
    for (const summary of await page.locator('#steps summary').all()) await summary.click();
  },
  chain: async (page) => {
    await openRecorded(page, [], textOf('chains'));
    await ended(page);
    for (const summary of await page.locator('#steps summary').all()) await summary.click();
    await page.locator('#steps ol .results').first().waitFor();
  },
  toolDown: async (page) => {
    await page.route('**/api/config', async (route) => {
      const response = await route.fetch();
      const config = await response.json();
      await route.fulfill({ response, json: { ...config, tools: config.tools.map((tool, at) => (at % 2 ? { ...tool, available: false, problem: 'It did not answer.' } : tool)) } });
    });
    await idle(page);
    await page.locator('#chip-tools').click();
    await page.waitForSelector('#preferences input:disabled');
  },
  confirming: async (page) => {
    await done(page);
    await page.fill('#query', 'A draft');
    await page.locator('#actions button', { hasText: 'Edit' }).click();
    await page.waitForSelector('#confirm[open]');
  },
  help: async (page) => {
    await idle(page);
    await page.locator('#open-help').click();
  },
  history: async (page) => {
    await done(page);
    await page.keyboard.press('Control+k');
  },
  searched: async (page) => {
    await keptList(page, RUNS.map((run, index) => ({ ...run, pinned: index === 1 })));
    await idle(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('run');
    await page.waitForSelector('#history section:not([hidden]) .past');
    await page.waitForFunction(() => document.querySelector('#history h2').parentElement.hidden === false);
    await page.keyboard.press('Tab');
  },
  notFound: async (page) => {
    await keptList(page, RUNS.map((run) => ({ ...run, pinned: false })), { size: 2 });
    await idle(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('nowhere');
    await page.waitForFunction(() => document.querySelector('#history > .muted')?.textContent.includes('nowhere'));
  },
  renaming: async (page) => {
    await keptList(page, RUNS.map((run, index) => ({ ...run, pinned: index === 1 })));
    await idle(page);
    await page.keyboard.press('Control+k');
    await page.locator('.past-acts button').first().click();
    await page.waitForSelector('#change[open]');
    await page.fill('#change-name', ' ');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#change-error:not(:empty)');
  },
  key: async (page) => {
    await page.route('**/api/**', (route) => route.fulfill(refusal(401, 'unauthorized', 'Send an access key.')));
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#key[open]');
    await page.keyboard.press('Enter');
  },
};

const SMALL = { width: 320, height: 640 };
/** Each look of the page; 640 px at twice the size are 1280 px at 200 %. */
const LOOKS = [
  ['light_1440', { viewport: WIDE, colorScheme: 'light' }],
  ['light_390', { viewport: NARROW, colorScheme: 'light' }],
  ['dark_1440', { viewport: WIDE, colorScheme: 'dark' }],
  ['dark_320_without_motion', { viewport: SMALL, colorScheme: 'dark', reducedMotion: 'reduce' }],
  ['forced_colours_200', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, forcedColors: 'active', reducedMotion: 'reduce' }],
];

/** The states that are looked at side by side. */
const AT_ONCE = 3;

for (const [look, options] of LOOKS) {
  const looked = async ([name, enter]) =>
    onPage(async (page) => {
      await listed(page, RUNS);
      await page.route('**/artifacts/**', (route) => route.fulfill({ contentType: 'image/png', path: new URL('../../../docs/page.png', import.meta.url).pathname }));
      await enter(page);
      await assertNoSidewaysScroll(page);
      await page.evaluate(AXE);
      const { violations, passes } = await page.evaluate(() => window.axe.run());
      assert.ok(passes.length > 10, `${name}: axe-core looked at ${passes.length} rules`);
      assert.deepEqual(violations.map(({ id, nodes }) => [name, id, nodes.map(({ html, failureSummary }) => [html, failureSummary])]), []);
      if (name === 'set') await shot(page, `set_${look}`);
    }, { ...options, expectedErrors: [/status of (?:40[01]|503)/, /ERR_CONNECTION_RESET/], expectedFaults: [/nobody awaits this/] });

  test(`axe-core finds nothing, and nothing has to be scrolled sideways (${look})`, async () => {
    const left = Object.entries(STATES);
    const some = async () => {
      for (let state = left.shift(); state; state = left.shift()) await looked(state);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, some));
  });
}

test('with forced colours and at 200 % what runs took is told apart by filling, and axe-core finds nothing', () =>
  onPage(async (page) => {
    await STATES.used(page);
    await assertNoSidewaysScroll(page);
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
    const fills = await page.locator('.use-legend').first().locator('rect').evaluateAll((nodes) => nodes.map((node) => getComputedStyle(node).fill));
    assert.equal(new Set(fills).size, 3, String(fills));
    await page.screenshot({ path: new URL('../shots/use_forced_colours_200.png', import.meta.url).pathname, fullPage: true });
  }, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, forcedColors: 'active', reducedMotion: 'reduce' }));
