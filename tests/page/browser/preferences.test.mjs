// How questions are worked on, as a person chooses it, and what the page says of the models.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, assertNoSidewaysScroll, at, ended, focused, onPage, shot, textOf } from '../on-page.mjs';

const models = [{ id: 'qwen', name: 'Qwen 2.5-7B', available: true, rehearsal: false }, { id: 'phi', name: 'Phi-4-mini', available: false, rehearsal: false }];
const config = (fields = {}) => ({ orchestrator: { model: 'qwen', prompt: 'chat' }, models, tools: [{ name: 'search', description: '' }, { name: 'answer', description: '' }], examples: [], ...fields });

/** Opens the page, and the preferences by the button of this id. */
async function open(page, opener = 'open-preferences') {
  await page.goto(at('/orchestrator'));
  await page.waitForSelector('#chip-tools:not([hidden])');
  await page.locator(`#${opener}`).click();
  await page.waitForSelector('#preferences[open]');
}

const save = (page) => page.locator('#preferences button', { hasText: 'Save' }).click();
const box = (page, name) => page.locator('#preferences label', { hasText: name }).locator('input');

test('preferences go with each question, are told in the composer, and are there after a reload', () =>
  onPage(async (page) => {
    const bodies = [];
    page.on('request', (request) => request.method() === 'POST' && bodies.push(request.postDataJSON()));
    await open(page);
    assert.deepEqual([await textOf(page, '#chip-tools'), await textOf(page, '#chip-priority')], ['Tools: all 6', 'Balanced']);
    await page.fill('#preference-rounds', '3');
    await page.fill('#preference-temperature', '0.2');
    await page.fill('#preference-tokens', '1024');
    await page.selectOption('#preference-priority', 'cost');
    await box(page, 'Phi-4-mini').uncheck();
    await box(page, 'search').uncheck();
    await save(page);
    await page.waitForSelector('#preferences', { state: 'hidden' });
    assert.deepEqual([await textOf(page, '#chip-tools'), await textOf(page, '#chip-priority')], ['Tools: 5 of 6', 'Lowest cost']);
    await page.reload();
    await page.waitForSelector('#chip-tools:not([hidden])');
    await page.fill('#query', 'What is 6 times 7?');
    await page.keyboard.press('Enter');
    await ended(page);
    assert.deepEqual(bodies, [{
      query: 'What is 6 times 7?',
      max_rounds: 3,
      temperature: 0.2,
      max_tokens: 1024,
      preferences: { priority: 'cost', models: ['qwen', 'llama'], tools: { deny: ['search'] } },
    }]);
    await page.locator('#chip-priority').click();
    await page.locator('#preferences button', { hasText: 'Reset' }).click();
    await save(page);
    assert.deepEqual([await textOf(page, '#chip-tools'), await textOf(page, '#chip-priority')], ['Tools: all 6', 'Balanced']);
  }));

test('what cannot be chosen is told in the dialog, and nothing is changed by closing it', () =>
  onPage(async (page) => {
    await open(page, 'chip-tools');
    for (const [rounds, message] of [['51', 'Rounds: a number from 1 to 50.'], ['', 'Rounds: a number from 1 to 50.'], ['2.5', 'Rounds: a number from 1 to 50.']]) {
      await page.fill('#preference-rounds', rounds);
      await save(page);
      assert.equal(await textOf(page, '#preferences .field-error'), message);
      assert.equal(await focused(page), 'preference-rounds');
      assert.equal(await page.getAttribute('#preference-rounds', 'aria-invalid'), 'true');
    }
    await page.fill('#preference-rounds', '7');
    for (const name of ['Qwen', 'Phi', 'Llama']) await box(page, name).uncheck();
    await save(page);
    assert.equal(await textOf(page, '#preferences .field-error'), 'Leave at least one model.');
    await page.locator('#preferences button', { hasText: 'Cancel' }).click();
    assert.equal(await focused(page), 'Tools: all 6');
    await page.locator('#chip-tools').click();
    assert.equal(await page.inputValue('#preference-rounds'), '5');
    assert.equal(await box(page, 'Qwen').isChecked(), true);
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`the preferences fit a phone (${colorScheme})`, () =>
    onPage(async (page) => {
      await open(page);
      await assertNoSidewaysScroll(page);
      const dialog = await page.locator('#preferences').boundingBox();
      assert.ok(dialog.x >= 0 && dialog.x + dialog.width <= NARROW.width && dialog.y >= 0 && dialog.y + dialog.height <= NARROW.height);
      await shot(page, `preferences_${colorScheme}_390`);
    }, { viewport: NARROW, colorScheme }));
}

test('where the model of every run does not answer, the page says so and looks again by itself', () =>
  onPage(async (page) => {
    await page.clock.install();
    let asked = 0;
    let answers = false;
    await page.route('**/api/config', (route) => {
      asked += 1;
      return route.fulfill({ json: config({ models: models.map((model) => ({ ...model, available: model.id === 'qwen' ? answers : false })) }) });
    });
    await page.goto(at('/orchestrator'));
    await page.waitForSelector('.banner.warn');
    assert.match(await textOf(page, '.banner.warn'), /^Qwen 2\.5-7B does not answer\. Every run needs it: start its server or check its address; looking again in \d+ s\.\s+Look now$/);
    await shot(page, 'down_light_1440');
    await page.clock.fastForward(16_000);
    await page.waitForFunction(() => / in 1[345] s/.test(document.querySelector('.banner.warn').textContent));
    assert.equal(asked, 2);
    answers = true;
    await page.locator('.banner.warn button').click();
    await page.waitForSelector('.banner.warn', { state: 'detached' });
    assert.equal(asked, 3);
    await page.clock.fastForward(60_000);
    assert.equal(asked, 3);
    await page.locator('#open-preferences').click();
    await page.waitForSelector('#preferences[open]');
    assert.match(await page.locator('#preferences fieldset').first().innerText(), /Phi-4-mini\s*Does not answer now/);
  }));
