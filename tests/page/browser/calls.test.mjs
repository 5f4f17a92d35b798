// How the orchestrator is asked for its calls, where that is not as it should be: said above everything else, with the server's own reason.

import { test } from 'node:test';
import { HOSTILE, NARROW, WIDE, assertNoSidewaysScroll, at, onPage, shot, soon } from '../on-page.mjs';
import * as run from '../runs.mjs';

const HIDDEN = 'This server hides tools from the model; asked by schema instead.';
const REFUSED = 'This server refuses tools; asked by schema instead.';
const IN_TEXT = 'This server does not keep replies to a schema; calls are read from the text instead.';
const models = [{ id: 'qwen', name: 'Qwen 2.5-7B', available: true, rehearsal: false }];
const configOf = (orchestrator) => ({ orchestrator, models, tools: [], examples: [{ query: 'Why?', tools: [] }] });

/** Opens the page of a server that says this of itself; what is said may change. */
async function open(page, orchestrator) {
  const told = { orchestrator };
  await page.route('**/api/config', (route) => route.fulfill({ json: configOf(told.orchestrator) }));
  await page.goto(at('/orchestrator'));
  await page.waitForSelector('#examples button');
  return told;
}

const told = (page) => page.locator('#banners .banner').evaluateAll((nodes) => nodes.map((node) => [node.className, node.querySelector('strong').innerText]));

for (const [name, orchestrator, banners] of [
  ['tools in their own field', { model: 'qwen', prompt: 'chat', calls: 'native', calls_reason: null }, []],
  ['by schema, as its server hides tools', { model: 'qwen', prompt: 'chat', calls: 'schema', calls_reason: HIDDEN }, [['banner info', HIDDEN]]],
  ['by schema, as its server refuses tools', { model: 'qwen', prompt: 'chat', calls: 'schema', calls_reason: REFUSED }, [['banner info', REFUSED]]],
  ['in text, as its server keeps to no schema', { model: 'qwen', prompt: 'chat', calls: 'text', calls_reason: IN_TEXT }, [['banner info', IN_TEXT]]],
  ['by schema, as the operator chose', { model: 'qwen', prompt: 'chat', calls: 'schema', calls_reason: null }, []],
  ['a server that says nothing of it yet', { model: 'qwen', prompt: 'chat' }, []],
  ['a reason that is no text', { model: 'qwen', calls: 'schema', calls_reason: { a: 1 } }, []],
  ['a reason that is empty', { model: 'qwen', calls: 'schema', calls_reason: '' }, []],
  ['a reason with markup', { model: 'qwen', calls: 'schema', calls_reason: HOSTILE }, [['banner info', HOSTILE]]],
]) {
  test(`how calls are asked for: ${name}`, () =>
    onPage(async (page) => {
      await open(page, orchestrator);
      await soon.deepEqual(() => told(page), banners);
    }));
}

test('it stays with a run on the page, and goes once the server says otherwise', () =>
  onPage(async (page) => {
    const said = await open(page, { model: 'qwen', calls: 'schema', calls_reason: HIDDEN });
    const body = run.streamed(run.answeredRun('Why?', 'Because.'));
    await page.route('**/api/chat/orchestrator/stream', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', headers: { 'x-run-id': run.start().run_id }, body }));
    await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body }));
    await page.locator('#examples button').click();
    await page.waitForSelector('#progress [data-status="completed"]');
    await soon.deepEqual(() => told(page), [['banner info', HIDDEN]]);
    said.orchestrator = { model: 'qwen', calls: 'native', calls_reason: null };
    await page.reload();
    await page.waitForSelector('#run:not([hidden])');
    await page.waitForFunction(() => document.querySelectorAll('#examples button').length === 1); // What the server says of itself has come.
    await soon.deepEqual(() => told(page), []);
  }));

for (const [name, viewport, colorScheme] of [['1440', WIDE, 'light'], ['390', NARROW, 'dark'], ['320', { width: 320, height: 640 }, 'light']]) {
  test(`a long reason leaves the page as wide as it is, and the composer in reach, ${name} px wide`, () =>
    onPage(async (page) => {
      await open(page, { model: 'qwen', calls: 'schema', calls_reason: `${HIDDEN} ${'chat_template_'.repeat(30)}` });
      await assertNoSidewaysScroll(page);
      await soon.equal(() => page.locator('#ask').isVisible(), true);
      await shot(page, `calls_${name}`);
    }, { viewport, colorScheme }));
}
