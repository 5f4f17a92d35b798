// A question that is asked again: beside the run that it was asked in, in place of it, as a branch of its conversation.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HOSTILE, RUN_WAIT_MS, assertNoSidewaysScroll, at, ended, focused, listed, onPage, openRecorded, refusal, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LONG = 'Is 1000000000000000000000000000057 a prime number? Use code';
const action = (page, name) => page.locator('#actions').getByRole('button', { name, exact: true });
const column = (page, number) => page.locator('.column-run').nth(number - 1);
const statusOf = (page, number) => column(page, number).locator('.cells dd').first().innerText();
const idOf = (page, name = 'run') => new URL(page.url()).searchParams.get(name);

async function askAndWait(page, query) {
  if (!page.url().startsWith('http')) await page.goto(at('/orchestrator'));
  const before = page.url();
  await page.fill('#query', query);
  await page.locator('#query').press('Enter');
  await page.waitForURL((url) => url.href !== before && url.searchParams.has('run'));
  await ended(page);
  return idOf(page);
}

/** Presses the button, chooses the cheapest, and runs. */
async function runBeside(page) {
  await action(page, 'Try other models…').click();
  await page.waitForSelector('#preferences[open]');
  await page.selectOption('#preference-priority', 'cost');
  await page.locator('#preferences').getByRole('button', { name: 'Run', exact: true }).click();
  await page.waitForSelector('#beside:not([hidden])');
}

const over = (page, number) => soonOver(page, number, 'Complete');
async function soonOver(page, number, status) {
  await page.waitForFunction(([index, word]) => document.querySelectorAll('.column-run')[index]?.querySelector('.cells dd')?.textContent === word, [number - 1, status], { timeout: RUN_WAIT_MS });
}

async function assertAccessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
}

/** Recorded runs in place of the server's, by their ids. */
async function recorded(page, runs) {
  await page.route(/\/api\/runs\/[^/?]+\/events\?/, (route) => {
    const id = new URL(route.request().url()).pathname.split('/')[3];
    const after = Number(new URL(route.request().url()).searchParams.get('after'));
    return runs[id] ? route.fulfill({ contentType: 'text/event-stream', body: run.streamed(runs[id].events, { after }) }) : route.fulfill(refusal(404, 'not_found', 'There is no such run.'));
  });
  await page.route(/\/api\/runs\/[^/?]+$/, (route) => {
    const id = new URL(route.request().url()).pathname.split('/')[3];
    return runs[id] ? route.fulfill({ json: { run_id: id, request: runs[id].request ?? {} } }) : route.fulfill(refusal(404, 'not_found', 'There is no such run.'));
  });
}

test('the same question is asked in another way beside its run; both are there after a reload, and each can be opened alone', () =>
  onPage(async (page) => {
    const bodies = [];
    page.on('request', (request) => request.method() === 'POST' && bodies.push(request.postDataJSON()));
    const first = await askAndWait(page, 'What is 6 times 7?');
    await runBeside(page);
    await soon.equal(() => idOf(page), first);
    const second = idOf(page, 'beside');
    assert.ok(second && second !== first);
    assert.deepEqual(bodies, [{ query: 'What is 6 times 7?' }, { query: 'What is 6 times 7?', preferences: { priority: 'cost' } }]);
    await over(page, 1);
    await over(page, 2);
    await soon.equal(() => textOf(page, '#beside h1'), 'What is 6 times 7?');
    await soon.match(() => column(page, 1).locator('.origin').innerText(), /^All models · Balanced · at most 5 rounds/);
    await soon.match(() => column(page, 2).locator('.origin').innerText(), /^All models · Lowest cost · at most 5 rounds/);
    for (const number of [1, 2]) await soon.match(() => column(page, number).locator('.answer').innerText(), /42/);
    await soon.equal(() => textOf(page, '#announcer'), 'Second run: The run has ended: Complete.');
    // The preferences that hold for other questions are as they were.
    await soon.equal(() => textOf(page, '#chip-priority'), 'Balanced');
    await shot(page, 'beside_light_1440');
    await page.reload();
    await over(page, 1);
    await over(page, 2);
    await soon.equal(() => page.locator('#run').isVisible(), false);
    await page.getByRole('link', { name: 'Open alone: second run' }).click();
    await page.waitForURL((url) => url.searchParams.get('run') === second && !url.searchParams.has('beside'));
    await ended(page);
    await soon.equal(() => page.locator('#beside').isVisible(), false);
    await soon.equal(() => textOf(page, '#branches'), 'First asked as What is 6 times 7? (side by side)');
    await page.goBack();
    await over(page, 2);
    await soon.equal(() => page.locator('#beside').isVisible(), true);
  }));

