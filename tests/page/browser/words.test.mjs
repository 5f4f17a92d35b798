// What the page says in each state that is not as a person would have it: plain words, and one next step.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, WIDE, assertNoSidewaysScroll, at, focused, onPage, openRecorded, refusal, shot, soon } from '../on-page.mjs';
import * as run from '../runs.mjs';
import { textOf as transcript } from '../transcripts.mjs';

const models = [{ id: 'qwen', name: 'Qwen 2.5-7B', available: true, rehearsal: false }];
const config = (fields = {}) => ({ orchestrator: { model: 'qwen', prompt: 'chat', calls: 'native', calls_reason: null }, models, tools: [{ name: 'search' }], examples: [{ query: 'Why?', tools: [] }], ...fields });
const serveConfig = (page, fields) => page.route('**/api/config', (route) => route.fulfill({ json: config(fields) }));
const idle = async (page, fields) => {
  await serveConfig(page, fields);
  await page.goto(at('/orchestrator'));
  await page.waitForSelector('#examples button');
};
const refused = async (page, status, code, message) => {
  await serveConfig(page);
  await page.route('**/api/runs/*/events?*', (route) => route.fulfill(refusal(status, code, message)));
  await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
};
const recorded = async (page, kind) => {
  await serveConfig(page);
  await openRecorded(page, [], transcript(kind));
};
const lost = async (page, offline) => {
  await serveConfig(page);
  await page.route('**/api/runs/*/events?*', (route) => route.abort('connectionreset'));
  await page.route('**/api/runs/*/events?after=0', (route) => route.fulfill({ contentType: 'text/event-stream', body: run.streamed([run.start(), run.round(1)]) }));
  if (offline) await page.addInitScript(() => Object.defineProperty(navigator, 'onLine', { get: () => false }));
  await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
};

/** Each state: how the page gets into it, what its banner says, and the button beside it. */
const STATES = [
  ['a model that does not answer', (page) => idle(page, { models: [{ ...models[0], available: false }] }), /^Qwen 2\.5-7B does not answer\. Every run needs it: start its server or check its address; looking again/, 'Look now'],
  ['the rehearsal model', (page) => idle(page, { models: [{ ...models[0], rehearsal: true }] }), 'Rehearsal model, no weights. Set QWEN_API_URL, PHI_API_URL or LLAMA_API_URL for a real one.', null],
  ['tools that a server hides', (page) => idle(page, { orchestrator: { model: 'qwen', calls: 'schema', calls_reason: 'This server hides tools from the model; asked by schema instead.' } }),
    'This server hides tools from the model; asked by schema instead. Questions are answered all the same. Whoever runs its server may turn tool calls on there.', null],
  ['no key', async (page) => {
    await page.route('**/api/**', (route) => route.fulfill(refusal(401, 'unauthorized', 'Send an access key.')));
    await page.goto(at('/orchestrator'));
    await page.locator('#key button', { hasText: 'Not now' }).click();
  }, 'An access key is needed. Without it the server shows and runs nothing.', 'Give the key'],
  ['over budget', (page) => recorded(page, 'over_budget'), 'The run has reached its limit of cost. It ends with what it had by then. Allow more in the preferences and run it again for a whole answer.', 'Preferences'],
  ['out of rounds', (page) => recorded(page, 'out_of_rounds'), 'The run has used up its rounds. Allow more in the preferences and run it again, or ask a smaller question.', 'Preferences'],
  ['failed', (page) => recorded(page, 'fatal'), /The question and every step so far are saved\.$/, 'Ask again'],
  ['a run that has expired', (page) => refused(page, 404, 'not_found', 'There is no such run.'), 'This run is not there. It has been deleted, has expired, or belongs to another access key.', 'New question'],
  ['a run that is refused for another reason', (page) => refused(page, 403, 'forbidden', 'Another page has asked.'), 'This run cannot be shown. Another page has asked.', 'New question'],
  ['a connection that is lost', (page) => lost(page, false), /^Connection lost\. The run continues on the server; reconnecting/, 'Reconnect now'],
  ['a device that is offline', (page) => lost(page, true), 'You are offline. The run continues on the server. It goes on here by itself when the network is back.', 'Reconnect now'],
];

