import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asLine, asText, field, lineIn, listIn, misfits, shortLine, textIn, written } from '../../../static/json.js';
import { anyJson } from '../any-json.mjs';

const INHERITED = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__', '__defineGetter__', 'isPrototypeOf'];

test('what is written is the JSON itself', () => {
  fc.assert(fc.property(anyJson({ finite: true }), (value) => assert.equal(JSON.stringify(JSON.parse(written(value))), JSON.stringify(value))));
});

test('small JSON is indented as everybody writes it', () => {
  const values = [null, true, -1.5, 'x\n"', [], {}, [1, [2, {}]], { a: 1, b: { c: [null, 'd'] } }, JSON.parse('{"__proto__": {"constructor": 1}, "": 2}'), '\ud800', ['\udc00\ud800']];
  assert.deepEqual(values.map((value) => written(value)), values.map((value) => JSON.stringify(value, null, 2)));
});

test('the sixteenth level is the last that stands on lines of its own', () => {
  const within = (levels, value) => (levels === 0 ? value : [within(levels - 1, value)]);
  const lines = (value) => JSON.stringify(value, null, 2);
  assert.equal(written(within(16, 1)), lines(within(16, 1)));
  assert.equal(written(within(18, 1)), lines(within(16, 'inner')).replace('"inner"', '[[1]]'));
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
  assert.deepEqual([written([1, 2], 1), written([1, 2], 2), written([1, 2], 5), written([1, 2], 6)], ['[', '[\n  1', '[\n  1', '[\n  1,\n  2']);
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

test('what is nothing at all is written as null', () => {
  assert.equal(written(undefined), 'null');
  assert.deepEqual([asText(undefined), asText(null), asText(''), asText(0), asText(false)], ['', '', '', '0', 'false']);
});

test('a line is the beginning of a text without its breaks, or of JSON', () => {
  assert.equal(shortLine('  one\n\ttwo  '), 'one two');
  assert.equal(shortLine('x'.repeat(241)), 'x'.repeat(240));
  assert.equal(shortLine(`${' '.repeat(4_095)}ab`), 'a');
  assert.equal(asLine({ a: [1] }), '{ "a": [ 1 ] }');
  assert.equal(lineIn({ text: 'one\ntwo', more: 1 }, 'text'), 'one two');
  assert.equal(lineIn({ text: 7 }, 'text'), '{ "text": 7 }');
  assert.equal(lineIn('alone', 'text'), 'alone');
});

test('misfits are the fields of another type, and in a closed shape those that it does not name', () => {
  const shape = { text: 'string', count: 'number', is: 'boolean', inner: 'object', all: 'list' };
  const fits = { text: '', count: 0, is: false, inner: {}, all: [] };
  // (what stands there, what of it is odd in an open shape, and in a closed one)
  const cases = [
    [fits, undefined, undefined],
    [{}, undefined, undefined],
    [{ text: null, all: null }, undefined, undefined],
    [{ text: 'a', more: 1 }, undefined, { more: 1 }],
    [{ text: 1, more: 1 }, { text: 1 }, { text: 1, more: 1 }],
    [{ text: [], count: '1', is: 0, inner: [], all: {} }, { text: [], count: '1', is: 0, inner: [], all: {} }, { text: [], count: '1', is: 0, inner: [], all: {} }],
    // None of its fields is known: it is another thing.
    [{ more: 1 }, { more: 1 }, { more: 1 }],
    [{ more: 1, others: 2 }, { more: 1, others: 2 }, { more: 1, others: 2 }],
    [[], [], []],
    ['text', 'text', 'text'],
    [0, 0, 0],
    [null, null, null],
    [undefined, null, null],
  ];
  for (const [value, open, closed] of cases) {
    assert.deepEqual([misfits(value, shape, false), misfits(value, shape, true)], [open, closed], JSON.stringify(value));
  }
});
