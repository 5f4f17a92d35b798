import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byDay, emptyHistory, isGoingOn, withBegun, withNewest, withOlder, withSeen, without } from '../../../static/history.js';

const entry = (id, fields = {}) => ({ run_id: id, title: `Question ${id}`, status: 'completed', created_at: '2026-01-02T03:04:05Z', duration_ms: 1_000, ...fields });
const page = (cursor, ...ids) => ({ runs: ids.map((id) => entry(id)), cursor });
const ids = ({ entries }) => entries.map(({ run_id: id }) => id).join('');
const read = (...pages) => pages.slice(1).reduce(withOlder, withNewest(emptyHistory, pages[0]));

test('pages are joined, newest first, each run once', () => {
  const history = read(page('c', 'e', 'd', 'c'), page('a', 'c', 'b', 'a'));
  assert.deepEqual([ids(history), history.cursor], ['edcba', 'a']);
});

test('the newest page read again keeps what was read behind it', () => {
  const history = withNewest(read(page('c', 'e', 'd', 'c'), page(null, 'b', 'a')), page('d', 'f', 'e', 'd'));
  assert.deepEqual([ids(history), history.cursor], ['fedcba', null]);
});

test('a newest page that does not reach what was read before stands alone', () => {
  const history = withNewest(read(page('a', 'b', 'a')), page('g', 'i', 'h', 'g'));
  assert.deepEqual([ids(history), history.cursor], ['ihg', 'g']);
});

test('a newest page that is all there is drops what was deleted elsewhere', () => {
  assert.equal(ids(withNewest(read(page(null, 'c', 'b', 'a')), page(null, 'c', 'a'))), 'ca');
});

test('a run that has begun stands first, once', () => {
  assert.equal(ids(withBegun(withBegun(read(page(null, 'a')), entry('b')), entry('b'))), 'ba');
});

test('what the page sees of a run changes its entry and no other, and nothing new changes nothing', () => {
  const history = read(page(null, 'b', 'a'));
  const seen = withSeen(history, 'a', { status: 'failed', duration_ms: 5 });
  assert.deepEqual(seen.entries, [entry('b'), entry('a', { status: 'failed', duration_ms: 5 })]);
  assert.equal(withSeen(seen, 'a', { status: 'failed', duration_ms: 5 }), seen);
  assert.equal(withSeen(seen, 'z', { status: 'failed', duration_ms: 5 }), seen);
});

test('a deleted run is gone', () => {
  assert.equal(ids(without(read(page(null, 'b', 'a')), 'b')), 'a');
});

test('today begins at midnight of this machine', () => {
  const midnight = new Date(2026, 0, 2).getTime();
  const entries = [entry('b', { created_at: new Date(midnight).toISOString() }), entry('a', { created_at: new Date(midnight - 1).toISOString() })];
  assert.deepEqual(byDay(entries, midnight + 3_600_000), { today: [entries[0]], earlier: [entries[1]] });
});

test('a run that has not ended is going on', () => {
  assert.deepEqual(['running', 'suspended', 'stopping', 'completed', 'cancelled', 'failed', 'out_of_rounds'].map(isGoingOn), [true, true, true, false, false, false, false]);
});
