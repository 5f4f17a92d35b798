// A discussion, opened: who held what, and each model's part below the call that it stands within.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, WIDE, assertNoSidewaysScroll, at, ended, onPage, shot, soon } from '../on-page.mjs';
import { connectionsOf, framesOf } from '../transcripts.mjs';

const KIND = 'discussion';
const models = [['qwen', 'Qwen 2.5-7B'], ['phi', 'Phi-4-mini'], ['llama', 'Llama 3.2-3B']].map(([id, name]) => ({ id, name, description: '', available: true, rehearsal: false }));

async function open(page) {
  const [body] = connectionsOf(KIND);
  await page.route('**/api/config', (route) => route.fulfill({ json: { orchestrator: { model: 'qwen', prompt: 'chat' }, models, tools: [{ name: 'discuss', description: '' }], examples: [] } }));
  await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body }));
  await page.goto(at(`/orchestrator?run=${framesOf(KIND)[0].data.run_id}`));
  await ended(page);
}

for (const [name, viewport, colorScheme] of [['1440', WIDE, 'light'], ['390', NARROW, 'dark']]) {
  test(`it says who held what, and folds the models' parts below it, ${name} px wide`, () =>
    onPage(async (page) => {
      await open(page);
      const whole = page.locator('#steps > li.step', { hasText: 'discuss' });
      await soon.equal(() => whole.count(), 1);
      await whole.locator('summary').first().click();
      await page.waitForSelector('#steps .results strong');
      const headings = await whole.locator(':scope > details > .body h3, :scope > details > .body h4, :scope > details > .body .label').allTextContents();
      for (const heading of ['Opinions', 'Replies', 'Left out']) await soon.ok(async () => (await whole.innerText()).toLowerCase().includes(heading.toLowerCase()), `${heading} in ${headings}`);
      await soon.deepEqual(() => whole.locator(':scope > details > .body .results strong').allTextContents(), ['Qwen 2.5-7B', 'Phi-4-mini', 'Llama 3.2-3B', 'Qwen 2.5-7B', 'Phi-4-mini', 'Llama 3.2-3B']);
      const parts = whole.locator(':scope > details > ol > li.step');
      const rows = await parts.evaluateAll((nodes) => nodes.map((node) => [node.querySelector('.tool').textContent, node.dataset.state, node.querySelector('.line').textContent.slice(0, 9)]));
      assert.deepEqual(rows, [
        ['Qwen 2.5-7B', 'done', 'opinion'], ['Phi-4-mini', 'done', 'opinion'], ['Llama 3.2-3B', 'done', 'opinion'],
        ['Qwen 2.5-7B', 'done', 'reply'], ['Phi-4-mini', 'done', 'reply'], ['Llama 3.2-3B', 'failed', 'The model'], ['Qwen 2.5-7B', 'done', 'synthesis'],
      ]);
      await assertNoSidewaysScroll(page);
      await page.screenshot({ path: new URL(`../shots/discussion_${name}.png`, import.meta.url).pathname, fullPage: true });
      await parts.nth(1).locator('summary').click();
      await parts.nth(1).getByText('Coffee: it wakes.').waitFor(); // What a step shows is painted over frames.
      await shot(page, `discussion_part_${name}`);
    }, { viewport, colorScheme }));
}
