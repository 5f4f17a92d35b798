// What a person can do with a run: stop it, follow it up, ask it again, edit its question, copy it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE, NARROW, RUN_WAIT_MS, askLong, assertNoSidewaysScroll, at, ended, focused, onPage, openRecorded, refusal, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const action = (page, name) => page.locator('#actions button', { hasText: name });

/** Where a button stands in the composer: its upper edge, its lower one, and how far it ends before the composer does. */
async function place(page, button) {
  const [{ x, y, width, height }, composer] = await Promise.all([page.locator(button).boundingBox(), page.locator('.composer').boundingBox()]);
  return [y, y + height, composer.x + composer.width - x - width].map(Math.round);
}

async function startLongRun(page) {
  await page.goto(at('/orchestrator'));
  await askLong(page);
}

test('Stop stands in place of Ask while a run is going on, and ends it with what it has', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    const ask = await place(page, '#ask');
    await askLong(page);
    await soon.equal(() => page.locator('#ask').isVisible(), false);
    await soon.deepEqual(() => place(page, '#stop'), ask);
    await page.locator('#stop').click();
    await ended(page, 'cancelled');
    await soon.match(() => textOf(page, '#progress'), /^Stopped/);
    await soon.equal(() => textOf(page, '#announcer'), 'The run has ended: Stopped.');
    await soon.equal(() => page.locator('#ask').isVisible(), true);
    await soon.equal(() => focused(page), 'query');
    await shot(page, 'stopped_light_1440');
  }));

test('Stop works after a reload', () =>
  onPage(async (page) => {
    await startLongRun(page);
    await page.reload();
    await page.locator('#stop').click();
    await ended(page, 'cancelled');
  }));

test('a stop that fails is told beside the button, which then works again', () =>
  onPage(async (page) => {
    await page.route('**/cancel', (route) => route.fulfill(refusal(503, 'unavailable', 'The store cannot be used right now.')), { times: 1 });
    await startLongRun(page);
    await page.locator('#stop').click();
    await page.waitForSelector('#composer-error:not([hidden])');
    await soon.equal(() => textOf(page, '#composer-error'), 'The run could not be stopped. The store cannot be used right now.');
    await soon.equal(() => page.getAttribute('#query', 'aria-invalid'), null);
    await page.locator('#stop').click();
    await ended(page, 'cancelled');
  }, { expectedErrors: [/status of 503/] }));

test('Escape stops a run only after asking', () =>
  onPage(async (page) => {
    await startLongRun(page);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#confirm[open]');
    await soon.equal(() => focused(page), 'Let it go on');
    await shot(page, 'confirm_light_1440');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#confirm', { state: 'hidden' });
    await soon.equal(() => page.locator('#stop').innerText(), 'Stop');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await ended(page, 'cancelled');
    await page.keyboard.press('Escape');
    await soon.equal(() => page.locator('dialog[open]').count(), 0);
  }));

test('a confirmation that is asked for again at once is not settled by the closing of the last one', () =>
  onPage(async (page) => {
    await startLongRun(page);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#confirm[open]');
    await page.evaluate(() => {
      document.querySelector('#confirm').close();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    });
    await page.locator('#confirm [data-confirm]').click();
    await ended(page, 'cancelled');
  }));

test('a question that is typed while a run is going on is kept and not asked', () =>
  onPage(async (page) => {
    const asked = [];
    page.on('request', (request) => request.method() === 'POST' && asked.push(new URL(request.url()).pathname));
    await startLongRun(page);
    await page.fill('#query', 'And then?');
    await page.keyboard.press('Enter');
    await soon.match(() => textOf(page, '#composer-error'), /^This run is still going on/);
    await ended(page);
    await soon.equal(() => page.locator('#composer-error').isVisible(), false);
    await soon.equal(() => page.inputValue('#query'), 'And then?');
    assert.deepEqual(asked, ['/api/chat/orchestrator/stream']);
  }));

test('a follow-up names the run that it follows, and says so after a reload too', () =>
  onPage(async (page) => {
    const bodies = [];
    page.on('request', (request) => request.method() === 'POST' && bodies.push(request.postDataJSON()));
    await page.goto(at('/orchestrator'));
    await page.fill('#query', 'What is 6 times 7?');
    await page.keyboard.press('Enter');
    await ended(page);
    const first = new URL(page.url()).searchParams.get('run');
    await action(page, 'Ask a follow-up').click();
    await soon.equal(() => focused(page), 'query');
    await soon.equal(() => textOf(page, '#follow-up > span'), 'Follow-up to “What is 6 times 7?”');
    await page.locator('#follow-up button').click();
    await soon.equal(() => page.locator('#follow-up').isVisible(), false);
    await action(page, 'Ask a follow-up').click();
    await shot(page, 'follow_up_light_1440');
    await page.keyboard.type('And 6 times 8?');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('run') !== first);
    await ended(page);
    assert.deepEqual(bodies, [{ query: 'What is 6 times 7?' }, { query: 'And 6 times 8?', previous_run_id: first }]);
    await soon.equal(() => page.locator('#follow-up').isVisible(), false);
    await soon.equal(() => textOf(page, '#origin'), 'Follow-up to What is 6 times 7?');
    await page.reload();
    await ended(page);
    await soon.equal(() => textOf(page, '#origin'), 'Follow-up to What is 6 times 7?');
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('#question').textContent === 'What is 6 times 7?');
    await soon.equal(() => page.locator('#origin').isVisible(), false);
  }));

