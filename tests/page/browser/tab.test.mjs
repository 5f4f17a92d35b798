// The title of the page, by which its tab is told from others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, ended, onPage, openRecorded, refusal, soon } from '../on-page.mjs';
import * as run from '../runs.mjs';

/** Waits for a title without the frames that a page gets only while it is looked at. */
const titled = (page, title) => page.waitForFunction((title) => document.title === title, title, { polling: 20 });

test('the tab tells the question and how its run fares', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await soon.equal(() => page.title(), 'Orchestrator');
    await page.fill('#query', 'How many?');
    await page.keyboard.press('Enter');
    await ended(page);
    await titled(page, 'Complete: How many? – Orchestrator');
    await page.click('#new');
    await titled(page, 'Orchestrator');
  }));

test('a page that is not looked at tells the end of its run in its tab', () =>
  onPage(async (page) => {
    await page.addInitScript(() => {
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
      globalThis.requestAnimationFrame = () => 0;
    });
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes.'));
    await titled(page, 'Complete: Did solar pass coal? – Orchestrator');
  }));

test('a run that is not to be shown is told in the tab', () =>
  onPage(
    async (page) => {
      await page.route('**/api/runs/*/events?*', (route) => route.fulfill(refusal(404, 'not_found', 'There is no such run, or its time is over.')));
      await page.goto(at('/orchestrator?run=01JZZZZZZZZZZZZZZZZZZZZZZZ'));
      await titled(page, 'Not shown – Orchestrator');
    },
    { expectedErrors: [/404/] },
  ));

test('the page is the same with a slash behind its address', () =>
  onPage(async (page) => {
    await page.route('**/api/runs/*/events?*', (route) =>
      route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(run.answeredRun('Did solar pass coal?', 'Yes.')) }),
    );
    const response = await page.goto(at(`/orchestrator/?run=${run.start().run_id}`));
    assert.equal(response.status(), 200);
    await ended(page);
    await titled(page, 'Complete: Did solar pass coal? – Orchestrator');
  }));
