import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedIn } from '../../../static/asked.js';

const names = { qwen: 'Qwen', phi: 'Phi' };
const said = (request) => askedIn(request, (id) => names[id] ?? id);

test('a run that was asked as the server would have it is told in three words', () => {
  assert.deepEqual(said({ query: 'q', max_rounds: 5, temperature: 0.7, max_tokens: 512, preferences: { priority: 'balanced' } }), ['All models', 'Balanced', 'at most 5 rounds']);
});

test('all that was chosen is told', () => {
  assert.deepEqual(said({ max_rounds: 1, temperature: 0, max_tokens: 64, preferences: { priority: 'cost', models: ['qwen', 'phi'], tools: { deny: ['search'] }, mode: 'discussion', max_cost_usd: 0.05, instructions: 'Be brief.' } }), [
    'Qwen and Phi', 'Lowest cost', 'without search', 'discussion', 'at most 1 round', 'at most $0.05', 'temperature 0', '64 tokens an answer', 'told “Be brief.”',
  ]);
  assert.deepEqual(said({ preferences: { tools: { allow: ['answer'] }, models: ['gone'] } }), ['gone', 'Balanced', 'only answer']);
});

test('what another server says is survived', () => {
  for (const request of [null, 7, 'x', [], {}, { preferences: 7 }, { preferences: { models: 'x', tools: 7, priority: {}, max_cost_usd: 'much', instructions: [] }, max_rounds: '5' }, { preferences: { models: [7, null] } }]) {
    assert.deepEqual(said(request), ['All models', 'Balanced'], JSON.stringify(request));
  }
  assert.deepEqual(said({ preferences: { priority: 'constructor' } })[1], 'constructor');
});
