// Whatever JSON a run, the list of runs and the service's own description hold, the page shows all of it that there is; a fault of
// the page in one thing is a line in its place, and is told on the page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyJson, textOf as jsonOf } from '../any-json.mjs';
import { HOSTILE, NARROW, WIDE, assertNoSidewaysScroll, at, ended, listed, onPage, openRecorded, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const TOOLS = ['search', 'code_interpreter', 'enhance_reasoning', 'answer', 'weather', 'constructor', '__proto__', 'toString'];
const streamOf = (events) => events.map((event, index) => `id: ${index + 1}\ndata: ${jsonOf(event)}\n\n`).join('');
const stepsOf = (calls) => calls.flatMap(({ tool, input, result, ok }, index) => [run.call(1, `c${index}`, tool, input), run.result(1, `c${index}`, tool, result, { ok })]);

/** Opens such a run with all its steps open, and holds against it that each is there and that the answer is. */
async function assertWhole(page, calls, sources = []) {
  const events = [run.start('Why?'), run.round(1), ...stepsOf(calls), run.final(null, 'Because.', sources), run.complete()];
  await openRecorded(page, events, streamOf(events));
  await ended(page);
  await page.waitForFunction((count) => document.querySelectorAll('#steps > li').length === count, calls.length);
  const bodies = await page.evaluate(() => [...document.querySelectorAll('#steps > li')].map((row) => {
    const details = row.querySelector('details');
    if (details) details.open = true;
    return [row.querySelector('.tool').textContent, details !== null, row.querySelectorAll('.part').length];
  }));
  assert.deepEqual(bodies.map(([tool]) => tool), calls.map(({ tool }) => tool));
  assert.ok(bodies.every(([, opens, parts]) => opens && parts > 0), JSON.stringify(bodies));
  await soon.equal(() => textOf(page, '#answer'), 'Because.');
  await soon.equal(() => page.locator('#fault').isVisible(), false);
  await soon.equal(() => page.locator('.unpainted').count(), 0);
}

test('whatever JSON stands in arguments, results and sources, every step opens and the answer stands', async () => {
  const call = fc.record({ tool: fc.constantFrom(...TOOLS), input: anyJson(), result: anyJson(), ok: fc.boolean() });
  const runs = fc.asyncProperty(fc.array(call, { minLength: 20, maxLength: 40 }), fc.array(anyJson(), { maxLength: 10 }), (calls, sources) => onPage((page) => assertWhole(page, calls, sources)));
  await fc.assert(runs, { numRuns: 8, endOnFailure: true });
});

/** What each kind of value is shown as. Input and output of the step, as they are read. */
const SHOWN = [
  ['search', {}, { error: { code: 'invalid_arguments', message: 'query is missing' } }, false, ['{}', 'query is missing (invalid_arguments)']],
  ['search', { query: 7 }, { error: 'no' }, false, ['{\n  "query": 7\n}', 'no']],
  ['search', { query: null }, { error: null }, false, ['{\n  "query": null\n}', '{\n  "error": null\n}']],
  ['search', null, null, true, ['null', 'null']],
  ['search', '{"query": "a', [], true, ['"{\\"query\\": \\"a"', '[]']],
  ['search', { query: 'a', site: 'b' }, { results: 'none' }, true, ['a', '{\n  "site": "b"\n}', '{\n  "results": "none"\n}']],
  ['search', { query: 'a', num_results: 3 }, { results: [] }, true, ['a', 'No results.']],
  ['search', { query: 'a' }, { results: [7, { title: 1 }, { url: 'https://example.org/' }, null] }, true, ['a', '7{\n  "title": 1\n}https://example.org/example.orgnull']],
  ['code_interpreter', { code: ['x'] }, { success: true, stdout: 7 }, true, ['{\n  "code": [\n    "x"\n  ]\n}', '{\n  "stdout": 7\n}']],
  ['code_interpreter', { code: 'x', timeout: 3 }, 'done', true, ['x', '"done"']],
  ['code_interpreter', { code: 'x' }, { anything: 1 }, true, ['x', '{\n  "anything": 1\n}']],
  ['code_interpreter', { code: 'x' }, { artifacts: [{ name: { a: 1 }, url: null }], omitted: [3, null] }, true, ['x', '3not kept']],
  ['enhance_reasoning', { problem: { a: [] } }, { content: ['b'] }, true, ['{\n  "problem": {\n    "a": []\n  }\n}', '{\n  "content": [\n    "b"\n  ]\n}']],
  ['weather', [1e400], -0, true, ['[\n  Infinity\n]', '0']],
  ['weather', undefined, { ok: true }, true, ['{\n  "ok": true\n}']],
  ['toString', { toString: 1, __proto__: 2 }, JSON.parse('{"__proto__": {"constructor": 1}}'), true, ['{\n  "toString": 1\n}', '{\n  "__proto__": {\n    "constructor": 1\n  }\n}']],
  ['weather', '\ud800', HOSTILE, true, ['"\\ud800"', JSON.stringify(HOSTILE)]],
];

test('what is not the text that is awaited is shown as JSON', () =>
  onPage(async (page) => {
    await assertWhole(page, SHOWN.map(([tool, input, result, ok]) => ({ tool, input, result, ok })));
    // What a tool has brought is painted by a file that is loaded on need.
    await page.waitForFunction((parts) => [...document.querySelectorAll('#steps > li')].every((node, at) => node.querySelectorAll('.part').length >= parts[at]), SHOWN.map(([, , , , shown]) => shown.length));
    const rows = await page.locator('#steps > li').evaluateAll((nodes) => nodes.map((node) => [...node.querySelectorAll('.part')].map((part) => [...part.children].slice(1).map((child) => child.textContent).join(''))));
    assert.deepEqual(rows, SHOWN.map(([, , , , shown]) => shown));
    await page.locator('#steps > li').nth(7).scrollIntoViewIfNeeded();
    await shot(page, 'shapes_light_1440');
    await page.setViewportSize({ width: 320, height: 640 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await assertNoSidewaysScroll(page);
    await shot(page, 'shapes_dark_320');
  }));

test('JSON of any depth and size is shown', () =>
  onPage(async (page) => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`name ${index}`, index])));
    const events = [run.start(), run.round(1), run.call(1, 'a', 'weather', 0), run.result(1, 'a', 'search', 1), run.call(1, 'b', 'search', 2), run.result(1, 'b', 'search', 3), run.final(null, 'Because.'), run.complete()];
    const body = run.streamed(events).replace('"arguments":0', `"arguments":${deep}`).replace('"result":1', `"result":${wide}`).replace('"arguments":2', `"arguments":{"query":${deep}}`).replace('"result":3', `"result":{"results":[${deep}]}`);
    await openRecorded(page, events, body);
    await ended(page);
    await soon.equal(() => textOf(page, '#answer'), 'Because.');
    await soon.equal(() => page.locator('#steps .part').count(), 4);
    await page.locator('#steps summary').first().click();
    await page.locator('#steps .long > button').nth(1).click();
    await page.waitForFunction(() => document.querySelectorAll('#steps pre')[1].textContent.endsWith('"name 19999": 19999\n}'));
  }));

