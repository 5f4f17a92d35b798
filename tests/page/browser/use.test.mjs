// What runs took, as the page tells it: against the running stack, and with sums of every kind in place of its.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { HOSTILE, NARROW, WIDE, assertNoSidewaysScroll, at, ended, focused, onPage, openRecorded, refusal, resize, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';
import { DOWN, HIDDEN, dayOf, daysAgo, fullStats, tally, usage } from '../use-stats.mjs';

const USE = '/orchestrator?view=use';
const SUMS = '.use-sums:not([hidden])';
const title = (page) => page.waitForSelector('#use-title');
const told = (page, id) => page.locator(`#use-${id}-told`).textContent();
const number = async (page, name) => (await textOf(page, `.use-numbers div:has(dt:text-is("${name}")) dd`)).replace(/^about /, '');
const wholeOf = async (page, name) => Number((await number(page, name)).replaceAll(',', ''));

/** Sums in place of the server's; what was asked for is the answer. */
async function serve(page, stats, config) {
  const asked = [];
  await page.route(/\/api\/stats/, (route) => {
    const days = Number(new URL(route.request().url()).searchParams.get('days'));
    asked.push(days);
    return route.fulfill({ json: typeof stats === 'function' ? stats(days) : stats });
  });
  if (config) await page.route('**/api/config', (route) => route.fulfill({ json: config }));
  return asked;
}

async function openUse(page, stats, { config, address = USE } = {}) {
  const asked = await serve(page, stats, config);
  await page.goto(at(address));
  await title(page);
  await page.waitForSelector('.use[aria-busy="false"]');
  return asked;
}

/** The cells of a table, row by row. */
async function tableOf(page, part) {
  const section = page.locator(`section[aria-labelledby="${part}"]`);
  await section.locator('summary').click();
  await section.locator('table').waitFor();
  return section.locator('tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
}

test('questions that are asked and a rating are in the numbers, the pictures and the tables', () =>
  onPage(async (page) => {
    await page.goto(at(USE));
    await title(page);
    await page.waitForSelector('.use[aria-busy="false"]');
    const before = (await page.locator(SUMS).count()) > 0 ? { runs: await wholeOf(page, 'Runs'), tokens: await wholeOf(page, 'Tokens') } : { runs: 0, tokens: 0 };
    for (const query of ['What is 6 times 7?', 'What is 8 times 9?']) {
      await page.goto(at('/orchestrator'));
      await page.fill('#query', query);
      await page.keyboard.press('Enter');
      await ended(page);
    }
    const runId = new URL(page.url()).searchParams.get('run');
    const rated = await page.evaluate((id) => fetch(`/api/runs/${id}/rating`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"rating":"good"}' }).then(({ status }) => status), runId);
    assert.equal(rated, 204);
    await page.locator('#open-use').click();
    await page.waitForSelector(SUMS);
    await soon.equal(() => wholeOf(page, 'Runs'), before.runs + 2);
    assert.ok((await wholeOf(page, 'Tokens')) > before.tokens);
    await soon.match(() => number(page, 'Rated good'), /^[1-9]\d* of [1-9]\d* rated$/);
    await soon.equal(() => number(page, 'Cost'), '$0');
    await soon.match(() => told(page, 'cost'), /^Nothing was charged\.$/);
    await soon.match(() => told(page, 'runs'), new RegExp(`^${before.runs + 2} runs: \\d+ complete`));
    await soon.match(() => told(page, 'models'), /Rehearsal model \(qwen\): \d+ calls · [\d,]+ tokens/);
    await soon.match(() => told(page, 'tools'), /answer: \d+ calls?/);
    const [head, today] = await tableOf(page, 'use-by-day');
    assert.equal(head[0], 'Day (UTC)');
    assert.equal(today[1], String(before.runs + 2));
    await soon.match(() => textOf(page, '.use > section[aria-labelledby=use-checks-title]'), /3 models and \d+ tools: none is down\. Nothing has to be done\./);
    await soon.match(() => textOf(page, '.use-checks'), /Asked for in the field for tools, as usual\./);
    await shot(page, 'use_real_light_1440');
  }));

test('it is opened from the page by its link with the keyboard, and left by Back, by the browser and by a new question', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes.'));
    await ended(page);
    const asked = await serve(page, fullStats);
    await page.locator('#open-use').focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector(SUMS);
    await soon.equal(() => focused(page), 'Use and cost');
    await soon.equal(() => page.title(), 'Use and cost – Orchestrator');
    assert.equal(new URL(page.url()).search, '?view=use');
    assert.deepEqual(await Promise.all(['#run', '#idle', '#composer', '#rail'].map((part) => page.locator(part).isVisible())), [false, false, false, false]);
    await soon.equal(() => page.getAttribute('#open-use', 'aria-current'), 'page');
    await page.locator('.use-back').focus();
    await page.keyboard.press('Enter');
    await ended(page);
    await soon.equal(() => textOf(page, '#answer'), 'Yes.');
    await soon.equal(() => page.locator('.use').isVisible(), false);
    await soon.equal(() => page.locator('#composer').isVisible(), true);
    await soon.equal(() => page.evaluate(() => document.activeElement.id), 'open-use');
    await page.goForward();
    await page.waitForSelector(SUMS);
    await page.reload();
    await page.waitForSelector(SUMS);
    await page.goBack();
    await ended(page);
    await page.goForward();
    await page.waitForSelector(SUMS);
    await page.locator('#open-use').click();
    await page.locator('#new').click();
    await page.waitForSelector('#idle:not([hidden])');
    await soon.equal(() => page.evaluate(() => document.activeElement.id), 'query');
    await soon.equal(() => page.title(), 'Orchestrator');
    assert.deepEqual(new Set(asked), new Set([30]));
  }));