test('the second run is shown live, and is stopped by itself', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.fill('#query', LONG);
    await page.keyboard.press('Enter');
    await page.locator('#stop').click();
    await ended(page, 'cancelled');
    await runBeside(page);
    await page.getByRole('button', { name: 'Stop the second run' }).click();
    await soonOver(page, 1, 'Stopped');
    await soonOver(page, 2, 'Stopped');
    await page.reload();
    await soonOver(page, 2, 'Stopped');
    await soon.equal(() => page.locator('.column-run button', { hasText: 'Stop' }).filter({ visible: true }).count(), 0);
  }));

test('a second run that is going on is live after a reload too; Escape asks before it stops it', () =>
  onPage(async (page) => {
    const events = run.answeredRun('Did solar pass coal?', 'Yes.');
    const going = { events: events.slice(0, 4), request: {} };
    await recorded(page, { A: { events }, B: going });
    const cancelled = [];
    await page.route('**/cancel', (route) => {
      cancelled.push(new URL(route.request().url()).pathname);
      going.events = [...events.slice(0, 4), run.cancelRequested(), run.complete({ status: 'cancelled' })];
      return route.fulfill({ status: 202, json: { status: 'cancelling' } });
    });
    await page.goto(at('/orchestrator?run=A&beside=B'));
    await over(page, 1);
    await soon.equal(() => statusOf(page, 2), 'Running');
    await page.reload();
    await over(page, 1);
    await soon.equal(() => statusOf(page, 2), 'Running');
    await page.locator('body').press('Escape');
    await page.waitForSelector('#confirm[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#confirm', { state: 'hidden' });
    assert.deepEqual(cancelled, []);
    await page.locator('body').press('Escape');
    await page.locator('#confirm [data-confirm]').click();
    await soonOver(page, 2, 'Stopped');
    assert.deepEqual(cancelled, ['/api/runs/B/cancel']);
  }));

test('runs that are seen side by side go on where they were cut off, each by itself', () =>
  onPage(async (page) => {
    const events = run.answeredRun('Did solar pass coal?', 'Yes, in 2025.');
    const asked = [];
    await page.route(/\/api\/runs\/[^/?]+\/events\?/, (route) => {
      const { pathname, searchParams } = new URL(route.request().url());
      const id = pathname.split('/')[3];
      asked.push(`${id} ${searchParams.get('after')}`);
      const isCut = id === 'B' && asked.filter((one) => one.startsWith('B')).length === 1;
      return route.fulfill({ contentType: 'text/event-stream', body: run.streamed(isCut ? events.slice(0, 4) : events, { after: Number(searchParams.get('after')) }) });
    });
    await page.goto(at('/orchestrator?run=A&beside=B'));
    await over(page, 1);
    await over(page, 2);
    assert.deepEqual(asked.toSorted(), ['A 0', 'B 0', 'B 4']);
    for (const number of [1, 2]) await soon.equal(() => column(page, number).locator('.answer').innerText(), 'Yes, in 2025.');
  }, { expectedErrors: [/status of 404/] }));

test('a run that is gone is told in its column, and the other one is shown', () =>
  onPage(async (page) => {
    await recorded(page, { A: { events: run.answeredRun(HOSTILE, HOSTILE), request: { query: HOSTILE, preferences: { models: ['qwen'], instructions: HOSTILE } } } });
    await page.goto(at('/orchestrator?run=A&beside=gone'));
    await over(page, 1);
    await soon.match(() => column(page, 2).locator('.notice').innerText(), /^This run is not there\./);
    await soon.match(() => column(page, 1).locator('.origin').innerText(), /told “<img/);
    await assertAccessible(page);
  }, { expectedErrors: [/status of 404/] }));

test('where one of two runs is deleted the other one stays, alone', () =>
  onPage(async (page) => {
    const runs = ['A', 'B'].map((id) => ({ run_id: id, title: `Run ${id}`, status: 'completed', created_at: new Date().toISOString(), duration_ms: 1_000, cost_usd: 0, pinned: false, rating: null }));
    await recorded(page, { A: { events: run.answeredRun('q', 'Yes.') }, B: { events: run.answeredRun('q', 'No.') } });
    await listed(page, runs);
    await page.route(/\/api\/runs\/A$/, (route) => (route.request().method() === 'DELETE' ? route.fulfill({ status: 204 }) : route.fallback()));
    await page.goto(at('/orchestrator?run=A&beside=B'));
    await over(page, 2);
    await page.locator('.history li', { hasText: 'Run A' }).hover();
    await page.getByRole('button', { name: 'Delete “Run A”' }).click();
    await page.waitForSelector('#confirm[open]');
    await page.locator('#confirm [data-confirm]').click();
    await ended(page);
    await soon.equal(() => textOf(page, '#answer .prose'), 'No.');
    await soon.deepEqual(() => [idOf(page), idOf(page, 'beside')], ['B', null]);
    await soon.equal(() => page.locator('#beside').isVisible(), false);
  }));