test('a follow-up that is refused stays in the composer with what it follows', () =>
  onPage(async (page) => {
    await page.route('**/api/chat/orchestrator/stream', (route) => route.fulfill(refusal(404, 'not_found', 'There is no such run, or its time is over.')));
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes.'));
    await ended(page);
    await action(page, 'Ask a follow-up').click();
    await page.keyboard.type('Since when?');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#composer-error:not([hidden])');
    await soon.equal(() => textOf(page, '#composer-error'), 'There is no such run, or its time is over.');
    await soon.equal(() => page.inputValue('#query'), 'Since when?');
    await soon.equal(() => page.locator('#follow-up').isVisible(), true);
  }, { expectedErrors: [/status of 404/] }));

test('Run again asks the same question in a new run', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.fill('#query', 'What is 6 times 7?');
    await page.keyboard.press('Enter');
    await ended(page);
    const first = page.url();
    await action(page, 'Run again').click();
    await page.waitForURL((url) => url.href !== first);
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), 'What is 6 times 7?');
    await soon.equal(() => page.evaluate(() => document.activeElement.id), 'question');
  }));

test('Edit question takes it into the composer, and never over what is typed there without asking', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun(HOSTILE, 'Yes.'));
    await ended(page);
    await page.fill('#query', 'A draft');
    await action(page, 'Edit question').click();
    await page.waitForSelector('#confirm[open]');
    await page.locator('#confirm button', { hasText: 'Keep it' }).click();
    await soon.equal(() => page.inputValue('#query'), 'A draft');
    await action(page, 'Edit question').click();
    await page.locator('#confirm button', { hasText: 'Replace it' }).click();
    await page.waitForFunction((query) => document.querySelector('#query').value === query, HOSTILE);
    await soon.equal(() => focused(page), 'query');
    // The server has no such run, and so knows of none before it.
  }, { expectedErrors: [/status of 404/] }));

test('answer and link are copied, and a copy that fails is told without a jump', () =>
  onPage(async (page) => {
    await page.addInitScript(() => {
      const copies = [];
      Object.assign(window, { copies, copying: true });
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: (content) => (window.copying ? copies.push(content) : Promise.reject(new Error('denied'))) } });
    });
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes, **in 2025**.'));
    await ended(page);
    const places = () => page.locator('#actions button').evaluateAll((nodes) => nodes.map((node) => Math.round(node.getBoundingClientRect().x)));
    const before = await places();
    await action(page, 'Copy answer').click();
    await soon.equal(() => textOf(page, '#announcer'), 'Copied');
    await action(page, 'Copy link').click();
    await soon.deepEqual(() => page.evaluate(() => window.copies), ['Yes, **in 2025**.', page.url()]);
    await page.evaluate(() => (window.copying = false));
    await action(page, 'Copy answer').click();
    await page.waitForFunction(() => document.querySelector('#announcer').textContent === 'Not copied');
    await soon.deepEqual(() => places(), before);
  }));

test('a paused run says why and can be taken up at once', () =>
  onPage(async (page) => {
    const events = [...run.answeredRun('q', 'Yes.').slice(0, 5), run.suspended({ resume_after_ms: RUN_WAIT_MS * 10 })];
    const asked = [];
    await page.route('**/api/runs/*/events?*', (route) => {
      asked.push(new URL(route.request().url()).searchParams.get('after'));
      const all = [...events, run.resumed(), run.complete()];
      return route.fulfill({ status: 200, contentType: 'text/event-stream', body: asked.length === 1 ? run.streamed(events) : run.streamed(all, { after: 6 }) });
    });
    await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
    await page.locator('.banner button', { hasText: 'Resume' }).click();
    await ended(page);
    assert.deepEqual(asked, ['0', '6']);
    await soon.equal(() => page.locator('.banner', { hasText: 'Paused' }).count(), 0);
  }));

test('the keys are listed, and the actions fit a phone', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes.'));
    await ended(page);
    await page.locator('#actions').scrollIntoViewIfNeeded();
    await assertNoSidewaysScroll(page);
    const heights = await page.locator('#actions button, .top button:visible, .top nav a').evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().height));
    assert.ok(heights.every((height) => height >= 44), `heights in px: ${heights}`);
    await page.locator('#question').focus();
    await page.keyboard.press('?');
    await page.waitForSelector('#help[open]');
    await shot(page, 'help_dark_390');
    await page.keyboard.press('Escape');
    await page.locator('#query').focus();
    await page.keyboard.press('?');
    await soon.equal(() => page.inputValue('#query'), '?');
    await soon.equal(() => page.locator('dialog[open]').count(), 0);
  }, { viewport: NARROW, colorScheme: 'dark' }));
