// Each kind of run, as the server has sent it, on the page: over as many connections as it took.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, callsOf, fateOf } from '../../../static/derive.js';
import { emptyRun, fold } from '../../../static/fold.js';
import { text } from '../../../static/strings.js';
import { endsRun } from '../../../static/view/tools/registry.js';
import { NARROW, assertNoSidewaysScroll, at, ended, onPage, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';
import { connectionsOf, eventsOf, framesOf, kinds } from '../transcripts.mjs';

/** Opens the run of a transcript by its deep link. */
async function open(page, kind) {
  const connections = connectionsOf(kind);
  await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: connections.length > 1 ? connections.shift() : connections[0] }));
  await page.route('**/artifacts/**', (route) => route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'There is no such file.' } } }));
  // Models have their ids for names then, whichever stand behind this stack.
  await page.route('**/api/config', (route) => route.fulfill({ json: {} }));
  await page.goto(at(`/orchestrator?run=${framesOf(kind)[0].data.run_id}`));
}

const squeezed = (content) => content.replace(/\s+/g, ' ').trim();

for (const kind of kinds) {
  test(`a run of the kind ${kind}, step by step`, () =>
    onPage(async (page) => {
      const state = eventsOf(kind).reduce(fold, emptyRun);
      const { summary } = framesOf(kind).at(-1).data;
      await open(page, kind);
      await ended(page, summary.status);
      await page.waitForFunction((count) => document.querySelectorAll('#steps li.step').length === count, state.steps.length);
      const rows = await page.locator('#steps li.step[data-kind]').evaluateAll((nodes) => nodes.filter((node) => node.querySelector('details')).map((node) => [node.querySelector('.tool').textContent, node.querySelector('.word').textContent, node.querySelector('.line').textContent]));
      const calls = callsOf(state);
      assert.deepEqual(rows.filter(([tool]) => tool !== 'orchestrator'), calls.map((step) => [(step.within && step.model) || step.tool, text.fates[fateOf(step)], run.lineOf(state, step)]));
      await soon.match(async () => squeezed(await textOf(page, '#rail')), new RegExp(`tools used ${summary.tools_used.length} `, 'i'));
      const answer = answerOf(state, endsRun);
      await soon.equal(async () => squeezed(await page.locator('#answer .prose').innerText()), squeezed(answer?.text || text.noAnswer));
      await soon.equal(() => page.locator('#fault').isVisible(), false);
      await soon.equal(() => page.locator('.unpainted').count(), 0);
      await shot(page, `transcript_${kind}`);
      for (const summaryRow of await page.locator('#steps summary').all()) await summaryRow.click();
      await soon.equal(() => page.locator('#steps details:not([open])').count(), 0);
      await page.setViewportSize(NARROW);
      await assertNoSidewaysScroll(page);
    }, { expectedErrors: [/status of 404/] }));
}
