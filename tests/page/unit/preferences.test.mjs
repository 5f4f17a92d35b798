import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, fieldsOf, parse, within } from '../../../static/preferences.js';

const offered = { models: ['qwen', 'phi', 'llama'], tools: ['search', 'answer'] };
const chosen = (fields) => ({ ...DEFAULTS, ...fields });

test('a start without preferences carries nothing of them', () => {
  assert.deepEqual(fieldsOf(DEFAULTS, offered), {});
});

test('a start carries what differs from the defaults', () => {
  const all = chosen({ rounds: 9, temperature: 0, tokens: 2_048, priority: 'cost', leftOut: { models: ['phi'], tools: ['search'] } });
  assert.deepEqual(fieldsOf(all, offered), {
    max_rounds: 9,
    temperature: 0,
    max_tokens: 2_048,
    preferences: { priority: 'cost', models: ['qwen', 'llama'], tools: { deny: ['search'] } },
  });
});

test('names that the server does not have are not sent, for it would refuse them', () => {
  assert.deepEqual(fieldsOf(chosen({ leftOut: { models: ['gone'], tools: ['gone'] } }), offered), {});
  assert.deepEqual(fieldsOf(chosen({ leftOut: { models: ['phi'], tools: ['search'] } }), { models: [], tools: [] }), {});
});

test('where every model that there is was left out, all may be used', () => {
  assert.deepEqual(fieldsOf(chosen({ leftOut: { models: ['qwen', 'phi', 'llama'], tools: [] } }), offered), {});
});

test('what was kept is there again, and what makes no sense is the default', () => {
  const all = chosen({ rounds: 9, temperature: 1.5, tokens: 100, priority: 'latency', leftOut: { models: ['phi'], tools: ['search'] } });
  assert.deepEqual(parse(JSON.stringify(all)), all);
  for (const kept of [null, '', 'x', '[]', '{"rounds":0,"temperature":"1","tokens":1.5,"priority":"constructor","leftOut":{"models":"phi","tools":[7]}}']) {
    assert.deepEqual(parse(kept), DEFAULTS);
  }
});

test('the ranges are those of the server', () => {
  const fits = (name, ...values) => values.map((value) => within(name, value));
  assert.deepEqual(fits('rounds', 0, 1, 50, 51, 1.5, NaN), [false, true, true, false, false, false]);
  assert.deepEqual(fits('temperature', -0.1, 0, 0.35, 2, 2.1), [false, true, true, true, false]);
  assert.deepEqual(fits('tokens', 0, 1, 32_768, 32_769), [false, true, true, false]);
});
