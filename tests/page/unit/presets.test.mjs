import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../../static/preferences.js';
import { MOST_NAME, MOST_PRESETS, applied, faultOf, parsePresets, presetLike, presetOf, withPreset, withoutPreset } from '../../../static/presets.js';

const offered = { models: ['qwen', 'phi', 'llama'], tools: ['search', 'answer'] };
const cheap = presetOf('Cheap', { ...DEFAULTS, priority: 'cost', leftOut: { models: ['qwen'], tools: ['search'] } }, offered);
const plain = presetOf('Plain', DEFAULTS, offered);

test('a preset holds what is chosen and what was used then', () => {
  assert.deepEqual(cheap, { name: 'Cheap', chosen: { ...DEFAULTS, priority: 'cost', leftOut: { models: ['qwen'], tools: ['search'] } }, used: { models: ['phi', 'llama'], tools: ['answer'] } });
});

test('presets are there again as they were kept', () => {
  assert.deepEqual(parsePresets(JSON.stringify([cheap, plain])), [cheap, plain]);
});

test('storage that is broken, or holds anything else, is survived: what makes sense stays', () => {
  for (const kept of [null, '', 'x', '{', '7', 'null', '{}', '"a"', '[null]', '[7, "a", []]', '[{}]', '[{"name":7}]', '[{"name":" "}]', JSON.stringify([{ name: 'x'.repeat(MOST_NAME + 1) }])]) assert.deepEqual(parsePresets(kept), [], String(kept));
  assert.deepEqual(parsePresets('[null,{"name":" a  b "},{"name":"a b","chosen":{"rounds":9}},{"name":"c","chosen":{"rounds":9,"usd":"x"},"used":7}]'), [
    { name: 'a b', chosen: DEFAULTS, used: { models: [], tools: [] } },
    { name: 'c', chosen: { ...DEFAULTS, rounds: 9 }, used: { models: [], tools: [] } },
  ]);
  const many = Array.from({ length: MOST_PRESETS + 5 }, (_, at) => ({ name: `n${at}` }));
  assert.equal(parsePresets(JSON.stringify(many)).length, MOST_PRESETS);
});

test('a name is given once, is not blank and not too long; the own one may be kept', () => {
  const all = [cheap, plain];
  assert.deepEqual([faultOf(all, 'New'), faultOf(all, ''), faultOf(all, 'Plain'), faultOf(all, 'Plain', 'Plain'), faultOf(all, 'Plain', 'Cheap'), faultOf(all, 'New', 'Cheap')], [null, 'blank', 'taken', null, 'taken', null]);
  assert.deepEqual([faultOf([], '😀'.repeat(MOST_NAME)), faultOf([], 'x'.repeat(MOST_NAME + 1))], [null, 'long']);
  const many = Array.from({ length: MOST_PRESETS }, (_, at) => ({ ...plain, name: `n${at}` }));
  assert.deepEqual([faultOf(many, 'New'), faultOf(many, 'New', 'n3'), faultOf(many.slice(1), 'New'), faultOf(many, 'New', 'gone')], ['many', null, null, 'many']);
});

test('one is added behind, takes the place of another, and is taken away', () => {
  const renamed = { ...cheap, name: 'Thrifty' };
  assert.deepEqual(withPreset([cheap], plain), [cheap, plain]);
  assert.deepEqual(withPreset([cheap, plain], renamed, 'Cheap'), [renamed, plain]);
  assert.deepEqual(withPreset([cheap], plain, 'gone'), [cheap, plain]);
  assert.deepEqual(withoutPreset([cheap, plain], 'Cheap'), [plain]);
  assert.deepEqual(withoutPreset([plain], 'gone'), [plain]);
});

test('what is gone is told, and the rest holds', () => {
  assert.deepEqual(applied(cheap, offered), { chosen: cheap.chosen, gone: [], noModel: false });
  assert.deepEqual(applied(cheap, { models: ['qwen', 'llama'], tools: ['search'] }), { chosen: cheap.chosen, gone: ['phi', 'answer'], noModel: false });
  // What was left out and is gone changes nothing.
  assert.deepEqual(applied(cheap, { models: ['phi', 'llama'], tools: ['answer'] }), { chosen: cheap.chosen, gone: [], noModel: false });
});

test('where no model of a preset is left, all that there are may be used', () => {
  assert.deepEqual(applied(cheap, { models: ['qwen'], tools: ['search', 'answer'] }), { chosen: { ...cheap.chosen, leftOut: { models: [], tools: ['search'] } }, gone: ['phi', 'llama'], noModel: true });
});

test('as long as it is not known what the server has, nothing is said to be gone', () => {
  assert.deepEqual(applied(cheap, { models: [], tools: [] }), { chosen: cheap.chosen, gone: [], noModel: false });
});

test('preferences are known as the preset that they are, in whatever order they were kept', () => {
  assert.equal(presetLike([cheap, plain], DEFAULTS), plain);
  assert.equal(presetLike([cheap], DEFAULTS), null);
  const { leftOut, ...rest } = presetOf('x', { ...DEFAULTS, leftOut: { models: ['phi', 'qwen'], tools: [] } }, offered).chosen;
  const other = presetOf('Other', { leftOut: { models: ['qwen', 'phi'], tools: [] }, ...rest }, offered);
  assert.equal(presetLike([plain, other], { ...rest, leftOut }), other);
  assert.equal(presetLike([plain], { ...DEFAULTS, rounds: 6 }), null);
});
