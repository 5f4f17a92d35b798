// What a run may cost at most: chosen, kept, sent, refused by the server, told beside what was spent, and reached.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, WIDE, assertNoSidewaysScroll, at, ended, focused, listed, onPage, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';
import { connectionsOf, framesOf } from '../transcripts.mjs';

const KIND = 'over_budget';
const FIELD = '#preference-usd';
const FAULT = '#preference-error';
const body = run.streamed(run.answeredRun('Why?', 'Because.'));
const save = (page) => page.locator('#preferences button', { hasText: 'Save' }).click();

/** The starts that the page makes. Each is answered by this, or by a run. */
async function serve(page, answers = []) {
  const starts = [];
  await page.route('**/api/chat/orchestrator/stream', (route) => {
    starts.push(route.request().postDataJSON());
    const answer = answers.shift();
    return route.fulfill(answer ?? { status: 200, contentType: 'text/event-stream', headers: { 'x-run-id': run.start().run_id }, body });
  });
  await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body }));
  await page.goto(at('/orchestrator'));
  await page.waitForSelector('#chip-tools:not([hidden])');
  return starts;
}

async function choose(page, usd) {
  await page.locator('#open-preferences').click();
  await page.fill(FIELD, usd);
  await save(page);
}

async function ask(page, query = 'Why?') {
  await page.fill('#query', query);
  await page.keyboard.press('Enter');
}

const refused = (field, message, code = 'invalid_request') => ({ status: 400, json: { error: { code, message, field } } });

test('a limit goes with each question, is told in the composer and beside what was spent, and is there after a reload', () =>
  onPage(async (page) => {
    const starts = await serve(page);
    await soon.equal(() => textOf(page, '#chip-priority'), 'Balanced');
    await choose(page, '0.05');
    await soon.equal(() => textOf(page, '#chip-priority'), 'Balanced · at most $0.05');
    await page.reload();
    await page.waitForSelector('#chip-tools:not([hidden])');
    await soon.equal(() => textOf(page, '#chip-priority'), 'Balanced · at most $0.05');
    await ask(page);
    await ended(page);
    assert.deepEqual(starts.map(({ preferences }) => preferences), [{ max_cost_usd: 0.05 }]);
    await soon.equal(() => page.locator('#progress span').last().innerText(), '$0.0041 of at most $0.05');
    await page.reload();
    await ended(page);
    await soon.equal(() => page.locator('#progress span').last().innerText(), '$0.0041 of at most $0.05');
    await choose(page, '');
    await soon.equal(() => textOf(page, '#chip-priority'), 'Balanced');
    await soon.equal(() => page.locator('#progress span').last().innerText(), '$0.0041 of at most $0.05', 'what the run was held to stays');
    await ask(page);
    await page.waitForFunction(() => [...document.querySelectorAll('#progress span')].at(-1).textContent === '$0.0041');
    assert.deepEqual(starts[1], { query: 'Why?' });
  }));

for (const usd of ['0', '-1', '1000.01', '1e5', 'e', '1,000', '0x10', '5 $']) {
  test(`${usd} is no limit, which is said at the field`, () =>
    onPage(async (page) => {
      await serve(page);
      await page.locator('#open-preferences').click();
      await page.locator(FIELD).pressSequentially(usd);
      await save(page);
      await soon.equal(() => textOf(page, FAULT), 'At most $: a number above 0, up to 1,000 and without a mark between thousands, or nothing.');
      await soon.equal(() => page.locator('.field', { has: page.locator(FIELD) }).locator(FAULT).count(), 1);
      await soon.deepEqual(async () => [await focused(page), await page.getAttribute(FIELD, 'aria-invalid'), await page.getAttribute(FIELD, 'aria-errormessage')], ['preference-usd', 'true', 'preference-error']);
      await page.fill(FIELD, '1000');
      await soon.deepEqual(async () => [await textOf(page, FAULT), await page.getAttribute(FIELD, 'aria-invalid')], ['', null]);
      await save(page);
      await soon.equal(() => textOf(page, '#chip-priority'), 'Balanced · at most $1,000.00');
    }));
}

