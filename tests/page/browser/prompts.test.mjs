// What models were shown: asked of the server for a step that a person opens, and shown as it was sent.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HOSTILE, NARROW, assertNoSidewaysScroll, at, ended, focused, onPage, openRecorded, refusal, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const EVENTS = run.answeredRun('How many?', 'Seven.').toSpliced(3, 0, run.call(1, 'r1.7', 'enhance_reasoning', { problem: HOSTILE }, { model: 'qwen' }), run.result(1, 'r1.7', 'enhance_reasoning', run.answered('Seven.')));
const SHOWN = {
  model: 'qwen',
  messages: [
    { role: 'system', content: 'You reason.' }, { role: 'user', content: HOSTILE },
    { role: 'assistant', content: '', tool_calls: [{ id: 'r00010001', type: 'function', function: { name: 'search', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'r00010001', content: [{ type: 'text', text: 'found' }] },
  ],
  tools: [{ type: 'function', function: { name: 'search' } }],
  response_format: null,
  exact: false,
};

const summaryOf = (page, tool) => page.locator('#steps > .step > details > summary', { hasText: tool }).first();
const button = (page, name) => page.locator('#steps details[open] > .body > .buttons button', { hasText: name });

test('what the model of a step and its orchestrator were shown is there for whoever opens it, word for word', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.fill('#query', 'Explain step by step why the sky is blue.');
    await page.keyboard.press('Enter');
    await ended(page);
    await page.locator('#steps > .step > details > summary').first().press('Enter');
    await button(page, 'What the orchestrator was shown').first().press('Enter');
    await soon.match(() => textOf(page, 'dialog[open] h2'), /^Shown to .+$/);
    await soon.match(() => textOf(page, 'dialog[open] [role=status]'), /^Word for word/);
    await soon.match(() => textOf(page, 'dialog[open] .parts'), /Explain step by step why the sky is blue\./);
    await soon.match(() => textOf(page, 'dialog[open] summary'), /^\d+ tools to choose from$/);
    await shot(page, 'prompt_light_1440');
    await page.keyboard.press('Escape');
    await soon.equal(() => page.locator('dialog[open]').count(), 0);
    await soon.equal(() => focused(page), 'What the orchestrator was shown');
  }));

test('a prompt that is not proved says so, foreign text in it is text, and it is copied as JSON', () =>
  onPage(async (page) => {
    const asked = [];
    await page.route('**/prompt', (route) => {
      asked.push(new URL(route.request().url()).pathname);
      return route.fulfill({ json: SHOWN });
    });
    await openRecorded(page, EVENTS);
    await ended(page);
    await summaryOf(page, 'enhance_reasoning').press('Enter');
    await soon.equal(() => button(page, 'was shown').count(), 2);
    await button(page, 'What the model was shown').press('Enter');
    await soon.match(() => textOf(page, 'dialog[open] [role=status]'), /^Rendered again from the log\./);
    await soon.deepEqual(() => page.locator('dialog[open] h3').allInnerTexts(), ['INSTRUCTIONS', 'REQUEST', 'WHAT THE MODEL HAD SAID', 'RESULT OF A TOOL']);
    await soon.deepEqual(() => page.locator('dialog[open] .part pre').nth(1).innerText(), HOSTILE);
    assert.equal(await page.locator('dialog[open] img, dialog[open] script').count(), 0);
    await page.addScriptTag({ content: AXE }).catch(() => page.evaluate(AXE));
    const found = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
    await assertNoSidewaysScroll(page);
    await page.locator('dialog[open] button', { hasText: 'Copy as JSON' }).press('Enter');
    await soon.equal(() => textOf(page, 'dialog[open] [role=status]'), 'Copied.');
    assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), SHOWN);
    await shot(page, 'prompt_dark_390');
    await page.keyboard.press('Escape');
    await button(page, 'What the orchestrator was shown').press('Enter');
    await soon.equal(() => asked.length, 2);
    const id = run.start().run_id;
    assert.deepEqual(asked, [`/api/runs/${id}/calls/r1.7/prompt`, `/api/runs/${id}/calls/r1.orchestrator/prompt`]);
  }, { viewport: NARROW, colorScheme: 'dark', permissions: ['clipboard-read', 'clipboard-write'], bypassCSP: true }));

test('a prompt that cannot be rendered says why, and a step in which no model was asked offers none of its own', () =>
  onPage(async (page) => {
    await page.route('**/prompt', (route) => route.fulfill(refusal(404, 'not_found', 'There is no call r1.orchestrator in this run.')));
    await openRecorded(page, EVENTS);
    await ended(page);
    await summaryOf(page, 'search').press('Enter');
    await soon.deepEqual(() => button(page, 'was shown').allInnerTexts(), ['What the orchestrator was shown']);
    await button(page, 'What the orchestrator was shown').press('Enter');
    await soon.equal(() => textOf(page, 'dialog[open] [role=status]'), 'It cannot be shown. There is no call r1.orchestrator in this run.');
  }, { expectedErrors: [/404/] }));
