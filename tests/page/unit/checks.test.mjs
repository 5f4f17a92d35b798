// What the server says of its models and tools, whatever its version.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { downIn, readChecks } from '../../../static/checks.js';
import { anyJson } from '../any-json.mjs';
import { DOWN, HIDDEN, LONG, MARKUP } from '../use-stats.mjs';

test('models and tools that are down are told from those that work, and the one that every run needs from the others', () => {
  const checks = readChecks(DOWN);
  assert.deepEqual(checks.models.map(({ id, state }) => [id, state]), [['phi', 'works'], ['qwen', 'neededDown'], ['llama', 'down']]);
  assert.deepEqual(downIn(checks), {
    models: [{ id: 'qwen', name: 'Qwen 2.5-7B', state: 'neededDown' }, { id: 'llama', name: LONG, state: 'down' }],
    tools: [{ name: 'weather', isDown: true, problem: 'The variable WEATHER_KEY is not set.' }, { name: MARKUP, isDown: true, problem: '' }],
  });
  assert.deepEqual([checks.calls, checks.reason], ['schema', HIDDEN]);
});

test('a stand-in is told as one, and what says nothing of itself works', () => {
  const { models, tools } = readChecks({ orchestrator: { model: 'a' }, models: [{ id: 'a', available: true, rehearsal: true }, { id: 'b' }, { id: '' }, {}], tools: [{ name: 'c' }, {}] });
  assert.deepEqual(models, [{ id: 'a', name: 'a', state: 'rehearsal' }, { id: 'b', name: 'b', state: 'works' }]);
  assert.deepEqual(tools, [{ name: 'c', isDown: false, problem: '' }]);
});

test('how calls are asked for is one of the ways that are known, or unknown', () => {
  for (const [calls, wanted] of [['native', 'native'], ['schema', 'schema'], ['text', 'text'], ['constructor', 'unknown'], [7, 'unknown'], [undefined, 'unknown']]) assert.equal(readChecks({ orchestrator: { calls } }).calls, wanted);
});

test('whatever JSON stands for it, it is read', () => {
  fc.assert(fc.property(anyJson(), fc.array(anyJson()), (orchestrator, list) => {
    const { models, tools } = readChecks({ orchestrator, models: list, tools: list });
    assert.ok(models.length <= list.length && tools.length <= list.length);
  }), { numRuns: 300 });
});
