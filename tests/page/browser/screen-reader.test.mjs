// The way of a screen reader through a run, as docs/page.md tells it: by Chromium's own accessibility tree, and what the live region says, each once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feedable } from '../feed.mjs';
import { assertNoSidewaysScroll, at, ended, listed, onPage, openRecorded, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const SOURCES = [{ title: 'Review', url: 'https://example.org/review' }];
const ANSWER = '# Solar\n\nYes [1].\n\n## Coal\n\n- [x] done\n\n| a | b |\n|---|---|\n| 1 | 2 |\n';

/** The nodes of the tree that are said, in their order: role, name and level. */
async function said(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  // The tree comes level by level, and is read branch by branch.
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const inOrder = (node) => [node, ...(node.childIds ?? []).flatMap((id) => (byId.has(id) ? inOrder(byId.get(id)) : []))];
  return inOrder(nodes[0]).filter(({ ignored }) => !ignored).map(({ role, name, properties = [] }) => {
    const of = (wanted) => properties.find((property) => property.name === wanted)?.value.value;
    return { role: role.value, name: name?.value ?? '', level: of('level'), expanded: of('expanded') };
  });
}

const LANDMARKS = ['banner', 'main', 'complementary', 'navigation', 'form', 'region'];
const ofRoles = (nodes, roles) => nodes.filter(({ role }) => roles.includes(role)).map(({ role, name }) => `${role} ${name}`.trim());

test('a run that is over is reached by its landmarks and headings, and each step and control has a name', () =>
  onPage(async (page) => {
    await listed(page, []);
    await openRecorded(page, run.answeredRun('Did solar pass coal?', ANSWER, { sources: SOURCES }));
    await ended(page);
    await page.waitForSelector('#answer .cite[href]');
    const nodes = await said(page);
    assert.deepEqual(ofRoles(nodes, LANDMARKS), ['banner', 'navigation Page', 'complementary History', 'main', 'region Answer', 'complementary Run', 'form Question']);
    assert.deepEqual(nodes.filter(({ role }) => role === 'heading').map(({ name, level }) => [level, name.toLowerCase()]), [
      [1, 'did solar pass coal?'], [2, 'steps'], [3, 'solar'], [4, 'coal'], [2, 'summary'], [2, 'timeline'], [2, 'models'], [2, 'sources'],
    ]);
    const steps = nodes.filter(({ role }) => role === 'DisclosureTriangle');
    assert.deepEqual(steps.map(({ name, expanded }) => [name.replace(/\s+/g, ' '), expanded]), [['search done “solar coal EU 2025” · 2 results 1.0 s', false], ['answer done Answered 2.0 s', false], ['Why this answer', false]]);
    const unnamed = nodes.filter(({ role, name }) => ['button', 'link', 'textbox', 'searchbox', 'DisclosureTriangle', 'img', 'image', 'combobox', 'dialog'].includes(role) && name.trim() === '');
    assert.deepEqual(unnamed, []);
    assert.ok(ofRoles(nodes, ['link']).includes('link Source 1: Review'));
    assert.deepEqual(ofRoles(nodes, ['img', 'image']), ['image Done']);
    assert.ok(ofRoles(nodes, ['table', 'columnheader', 'cell']).join().includes('columnheader a'));
  }));

/** Notes all that the live region says from now on. */
const listen = (page) => page.evaluate(() => {
  const heard = [];
  new MutationObserver(() => {
    const now = document.querySelector('#announcer').textContent;
    if (now !== '') heard.push(now);
  }).observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true });
  Object.assign(window, { heard });
});

async function openFed(page) {
  await listed(page, []);
  await feedable(page);
  await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
  await page.waitForSelector('#examples button', { state: 'attached' });
}

for (const [name, last, ending] of [
  ['ends', [run.final('c', 'Yes, in 2025.'), run.complete()], 'The run has ended: Complete.'],
  ['fails', [run.failure(true), run.complete({ status: 'failed' })], 'The run has ended: Failed. The model endpoint did not answer.'],
]) {
  test(`the live region says the start, each change of tool and the end of a run that ${name}, once each, and nothing of a text that streams`, () =>
    onPage(async (page) => {
      await openFed(page);
      await listen(page);
      const stages = [
        [[{ ...run.start(), created_at: new Date().toISOString() }], 'The run has started.'],
        [[run.round(1)], 'The orchestrator is choosing the next step.'],
        [[run.decided(1), run.call(1, 'a', 'search', { query: 'x' }), run.call(1, 'b', 'search', { query: 'y' })], 'Using search.'],
        [[run.result(1, 'a', 'search', run.found)], null],
        [[run.result(1, 'b', 'search', run.found), run.round(2)], 'The orchestrator is choosing the next step.'],
        [[run.decided(2), run.call(2, 'c', 'answer', {}, { model: 'qwen' })], 'Using answer.'],
        [Array.from('Yes, in 2025.', (piece, offset) => run.live(run.delta('c', offset, piece))), null],
        [last, ending],
      ];
      const all = run.numbered(stages.flatMap(([events]) => events)).map(({ seq, ...event }) => `${seq === null ? '' : `id: ${seq}\n`}data: ${JSON.stringify(event)}\n\n`);
      const wanted = [];
      let from = 0;
      for (const [events, words] of stages) {
        await page.evaluate((text) => window.feed(text), all.slice(from, from + events.length).join(''));
        from += events.length;
        if (words !== null) {
          wanted.push(words);
          await soon.deepEqual(() => page.evaluate(() => window.heard), wanted);
        } else await page.evaluate(async () => { for (let left = 12; left > 0; left -= 1) await new Promise((resolve) => requestAnimationFrame(resolve)); });
      }
      await soon.deepEqual(() => page.evaluate(() => window.heard), wanted);
      assert.equal(await page.locator(':is(#run, #rail, #banners) :is([aria-live], [role=status], [role=log], [role=alert])').count(), 0);
    }));
}

test('at 320 px, which is 400 % of 1280, and without motion the whole of a run is there', () =>
  onPage(async (page) => {
    await listed(page, []);
    await openRecorded(page, run.answeredRun('Did solar pass coal?', ANSWER, { sources: SOURCES }));
    await ended(page);
    for (const summary of await page.locator('#steps summary').all()) await summary.click();
    await assertNoSidewaysScroll(page);
    await soon.match(() => textOf(page, '#run'), /Did solar pass coal\?[^]*solar coal EU 2025[^]*Coal[^]*Ask a follow-up/);
    await soon.match(() => textOf(page, '#rail'), /Timeline[^]*Sources[^]*Review/i);
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((node) => ['', '::before', '::after'].some((part) => {
      const { transitionDuration, animationName, animationDuration } = getComputedStyle(node, part || null);
      return parseFloat(transitionDuration) > 0.01 || (animationName !== 'none' && parseFloat(animationDuration) > 0.01);
    })).map(({ localName, className }) => `${localName}.${className}`));
    assert.deepEqual(moving, []);
    await shot(page, 'reflow_320');
  }, { viewport: { width: 320, height: 256 }, reducedMotion: 'reduce' }));
