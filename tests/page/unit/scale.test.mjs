// Places on a picture: ticks that hold all values and can be read, and bars that stay within it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { barsIn, digitsOf, shareOf, ticksOf } from '../../../static/scale.js';

for (const [most, least, ticks] of [
  [3, 1, [0, 1, 2, 3]], [8, 1, [0, 2, 4, 6, 8]], [20, 1, [0, 5, 10, 15, 20]], [40, 1, [0, 10, 20, 30, 40]], [0.8, 1e-9, [0, 0.2, 0.4, 0.6, 0.8]], [1, 1, [0, 1]], [13, 1, [0, 5, 10, 15]], [100, 1, [0, 50, 100]], [87, 1, [0, 50, 100]], [1_234_567, 1, [0, 500_000, 1_000_000, 1_500_000]],
  [0.0123, 1e-9, [0, 0.005, 0.01, 0.015]], [0.3, 1e-9, [0, 0.1, 0.2, 0.3]], [12345.678901, 1e-9, [0, 5_000, 10_000, 15_000]], [1e-9, 1e-9, [0, 1e-9]], [0, 1, [0, 1]],
]) test(`ticks up to ${most}`, () => assert.deepEqual(ticksOf(most, least), ticks));

test('ticks begin at nothing, hold the most, are few and evenly spaced', () => {
  fc.assert(fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), fc.constantFrom(1, 1e-9), (most, least) => {
    const ticks = ticksOf(most, least);
    assert.equal(ticks[0], 0);
    assert.ok(ticks.at(-1) >= most * (1 - 1e-6) && ticks.length >= 2 && ticks.length <= 6, `${most}: ${ticks}`);
    for (let at = 1; at < ticks.length; at += 1) assert.ok(Math.abs(ticks[at] - ticks[at - 1] - ticks[1]) <= ticks[1] * 1e-6);
  }));
});

test('as many digits are written as the steps have', () => {
  assert.deepEqual([[0, 1], [0, 0.5], [0, 0.1], [0, 0.02], [0, 0.001], [0, 500], [0, 1e-9]].map(digitsOf), [0, 1, 1, 2, 3, 0, 9]);
});

test('bars stand on the ground and upon each other; of nothing there is none, and little is seen all the same', () => {
  const [first, second, third] = barsIn([[1, 1], [0, 0], [0, 1e-6]], 4, 100);
  assert.deepEqual(first.parts, [{ y: 75, height: 25, at: 0 }, { y: 50, height: 25, at: 1 }]);
  assert.deepEqual(second.parts, []);
  assert.deepEqual(third.parts, [{ y: 98.5, height: 1.5, at: 1 }]);
});

test('a bar stands in the middle of its place, and few of them are not wide', () => {
  assert.deepEqual(barsIn([[1]], 1, 100), [{ x: 44, width: 12, parts: [{ y: 0, height: 100, at: 0 }] }]);
  assert.deepEqual(barsIn(Array(10).fill([0]), 1, 100).map(({ x, width }) => [x, width]).slice(0, 2), [[1, 8], [11, 8]]);
});

test('no bar leaves the picture or covers another', () => {
  fc.assert(fc.property(fc.array(fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { maxLength: 3 }), { minLength: 1, maxLength: 400 }), (stacks) => {
    const top = Math.max(1, ...stacks.map((stack) => stack.reduce((sum, one) => sum + one, 0)));
    let end = 0;
    for (const { x, width, parts } of barsIn(stacks, top, 140)) {
      assert.ok(x >= end - 1e-9 && width > 0 && x + width <= 100 + 1e-9);
      end = x + width;
      let ground = 140;
      for (const { y, height } of parts) {
        assert.ok(y >= 0 && Math.abs(y + height - ground) < 1e-6);
        ground = y;
      }
    }
  }));
});

test('a line is as long as its part of the longest, and never so short that it is not seen', () => {
  assert.deepEqual([shareOf(5, 10), shareOf(10, 10), shareOf(1, 1e9), shareOf(0, 10), shareOf(0, 0)], [50, 100, 0.5, 0, 0]);
});