test('at its own address Back leads to the question, and what was typed is kept', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.fill('#query', 'Half a question');
    await serve(page, { days: [] });
    await page.locator('#open-use').click();
    await page.waitForSelector('.use-state button:visible');
    await page.keyboard.press('Escape');
    await page.locator('.use-state button', { hasText: 'Ask a question' }).click();
    await page.waitForSelector('#idle:not([hidden])');
    await soon.equal(() => page.inputValue('#query'), 'Half a question');
    await openUse(page, { days: [] });
    await page.locator('.use-back').click();
    await page.waitForSelector('#idle:not([hidden])');
    assert.equal(new URL(page.url()).search, '');
  }));

test('a visit loads it on need alone, and one that is left before it has come does not show it', () =>
  onPage(async (page) => {
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await openRecorded(page, run.answeredRun('Why?', 'Because.'));
    await ended(page);
    assert.deepEqual(asked.filter((path) => /\/(?:use|scale|checks)[.-]|\/api\/stats/.test(path)), []);
    let letIn;
    const held = new Promise((resolve) => (letIn = resolve));
    await page.route('**/static/view/use.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.locator('#open-use').click();
    await page.goBack();
    await ended(page);
    const came = page.waitForResponse('**/static/use.css');
    letIn();
    await came;
    await page.goForward();
    await page.waitForSelector('#use-title:visible');
    await soon.equal(() => page.locator('#use-title').count(), 1);
    await soon.equal(() => page.locator('#run').isVisible(), false);
  }));

test('the time is chosen with the keyboard, stands in the address, and the answer that comes last to an older choice is dropped', () =>
  onPage(async (page) => {
    let letIn;
    const held = new Promise((resolve) => (letIn = resolve));
    const stats = (days) => ({ days: [dayOf(daysAgo(0), { by_status: { completed: days } })] });
    await openUse(page, stats);
    await page.route(/days=90/, async (route) => {
      await held;
      await route.fulfill({ json: stats(90) });
    });
    await page.locator('.use-option input:checked').focus();
    await page.keyboard.press('ArrowRight');
    await soon.equal(() => new URL(page.url()).search, '?view=use&days=90');
    await page.keyboard.press('ArrowRight');
    await soon.equal(() => number(page, 'Runs'), '365');
    const late = page.waitForResponse(/days=90/);
    letIn();
    await late;
    await soon.equal(() => page.getAttribute('.use', 'aria-busy'), 'false');
    await soon.match(() => page.locator('#announcer').textContent(), /^365 days read: 365 runs\.$/);
    assert.equal(await number(page, 'Runs'), '365');
    await soon.equal(() => page.locator('#use-runs-name').textContent(), 'Runs by day, each bar seven days');
    await page.reload();
    await page.waitForSelector(SUMS);
    await soon.equal(() => page.inputValue('.use-option input:checked'), '365');
    await soon.equal(() => number(page, 'Runs'), '365');
  }));

for (const [address, days] of [['&days=400', 400], ['&days=1', 1], ['&days=401', 30], ['&days=x', 30]]) {
  test(`an address with ${address} shows ${days} days`, () =>
    onPage(async (page) => {
      const asked = await openUse(page, fullStats, { address: USE + address });
      await page.waitForSelector(SUMS);
      assert.deepEqual(asked, [days]);
      await soon.equal(() => page.inputValue('.use-option input:checked'), String(days));
      await soon.equal(() => page.locator('.use-bars').first().locator('g').count(), days === 400 ? 58 : days);
      assert.equal((await tableOf(page, 'use-by-day')).length, days === 1 ? 2 : days + 2);
    }));
}

test('where no run has ended, that is said with what to do, and no empty picture is shown', () =>
  onPage(async (page) => {
    await openUse(page, { days: [], limits: {} });
    await soon.match(() => textOf(page, '.use-state'), /^No run of these 30 days has ended\. Ask a question: what it took stands here once it has been answered\.\s+Ask a question$/);
    await soon.equal(() => page.locator(SUMS).count(), 0);
    await soon.match(() => textOf(page, '.use .lead'), /^\w+ \d+, \d{4} to \w+ \d+, \d{4}\. Days are those of UTC\./);
    await shot(page, 'use_none_light_1440');
  }));

test('while the sums are read that is said, and a failure is told with a button that reads them again', () =>
  onPage(async (page) => {
    let fails = true;
    let letIn;
    const held = new Promise((resolve) => (letIn = resolve));
    await page.route(/\/api\/stats/, async (route) => {
      if (fails) return route.fulfill(refusal(503, 'unavailable', 'The table does not answer.'));
      await held;
      return route.fulfill({ json: fullStats(30) });
    });
    await page.goto(at(USE));
    await soon.match(() => textOf(page, '.use-state'), /^The sums could not be read\. The table does not answer\.\s+Try again$/);
    await soon.equal(() => page.locator('.use-state [role="alert"]').innerText(), 'The sums could not be read. The table does not answer.');
    await shot(page, 'use_failed_light_1440');
    fails = false;
    await page.locator('.use-state button:visible').click();
    await soon.match(() => textOf(page, '.use-state'), /^Reading the sums…/);
    letIn();
    await page.waitForSelector(SUMS);
    await soon.equal(() => focused(page), 'Use and cost');
    await page.unroute(/\/api\/stats/);
    await page.route(/\/api\/stats/, (route) => route.abort('connectionreset'));
    await page.locator('.use-option', { hasText: '7 days' }).first().click();
    await soon.match(() => textOf(page, '.use-state'), /^The sums could not be read\. The server did not answer; try again\./);
    await soon.equal(() => page.locator(SUMS).count(), 0);
  }, { expectedErrors: [/status of 503/, /ERR_CONNECTION_RESET/] }));

test('the key is asked for as elsewhere; without it that is said, and once it is given the sums are there', () =>
  onPage(async (page) => {
    await serve(page, fullStats);
    await page.route('**/api/**', (route) => (route.request().headers().authorization === 'Bearer good' ? route.fallback() : route.fulfill(refusal(401, 'unauthorized', 'Send an access key.'))));
    await page.goto(at(USE));
    await page.waitForSelector('#key[open]');
    await page.keyboard.press('Escape');
    await soon.equal(() => textOf(page, '.use-state'), 'The sums are shown once the access key is given.');
    await page.locator('#banners button', { hasText: 'Give the key' }).click();
    await page.waitForSelector('#key[open]');
    await page.fill('#key-field', 'good');
    await page.keyboard.press('Enter');
    await page.waitForSelector(SUMS);
    await soon.match(() => textOf(page, '.use > section[aria-labelledby=use-checks-title]'), /none is down/);
  }, { expectedErrors: [/status of 401/] }));

test('what a chat page asks for itself is told once there is any', () =>
  onPage(async (page) => {
    await openUse(page, { days: [dayOf(daysAgo(0), { by_status: { completed: 1 } })] });
    assert.equal(await page.getByText('Titles and tags of chat pages', { exact: true }).count(), 0, 'a row that says nothing');
    await page.unrouteAll();
    const asked = () => page.evaluate(() => fetch('/v1/chat/completions', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'orchestrator-task', messages: [{ role: 'user', content: 'A title?' }] }),
    }).then(({ status }) => status));
    assert.equal(await asked(), 200);
    await page.reload();
    await soon.match(() => number(page, 'Titles and tags of chat pages'), /^[1-9]\d*$/);
  }));

