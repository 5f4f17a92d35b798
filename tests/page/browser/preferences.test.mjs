// How questions are worked on, as a person chooses it, and what the page says of the models.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, assertNoSidewaysScroll, at, ended, focused, onPage, shot, soon, textOf } from '../on-page.mjs';

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
    await soon.deepEqual(async () => [await textOf(page, '#chip-tools'), await textOf(page, '#chip-priority')], ['Tools: all 6', 'Balanced']);
    await page.fill('#preference-rounds', '3');
    await page.fill('#preference-temperature', '0.2');
    await page.fill('#preference-tokens', '1024');
    await page.selectOption('#preference-priority', 'cost');
    await box(page, 'Phi-4-mini').uncheck();
    await box(page, 'search').uncheck();
    await save(page);
    await page.waitForSelector('#preferences', { state: 'hidden' });
    await soon.deepEqual(async () => [await textOf(page, '#chip-tools'), await textOf(page, '#chip-priority')], ['Tools: 5 of 6', 'Lowest cost']);
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
    await soon.deepEqual(async () => [await textOf(page, '#chip-tools'), await textOf(page, '#chip-priority')], ['Tools: all 6', 'Balanced']);
  }));

test('what cannot be chosen is told in the dialog, and nothing is changed by closing it', () =>
  onPage(async (page) => {
    await open(page, 'chip-tools');
    for (const [rounds, message] of [['51', 'Rounds: a number from 1 to 50.'], ['', 'Rounds: a number from 1 to 50.'], ['2.5', 'Rounds: a number from 1 to 50.']]) {
      await page.fill('#preference-rounds', rounds);
      await save(page);
      await soon.equal(() => textOf(page, '#preferences .field-error'), message);
      await soon.equal(() => focused(page), 'preference-rounds');
      await soon.equal(() => page.getAttribute('#preference-rounds', 'aria-invalid'), 'true');
    }
    await page.fill('#preference-rounds', '7');
    for (const name of ['Qwen', 'Phi', 'Llama']) await box(page, name).uncheck();
    await save(page);
    await soon.equal(() => textOf(page, '#preferences .field-error'), 'Leave at least one model.');
    await page.locator('#preferences button', { hasText: 'Cancel' }).click();
    await soon.equal(() => focused(page), 'Tools: all 6');
    await page.locator('#chip-tools').click();
    await soon.equal(() => page.inputValue('#preference-rounds'), '5');
    await soon.equal(() => box(page, 'Qwen').isChecked(), true);
  }));

const downTools = [
  { name: 'search', description: '', available: true, problem: null },
  { name: 'weather', description: '', available: false, problem: 'The variable WEATHER_TOKEN is not set.' },
  { name: 'files_read', description: '', available: false, problem: `${'The server files did not answer in time. '.repeat(40)}${'x'.repeat(400)}` },
  { name: 'odd', description: '', available: false, problem: { text: '<img src=x onerror=alert(1)>' } },
  { name: 'marked', description: '', available: false, problem: '<b>Line one</b>\nline two' },
  // As a server of before says it.
  { name: 'answer', description: '' },
];

test('a tool that is down says why, is counted as not used, cannot be chosen, and keeps what was chosen of it', () =>
  onPage(async (page) => {
    let tools = downTools;
    await page.route('**/api/config', (route) => route.fulfill({ json: config({ tools }) }));
    await open(page);
    await soon.equal(() => textOf(page, '#chip-tools'), 'Tools: 2 of 6');
    const shown = await page.locator('#preferences fieldset').nth(1).locator('label').evaluateAll((labels) => labels.map((label) => {
      const { checked, disabled } = label.querySelector('input');
      return [label.querySelector('span').firstChild.textContent, checked, disabled, label.querySelector('small')?.textContent ?? ''];
    }));
    assert.deepEqual(shown.map(([name, checked, disabled]) => [name, checked, disabled]), [
      ['search', true, false], ['weather', false, true], ['files_read', false, true], ['odd', false, true], ['marked', false, true], ['answer', true, false],
    ]);
    assert.deepEqual(shown.map(([, , , note]) => note).filter((_, at) => at !== 2), [
      '', 'Cannot be used now: The variable WEATHER_TOKEN is not set.', 'Cannot be used now.', 'Cannot be used now: <b>Line one</b> line two', '',
    ]);
    assert.ok(shown[2][3].startsWith('Cannot be used now: The server files did not answer in time.') && shown[2][3].length < 300, shown[2][3]);
    await box(page, 'search').uncheck();
    await save(page);
    await soon.equal(() => textOf(page, '#chip-tools'), 'Tools: 1 of 6');
    const kept = await page.evaluate(() => JSON.parse(localStorage.getItem('preferences')).leftOut.tools);
    assert.deepEqual(kept, ['search']);
    // They answer again: what nobody has left out is used, what was left out is not.
    tools = downTools.map((tool) => ({ ...tool, available: true, problem: null }));
    await page.reload();
    await page.waitForFunction(() => document.querySelector('#chip-tools').textContent === 'Tools: 5 of 6');
    await page.locator('#chip-tools').click();
    await soon.deepEqual(async () => [await box(page, 'weather').isChecked(), await box(page, 'weather').isEnabled(), await box(page, 'search').isChecked()], [true, true, false]);
  }));

test('a tool that was left out before it went down stays left out', () =>
  onPage(async (page) => {
    await page.addInitScript(() => localStorage.setItem('preferences', JSON.stringify({ leftOut: { models: [], tools: ['weather'] } })));
    await page.route('**/api/config', (route) => route.fulfill({ json: config({ tools: downTools }) }));
    await open(page);
    await save(page);
    await soon.deepEqual(() => page.evaluate(() => JSON.parse(localStorage.getItem('preferences')).leftOut.tools), ['weather']);
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`tools that are down can be read by everyone, on a phone too (${colorScheme})`, () =>
    onPage(async (page) => {
      await page.route('**/api/config', (route) => route.fulfill({ json: config({ tools: downTools }) }));
      await open(page);
      await page.locator('#preferences fieldset').nth(1).scrollIntoViewIfNeeded();
      await assertNoSidewaysScroll(page);
      const [outer, inner] = await page.locator('#preferences').evaluate((node) => [node.clientWidth, node.scrollWidth]);
      assert.ok(inner <= outer, `${inner} of ${outer}`);
      await shot(page, `tools_down_${colorScheme}_390`);
    }, { viewport: NARROW, colorScheme }));

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
    await soon.match(() => textOf(page, '.banner.warn'), /^Qwen 2\.5-7B does not answer\. Every run needs it: start its server or check its address; looking again in \d+ s\.\s+Look now$/);
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
    await soon.match(() => page.locator('#preferences fieldset').first().innerText(), /Phi-4-mini\s*Does not answer now/);
  }));
