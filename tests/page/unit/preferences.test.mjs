import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, MODES, MOST_INSTRUCTIONS, MOST_USD, PRIORITIES, RANGES, fieldsOf, isLimit, parse, within } from '../../../static/preferences.js';
import { OF_FIELDS, limitIn, preferenceOf } from '../../../static/preferences-typed.js';

const offered = { models: ['qwen', 'phi', 'llama'], tools: ['search', 'answer'] };
const chosen = (fields) => ({ ...DEFAULTS, ...fields });

test('a start without preferences carries nothing of them', () => {
  assert.deepEqual(fieldsOf(DEFAULTS, offered), {});
});

test('a start carries what differs from the defaults', () => {
  const all = chosen({ rounds: 9, temperature: 0, tokens: 2_048, usd: 0.05, priority: 'cost', leftOut: { models: ['phi'], tools: ['search'] } });
  assert.deepEqual(fieldsOf(all, offered), {
    max_rounds: 9,
    temperature: 0,
    max_tokens: 2_048,
    preferences: { priority: 'cost', models: ['qwen', 'llama'], tools: { deny: ['search'] }, max_cost_usd: 0.05 },
  });
});

test('each preference goes alone, too, and one model that is left is enough', () => {
  for (const [fields, preferences] of [
    [{ priority: 'cost' }, { priority: 'cost' }],
    [{ usd: 1e-9 }, { max_cost_usd: 1e-9 }],
    [{ mode: 'discussion' }, { mode: 'discussion' }],
    [{ instructions: 'Be brief.' }, { instructions: 'Be brief.' }],
    [{ leftOut: { models: ['phi', 'llama'], tools: [] } }, { models: ['qwen'] }],
    [{ leftOut: { models: [], tools: ['search'] } }, { tools: { deny: ['search'] } }],
  ]) assert.deepEqual(fieldsOf(chosen(fields), offered), { preferences });
});

test('names that the server does not have are not sent, for it would refuse them', () => {
  assert.deepEqual(fieldsOf(chosen({ leftOut: { models: ['gone'], tools: ['gone'] } }), offered), {});
  assert.deepEqual(fieldsOf(chosen({ leftOut: { models: ['phi'], tools: ['search'] } }), { models: [], tools: [] }), {});
});

test('where every model that there is was left out, all may be used', () => {
  assert.deepEqual(fieldsOf(chosen({ leftOut: { models: ['qwen', 'phi', 'llama'], tools: [] } }), offered), {});
});

test('what was kept is there again, and what makes no sense is the default', () => {
  const all = chosen({ rounds: 9, temperature: 1.5, tokens: 100, usd: 1_000, priority: 'latency', leftOut: { models: ['phi'], tools: ['search'] } });
  assert.deepEqual(parse(JSON.stringify(all)), all);
  for (const kept of [null, '', 'x', '[]', '{"rounds":0,"temperature":"1","tokens":1.5,"priority":"constructor","leftOut":{"models":"phi","tools":[7]}}']) {
    assert.deepEqual(parse(kept), DEFAULTS);
  }
  assert.deepEqual(parse('{"rounds":9,"leftOut":{"models":"phi","tools":["search",7]}}'), chosen({ rounds: 9, leftOut: { models: [], tools: ['search'] } }));
  for (const priority of PRIORITIES) assert.equal(parse(JSON.stringify({ priority })).priority, priority);
});

test('the defaults and the priorities are those of the server', () => {
  assert.deepEqual(DEFAULTS, { rounds: 5, temperature: 0.7, tokens: 512, usd: null, priority: 'balanced', mode: 'auto', instructions: '', leftOut: { models: [], tools: [] } });
  assert.deepEqual(MODES, ['auto', 'discussion']);
  assert.deepEqual(PRIORITIES, ['balanced', 'quality', 'cost', 'latency']);
});