test('each picture has a name and says in words what it shows, and so does each bar', () =>
  onPage(async (page) => {
    await openUse(page, { days: [
      dayOf(daysAgo(0), { by_status: { failed: 2 } }),
      dayOf(daysAgo(2), { by_status: { completed: 3, cancelled: 1 }, cost_usd: 12345.678901, usage: usage(1_000, 50, 400, true), by_model: { qwen: tally(4, { usage: usage(1_000, 50), cost_usd: 12345.678901 }) }, by_tool: { search: tally(2) }, ratings: { good: 1, bad: 2 } }),
    ] }, { address: `${USE}&days=7` });
    const pictures = await page.getByRole('img').evaluateAll((nodes) => nodes.filter((node) => node.closest('.use')).map((node) => document.getElementById(node.getAttribute('aria-labelledby')).textContent));
    assert.deepEqual(pictures, ['Runs by day', 'Tokens by day', 'Dollars by day', 'How runs ended', 'How runs were rated', 'Calls by model', 'Calls by tool']);
    const day = await page.evaluate((text) => new Intl.DateTimeFormat('en', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(text)), daysAgo(2));
    assert.equal(await told(page, 'runs'), `6 runs: 3 complete, 2 failed, 1 ended otherwise. 2 of 7 days had any; the most: ${day}, 4 runs.`);
    assert.equal(await told(page, 'tokens'), `About 1,050 tokens: 1,000 in, 400 of them cached, and 50 out. All of it: ${day}.`);
    assert.equal(await told(page, 'cost'), `$12,345.678901. All of it: ${day}.`);
    assert.equal(await told(page, 'statuses'), 'Complete: 3 runs · 50%; Failed: 2 runs · 33.3%; Stopped: 1 run · 16.7%.');
    assert.equal(await told(page, 'ratings'), 'Good: 1 run · 16.7%; Bad: 2 runs · 33.3%; Not rated: 3 runs · 50%.');
    assert.equal(await told(page, 'tools'), 'search: 2 calls.');
    assert.deepEqual(await page.locator('.use-bars').first().locator('title').evaluateAll((nodes) => nodes.slice(-3).map((node) => node.textContent.replace(/^.*?\d{4}: /, ''))), ['4 runs: 3 complete, 0 failed, 1 ended otherwise', '0 runs: 0 complete, 0 failed, 0 ended otherwise', '2 runs: 0 complete, 2 failed, 0 ended otherwise']);
    assert.deepEqual((await tableOf(page, 'use-by-day')).map((row) => row.slice(1, 5)).slice(1), [['2', '0', '2', '0'], ['0', '0', '0', '0'], ['4', '3', '0', '1'], ...Array(4).fill(['0', '0', '0', '0']), ['6', '3', '2', '1']]);
  }));

