// The page in a real browser, against a running stack (BASE_URL) and against recorded streams that the browser is given in
// place of the stack's. Pictures of every state are written to shots/ for a person to look at.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE, NARROW, RUN_WAIT_MS, WIDE, assertNoSidewaysScroll, at, ended, onPage, openRecorded, shot, soon, textOf } from './on-page.mjs';
import * as run from './runs.mjs';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify";

/** The same run, but begun now, for pages that show a clock. */
const begunNow = ([start, ...rest]) => [{ ...start, created_at: new Date().toISOString() }, ...rest];

test('the page is sent with the content security policy', async () => {
  const response = await fetch(at('/orchestrator'));
  assert.equal(response.headers.get('content-security-policy'), POLICY);
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [WIDE, NARROW]) {
    const name = `${colorScheme}_${viewport.width}`;
    test(`an example question shows steps, then an answer, then the end (${name})`, () =>
      onPage(async (page) => {
        await page.goto(at('/orchestrator'));
        const example = page.locator('#examples button').first();
        const query = await example.locator('span').first().innerText();
        await shot(page, `idle_${name}`);
        await assertNoSidewaysScroll(page);
        await example.click();

        await page.waitForSelector('#steps > li', { timeout: RUN_WAIT_MS });
        await soon.equal(() => textOf(page, '#question'), query);
        await shot(page, `run_${name}`);
        await ended(page);
        const answer = await textOf(page, '#answer');
        assert.notEqual(answer.trim(), '');
        await soon.ok(async () => (await page.locator('#steps > li').count()) > 0);
        await soon.match(() => textOf(page, '#progress'), /^Complete\s+(\d+ min )?[\d.]+ (ms|s)\s+[\d,]+ tokens\s+(<\s)?\$[\d.]+$/);
        await soon.match(() => textOf(page, '#announcer'), /^The run has ended: Complete\.$/);
        await shot(page, `done_${name}`);
        const step = page.locator('#steps summary').last();
        await step.click();
        await step.scrollIntoViewIfNeeded();
        await assertNoSidewaysScroll(page);
        await shot(page, `open_${name}`);
      }, { viewport, colorScheme }));
  }
}

test('a reload and the deep link lead into the same run', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.locator('#examples button').first().click();
    await page.waitForURL(/\/orchestrator\?run=[0-9A-Z]{26}$/);
    const address = page.url();
    await page.reload();
    await ended(page);
    const seen = { question: await textOf(page, '#question'), answer: await textOf(page, '#answer'), steps: await page.locator('#steps > li').count() };
    await page.reload();
    await ended(page);
    assert.equal(page.url(), address);
    await soon.deepEqual(async () => ({ question: await textOf(page, '#question'), answer: await textOf(page, '#answer'), steps: await page.locator('#steps > li').count() }), seen);
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#idle:not([hidden])');
    await page.goBack();
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), seen.question);
  }));

test('a hostile question is shown as text', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.fill('#query', HOSTILE);
    await page.keyboard.press('Enter');
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), HOSTILE);
    await soon.equal(() => page.inputValue('#query'), '');
    await soon.equal(() => page.locator('main img, main script, main a[href^="javascript:"]').count(), 0);
  }));

test('hostile answers, search results and sources are shown as text', () =>
  onPage(async (page) => {
    const search = { ...run.found, query: HOSTILE, results: [{ title: HOSTILE, snippet: HOSTILE, url: 'javascript:alert(4)' }, ...run.found.results] };
    const sources = [{ title: HOSTILE, url: 'javascript:alert(5)' }, { title: 'Review', url: 'https://example.org/review' }];
    await openRecorded(page, run.answeredRun(HOSTILE, HOSTILE, { search, sources }));
    await ended(page);
    for (const summary of await page.locator('#steps summary').all()) await summary.click();
    await soon.equal(() => textOf(page, '#question'), HOSTILE);
    // A picture from afar is a link.
    await soon.equal(() => textOf(page, '#answer'), HOSTILE.replace('![x](https://foreign.example/x.png)', 'x'));
    await soon.equal(() => page.locator('.results li p').first().innerText(), HOSTILE);
    await soon.equal(() => page.locator('main img, main script, [onerror], [onclick]').count(), 0);
    const links = await page.locator('main .results a, main .sources a').evaluateAll((nodes) => nodes.map((a) => [a.getAttribute('href'), a.rel]));
    assert.deepEqual(links, [
      ['https://example.org/review', 'noopener noreferrer'],
      ['https://data.example.org/totals', 'noopener noreferrer'],
      ['https://example.org/review', 'noopener noreferrer'],
    ]);
    await shot(page, 'hostile_light_1440');
    await page.setViewportSize(NARROW);
    await assertNoSidewaysScroll(page);
    await shot(page, 'hostile_light_390');
  }));

