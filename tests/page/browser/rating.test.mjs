// What a person thinks of an answer: good or bad, and a word on it.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HOSTILE, assertNoSidewaysScroll, at, ended, onPage, openRecorded, refusal, shot, soon, textOf } from '../on-page.mjs';
import * as run from '../runs.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rate = (page, name) => page.locator('.rating').getByRole('button', { name, exact: true });
const pressed = (page) => page.locator('.rating [aria-pressed]').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('aria-pressed')));

test('an answer is rated, with a word, and the rating is there after a reload', () =>
  onPage(async (page) => {
    const bodies = [];
    page.on('request', (request) => request.url().endsWith('/rating') && bodies.push(request.postDataJSON()));
    await page.goto(at('/orchestrator'));
    await page.fill('#query', 'What is 6 times 7?');
    await page.keyboard.press('Enter');
    await soon.equal(() => page.locator('.rating').isVisible(), false);
    await ended(page);
    await rate(page, 'Good').click();
    await soon.equal(() => textOf(page, '.rating-choices > .muted:last-child'), 'Your rating is kept.');
    await soon.deepEqual(() => pressed(page), ['true', 'false']);
    await rate(page, 'Send').click();
    await soon.equal(() => textOf(page, '.rating .field-error'), 'Write a word first.');
    await page.fill('#rating-comment', `  ${HOSTILE}`);
    await rate(page, 'Bad').click();
    await soon.deepEqual(() => pressed(page), ['false', 'true']);
    await rate(page, 'Send').click();
    await soon.equal(() => textOf(page, '#announcer'), 'Your rating and your word are kept.');
    assert.deepEqual(bodies, [{ rating: 'good' }, { rating: 'bad' }, { rating: 'bad', comment: HOSTILE }]);
    await page.reload();
    await ended(page);
    await soon.deepEqual(() => pressed(page), ['false', 'true']);
    await page.locator('#new').click();
    await soon.equal(() => page.locator('.rating').isVisible(), false);
  }));

test('a rating that is refused is told and taken back; a word keeps its place', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', 'Yes.'));
    await page.route('**/rating', (route) => route.fulfill(refusal(503, 'unavailable', 'The store cannot be used right now.')));
    await ended(page);
    await rate(page, 'Bad').click();
    await soon.equal(() => textOf(page, '.rating .field-error'), 'Not rated. The store cannot be used right now.');
    await soon.deepEqual(() => pressed(page), ['false', 'false']);
    await page.fill('#rating-comment', 'x'.repeat(2_001));
    await rate(page, 'Send').click();
    await soon.equal(() => textOf(page, '.rating .field-error'), 'A word on it has at most 2,000 characters; this one has 2,001.');
    await soon.equal(() => page.inputValue('#rating-comment'), 'x'.repeat(2_001));
  }, { expectedErrors: [/status of 503/] }));

for (const colorScheme of ['light', 'dark']) {
  test(`a rating fits a phone of 320 px and can be read by everyone (${colorScheme})`, () =>
    onPage(async (page) => {
      await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes.'));
      await page.route('**/rating', (route) => route.fulfill({ status: 204 }));
      await ended(page);
      await rate(page, 'Good').click();
      await page.waitForSelector('#rating-comment', { state: 'visible' });
      await page.locator('#rating-comment').scrollIntoViewIfNeeded();
      await assertNoSidewaysScroll(page);
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
      await shot(page, `rating_${colorScheme}_320`);
    }, { viewport: { width: 320, height: 700 }, colorScheme }));
}

test('all that can be done with an answer is reached and named with the keyboard, and the keys are listed', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('Did solar pass coal?', 'Yes:\n\n| a | b |\n|---|---|\n| 1 | =2 |\n\n```js\nx\n```\n'));
    await ended(page);
    await page.waitForSelector('.rating', { state: 'visible' });
    await page.locator('#question').focus();
    const reached = [];
    for (let steps = 0; steps < 40; steps += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.innerText || document.activeElement?.id));
      if (reached.at(-1) === 'query') break;
    }
    for (const name of ['Copy table as CSV', 'Copy code', 'Why this answer', 'Copy answer', 'Copy link', 'Run again', 'Try other models…', 'Edit question', 'Export', 'Ask a follow-up', 'Good', 'Bad', 'query']) assert.ok(reached.includes(name), `${name} is not among ${reached.join(', ')}`);
    await page.locator('#question').focus();
    await page.keyboard.press('?');
    await page.waitForSelector('#help[open]');
    await soon.deepEqual(() => page.locator('#help dt').allInnerTexts(), ['Enter', 'Shift Enter', 'Esc', 'Ctrl K or ⌘ K', 'Tab or Shift Tab', 'Enter or Space', '?']);
    await shot(page, 'help_light_1440');
  }));
