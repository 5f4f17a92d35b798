import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byDay, emptyHistory, isGoingOn, readPage, withBegun, withNewest, withOlder, withSeen, without } from '../../../static/history.js';

const entry = (id, fields = {}) => ({ run_id: id, title: `Question ${id}`, status: 'completed', created_at: '2026-01-02T03:04:05Z', duration_ms: 1_000, ...fields });
const page = (cursor, ...ids) => ({ runs: ids.map((id) => entry(id)), cursor });
const ids = ({ entries }) => entries.map(({ run_id: id }) => id).join('');
const read = (...pages) => pages.slice(1).reduce(withOlder, withNewest(emptyHistory, pages[0]));

test('pages are joined, newest first, each run once', () => {
  const history = read(page('c', 'e', 'd', 'c'), page('a', 'c', 'b', 'a'));
  assert.deepEqual([ids(history), history.cursor], ['edcba', 'a']);
});

test('a page of the list is read, whatever stands in it', () => {
  const listed = { run_id: 'a', title: 'Why?', status: 'completed', created_at: '2026-01-02T03:04:05Z', duration_ms: 7 };
  assert.deepEqual(readPage({ runs: [{ ...listed, pinned: true }], cursor: 'next' }), { runs: [listed], cursor: 'next', unreadable: 0 });
  const without = { title: '', status: '', created_at: '', duration_ms: null };
  const odd = [{ run_id: 'b' }, { ...listed, title: 3, status: null, created_at: 4 }, { title: 'no id' }, { run_id: 'not an id' }, null, 'a'];
  assert.deepEqual(readPage({ runs: odd, cursor: 'not a cursor' }), {
    runs: [{ run_id: 'b', ...without }, { ...listed, title: '3', status: '', created_at: '' }],
    cursor: null,
    unreadable: 4,
  });
  for (const body of [null, [], 'text', {}, { runs: {}, cursor: 7 }]) assert.deepEqual(readPage(body), { runs: [], cursor: null, unreadable: 0 });
});

test('a length of time is a number that can be one', () => {
  const lasting = (ms) => readPage({ runs: [{ run_id: 'a', duration_ms: ms }] }).runs[0].duration_ms;
  for (const ms of [0, 0.5, 7, Number.MAX_SAFE_INTEGER]) assert.equal(lasting(ms), ms);
  for (const ms of [-1, 2 ** 53, Infinity, '7', [7], null]) assert.equal(lasting(ms), null);
});

test('a newest page that reaches the last run read goes on with its own cursor', () => {
  const history = withNewest(read(page('a', 'b', 'a')), page('new', 'c', 'b', 'a'));
  assert.deepEqual([ids(history), history.cursor], ['cba', 'new']);
  const one = withNewest(read(page('b', 'c', 'b'), page('old', 'a')), page('new', 'd', 'c', 'b'));
  assert.deepEqual([ids(one), one.cursor], ['dcba', 'old']);
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

test('one thing that has changed in a run is enough', () => {
  const history = read(page(null, 'a'));
  for (const seen of [{ status: 'failed', duration_ms: 1_000 }, { status: 'completed', duration_ms: 5 }]) {
    assert.deepEqual(withSeen(history, 'a', seen).entries, [entry('a', seen)]);
  }
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
  assert.deepEqual(['starting', 'running', 'suspended', 'stopping', 'completed', 'cancelled', 'failed', 'out_of_rounds'].map(isGoingOn), [true, true, true, true, false, false, false, false]);
});
