import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isBound, leftOf, readLimits, secondsOf } from '../../../static/limits.js';
import { countdown, limitWords } from '../../../static/strings-limits.js';
import { anyJson } from '../any-json.mjs';

const LIMITS = {
  runs_per_minute: { limit: 10, used: 3 },
  parallel: { limit: 4, used: 4 },
  usd_per_day: { limit: 5, used: 1.25, reserved: 0.5, resets_at: '2026-12-01T00:00:00Z' },
};
const NOW = Date.parse('2026-11-30T12:00:00Z');

test('what is left is what is neither used nor set aside', () => {
  const read = readLimits({ ...LIMITS, max_rounds: 50 });
  assert.deepEqual(read, {
    minute: { limit: 10, left: 7 },
    parallel: { limit: 4, left: 0 },
    day: { limit: 5, left: 3.25, used: 1.25, reserved: 0.5, resetsAt: Date.parse('2026-12-01T00:00:00Z') },
  });
  assert.equal(limitWords.short(read), '7 of 10 runs left this minute · 0 of 4 at once · $3.25 left today');
  assert.equal(readLimits({ usd_per_day: { limit: 0.3, used: 0.1, reserved: 0.2 } }).day.left, 0, 'of what decimals leave over nothing is left');
});

test('without a limit there is nothing to tell', () => {
  for (const none of [undefined, null, {}, [], 'x', { runs_per_minute: null, parallel: null, usd_per_day: null }, { runs_per_minute: 10 }, { parallel: { used: 3 } }]) {
    const read = readLimits(none);
    assert.equal(isBound(read), false, JSON.stringify(none));
    assert.equal(limitWords.short(read), '');
  }
});

test('of limits of any form something is read that can be told, and never less than nothing is left', () => {
  const odd = fc.record({ limit: anyJson(), used: anyJson(), reserved: anyJson(), resets_at: anyJson() }, { requiredKeys: [] });
  const number = fc.record({ limit: fc.double(), used: fc.double(), reserved: fc.double(), resets_at: fc.string() }, { requiredKeys: ['limit'] });
  const one = fc.oneof(odd, number, anyJson());
  fc.assert(fc.property(fc.record({ runs_per_minute: one, parallel: one, usd_per_day: one }, { requiredKeys: [] }), (limits) => {
    const read = readLimits(limits);
    for (const part of [read.minute, read.parallel, read.day]) {
      assert.ok(part === null || (part.left >= 0 && part.left <= part.limit && Number.isFinite(part.limit)), JSON.stringify(part));
    }
    const told = [limitWords.short(read), ...Object.values(limitWords.met(read)), ...(read.day ? [limitWords.dayNote(read.day, NOW)] : [])].join(' ');
    assert.doesNotMatch(told, /NaN|undefined|null|Infinity|Invalid/);
  }));
});

test('a time to wait is told in seconds or as a date, and is never longer than a day', () => {
  for (const [header, seconds] of [
    ['42', 42], [' 42 ', 42], ['0', 1], ['0.2', 1], ['1.5', 2], ['86400', 86_400], ['999999999999', 86_400], ['Mon, 30 Nov 2026 12:00:10 GMT', 10], ['Mon, 30 Nov 2026 11:00:00 GMT', 1],
    [null, null], [undefined, null], ['', null], ['-5', null], ['soon', null], ['NaN', null], ['1e3', null], ['0x10', null], ['12, 13', null],
  ]) assert.equal(secondsOf(header, NOW), seconds, String(header));
  fc.assert(fc.property(fc.string(), fc.integer(), (header, now) => {
    const seconds = secondsOf(header, now);
    assert.ok(seconds === null || (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400));
  }));
});

test('a countdown only goes down to nothing, also where the clock of the device is set', () => {
  assert.equal(leftOf(NOW + 10_000, 10, NOW), 10);
  assert.equal(leftOf(NOW + 10_000, 10, NOW + 9_001), 1);
  assert.equal(leftOf(NOW + 10_000, 10, NOW + 10_000), 0);
  fc.assert(fc.property(fc.integer({ min: 1, max: 86_400 }), fc.array(fc.integer({ min: -1e9, max: 1e9 })), (seconds, shifts) => {
    for (const shift of shifts) {
      const left = leftOf(NOW + seconds * 1_000, seconds, NOW + shift);
      assert.ok(left >= 0 && left <= seconds);
      if (shift >= seconds * 1_000) assert.equal(left, 0);
    }
  }));
});

test('a countdown is written shortly, each second in another way', () => {
  assert.deepEqual([1, 59, 60, 119, 120, 599, 3_599, 3_600, 86_399].map(countdown), ['1 s', '59 s', '60 s', '119 s', '2:00', '9:59', '59:59', '1:00:00', '23:59:59']);
  const all = Array.from({ length: 86_400 }, (_, at) => countdown(at + 1));
  assert.equal(new Set(all).size, all.length);
});

test('which limit was met is said with its number, or without where that is not known', () => {
  const known = limitWords.met(readLimits(LIMITS));
  assert.equal(known.runs_per_minute, 'All 10 runs of this minute are used.');
  assert.equal(known.parallel, 'As many runs are going on as may at once: 4.');
  assert.equal(known.usd_per_day, 'Today’s $5.00 are spent, or set aside for runs that go on.');
  const unknown = limitWords.met(readLimits(null));
  assert.equal(unknown.runs_per_minute, 'The runs of this minute are used.');
  assert.equal(unknown.parallel, 'As many runs are going on as may at once.');
  assert.equal(unknown.usd_per_day, 'The dollars of this day are spent, or set aside for runs that go on.');
});

test('when to come back is told by the clock of the device: to the second where it is soon, with the day where it is another one', () => {
  const noon = new Date(2026, 10, 30, 12, 0, 0).getTime();
  assert.equal(limitWords.clock(noon + 42_000, noon), '12:00:42');
  assert.equal(limitWords.clock(noon + 5 * 3_600_000, noon), '17:00');
  assert.match(limitWords.clock(noon + 13 * 3_600_000, noon), /^Tuesday[ ,at]+01:00$/);
});