test('events of other versions, and lists of any shape, leave the page whole', () =>
  onPage(async (page) => {
    const odd = [null, 7, [], 'x', { event: 7 }, { event: 'constructor' }, { event: 'round_start', round: 1e9 }, { event: 'complete_soon', summary: {} }, { event: 'error', error: 'quota', fatal: false }, { event: 'resumed' },
      { event: 'tool_call', tool: { a: 1 }, call_id: 9, arguments: 3 }, { event: 'delta', call_id: 9, content: ['x'], offset: -1 }, { event: 'retry', call_id: 9 }, { event: 'orchestrator_thinking', content: { a: 1 } }, { event: 'round_decided', usage: 'many', cost_usd: 'free' }];
    await page.route('**/api/config', (route) => route.fulfill({ json: { models: [null, 7, { id: 'a' }, { id: 'b', name: { c: 1 } }], tools: [{}, { name: 'search' }, { name: 3 }], examples: [{}, { query: 'Why?', tools: [7, 'constructor'] }, 'x'] } }));
    await listed(page, [null, 7, { run_id: 5 }, { run_id: '01A', title: { a: 1 }, status: ['x'], created_at: 7, duration_ms: 'long' }, { run_id: '\ud800', title: 'Half a character' }]);
    const events = [{ event: 'start' }, ...odd, run.final(null, 'Because.', [3, { title: HOSTILE }, { url: 'https://example.org/' }]), { event: 'complete' }];
    await openRecorded(page, events, streamOf(events));
    await page.waitForSelector('#progress [data-status="ended"]');
    await soon.equal(() => textOf(page, '#answer'), 'Because.');
    await soon.equal(() => textOf(page, '#question'), 'The question is not in the log.');
    await soon.deepEqual(() => page.locator('#steps .tool').allTextContents(), ['error', 'resumed', '{\n  "a": 1\n}', 'orchestrator']);
    await soon.deepEqual(() => page.locator('.sources li').allTextContents(), ['3', `2 ${HOSTILE}`, '3 https://example.org/example.org']);
    await soon.deepEqual(() => page.locator('#history .past-title').allTextContents(), ['{\n  "a": 1\n}']);
    await soon.match(() => textOf(page, '#history'), /4 entries cannot be shown\./);
    await page.locator('#open-preferences').click();
    await page.waitForSelector('#preferences[open]');
    await soon.deepEqual(() => page.locator('#preferences .check').allTextContents(), ['a', '{\n  "c": 1\n}', 'search']);
    await soon.equal(() => page.locator('#fault').isVisible(), false);
  }));