test('a table is saved as CSV from the keyboard, with plain numbers and no formula', () =>
  onPage(async (page) => {
    await openUse(page, fullStats);
    await page.waitForSelector(SUMS);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV: Calls by tool' }).press('Enter');
    const file = await download;
    assert.equal(file.suggestedFilename(), `use-tools-${daysAgo(29)}-to-${daysAgo(0)}.csv`);
    const lines = (await readFile(await file.path(), 'utf8')).split('\r\n');
    assert.equal(lines[0], '\ufeffTool,Calls,Input tokens,Of them cached,Output tokens,Cost (US dollars),Time (ms)');
    assert.ok(lines.some((line) => line.startsWith(`"'=HYPERLINK(""http://x"")",`)), lines.join('\n'));
    await soon.match(() => page.locator('#announcer').textContent(), /^use-tools-.*\.csv was handed to the browser: look among its downloads\.$/);
  }));

test('what is unfolded stays so when another time is chosen, and shows that time', () =>
  onPage(async (page) => {
    await openUse(page, fullStats);
    assert.equal((await tableOf(page, 'use-by-day')).length, 32);
    await page.locator('.use-option', { hasText: '90 days' }).click();
    await soon.equal(() => page.locator('section[aria-labelledby="use-by-day"] tr').count(), 92);
  }));