for (const [name, field, message, at_] of [
  ['a model that has no price', 'preferences.max_cost_usd', 'preferences.max_cost_usd: the model phi has no price', 'preference-usd'],
  ['a server that knows no limit', 'preferences.max_cost_usd', 'preferences.max_cost_usd is not known', 'preference-usd'],
  ['too many rounds', 'max_rounds', 'max_rounds must be between 1 and 50, got 0', 'preference-rounds'],
  ['a priority of later', 'preferences.priority', 'preferences.priority: expected balanced', 'preference-priority'],
]) {
  test(`what the server refuses of the preferences is said at its field: ${name}`, () =>
    onPage(async (page) => {
      const starts = await serve(page, [refused(field, message)]);
      await choose(page, '0.05');
      await ask(page);
      await page.waitForSelector('#preferences[open]');
      await soon.equal(() => textOf(page, FAULT), message);
      await soon.deepEqual(async () => [await page.evaluate(() => document.activeElement.id), await page.getAttribute(`#${at_}`, 'aria-invalid')], [at_, 'true']);
      await page.fill(FIELD, '');
      await save(page);
      await soon.deepEqual(async () => [await page.inputValue('#query'), await page.getAttribute('#query', 'aria-invalid'), await textOf(page, '#composer-error')], ['Why?', null, message]);
      await page.locator('#ask').click();
      await ended(page);
      assert.deepEqual(starts.map(({ preferences }) => preferences), [{ max_cost_usd: 0.05 }, undefined]);
    }, { expectedErrors: [/status of 400/] }));
}

test('what is refused of the question is said there, and no dialog opens', () =>
  onPage(async (page) => {
    await serve(page, [refused('query', 'query must have 1 to 32000 characters'), refused(null, 'The body is no JSON.'), refused('preferences.mode', 'no mode')]);
    for (const message of ['query must have 1 to 32000 characters', 'The body is no JSON.', 'no mode']) {
      await ask(page);
      await page.waitForFunction((said) => document.querySelector('#composer-error').textContent === said, message);
      await soon.equal(() => page.locator('dialog[open]').count(), 0);
    }
  }, { expectedErrors: [/status of 400/] }));

for (const [name, viewport, colorScheme] of [['1440', WIDE, 'light'], ['390', NARROW, 'dark'], ['320', { width: 320, height: 640 }, 'light']]) {
  test(`a run whose money was used up says so wherever its state is told, ${name} px wide`, () =>
    onPage(async (page) => {
      const [stream] = connectionsOf(KIND);
      const runId = framesOf(KIND)[0].data.run_id;
      await listed(page, [{ run_id: runId, title: 'How many?', status: 'over_budget', created_at: '2026-01-02T03:04:05.678Z', duration_ms: 200 }]);
      await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: stream }));
      await page.goto(at(`/orchestrator?run=${runId}`));
      await ended(page, 'over_budget');
      await page.waitForFunction(() => document.querySelector('#announcer').textContent === 'The run has ended: Over budget.');
      await soon.equal(() => page.title(), 'Over budget: How many? – Orchestrator');
      await soon.equal(() => textOf(page, '#progress .state'), 'Over budget');
      await soon.equal(() => page.locator('#rail [data-status]').innerText(), 'Over budget');
      await soon.equal(() => page.locator('#history .past-time').textContent(), 'Over budget');
      await soon.deepEqual(async () => (await textOf(page, '#answer')).split(/\n+/), ['PARTIAL ANSWER', 'It is seven, as four and three are.']);
      await soon.match(() => textOf(page, '.banner.warn'), /^The run has reached its limit of cost\. It ends with what it had by then\./);
      await assertNoSidewaysScroll(page);
      await shot(page, `over_budget_${name}`);
      await page.locator('.banner.warn button', { hasText: 'Preferences' }).click();
      await page.waitForSelector('#preferences[open]');
      await assertNoSidewaysScroll(page);
      await page.locator(FIELD).scrollIntoViewIfNeeded();
      await shot(page, `limit_${name}`);
      await page.keyboard.press('Escape');
      await page.evaluate(() => { history.pushState(null, '', '/orchestrator'); dispatchEvent(new PopStateEvent('popstate')); });
      await page.waitForSelector('#idle', { state: 'visible' });
      await soon.equal(() => page.locator('.banner.warn').count(), 0);
    }, { viewport, colorScheme }));
}

test('a call that was not made as its cost might have passed the limit is one that was not run, and one of which an attempt failed has failed', () =>
  onPage(async (page) => {
    const notMade = "What it might have cost was more than is left of the run's max_cost_usd, so it was not made.";
    const notAgain = "An attempt failed, and what another one might have cost was more than is left of the run's max_cost_usd.";
    const ended_ = (callId, code, message, called) => run.result(1, callId, 'answer', { error: { code, message, retryable: false } }, { called, ok: false });
    const events = [
      run.start(), run.round(1), run.call(1, 'a', 'answer', {}, { model: 'qwen' }), ended_('a', 'not_run', notMade, false), run.call(1, 'b', 'answer', {}, { model: 'qwen' }), ended_('b', 'over_budget', notAgain, true),
      run.final(null, 'So far.'), run.complete({ status: 'over_budget' }),
    ];
    await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(events) }));
    await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
    await ended(page, 'over_budget');
    await soon.deepEqual(() => page.locator('#steps li').evaluateAll((nodes) => nodes.map((node) => [node.querySelector('.word').textContent, node.querySelector('.line').textContent])), [['Not run', notMade], ['Failed', notAgain]]);
  }));