test('the ranges are those of the server', () => {
  const fits = (name, ...values) => values.map((value) => within(name, value));
  assert.deepEqual(fits('rounds', 0, 1, 50, 51, 1.5, NaN), [false, true, true, false, false, false]);
  assert.deepEqual(fits('temperature', -0.1, 0, 0.35, 2, 2.1), [false, true, true, true, false]);
  assert.deepEqual(fits('tokens', 0, 1, 32_768, 32_769), [false, true, true, false]);
  assert.deepEqual([RANGES.rounds.step, RANGES.temperature.step, RANGES.tokens.step], [1, 0.1, 1]);
});

test('a limit of cost is more than nothing and at most what the server takes; what was kept of another kind is none', () => {
  for (const [value, fits] of [[0, false], [-0.01, false], [1e-9, true], [0.05, true], [1_000, true], [1_000.01, false], [NaN, false], [Infinity, false], ['1', false], [null, false], [undefined, false], [[1], false]]) {
    assert.equal(isLimit(value), fits, String(value));
    assert.equal(parse(JSON.stringify({ usd: value })).usd, fits ? value : null, String(value));
  }
  assert.equal(MOST_USD, 1_000);
});

test('each field of a start that a person chooses is a preference', () => {
  const all = fieldsOf(chosen({ rounds: 9, temperature: 0, tokens: 1, usd: 1, priority: 'cost', mode: 'discussion', instructions: 'Be brief.', leftOut: { models: ['phi'], tools: ['search'] } }), offered);
  const paths = Object.entries(all).flatMap(([name, value]) => (name === 'preferences' ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name]));
  assert.deepEqual(paths.sort(), [...OF_FIELDS.keys()].sort());
});

test('a limit is read as a person of any country types it, and never as another number', () => {
  for (const [typed, usd] of [
    ['', null], ['  ', null], ['$', null], ['0.05', 0.05], ['0,05', 0.05], [' 0.05 ', 0.05], ['$0.05', 0.05], ['$ 5', 5], ['.5', 0.5], [',5', 0.5], ['5.', 5], ['５．５', 5.5], ['0,005', 0.005], ['0.005', 0.005], ['1000', 1_000],
    ['2,50', 2.5], ['1.000', 1], ['0.000000001', 1e-9], ['1e-9', undefined], ['1,000', undefined], ['12,000', undefined], ['1,000.00', undefined], ['1.000,00', undefined], ['0', undefined], ['0.0', undefined], ['.', undefined],
    ['-1', undefined], ['+1', undefined], ['1000.01', undefined], ['1e3', undefined], ['0x10', undefined], ['Infinity', undefined], ['NaN', undefined], ['5 $', undefined], ['5€', undefined], ['five', undefined], ['1 000', undefined], ["1'000", undefined],
  ]) assert.equal(limitIn(typed), usd, JSON.stringify(typed));
});

test('instructions are kept as they are written, within the bound that the server has, and blank ones are none', () => {
  for (const [value, kept] of [['Be brief.', 'Be brief.'], [' a\nb ', ' a\nb '], ['', ''], [' \n\t', ''], ['x'.repeat(MOST_INSTRUCTIONS), 'x'.repeat(MOST_INSTRUCTIONS)], ['x'.repeat(MOST_INSTRUCTIONS + 1), ''], ['😀'.repeat(MOST_INSTRUCTIONS), '😀'.repeat(MOST_INSTRUCTIONS)], [7, ''], [null, '']]) {
    assert.equal(parse(JSON.stringify({ instructions: value })).instructions, kept);
  }
  assert.equal(MOST_INSTRUCTIONS, 4_000);
  assert.equal(parse('{"mode":"discussion"}').mode, 'discussion');
  assert.equal(parse('{"mode":"toString"}').mode, 'auto');
});

test('a field that was refused is found at its preference, however deep it lies', () => {
  for (const [field, name] of [['max_rounds', 'rounds'], ['preferences.mode', 'mode'], ['preferences.instructions', 'instructions'], ['preferences.models[2]', 'models'], ['preferences.tools.deny[0]', 'tools'], ['preferences', undefined], ['query', undefined], [null, undefined]]) {
    assert.equal(preferenceOf(field), name, String(field));
  }
});