for (const [index, [name, enter, says, next]] of STATES.entries()) {
  for (const [width, viewport, colorScheme] of [['1440', WIDE, 'light'], ['320', { width: 320, height: 640 }, 'dark']]) {
    test(`plain words and one next step: ${name}, ${width} px wide`, () =>
      onPage(async (page) => {
        await enter(page);
        const banner = page.locator('#banners .banner').first();
        await banner.waitFor();
        const words = (await banner.locator('p').innerText()).replace(/\s+/g, ' ').trim();
        if (says instanceof RegExp) assert.match(words, says);
        else assert.equal(words, says);
        await soon.equal(() => page.locator('#banners .banner').count(), 1);
        await soon.deepEqual(() => banner.locator('button').allInnerTexts(), next === null ? [] : [next]);
        await assertNoSidewaysScroll(page);
        await shot(page, `words_${index}_${width}`);
      }, { viewport, colorScheme, expectedErrors: [/status of 40[134]/, /ERR_CONNECTION_RESET/] }));
  }
}

test('a new question in place of a run that is not there', () =>
  onPage(async (page) => {
    await refused(page, 404, 'not_found', 'There is no such run.');
    await page.locator('.banner button', { hasText: 'New question' }).click();
    await page.waitForSelector('#idle:not([hidden])');
    await soon.deepEqual(async () => [new URL(page.url()).search, await focused(page), await page.locator('.banner').count()], ['', 'Ask a question', 0].map((value, at_) => (at_ === 1 ? 'query' : value)));
  }, { expectedErrors: [/status of 404/] }));

for (const [name, error, note, called = true] of [
  ['that may pass', { code: 'timeout', message: 'It took too long.', retryable: true }, ['It may pass: run the question again.']],
  ['that stays', { code: 'forbidden', message: 'The key is wrong.', retryable: false }, ['The same call would fail again: ask in another way, or leave this tool out in the preferences.']],
  ['of which nothing is known', { code: 'odd', message: 'Odd.' }, []],
  ['that is no object', 'quota', []],
  ['that says so in another form', { code: 'odd', message: 'Odd.', retryable: 'yes' }, []],
  ['that the run is to blame for, as it was cancelled', { code: 'cancelled', message: 'The run was cancelled.', retryable: false }, []],
  ['that the run is to blame for, as its money was used up', { code: 'over_budget', message: 'An attempt failed, and another one might have cost too much.', retryable: false }, []],
  ['that is none, as it was not made', { code: 'not_run', message: 'The run ended before this call began.', retryable: false }, [], false],
  ['that is none, as its model called it wrongly', { code: 'invalid_arguments', message: 'query is missing', retryable: false }, [], false],
]) {
  test(`the next step after a tool has failed in a way ${name}`, () =>
    onPage(async (page) => {
      await serveConfig(page);
      await openRecorded(page, [run.start(), run.round(1), run.call(1, 'a', 'search', { query: 'x' }), run.result(1, 'a', 'search', { error }, { ok: false, called }), run.final('b', 'Because.'), run.complete()]);
      await page.locator('#steps summary').click();
      await soon.deepEqual(() => page.locator('#steps .part .note').allInnerTexts(), note);
    }, { viewport: NARROW }));
}

test('a run that was taken over says that nothing has to be done', () =>
  onPage(async (page) => {
    await serveConfig(page);
    await openRecorded(page, [run.start(), run.round(1), run.resumed({ reason: 'the driver of this run was stopped.' }), run.final('b', 'Because.'), run.complete()]);
    await page.waitForSelector('#steps li .line');
    await soon.equal(() => page.locator('#steps li .line').innerText(), 'Another driver has taken over: the driver of this run was stopped. Nothing is lost, and nothing has to be done.');
  }));
