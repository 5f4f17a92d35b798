// A call for which a model writes and another tool runs what it wrote, opened: who wrote what, and the steps below it, one line each.

import { test } from 'node:test';
import { NARROW, WIDE, assertNoSidewaysScroll, at, ended, onPage, openRecorded, soon } from '../on-page.mjs';
import * as run from '../runs.mjs';
import { connectionsOf, framesOf } from '../transcripts.mjs';

const KIND = 'chains';
const models = [{ id: 'qwen', name: 'Qwen 2.5-7B', description: '', available: true, rehearsal: false }];
const serveConfig = (page) => page.route('**/api/config', (route) => route.fulfill({ json: { orchestrator: { model: 'qwen', prompt: 'toolorchestra' }, models, tools: [], examples: [] } }));
const picture = (page, name) => page.screenshot({ path: new URL(`../shots/chain_${name}.png`, import.meta.url).pathname, fullPage: true });
const outer = (page, at_) => page.locator('#steps > li.step').nth(at_);
const rows = (node) => node.locator(':scope > details > ol > li.step').evaluateAll((nodes) => nodes.map((one) => ['.tool', '.line'].map((part) => one.querySelector(part).textContent)));
const partsOf = (node) => node.locator(':scope > details > .body .part').evaluateAll((nodes) => nodes.map((one) => one.innerText.split('\n').filter(Boolean)));
const factsOf = (node) => node.locator(':scope > details > .body .facts div').evaluateAll((nodes) => nodes.map((one) => one.textContent));

for (const [name, viewport, colorScheme] of [['1440', WIDE, 'light'], ['320', { width: 320, height: 720 }, 'dark']]) {
  test(`it says what the model wrote and what came of it, with both steps below, ${name} px wide`, () =>
    onPage(async (page) => {
      await serveConfig(page);
      const [body] = connectionsOf(KIND);
      await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body }));
      await page.goto(at(`/orchestrator?run=${framesOf(KIND)[0].data.run_id}`));
      await ended(page);
      const [search, program] = [outer(page, 0), outer(page, 1)];
      await search.locator('summary').first().click();
      await search.getByText('Tokyo has 14 million people.').first().waitFor();
      await soon.deepEqual(() => partsOf(search), [['INPUT', 'Tokyo population', 'Written by Qwen 2.5-7B.'], ['OUTPUT', 'Tokyo', 'example.org', 'Tokyo has 14 million people.']]);
      await soon.deepEqual(() => factsOf(search), ['Round1', 'ModelQwen 2.5-7B', 'Tokens of its steps102', 'Cost of its steps< $0.0001']);
      await soon.deepEqual(() => rows(search), [['Qwen 2.5-7B', 'It changes. <query>Tokyo population</query>'], ['web_search', '“Tokyo population” · 1 result']]);
      await program.locator('summary').first().click();
      await program.getByText('6381').first().waitFor();
      await program.locator('.body pre').nth(1).waitFor();
      await soon.deepEqual(() => partsOf(program), [['CODE', 'print(14_000_000 // 2_194)', 'Written by Qwen 2.5-7B.'], ['STANDARD OUTPUT', '6381']]);
      await soon.deepEqual(() => factsOf(program), ['Round2', 'ModelQwen 2.5-7B', 'Isolationstrict', 'Tokens of its steps102', 'Cost of its steps< $0.0001']);
      await soon.deepEqual(() => rows(program), [['Qwen 2.5-7B', 'It divides. ```python print(14_000_000 // 2_194) ```'], ['code_interpreter', 'Python, 1 line · 6381']]);
      await assertNoSidewaysScroll(page);
      await picture(page, name);
      for (const summary of await search.locator('ol summary').all()) await summary.click();
      await search.getByText('It changes.').last().waitFor();
      await assertNoSidewaysScroll(page);
      await picture(page, `open_${name}`);
    }, { viewport, colorScheme }));
}

const call = run.call(1, 'a', 'search', { model: 'search-1' });
const writer = run.call(1, 'b', 'search', { stage: 'writing' }, { model: 'qwen', within: 'a' });

test('while it writes, its text is seen as it grows, in a step below', () =>
  onPage(async (page) => {
    await serveConfig(page);
    await openRecorded(page, [run.start('How crowded is Tokyo?'), run.round(1), run.decided(1), call, writer, run.delta('b', 0, 'It changes. <query>Tokyo')]);
    const inner = outer(page, 0).locator('ol > li.step');
    await inner.locator('details[open] .prose', { hasText: 'It changes. <query>Tokyo' }).waitFor();
    await soon.equal(() => outer(page, 0).locator('.line').first().innerText(), 'Qwen 2.5-7B is writing');
    await soon.deepEqual(() => rows(outer(page, 0)), [['Qwen 2.5-7B', 'Writing']]);
    await picture(page, 'writing');
  }, { viewport: NARROW }));

for (const [name, wrote, input, parts] of [
  ['it wrote none', 'I do not know.', { query: 'How crowded is Tokyo?', num_results: 5 }, ['INPUT', 'How crowded is Tokyo?', 'Qwen 2.5-7B has written none: this was taken in its place.']],
  ['its blanks were others', '<query>\n Tokyo\n  population </query>', { query: 'Tokyo population' }, ['INPUT', 'Tokyo population', 'Written by Qwen 2.5-7B.']],
  ['what it wrote is no text', '<query>7</query>', { query: 7 }, ['INPUT', '{', '  "query": 7', '}', 'Qwen 2.5-7B has written none: this was taken in its place.']],
  ['its reply has no text', { a: 1 }, { query: 'Tokyo' }, ['INPUT', 'Tokyo', 'Qwen 2.5-7B has written none: this was taken in its place.']],
]) {
  test(`who wrote what was run: ${name}`, () =>
    onPage(async (page) => {
      await serveConfig(page);
      await openRecorded(page, [
        run.start('How crowded is Tokyo?'), run.round(1), call, writer, run.result(1, 'b', 'search', { content: wrote }), run.call(1, 'c', 'web_search', input, { within: 'a' }),
        run.result(1, 'c', 'web_search', run.found), run.result(1, 'a', 'search', run.found), run.final(null, 'Very.'), run.complete(),
      ]);
      await ended(page);
      await outer(page, 0).locator('summary').first().click();
      await soon.deepEqual(async () => (await partsOf(outer(page, 0)))[0], parts);
    }));
}
