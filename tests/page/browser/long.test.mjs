// Long texts and very many steps: what is painted in one frame is bounded, and all of it stands on the page in the end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feedable } from '../feed.mjs';
import { NARROW, assertNoSidewaysScroll, at, ended, onPage, openRecorded, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

// The page begins nothing more in a frame after 400 elements; with their texts, and what was begun before, it is this at most.
const MOST_NODES_A_FRAME = 1_600;

/** Watches the page from its first moment: nodes that come in each frame, and how long the main thread is held. */
async function watched(page) {
  await page.addInitScript(() => {
    const seen = { nodes: 0, most: 0, longest: 0 };
    const count = (node) => 1 + [...node.childNodes].reduce((sum, child) => sum + count(child), 0);
    new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) seen.nodes += count(node);
    }).observe(document, { subtree: true, childList: true });
    const frame = () => {
      seen.most = Math.max(seen.most, seen.nodes);
      seen.nodes = 0;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
    }).observe({ type: 'longtask', buffered: true });
    Object.assign(window, { seen });
  });
}

/** How long the main thread was held is printed alone: it is the machine's as much as the page's. */
async function assertBounded(page, what) {
  const { most, longest } = await page.evaluate(() => window.seen);
  console.log(`${what}: ${most} nodes in a frame at most, the main thread held for ${Math.round(longest)} ms`);
  assert.ok(most > 0 && most <= MOST_NODES_A_FRAME, `${most} nodes in one frame`);
}

const filled = (piece, length) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
const TEXTS = {
  'short fenced blocks': filled('```\nx\n```\n', 240_000),
  'fences that are never closed': filled('```a\n~~~\n', 240_000),
  'emphasis marks': filled('*_**__', 200_000),
  'rows of a table': filled('| a | b |\n', 200_000),
  'list markers': filled('- 1. * + ', 200_000),
  'nested quotes': filled('> ', 200_000),
  links: filled('[a](https://example.org/a) ', 200_000),
  'brackets that are never closed': filled('[', 200_000),
  'one line without a blank': filled('x', 200_000),
  'one word again and again': filled('APACHE ', 200_000),
  'combining characters': `a${filled('\u0301\u0327', 200_000)}`,
  'characters of both directions': filled('a\u202eb\u05d0', 200_000),
  'characters that join': filled('👩‍👩‍👧‍👦', 200_000),
  'empty lines': filled('\n', 200_000),
  backticks: filled('`', 200_000),
};

for (const [name, content] of Object.entries(TEXTS)) {
  test(`an answer and a step of ${name}`, () =>
    onPage(async (page) => {
      await watched(page);
      await openRecorded(page, [run.start(), run.round(1), run.decided(1), run.call(1, 'c1', 'enhance_reasoning', { problem: content }), run.result(1, 'c1', 'enhance_reasoning', run.answered(content)), run.final(null, content), run.complete()]);
      await ended(page);
      await page.waitForFunction((length) => document.querySelector('#answer .prose')?.textContent.length === length, content.length);
      await soon.equal(() => page.locator('#answer .prose').textContent(), content);
      await page.locator('#steps summary').click();
      await page.locator('#steps .long > button').first().click();
      await page.waitForFunction((length) => document.querySelector('#steps .long .prose').textContent.length === length, content.length);
      await page.mouse.wheel(0, 2_000);
      await assertBounded(page, name);
      await page.setViewportSize(NARROW);
      await assertNoSidewaysScroll(page);
    }));
}

test('blocks are set as code up to a bound, and the text stays whole', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', TEXTS['short fenced blocks']));
    await ended(page);
    await page.waitForFunction(() => document.querySelectorAll('#answer code').length === 500);
    await soon.ok(async () => (await page.locator('#answer *').count()) < 3_100);
    await shot(page, 'blocks_light_1440');
  }));

/** The page gets its events from the test, piece by piece, and knows no earlier runs: their list would come in a frame that is counted. */
async function openFed(page) {
  await page.route(/\/api\/runs(\?|$)/, (route) => route.fulfill({ json: { runs: [], cursor: null } }));
  await feedable(page);
  await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
  await page.waitForSelector('#examples button', { state: 'attached' });
}