test('what is being chosen for a run is not lost when the server is looked at again', () =>
  onPage(async (page) => {
    await page.clock.install();
    const config = { orchestrator: { model: 'qwen' }, models: [{ id: 'qwen', name: 'Qwen', available: false }, { id: 'phi', name: 'Phi', available: true }], tools: [{ name: 'search', available: true }], examples: [] };
    let asked = 0;
    await page.route('**/api/config', (route) => {
      asked += 1;
      return route.fulfill({ json: config });
    });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('.banner.warn');
    await page.locator('#open-preferences').click();
    await page.fill('#preference-rounds', '9');
    await page.clock.fastForward(16_000);
    await soon.ok(() => asked > 1);
    await soon.equal(() => page.inputValue('#preference-rounds'), '9');
  }));

test('an address that names the same run twice shows it alone', () =>
  onPage(async (page) => {
    await recorded(page, { A: { events: run.answeredRun('q', 'Yes.') } });
    await page.goto(at('/orchestrator?run=A&beside=A'));
    await ended(page);
    await soon.equal(() => page.locator('#beside').count(), 0);
  }));

test('what the server refuses of what was chosen is told where it was chosen, and nothing is lost', () =>
  onPage(async (page) => {
    let refusals = 0;
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes.'));
    await page.route(/\/api\/runs\/[^/?]+$/, (route) => route.fulfill({ json: { request: {} } }));
    await page.route('**/api/chat/orchestrator/stream', (route) => {
      refusals += 1;
      return route.fulfill({ status: 400, json: { error: { code: 'invalid_request', message: 'It cannot be kept.', field: 'preferences.max_cost_usd' } } });
    });
    await ended(page);
    await action(page, 'Try other models…').click();
    await page.fill('#preference-usd', '0.5');
    await page.locator('#preferences').getByRole('button', { name: 'Run', exact: true }).click();
    await soon.equal(() => textOf(page, '#preferences .field-error'), 'It cannot be kept.');
    await soon.equal(() => page.inputValue('#preference-usd'), '0.5');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#preferences', { state: 'hidden' });
    await soon.equal(() => page.locator('#run').isVisible(), true);
    assert.equal(refusals, 1);
    await page.locator('#open-preferences').click();
    await soon.equal(() => textOf(page, '#preferences h2'), 'Preferences');
    await soon.equal(() => page.inputValue('#preference-usd'), '');
  }, { expectedErrors: [/status of 400/] }));

test('an edited question is asked as a branch: it keeps the turns before it, and both runs lead to each other', () =>
  onPage(async (page) => {
    const bodies = [];
    page.on('request', (request) => request.method() === 'POST' && bodies.push(request.postDataJSON()));
    const first = await askAndWait(page, 'What is 6 times 7?');
    await action(page, 'Ask a follow-up').click();
    const second = await askAndWait(page, 'And 6 times 8?');
    // As it is opened from a link: this tab knows nothing of how it was asked.
    await page.evaluate(() => history.replaceState(null, ''));
    await page.reload();
    await ended(page);
    await action(page, 'Edit question').click();
    await soon.equal(() => textOf(page, '#follow-up > span'), 'Asked anew in place of “And 6 times 8?” · Follow-up to “What is 6 times 7?”');
    await page.fill('#query', 'And 6 times 9?');
    // What is typed, and what it is for, is there after a reload.
    await page.reload();
    await ended(page);
    await soon.equal(() => page.inputValue('#query'), 'And 6 times 9?');
    await soon.match(() => textOf(page, '#follow-up > span'), /^Asked anew in place of “And 6 times 8\?” · Follow-up/);
    await page.locator('#query').press('Enter');
    await page.waitForURL((url) => url.searchParams.get('run') !== second);
    await ended(page);
    assert.deepEqual(bodies.at(-1), { query: 'And 6 times 9?', previous_run_id: first });
    await soon.equal(() => textOf(page, '#branches'), 'First asked as And 6 times 8? (side by side)');
    await soon.equal(() => textOf(page, '#origin'), 'Follow-up to What is 6 times 7?');
    await soon.equal(() => page.locator('#follow-up').isVisible(), false);
    await shot(page, 'branch_light_1440');
    await page.locator('#branches a').first().click();
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), 'And 6 times 8?');
    await soon.equal(() => textOf(page, '#branches'), 'Asked again as And 6 times 9? (side by side)');
    await page.locator('#branches a').nth(1).click();
    await over(page, 2);
    await soon.deepEqual(() => page.locator('.column-run .own').allTextContents(), ['', 'And 6 times 9?']);
  }));