test('models and tools that are down, and another way to ask for calls, are told with one next step each', () =>
  onPage(async (page) => {
    await openUse(page, fullStats, { config: DOWN });
    await soon.match(() => textOf(page, '.use > section[aria-labelledby=use-checks-title]'), /Down: 2 models and 2 tools\./);
    const lines = await page.locator('.use-checks li').evaluateAll((nodes) => nodes.map((node) => [node.className, node.innerText.replace(/\s+/g, ' ').replace(/qwen2.*?… /, '… ').trim()]));
    assert.deepEqual(lines, [
      ['down', 'Qwen 2.5-7B (qwen) Did not answer when it was last asked. Every run needs it. Next step: Start its server, or put right its address, and look again.'],
      ['down', '… Did not answer when it was last asked. Runs do without it. Next step: Start its server, or put right its address, and look again.'],
      ['', 'Phi-4-mini (phi) Answers.'],
      ['down', 'weather Cannot be used now: The variable WEATHER_KEY is not set. Next step: Put that right, start the service again, and look at it with “serverless-llm tools check”.'],
      ['down', '<img src=x onerror=alert(1)> Cannot be used now; the server gives no reason. Next step: Ask it with “serverless-llm tools check”, which says what it lacks.'],
      ['', 'search Can be used.'],
      ['', `Asked for by a schema. ${HIDDEN} Next step: Questions are answered all the same. Turn tool calls on at the server of the orchestrator’s model; the service tries it anew after ten minutes.`],
    ]);
    await page.route('**/api/config', (route) => route.fulfill(refusal(500, 'internal', HOSTILE)));
    await page.locator('.use > section button', { hasText: 'Look again' }).click();
    await soon.match(() => textOf(page, '.use > section [role="alert"]'), /^What the server says of its models and tools could not be read\. <img/);
    await soon.equal(() => page.locator('.use-checks li').count(), 0);
    await soon.equal(() => page.locator(SUMS).count(), 1, 'the sums stay');
  }, { expectedErrors: [/status of 500/] }));

for (const [name, body] of [['a list', []], ['no JSON', 'x'], ['odd entries', { days: [null, 7, { day: 'x' }, dayOf(daysAgo(0), { by_status: { [HOSTILE]: 2 }, by_model: { '': tally(1), constructor: tally(2) }, by_tool: [1], cost_usd: 'x', usage: null, ratings: [] })] }]]) {
  test(`sums of another shape do no harm: ${name}`, () =>
    onPage(async (page) => {
      await page.route(/\/api\/stats/, (route) => route.fulfill({ contentType: 'application/json', body: typeof body === 'string' ? body : JSON.stringify(body) }));
      await page.goto(at(USE));
      await page.waitForSelector('.use-state p:visible, .use-state [role="alert"]:visible');
      if (name !== 'odd entries') return;
      await soon.equal(() => textOf(page, '.use-state'), '3 entries cannot be shown.');
      await soon.match(() => told(page, 'statuses'), /^<img src=x onerror=alert\(1\)>/);
    }));
}

for (const [name, viewport, colorScheme, days] of [['1440', WIDE, 'light', 30], ['1440', WIDE, 'dark', 365], ['360', { width: 360, height: 740 }, 'light', 365], ['360', { width: 360, height: 740 }, 'dark', 90], ['320', { width: 320, height: 640 }, 'light', 400]]) {
  test(`with much of everything the page stays as wide as it is, ${colorScheme}, ${name} px wide, ${days} days`, () =>
    onPage(async (page) => {
      await openUse(page, fullStats, { config: DOWN, address: `${USE}&days=${days}` });
      await page.waitForSelector(SUMS);
      await soon.equal(() => page.locator('.use-checks li.down').count(), 4);
      for (const summary of await page.locator('.use-table summary').all()) await summary.click();
      await assertNoSidewaysScroll(page);
      const brand = await page.locator('.brand').evaluate((node) => node.getClientRects().length);
      assert.equal(brand, 1, 'the name of the page stands on one line');
      const covered = await page.locator('.top .quiet:visible').evaluateAll((nodes) => nodes.some((node) => node.getBoundingClientRect().right > innerWidth));
      assert.equal(covered, false, 'every button of the head is within the window');
      await page.screenshot({ path: new URL(`../shots/use_${colorScheme}_${name}_${days}.png`, import.meta.url).pathname, fullPage: true });
      await resize(page, NARROW);
      await assertNoSidewaysScroll(page);
    }, { viewport, colorScheme }));
}
