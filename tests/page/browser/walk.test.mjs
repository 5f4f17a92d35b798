// Where a person who had never seen the page hesitated (docs/page-walk.md), and what the page says there now.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, askLong, at, ended, focused, listed, onPage, openRecorded, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const placeholder = (page) => page.getAttribute('#query', 'placeholder');
const action = (page, name) => page.locator('#actions button', { hasText: name });

test('the field says what a question in it begins: a run, another run, or one that follows up, which is the first thing that is offered', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await soon.equal(() => placeholder(page), 'Ask a question');
    await page.fill('#query', 'What is 6 times 7?');
    await page.keyboard.press('Enter');
    await ended(page);
    await soon.equal(() => placeholder(page), 'New question');
    await soon.equal(() => page.locator('#actions button').first().innerText(), 'Ask a follow-up');
    await action(page, 'Ask a follow-up').click();
    await soon.equal(() => placeholder(page), 'Ask a follow-up');
    await page.locator('#follow-up button').click();
    await soon.equal(() => placeholder(page), 'New question');
    await page.reload();
    await ended(page);
    await soon.equal(() => placeholder(page), 'New question');
    await page.locator('#new').click();
    await soon.equal(() => placeholder(page), 'Ask a question');
  }));

test('while a run goes on nothing says that Enter asks; one that was stopped is called that at its step too, and is rated as a run', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await soon.equal(() => page.locator('#composer-hint').isVisible(), true);
    await askLong(page);
    await soon.equal(() => page.locator('#composer-hint').isVisible(), false);
    await page.waitForSelector('#steps > li[data-kind="code_interpreter"]');
    await page.locator('#stop').click();
    await ended(page, 'cancelled');
    await soon.equal(() => page.locator('#composer-hint').isVisible(), true);
    await soon.equal(() => textOf(page, '#steps > li[data-kind="code_interpreter"] .word'), 'Stopped');
    await soon.match(() => textOf(page, '.rating'), /^Rate this run/);
    await soon.equal(() => page.getAttribute('.rating', 'aria-label'), 'Rate this run');
  }));

test('an answer is rated as one, and the word on it is asked for as what may be left out', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', 'Yes.'));
    await page.route('**/rating', (route) => route.fulfill({ status: 204 }));
    await ended(page);
    await soon.equal(() => page.getAttribute('.rating', 'aria-label'), 'Rate this answer');
    await page.locator('.rating button', { hasText: 'Good' }).click();
    await soon.equal(() => textOf(page, '.rating label'), 'A word on it, if you like');
  }));

test('two runs of one question are told apart by when they were begun', () =>
  onPage(async (page) => {
    const entry = { title: 'What is 6 times 7?', status: 'completed', duration_ms: 1_000, cost_usd: 0 };
    await listed(page, [{ ...entry, run_id: '01A'.padEnd(26, '0'), created_at: '2026-03-02T10:20:30Z' }, { ...entry, run_id: '01B'.padEnd(26, '0'), created_at: '2026-03-01T08:09:10Z' }]);
    await page.goto(at('/orchestrator'));
    await soon.deepEqual(() => page.locator('.past').evaluateAll((nodes) => nodes.map(({ title }) => title.split(/(?<=:\d\d:\d\d)/)[0])), ['What is 6 times 7?\n3/2/2026, 10:20:30', 'What is 6 times 7?\n3/1/2026, 8:09:10']);
  }, { timezoneId: 'UTC' }));

test('whoever tries other models has the models before them, and each number says what it is of', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', 'Yes.'));
    await ended(page);
    await action(page, 'Try other models…').press('Enter');
    await soon.equal(() => page.evaluate(() => document.activeElement?.closest('fieldset')?.querySelector('legend')?.textContent), 'Models that tools may use');
    assert.equal(await page.evaluate(() => {
      const { top, bottom } = document.activeElement.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }), true);
    await page.keyboard.press('Escape');
    await soon.equal(() => focused(page), 'Try other models…');
    await page.locator('#open-preferences').press('Enter');
    await soon.equal(() => page.evaluate(() => document.activeElement?.id), 'preference-rounds');
    await soon.match(() => textOf(page, 'dialog[open] .fields'), /At most; in each, the next steps are chosen/);
  }, { viewport: NARROW, expectedErrors: [/status of 404/] }));