test('a start whose stream is cut in the middle of nonsense goes on from what was read', () =>
  onPage(async (page) => {
    const events = run.answeredRun('q', 'Yes.');
    await openRecorded(page, events, run.streamed(events).replace('"event":"round_decided"', '"event":"round_decided'));
    await ended(page);
    await soon.equal(() => textOf(page, '#answer'), 'Yes.');
  }));

/** Makes the page itself fail wherever this word is to be painted. */
const FAULTY = 'FAULT-HERE';
const breakPainting = (page) => page.addInitScript((word) => {
  const failing = (value) => {
    if (String(value).includes(word)) throw new TypeError('cannot paint this');
  };
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    failing(value);
    setAttribute.call(this, name, value);
  };
  const text = Object.getOwnPropertyDescriptor(Node.prototype, 'textContent');
  Object.defineProperty(Node.prototype, 'textContent', { ...text, set(value) {
    failing(value);
    text.set.call(this, value);
  } });
}, FAULTY);

for (const [colorScheme, viewport] of [['light', WIDE], ['dark', NARROW]]) {
  test(`a step, file, source, banner or row of the history that cannot be painted is a line that says so (${colorScheme})`, () =>
    onPage(async (page) => {
      await breakPainting(page);
      await listed(page, [{ run_id: '01A', title: 'A run', status: 'completed', created_at: '', duration_ms: 1 }, { run_id: '01B', title: FAULTY, status: 'completed', created_at: '', duration_ms: 1 }]);
      const file = (name) => ({ name, media_type: 'text/csv', bytes: 1, url: `/api/runs/x/artifacts/${name}` });
      await openRecorded(page, [
        run.start('Why?'), run.round(1), run.call(1, 'a', 'search', { query: 'x' }), run.result(1, 'a', 'search', { results: [{ title: 'good', url: 'https://example.org/' }, { title: 'bad', url: `https://example.org/${FAULTY}` }] }),
        run.call(1, 'b', FAULTY, {}), run.call(1, 'c', 'code_interpreter', { code: 'x' }), run.result(1, 'c', 'code_interpreter', { success: true, artifacts: [file('a.csv'), file(`${FAULTY}.csv`)] }),
        { ...run.failure(true), error: { code: 'x', message: FAULTY, remedy: null } }, run.final(null, 'Because.', [{ title: 'good', url: 'https://example.org/' }, { title: 'bad', url: `https://example.org/${FAULTY}` }]), run.complete(),
      ]);
      await page.waitForSelector('#steps > li:nth-child(3)');
      const unpainted = 'This cannot be shown, as the page has a fault.';
      await soon.equal(() => textOf(page, '#answer'), 'Because.');
      await soon.deepEqual(() => page.locator('#steps > li').evaluateAll((rows) => rows.map((row) => row.querySelector('.tool').textContent)), ['search', 'error', 'code_interpreter']);
      await soon.match(() => page.locator('#steps > li').nth(1).textContent(), new RegExp(unpainted));
      await soon.deepEqual(() => page.locator('.results > li').allTextContents(), ['goodexample.org', unpainted]);
      await soon.deepEqual(() => page.locator('.sources > li').allTextContents(), ['1 goodexample.org', unpainted]);
      await soon.deepEqual(() => page.locator('#files li').allTextContents(), ['a.csv, 1 byte', unpainted]);
      await soon.deepEqual(() => page.locator('#history li').allTextContents(), ['A run1 ms', unpainted].map((text) => text.replace('A run1 ms', 'A run, Complete1 ms')));
      await soon.match(() => page.locator('#banners').textContent(), new RegExp(unpainted));
      await soon.match(() => textOf(page, '#fault'), /^The page has a fault\. TypeError: cannot paint this\. Runs go on without it, and nothing that is stored is touched\.\s+Reload$/);
      await soon.equal(() => page.getAttribute('#fault', 'role'), 'alert');
      await assertNoSidewaysScroll(page);
      await page.locator('#steps summary').first().click();
      await shot(page, `fault_${colorScheme}_${viewport.width}`);
    }, { colorScheme, viewport, expectedFaults: [/cannot paint/] }));
}

