// Presets of preferences, what else a run may be told, and what whoever runs the service has set.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HOSTILE, assertNoSidewaysScroll, at, ended, focused, onPage, refusal, shot, soon, textOf } from '../on-page.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const models = [['qwen', 'Qwen 2.5-7B'], ['phi', 'Phi-4-mini'], ['llama', 'Llama 3.2']].map(([id, name]) => ({ id, name, description: '', available: true, rehearsal: false }));
const config = (fields = {}) => ({ orchestrator: { model: 'qwen', prompt: 'chat' }, models, tools: ['search', 'answer'].map((name) => ({ name, description: '', available: true, problem: null })), examples: [], limits: { max_rounds: 10, max_tokens: 2_048, run_seconds: 900 }, ...fields });

async function open(page) {
  if (!page.url().startsWith('http')) await page.goto(at('/orchestrator'));
  await page.waitForSelector('#chip-tools:not([hidden])');
  await page.locator('#open-preferences').click();
  await page.waitForSelector('#preferences[open]');
}
const press = (page, name) => page.locator('#preferences').getByRole('button', { name, exact: true }).click();
const presets = (page) => page.locator('#preset option').allTextContents();
const said = (page) => textOf(page, '.presets > .note');

async function keep(page, name) {
  await press(page, 'Keep these as…');
  await page.fill('#preset-name', name);
  await page.keyboard.press('Enter');
  await soon.equal(() => said(page), `“${name}” is kept.`);
}

async function assertAccessible(page, selector) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((inside) => window.axe.run(inside), selector);
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
}

test('presets are kept, chosen, changed, renamed and deleted, and are there after a reload', () =>
  onPage(async (page) => {
    await page.route('**/api/config', (route) => route.fulfill({ json: config() }));
    await open(page);
    await soon.deepEqual(() => presets(page), ['None']);
    await page.fill('#preference-rounds', '3');
    await page.selectOption('#preference-priority', 'cost');
    await page.locator('#preferences label', { hasText: 'Phi-4-mini' }).locator('input').uncheck();
    await keep(page, 'Cheap');
    await soon.equal(() => page.inputValue('#preset'), 'Cheap');
    await soon.equal(() => focused(page), 'Keep these as…');
    await press(page, 'Reset');
    await page.fill('#preference-rounds', '9');
    await page.selectOption('#preset', '');
    await keep(page, HOSTILE.slice(0, 40));
    await press(page, 'Cancel');
    await page.reload();
    await open(page);
    await soon.deepEqual(() => presets(page), ['None', 'Cheap', HOSTILE.slice(0, 40)]);
    await soon.equal(() => page.inputValue('#preference-rounds'), '5');
    await page.selectOption('#preset', 'Cheap');
    await soon.deepEqual(async () => [await page.inputValue('#preference-rounds'), await page.inputValue('#preference-priority'), await page.locator('#preferences label', { hasText: 'Phi-4-mini' }).locator('input').isChecked()], ['3', 'cost', false]);
    // A preset that is chosen may be kept again under its own name, another one may not.
    await page.fill('#preference-rounds', '4');
    await keep(page, 'Cheap');
    await page.selectOption('#preset', HOSTILE.slice(0, 40));
    await press(page, 'Rename…');
    await page.fill('#preset-name', ' Cheap ');
    await page.keyboard.press('Enter');
    await soon.equal(() => textOf(page, '#preset-error'), 'There is a preset of this name.');
    await soon.equal(() => page.getAttribute('#preset-name', 'aria-invalid'), 'true');
    await shot(page, 'presets_light_1440');
    await page.fill('#preset-name', 'Thorough');
    await press(page, 'Done');
    await soon.equal(() => said(page), 'It is called “Thorough” now.');
    await soon.deepEqual(() => presets(page), ['None', 'Cheap', 'Thorough']);
    await press(page, 'Delete');
    await page.waitForSelector('#confirm[open]');
    await page.locator('#confirm button', { hasText: 'Keep it' }).click();
    await page.waitForSelector('#confirm', { state: 'hidden' });
    await soon.deepEqual(() => presets(page), ['None', 'Cheap', 'Thorough']);
    await press(page, 'Delete');
    await page.locator('#confirm [data-confirm]').click();
    await soon.equal(() => said(page), '“Thorough” is deleted.');
    await soon.equal(() => page.evaluate(() => document.activeElement.id), 'preset');
    await page.selectOption('#preset', 'Cheap');
    await press(page, 'Save');
    await page.waitForSelector('#preferences', { state: 'hidden' });
    await open(page);
    await soon.deepEqual(async () => [await page.inputValue('#preset'), await page.inputValue('#preference-rounds')], ['Cheap', '4']);
  }));

test('a preset whose models or tools are gone says so, and still works', () =>
  onPage(async (page) => {
    const kept = [
      { name: 'Two', chosen: { rounds: 7, leftOut: { models: ['qwen'], tools: [] } }, used: { models: ['phi', 'gone'], tools: ['weather'] } },
      { name: 'None left', chosen: { leftOut: { models: ['qwen', 'phi', 'llama'], tools: [] } }, used: { models: ['gone'], tools: [] } },
    ];
    await page.addInitScript((presets) => localStorage.setItem('presets', presets), JSON.stringify(kept));
    await page.route('**/api/config', (route) => route.fulfill({ json: config() }));
    const bodies = [];
    await page.route('**/api/chat/orchestrator/stream', (route) => {
      bodies.push(route.request().postDataJSON());
      return route.fulfill(refusal(503, 'unavailable', 'Not now.'));
    });
    await open(page);
    await page.selectOption('#preset', 'None left');
    await soon.equal(() => said(page), 'Not there any more: gone. No model of this preset is left, so all are chosen.');
    await soon.equal(() => page.locator('#preferences fieldset').first().locator('input:checked').count(), 3);
    await page.selectOption('#preset', 'Two');
    await soon.equal(() => said(page), 'Not there any more: gone and weather. The rest of this preset holds.');
    await press(page, 'Save');
    await page.fill('#query', 'q');
    await page.keyboard.press('Enter');
    await soon.deepEqual(() => bodies, [{ query: 'q', max_rounds: 7, preferences: { models: ['phi', 'llama'] } }]);
  }, { expectedErrors: [/status of 503/] }));

