import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asText, field, listIn, textIn, written } from '../../../static/json.js';
import { anyJson } from '../any-json.mjs';

const INHERITED = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__', '__defineGetter__', 'isPrototypeOf'];

test('what is written is the JSON itself', () => {
  fc.assert(fc.property(anyJson({ finite: true }), (value) => assert.equal(JSON.stringify(JSON.parse(written(value))), JSON.stringify(value))));
});

test('small JSON is indented as everybody writes it', () => {
  const values = [null, true, -1.5, 'x\n"', [], {}, [1, [2, {}]], { a: 1, b: { c: [null, 'd'] } }, JSON.parse('{"__proto__": {"constructor": 1}, "": 2}'), '\ud800', ['\udc00\ud800']];
  assert.deepEqual(values.map((value) => written(value)), values.map((value) => JSON.stringify(value, null, 2)));
});

test('a number that is too large for one is not written as another value', () => {
  assert.equal(written(JSON.parse('[1e400, -1e400]')), '[\n  Infinity,\n  -Infinity\n]');
});

test('JSON of any depth is written, and no longer than it is', () => {
  const deep = 200_000;
  for (const text of [`${'['.repeat(deep)}${']'.repeat(deep)}`, `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`]) {
    const found = written(JSON.parse(text));
    assert.equal(found.replace(/\s/g, ''), text.replace(/\s/g, ''));
    assert.ok(found.length < 2 * text.length, `${found.length} characters for ${text.length}`);
  }
});

test('of a very large one only as much is written as is asked for', () => {
  const large = Array.from({ length: 100_000 }, () => ({ name: 'x'.repeat(10) }));
  const found = written(large, 240);
  assert.ok(found.length >= 240 && found.length < 300, `${found.length} characters`);
});

test('only what an object has itself is a field of it', () => {
  fc.assert(fc.property(anyJson(), fc.constantFrom(...INHERITED), (value, name) => {
    const own = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).includes(name);
    assert.equal(field(value, name) !== undefined, own);
    assert.equal(typeof textIn(value, name), 'string');
    assert.ok(Array.isArray(listIn(value, name)));
    assert.equal(typeof asText(value), 'string');
  }));
  assert.equal(field(JSON.parse('{"__proto__": 7}'), '__proto__'), 7);
  assert.equal(field([1], 'length'), undefined);
  assert.equal(field('text', 'length'), undefined);
});
