// Calls that ran side by side: the timeline shows and says it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNoSidewaysScroll, ended, onPage, openRecorded, shot, soon } from '../on-page.mjs';
import * as run from '../runs.mjs';

test('calls that ran side by side lie below each other in the timeline, which says so, as each of their steps does', () =>
  onPage(async (page) => {
    const calls = [['a', 'search', 1_000], ['b', 'search', 500], ['c', 'code_interpreter', 2_000]];
    await openRecorded(page, [run.start(), run.round(1), run.decided(1), ...calls.map(([id, tool]) => run.call(1, id, tool, { query: 'x' })), ...calls.map(([id, tool, ms]) => run.result(1, id, tool, run.found, { duration_ms: ms })),
      run.round(2), run.decided(2), run.call(2, 'd', 'search', { query: 'y' }), run.result(2, 'd', 'search', run.found), run.final(null, 'Yes.'), run.complete()]);
    await ended(page);
    await soon.deepEqual(() => page.locator('#rail .beside li').allTextContents(), ['Round 1: search × 2 and code ran side by side in 2.0 s, in place of 3.5 s one after another.']);
    const bars = await page.locator('.lanes li', { hasText: 'search' }).locator('.bar').evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect()).map(({ left, top, bottom }) => ({ left: Math.round(left), top, bottom })));
    assert.equal(bars.length, 3);
    assert.equal(bars[0].left, bars[1].left);
    assert.ok(bars[0].bottom <= bars[1].top && bars[2].left > bars[0].left && bars[2].top === bars[0].top, JSON.stringify(bars));
    await soon.deepEqual(() => page.locator('#steps .facts').evaluateAll((nodes) => nodes.map((node) => [...node.children].find((fact) => fact.textContent.startsWith('Side by side'))?.textContent ?? null)),
      ['Side by side withsearch and code', 'Side by side withsearch and code', 'Side by side withsearch × 2', null]);
    await shot(page, 'parallel_light_1440');
    await page.setViewportSize({ width: 320, height: 640 });
    await assertNoSidewaysScroll(page);
  }));