for (const [name, before, piece] of [
  ['a long text', TEXTS.links, 'word '],
  ['a long line', TEXTS['one line without a blank'], 'x'],
  ['very many blocks', TEXTS['short fenced blocks'], '```\nx\n```\n'],
  ['a long block', `\`\`\`\n${filled('let x = 1;\n', 200_000)}`, 'let x = 1;\n'],
]) {
  test(`live pieces that come into ${name}`, () =>
    onPage(async (page) => {
      await watched(page);
      await openFed(page);
      const begun = [{ ...run.start(), created_at: new Date().toISOString() }, run.round(1), run.decided(1), run.call(1, 'c', 'answer', {}, { model: 'qwen' }), run.delta('c', 0, before)];
      await page.evaluate((text) => window.feed(text), run.streamed(begun));
      await page.waitForFunction((length) => document.querySelector('#answer .prose')?.textContent.length === length, before.length);
      const pieces = 100;
      const kept = await page.evaluate(async ({ from, piece: content, count }) => {
        Object.assign(window.seen, { nodes: 0, most: 0 });
        const first = document.querySelector('#answer .prose').firstElementChild;
        for (let index = 0; index < count; index += 1) {
          const event = { event: 'delta', call_id: 'c', attempt: 1, offset: from + index * content.length, content };
          window.feed(`data: ${JSON.stringify(event)}\n\n`);
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return first.isConnected;
      }, { from: before.length, piece, count: pieces });
      const whole = before + piece.repeat(pieces);
      await page.waitForFunction((length) => document.querySelector('#answer .prose')?.textContent.length === length, whole.length);
      await soon.equal(() => page.locator('#answer .prose').textContent(), whole);
      assert.equal(kept, true);
      const { most } = await page.evaluate(() => window.seen);
      assert.ok(most < 60, `${most} nodes in the frame of one piece`);
    }));
}

test('a stretch of a text that streams ends where a line does, and none is long', () =>
  onPage(async (page) => {
    await openFed(page);
    await page.evaluate((text) => window.feed(text), run.streamed([run.start(), run.round(1), run.call(1, 'c', 'answer', {})]));
    const content = filled('Words that make up a line of the answer.\n', 40_000);
    await page.evaluate(async (text) => {
      for (let at = 0; at < text.length; at += 333) {
        window.feed(`data: ${JSON.stringify({ event: 'delta', call_id: 'c', attempt: 1, offset: at, content: text.slice(at, at + 333) })}\n\n`);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    }, content);
    await page.waitForFunction((length) => document.querySelector('#answer .prose')?.textContent.length === length, content.length);
    const stretches = await page.locator('#answer .prose > *').allTextContents();
    assert.equal(stretches.join(''), content);
    assert.ok(stretches.length > 4 && stretches.every((text) => text.length <= 2 * 8_192), `${stretches.map((text) => text.length)}`);
    assert.ok(stretches.slice(0, -1).every((text) => text.endsWith('\n')));
  }));

test('where a person reads in a long text nothing moves while more of it comes', () =>
  onPage(async (page) => {
    await openFed(page);
    const before = TEXTS.links;
    const begun = [{ ...run.start(), created_at: new Date().toISOString() }, run.round(1), run.decided(1), run.call(1, 'c', 'answer', {}, { model: 'qwen' }), run.delta('c', 0, before)];
    await page.evaluate((text) => window.feed(text), run.streamed(begun));
    await page.waitForFunction((length) => document.querySelector('#answer .prose')?.textContent.length === length, before.length);
    await page.mouse.move(500, 400);
    await page.mouse.wheel(0, 6_000);
    const places = await page.evaluate(async (from) => {
      const frames = async (count) => {
        for (let left = count; left > 0; left -= 1) await new Promise((resolve) => requestAnimationFrame(resolve));
      };
      for (let left = 600; scrollY < 5_000 && left > 0; left -= 1) await frames(1);
      await frames(10);
      const stretch = [...document.querySelector('#answer .prose').children].find((node) => node.getBoundingClientRect().bottom > 0);
      const found = [stretch.getBoundingClientRect().top];
      for (let index = 0; index < 40; index += 1) {
        window.feed(`data: ${JSON.stringify({ event: 'delta', call_id: 'c', attempt: 1, offset: from + index * 5, content: 'word ' })}\n\n`);
        await frames(1);
        found.push(stretch.getBoundingClientRect().top);
      }
      return found;
    }, before.length);
    await soon.ok(async () => (await page.evaluate(() => scrollY)) >= 5_000);
    assert.ok(places.every((place) => Math.abs(place - places[0]) < 1), `${places}`);
  }));

test('a text that turns out another way is taken back to where it differs', () =>
  onPage(async (page) => {
    await openFed(page);
    const feed = (events) => page.evaluate((text) => window.feed(text), run.streamed(events));
    const shows = (content) => page.waitForFunction((wanted) => document.querySelector('#answer .prose')?.textContent === wanted, content);
    await feed([run.start(), run.round(1), run.call(1, 'c', 'answer', {})]);
    let content = '';
    for (const piece of ['Here', ':\n``', '`', 'js\nle', 't x;\n``', '`\nDone', '.\n``', 'inline`` \n', '~~', '~\n', 'x']) {
      await page.evaluate((text) => window.feed(text), run.streamed([run.live(run.delta('c', content.length, piece))]));
      content += piece;
      await shows(content);
    }
    await soon.deepEqual(() => page.locator('#answer .block').allTextContents(), ['let x;\n', 'x']);
    for (const final of [content.trimEnd(), 'Here:\n```js\nlet y;\n```\n', 'Other', '', content]) {
      await page.evaluate(({ text }) => window.feed(text), { text: run.streamed([run.live(run.final('c', final))]) });
      if (final !== '') await shows(final);
    }
    await soon.deepEqual(() => page.locator('#answer .block').allTextContents(), ['let x;\n', 'x']);
  }));

test('a page whose text a translator has changed goes on', () =>
  onPage(async (page) => {
    await openFed(page);
    await page.evaluate((text) => window.feed(text), run.streamed([run.start(), run.round(1), run.call(1, 'c', 'answer', {}), run.delta('c', 0, 'Yes')]));
    await page.waitForFunction(() => document.querySelector('#answer .prose')?.textContent === 'Yes');
    await page.evaluate(() => {
      const stretch = document.querySelector('#answer .prose').firstElementChild;
      const font = document.createElement('font');
      font.textContent = 'Ja';
      stretch.replaceChildren(font);
    });
    await page.evaluate((text) => window.feed(text), run.streamed([run.live(run.delta('c', 3, ', it is.\n```\nx\n```\n'))]));
    // What still grows is set again as the model wrote it, and is the translator's to translate again.
    await soon.equal(() => page.locator('#answer .prose').textContent(), 'Yes, it is.\n```\nx\n```\n');
    await soon.equal(() => page.locator('#fault').isVisible(), false);
  }));

test('very many steps, rows, sources and files are painted frame by frame, and none is lost', () =>
  onPage(async (page) => {
    await watched(page);
    const count = 400;
    const found = { num_results: 3_000, results: Array.from({ length: 3_000 }, (_, index) => ({ title: `Result ${index}`, snippet: 'x', url: `https://example.org/${index}` })) };
    const artifacts = Array.from({ length: 500 }, (_, index) => ({ name: `file-${index}.csv`, media_type: 'text/csv', bytes: 1, url: `/api/runs/x/artifacts/file-${index}.csv` }));
    const calls = Array.from({ length: count }, (_, index) => [
      run.call(index + 1, `c${index}`, 'search', { query: `Question ${index}` }),
      run.result(index + 1, `c${index}`, 'search', found),
    ]).flat();
    const program = [run.call(1, 'p', 'code_interpreter', { code: 'x' }), run.result(1, 'p', 'code_interpreter', { success: true, artifacts })];
    const sources = found.results.map(({ title, url }) => ({ title, url }));
    // Of the results each step has its own in the log; here they are the same text.
    await openRecorded(page, [run.start(), run.round(1), ...calls.slice(0, 40), ...program, ...calls.slice(40).map((event) => (event.event === 'tool_result' ? { ...event, result: run.found } : event)), run.final(null, 'Yes.', sources), run.complete()]);
    await ended(page);
    await page.waitForFunction((wanted) => document.querySelectorAll('#steps > li').length === wanted, count + 1);
    await soon.match(() => page.locator('#steps > li').last().textContent(), /Question 399/);
    await assertBounded(page, 'very many steps');
    const sourceRows = page.locator('.sources li');
    await soon.equal(() => sourceRows.count(), 50);
    await page.locator('.rail button', { hasText: 'Show more (2,950 left)' }).click();
    await soon.equal(() => sourceRows.count(), 100);
    await soon.equal(() => page.evaluate(() => document.activeElement.textContent), '51 Result 50example.orgx');
    await soon.equal(() => page.locator('#files li').count(), 50);
    await soon.equal(() => textOf(page, '#files button'), 'Show more (450 left)');
  }));

test('a very long table goes on in the next one, its text whole, and is copied as one', () =>
  onPage(async (page) => {
    const rows = Array.from({ length: 1_000 }, (_, at) => `| Solar ${at} | **${at}** |\n`);
    const content = `| Source | TWh |\n|:--|--:|\n${rows.join('')}\nDone.`;
    await openRecorded(page, run.answeredRun('q', content));
    await ended(page);
    await soon.equal(() => page.locator('#answer .prose').textContent(), content);
    // Each but the first has the heads again, which are loaded on need.
    const rowsOf = (/** @type {string} */ which) => page.locator('#answer table').evaluateAll((nodes, rows) => nodes.map((node) => node.querySelectorAll(rows).length), which);
    await soon.deepEqual(() => rowsOf('tr.again'), [0, 1, 1]);
    const own = await rowsOf('tr:not(.again)');
    assert.equal(own.reduce((sum, n) => sum + n), 1_001);
    assert.ok(own.every((n) => n <= 401), String(own));
    await page.locator('#answer [data-copy="csv"]').click();
    await soon.equal(() => page.evaluate(() => navigator.clipboard.readText()), ['Source,TWh', ...rows.map((_, at) => `Solar ${at},${at}`)].join('\r\n'));
  }, { permissions: ['clipboard-read', 'clipboard-write'] }));

test('steps are in sight from the first frame that has some, and what stands of them is not touched when more come', () =>
  onPage(async (page) => {
    // One a round: those of one round name each other.
    const searched = (from, count) => Array.from({ length: count }, (_, at) => from + at).flatMap((at) => [run.round(at + 1), run.decided(at + 1), run.call(at + 1, `c${at}`, 'search', { query: `Question ${at}` }), run.result(at + 1, `c${at}`, 'search', run.found)]);
    const begun = [{ ...run.start(), created_at: new Date().toISOString() }, ...searched(0, 200)];
    await page.addInitScript(() => {
      const seen = { parts: new Set(), hidden: 0 };
      const frame = () => {
        const rows = document.querySelectorAll('#steps > li').length;
        if (rows > 0) seen.parts.add(rows);
        if (rows > 0 && document.querySelector('#steps').hidden) seen.hidden += 1;
        requestAnimationFrame(frame);
      };
      addEventListener('DOMContentLoaded', frame);
      Object.assign(window, { steps: seen });
    });
    await openFed(page);
    const pieces = run.numbered(begun).map(({ seq, ...event }) => `id: ${seq}\ndata: ${JSON.stringify(event)}\n\n`);
    await page.evaluate((text) => window.feed(text), pieces[0]);
    await soon.equal(() => textOf(page, '#question'), run.start().query);
    await page.evaluate((text) => window.feed(text), pieces.slice(1).join(''));
    await soon.equal(() => page.locator('#steps > li[data-state=done]').count(), 200);
    // Their results are loaded on need.
    await soon.equal(() => page.locator('#steps [aria-busy]').count(), 0);
    const { parts, hidden } = await page.evaluate(() => ({ parts: window.steps.parts.size, hidden: window.steps.hidden }));
    assert.ok(parts > 3, `${parts} parts`);
    assert.equal(hidden, 0);
    const more = run.numbered([...begun, ...searched(200, 5)]).slice(begun.length).map(({ seq, ...event }) => `id: ${seq}\ndata: ${JSON.stringify(event)}\n\n`);
    const { touched, most } = await page.evaluate(async (pieces) => {
      const old = [...document.querySelectorAll('#steps > li')];
      const found = { touched: 0, most: 0 };
      let nodes = 0;
      const count = (node) => 1 + [...node.childNodes].reduce((sum, child) => sum + count(child), 0);
      new MutationObserver((records) => {
        for (const { target, addedNodes } of records) {
          if (old.some((row) => row.contains(target))) found.touched += 1;
          for (const node of addedNodes) nodes += count(node);
        }
      }).observe(document.querySelector('#steps'), { subtree: true, childList: true, characterData: true, attributes: true });
      for (const piece of pieces) {
        nodes = 0;
        window.feed(piece);
        for (let left = 12; left > 0; left -= 1) await new Promise((resolve) => requestAnimationFrame(resolve));
        found.most = Math.max(found.most, nodes);
      }
      return found;
    }, more);
    await soon.equal(() => page.locator('#steps > li[data-state=done]').count(), 205);
    assert.equal(touched, 0);
    assert.ok(most > 0 && most < 80, `${most} nodes for one event`);
  }));