test('a branch whose earlier turn is gone says so before it is asked', () =>
  onPage(async (page) => {
    await recorded(page, { A: { events: run.answeredRun('And then?', 'Yes.'), request: { query: 'And then?', previous_run_id: 'gone' } } });
    await page.goto(at('/orchestrator?run=A'));
    await ended(page);
    await action(page, 'Edit question').click();
    await soon.equal(() => textOf(page, '#composer-error'), 'The question before this one is not there any more: this would be asked without it.');
    await soon.equal(() => page.inputValue('#query'), 'And then?');
    await soon.equal(() => textOf(page, '#follow-up > span'), 'Asked anew in place of “And then?”');
  }, { expectedErrors: [/status of 404/] }));

test('where it cannot be read what a run follows up, nothing is asked without it', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('And then?', 'Yes.'));
    await ended(page);
    await page.route(/\/api\/runs\/[^/?]+$/, (route) => route.fulfill(refusal(503, 'unavailable', 'Not now.')));
    await action(page, 'Run again').click();
    await soon.equal(() => textOf(page, '#composer-error'), 'What this run follows up could not be read; try again.');
    await soon.equal(() => page.locator('#composer-error').isVisible(), true);
  }, { expectedErrors: [/status of 503/] }));

test('a link to a run that was deleted is forgotten', () =>
  onPage(async (page) => {
    await page.addInitScript(() => localStorage.getItem('branches') ?? localStorage.setItem('branches', '[["gone","A"],["B","A"],"x"]'));
    await recorded(page, { A: { events: run.answeredRun('q', 'Yes.') }, B: { events: run.answeredRun('other', 'No.'), request: { query: 'other' } } });
    await page.goto(at('/orchestrator?run=A'));
    await ended(page);
    await soon.equal(() => textOf(page, '#branches'), 'Asked again as other (side by side)');
    await soon.equal(() => page.evaluate(() => localStorage.getItem('branches')), '[["B","A"]]');
  }, { expectedErrors: [/status of 404/] }));

const SOURCES = [{ title: 'Review', url: 'https://example.org/review' }];
const WIDE_ANSWER = `# Yes [1]\n\n| ${'column | '.repeat(12)}\n|${'---|'.repeat(12)}\n| ${'value | '.repeat(12)}\n\n\`\`\`js\nconst x = '${'y'.repeat(200)}';\n\`\`\`\n\n${'W'.repeat(200)} [^n]\n\n[^n]: noted\n`;

for (const colorScheme of ['light', 'dark']) {
  for (const width of [320, 1440]) {
    test(`two runs fit ${width} px and can be read by everyone (${colorScheme})`, () =>
      onPage(async (page) => {
        const events = run.answeredRun('Did solar pass coal?', WIDE_ANSWER, { sources: SOURCES });
        await recorded(page, { A: { events, request: { preferences: { models: ['qwen', 'phi'], priority: 'cost' } } }, B: { events: events.slice(0, -1) } });
        await page.goto(at('/orchestrator?run=A&beside=B'));
        await over(page, 1);
        await page.waitForFunction(() => document.querySelectorAll('.column-run .cite[href]').length === 2 && document.querySelector('.column-run .origin').textContent !== '');
        await soon.deepEqual(() => page.locator('.column-run .cite').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href'))), ['#beside-1-source-1', '#beside-2-source-1']);
        await assertNoSidewaysScroll(page);
        const [first, second] = await Promise.all([1, 2].map((number) => column(page, number).boundingBox()));
        assert.equal(second.x > first.x + 300, width > 960);
        await assertAccessible(page);
        await shot(page, `beside_${colorScheme}_${width}`);
      }, { viewport: { width, height: 860 }, colorScheme }));
  }
}

test('a run is run again beside, and looked at alone, with the keyboard alone', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.locator('#query').focus();
    await page.keyboard.type('What is 6 times 7?');
    await page.keyboard.press('Enter');
    await ended(page);
    const press = async (name) => {
      for (let steps = 0; steps < 60 && !(await focused(page))?.startsWith(name); steps += 1) await page.keyboard.press('Tab');
      await soon.match(() => focused(page), new RegExp(`^${name}`));
      await page.keyboard.press('Enter');
    };
    await action(page, 'Try other models…').waitFor();
    await page.locator('#question').focus();
    await press('Try other models');
    await page.waitForSelector('#preferences[open]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#preferences', { state: 'hidden' });
    await page.waitForSelector('#beside:not([hidden])');
    await soon.equal(() => focused(page), 'What is 6 times 7?');
    await over(page, 2);
    await press('Open alone: second run');
    await page.waitForURL((url) => !url.searchParams.has('beside'));
    await ended(page);
  }));