test('a code block is set as code, wherever its text comes in pieces', () =>
  onPage(async (page) => {
    const content = 'It printed:\n```text\nsum: 88\n```\nDone. ' + HOSTILE;
    await openRecorded(page, run.answeredRun('What is the sum?', content));
    await ended(page);
    await soon.deepEqual(() => page.locator('#answer code').allTextContents(), ['sum: 88\n']);
    await soon.equal(() => page.locator('#answer .prose').textContent(), content);
    await shot(page, 'code_light_1440');
  }));

test('the rehearsal model does not pass for the model it stands in for', () =>
  onPage(async (page) => {
    const models = [{ id: 'qwen', name: 'Qwen 2.5-7B', rehearsal: true }];
    await page.route('**/api/config', (route) => route.fulfill({ json: { models, examples: [] } }));
    await openRecorded(page, [run.start(), run.round(1), run.thinking(1, 'I ask for the answer.'), run.decided(1), run.call(1, 'c1', 'answer', {}, { model: 'qwen' })]);
    await page.waitForSelector('#steps > li[data-kind="answer"]');
    await soon.match(() => textOf(page, '.banner.info'), /^Rehearsal model, no weights\. Set QWEN_API_URL, PHI_API_URL or LLAMA_API_URL for a real one\.$/);
    for (const summary of await page.locator('#steps summary').all()) await summary.click();
    const facts = await page.locator('#steps .facts').allTextContents();
    assert.deepEqual(facts.map((fact) => [/Rehearsal model/.test(fact), /Qwen/.test(fact)]), [[true, false], [true, false]]);
  }));

test('a refused question stays in the composer beside the reason', () =>
  onPage(async (page) => {
    const tooLong = 'a'.repeat(32_001);
    await page.goto(at('/orchestrator'));
    await page.keyboard.press('Tab');
    await page.locator('#ask').click();
    await soon.equal(() => textOf(page, '#composer-error'), 'Type a question first.');
    await page.fill('#query', tooLong);
    await page.locator('#ask').click();
    await page.waitForSelector('#composer-error:not([hidden])');
    await soon.match(() => textOf(page, '#composer-error'), /query/);
    await soon.equal(() => textOf(page, '#announcer'), await textOf(page, '#composer-error'));
    await soon.equal(() => page.inputValue('#query'), tooLong);
    await soon.equal(() => page.getAttribute('#query', 'aria-invalid'), 'true');
    assert.equal(page.url(), at('/orchestrator'));
    await shot(page, 'refused_light_1440');
    await page.reload();
    await soon.equal(() => page.inputValue('#query'), tooLong);
  }, { expectedErrors: [/status of 400/] }));

test('a start whose reply is lost keeps the question, and asking again leads into the run that it began', () =>
  onPage(async (page) => {
    const keys = [];
    let begun = '';
    await page.route('**/api/chat/orchestrator/stream', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      begun = (await route.fetch()).headers()['x-run-id'];
      return route.abort('connectionfailed');
    });
    await page.goto(at('/orchestrator'));
    await page.fill('#query', 'What is 6 times 7?');
    await page.locator('#ask').click();
    await page.waitForSelector('#composer-error:not([hidden])');
    await soon.equal(() => page.inputValue('#query'), 'What is 6 times 7?');
    await page.locator('#ask').click();
    await ended(page);
    assert.equal(keys.length, 2);
    assert.match(keys[0], /^[0-9a-f]{32}$/);
    assert.equal(keys[1], keys[0]);
    assert.equal(page.url(), at(`/orchestrator?run=${begun}`));
  }, { expectedErrors: [/ERR_CONNECTION_FAILED/] }));

test('a lost connection is told after two seconds, and the run goes on from the last event seen', () =>
  onPage(async (page) => {
    const events = begunNow(run.answeredRun('Did solar pass coal?', 'Yes, in 2025.'));
    const cut = 5;
    const asked = [];
    await page.route('**/api/runs/*/events?*', (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('after'));
      asked.push(from);
      if (asked.length === 1) return route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(events.slice(0, cut)) });
      if (asked.length <= 4) return route.abort('connectionreset');
      return route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(events, { after: from }) });
    });
    await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
    await page.waitForSelector('.banner.warn');
    await soon.match(() => textOf(page, '.banner.warn'), /^Connection lost\. The run continues on the server; reconnecting( in \d+ s)?\.\s+Reconnect now$/);
    await soon.equal(() => textOf(page, '#question'), 'Did solar pass coal?');
    await soon.equal(() => textOf(page, '#announcer'), 'Connection lost. Reconnecting.');
    await shot(page, 'lost_light_1440');
    await page.locator('.banner.warn button').click();
    await ended(page);
    assert.deepEqual([asked[0], ...new Set(asked.slice(1))], [0, cut]);
    await soon.equal(() => textOf(page, '#answer'), 'Yes, in 2025.');
    await soon.equal(() => page.locator('.banner.warn').count(), 0);
  }, { expectedErrors: [/ERR_CONNECTION_RESET/] }));