test('errors that nobody awaits are told on the page, once, and those of others are not', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('#examples button');
    await page.evaluate(() => {
      // That the browser measures again, and what an extension does wrong, are no faults of the page.
      dispatchEvent(new ErrorEvent('error', { message: 'ResizeObserver loop completed with undelivered notifications.' }));
      dispatchEvent(new ErrorEvent('error', { message: 'ResizeObserver loop limit exceeded' }));
      dispatchEvent(new ErrorEvent('error', { message: 'x', filename: 'chrome-extension://abc/content.js', error: new Error('foreign') }));
      document.querySelector('main').append(Object.assign(document.createElement('img'), { src: '/static/absent.png' }));
    });
    await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
    await soon.equal(() => page.locator('#fault').isVisible(), false);
    await page.evaluate(() => void Promise.reject(new Error('nobody awaits this')));
    await page.waitForSelector('#fault:not([hidden])');
    await soon.match(() => textOf(page, '#fault'), /^The page has a fault\. Error: nobody awaits this\./);
    await page.evaluate(() => setTimeout(() => { throw new Error('another'); }));
    await page.waitForFunction(() => true);
    await soon.match(() => textOf(page, '#fault'), /nobody awaits this/);
    await page.locator('#fault button').click();
    await page.waitForSelector('#fault', { state: 'hidden' });
  }, { expectedErrors: [/status of 404/], expectedFaults: [/nobody awaits this/, /another/] }));

for (const [part, address] of [['view/composer.js', '/orchestrator'], ['fold.js', `/orchestrator?run=${run.start().run_id}`]]) {
  test(`a part of the page that cannot be loaded is told: ${part}`, () =>
    onPage(async (page) => {
      await page.route(`**/static/${part}`, (route) => route.abort('connectionreset'));
      await page.goto(at(address));
      await page.waitForSelector('#fault:not([hidden])');
      await soon.match(() => textOf(page, '#fault'), /^A part of the page could not be loaded\./);
    }, { expectedErrors: [/ERR_CONNECTION_RESET/], expectedFaults: [/dynamically imported module/] }));
}