for (const [what, broken] of [['is broken', () => localStorage.setItem('presets', '{"not": "a list')], ['is refused', () => Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('denied', 'SecurityError'); } })]]) {
  test(`storage that ${what} is survived`, () =>
    onPage(async (page) => {
      await page.addInitScript(broken);
      await open(page);
      await soon.deepEqual(() => presets(page), ['None']);
      await press(page, 'Keep these as…');
      await page.fill('#preset-name', 'Mine');
      await page.keyboard.press('Enter');
      await soon.match(() => said(page), what === 'is refused' ? /^This browser keeps nothing/ : /^“Mine” is kept/);
      await press(page, 'Cancel');
      await open(page);
      await soon.deepEqual(() => presets(page), ['None', 'Mine']);
    }));
}

test('Escape and Enter in the name of a preset are not meant for the dialog', () =>
  onPage(async (page) => {
    await open(page);
    await press(page, 'Keep these as…');
    await page.keyboard.press('Enter');
    await soon.equal(() => textOf(page, '#preset-error'), 'Give it a name.');
    await page.keyboard.press('Escape');
    await soon.equal(() => page.locator('#preset-name').isVisible(), false);
    await soon.equal(() => focused(page), 'Keep these as…');
    assert.equal(await page.locator('#preferences[open]').count(), 1);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#preferences', { state: 'hidden' });
  }));

test('mode and instructions go with a question; what the server refuses of them is told where they are', () =>
  onPage(async (page) => {
    const bodies = [];
    page.on('request', (request) => request.method() === 'POST' && bodies.push(request.postDataJSON()));
    await open(page);
    await page.fill('#preference-instructions', 'x'.repeat(4_001));
    await press(page, 'Save');
    await soon.equal(() => textOf(page, '#preferences .field-error'), 'Instructions have at most 4,000 characters; these have 4,001.');
    await soon.equal(() => focused(page), 'preference-instructions');
    await page.fill('#preference-instructions', '  Answer in one word.\n');
    await page.selectOption('#preference-mode', 'discussion');
    for (const name of await page.locator('#preferences fieldset').nth(1).locator('label').all()) if ((await name.innerText()).includes('discuss')) await name.locator('input').uncheck();
    await press(page, 'Save');
    await soon.equal(() => textOf(page, '#chip-priority'), 'Balanced · discussion · instructions');
    await page.fill('#query', 'What is 6 times 7?');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#preferences[open]');
    await soon.match(() => textOf(page, '#preferences .field-error'), /mode is discussion, and no discussion is offered/);
    await soon.equal(() => page.getAttribute('#preference-mode', 'aria-invalid'), 'true');
    await page.selectOption('#preference-mode', 'auto');
    await press(page, 'Save');
    await page.waitForSelector('#preferences', { state: 'hidden' });
    await page.locator('#query').focus();
    await page.keyboard.press('Enter');
    await ended(page);
    assert.deepEqual(bodies.map(({ preferences }) => [preferences.mode, preferences.instructions]), [['discussion', 'Answer in one word.'], [undefined, 'Answer in one word.']]);
  }, { expectedErrors: [/status of 400/] }));

test('what whoever runs the service has set is told and bounds what can be chosen', () =>
  onPage(async (page) => {
    await page.route('**/api/config', (route) => route.fulfill({ json: config() }));
    await open(page);
    await soon.equal(() => textOf(page, '#preferences .fixed'), 'Set by whoever runs this service: Qwen 2.5-7B chooses the steps, whatever is ticked here; at most 10 rounds, 2,048 tokens an answer, and 15 min 0 s a run.');
    await page.fill('#preference-rounds', '11');
    await press(page, 'Save');
    await soon.equal(() => textOf(page, '#preferences .field-error'), 'Rounds: a number from 1 to 10.');
    await page.fill('#preference-rounds', '10');
    await page.fill('#preference-tokens', '2049');
    await press(page, 'Save');
    await soon.equal(() => textOf(page, '#preferences .field-error'), 'Answer length: a number from 1 to 2,048.');
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`presets fit a phone of 320 px and can be read by everyone (${colorScheme})`, () =>
    onPage(async (page) => {
      await page.addInitScript((presets) => localStorage.setItem('presets', presets), JSON.stringify([{ name: 'W'.repeat(60), chosen: {}, used: { models: ['g'.repeat(300)], tools: [] } }]));
      await open(page);
      await page.selectOption('#preset', 'W'.repeat(60));
      await press(page, 'Rename…');
      await page.fill('#preset-name', '');
      await page.keyboard.press('Enter');
      await assertNoSidewaysScroll(page);
      const [outer, inner] = await page.locator('#preferences').evaluate((node) => [node.clientWidth, node.scrollWidth]);
      assert.ok(inner <= outer, `${inner} of ${outer}`);
      await assertAccessible(page, '#preferences');
      await shot(page, `presets_${colorScheme}_320`);
    }, { viewport: { width: 320, height: 700 }, colorScheme }));
}