test('a suspended stream is taken up again without a notice of loss', () =>
  onPage(async (page) => {
    const reason = 'the deadline of the function';
    const pause = [run.suspended({ reason, resume_after_ms: 2_500 }), run.resumed({ reason })];
    const events = begunNow(run.answeredRun('Did solar pass coal?', 'Yes.')).toSpliced(5, 0, ...pause);
    await page.route('**/api/runs/*/events?*', (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('after'));
      return route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(from === 0 ? events.slice(0, 6) : events, { after: from }) });
    });
    await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
    await page.waitForSelector('#progress [data-status="suspended"]');
    await soon.match(() => textOf(page, '#progress'), /^Paused: the deadline of the function/);
    await shot(page, 'paused_light_1440');
    await ended(page);
    await soon.equal(() => page.locator('.banner.warn').count(), 0);
    await soon.match(() => textOf(page, '#steps'), /Another driver has taken over/);
  }));

test('a failed run says what happened, what is saved and what to do, and keeps the partial answer', () =>
  onPage(async (page) => {
    const timeout = { error: { code: 'timeout', message: 'The tool did not answer within 15 s', retryable: true } };
    await openRecorded(page, [
      run.start(),
      run.round(1),
      run.thinking(1, 'I look it up first.\nThen I answer.'),
      run.decided(1),
      run.call(1, 'c1', 'search', { query: 'solar' }),
      run.result(1, 'c1', 'search', timeout, { ok: false, duration_ms: 15_000 }),
      run.round(2),
      run.decided(2),
      run.call(2, 'c2', 'answer', {}, { model: 'qwen' }),
      run.delta('c2', 0, 'Solar grew'),
      run.failure(false),
      run.failure(true),
      run.complete({ status: 'failed' }),
    ]);
    await ended(page, 'failed');
    await soon.equal(async () => (await textOf(page, '.banner.danger p')).trim(), 'The model endpoint did not answer. It may be starting; ask again in a minute. The question and every step so far are saved.');
    await soon.match(() => textOf(page, '#steps > li[data-kind="search"]'), /Failed\s+The tool did not answer within 15 s\s+15\.0 s/);
    await soon.match(() => textOf(page, '#answer'), /^partial answer\s+Solar grew$/i);
    await shot(page, 'fail_light_1440');
    await page.setViewportSize(NARROW);
    await page.emulateMedia({ colorScheme: 'dark' });
    await assertNoSidewaysScroll(page);
    await shot(page, 'fail_dark_390');
  }));

test('a run that does not exist is told as such', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator?run=01JZZZZZZZZZZZZZZZZZZZZZZZ'));
    await page.waitForSelector('.banner.danger');
    await soon.match(() => textOf(page, '.banner.danger'), /^This run is not there\./);
    await page.waitForSelector('#idle:not([hidden])');
  }, { expectedErrors: [/status of 404/] }));

test('text never shrinks while it streams, and a step that a person opened stays open', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.evaluate(() => {
      const sizes = [];
      new MutationObserver(() => sizes.push(document.querySelector('#answer').textContent.length)).observe(document.querySelector('#answer'), { subtree: true, childList: true, characterData: true });
      Object.assign(window, { sizes });
    });
    await page.locator('#examples button').first().click();
    const step = page.locator('#steps details').first();
    await step.locator('summary').click({ timeout: RUN_WAIT_MS });
    const open = await step.evaluate((details) => details.open);
    await ended(page);
    await soon.equal(() => step.evaluate((details) => details.open), open);
    const sizes = await page.evaluate(() => window.sizes);
    assert.ok(sizes.at(-1) > 0);
    assert.deepEqual(sizes, sizes.toSorted((a, b) => a - b));
  }));

test('with the keyboard alone: skip link, examples, composer, steps', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#examples button');
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id);
    await page.keyboard.press('Tab');
    await soon.equal(() => focused(), 'Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await soon.equal(() => focused(), (await page.locator('#examples button').first().textContent()).trim());
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('Tab');
    await soon.equal(() => focused(), 'query');
    await page.keyboard.type('What is 6 times 7?');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('Show it.');
    await soon.equal(() => page.inputValue('#query'), 'What is 6 times 7?\nShow it.');
    await page.keyboard.press('Enter');
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), 'What is 6 times 7?\nShow it.');
    await soon.equal(() => focused(), 'query');

    const requests = [];
    page.on('request', (request) => request.url().includes('/api/') && requests.push(request.url()));
    await page.locator('.skip').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/#main$/);
    await soon.equal(() => textOf(page, '#question'), 'What is 6 times 7?\nShow it.');
    assert.deepEqual(requests, []);
  }));
