import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withFound, withoutFound } from '../../../static/found.js';
import { emptyHistory, groupsOf, isGoingOn, readEntry, readPage, withBegun, withNewest, withOlder, withSeen } from '../../../static/history.js';
import { onOneLine, withChanged, without } from '../../../static/history-changes.js';

const entry = (id, fields = {}) => ({ run_id: id, title: `Question ${id}`, status: 'completed', created_at: '2026-01-02T03:04:05Z', duration_ms: 1_000, pinned: false, ...fields });
const page = (cursor, ...ids) => ({ runs: ids.map((id) => entry(id)), cursor });
const idsOf = (entries) => entries.map(({ run_id: id }) => id).join('');
const ids = ({ entries }) => idsOf(entries);
const groups = (history) => Object.fromEntries(Object.entries(groupsOf(history, Date.parse('2030-01-01'))).filter(([, entries]) => entries.length > 0).map(([name, entries]) => [name, idsOf(entries)]));
const read = (...pages) => pages.slice(1).reduce((history, older) => withOlder(history, older), withNewest(emptyHistory, pages[0]));

test('pages are joined, newest first, each run once', () => {
  const history = read(page('c', 'e', 'd', 'c'), page('a', 'c', 'b', 'a'));
  assert.deepEqual([ids(history), history.cursor], ['edcba', 'a']);
});

test('a page of the list is read, whatever stands in it', () => {
  const listed = { run_id: 'a', title: 'Why?', status: 'completed', created_at: '2026-01-02T03:04:05Z', duration_ms: 7, pinned: true };
  assert.deepEqual(readPage({ runs: [{ ...listed, rating: null }], cursor: 'next' }), { runs: [listed], cursor: 'next', unreadable: 0 });
  const without = { title: '', status: '', created_at: '', duration_ms: null, pinned: null };
  const odd = [{ run_id: 'b' }, { ...listed, title: 3, status: null, created_at: 4, pinned: 'true' }, { title: 'no id' }, { run_id: 'not an id' }, null, 'a'];
  assert.deepEqual(readPage({ runs: odd, cursor: 'not a cursor' }), {
    runs: [{ run_id: 'b', ...without }, { ...listed, title: '3', status: '', created_at: '', pinned: null }],
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
  assert.deepEqual(groups(withBegun(withBegun(read(page(null, 'a')), entry('b')), entry('b'))), { earlier: 'ba' });
  assert.deepEqual(groups(withBegun(read(page(null, 'b', 'a')), entry('a'))), { earlier: 'ab' });
  assert.deepEqual(groups(withBegun(withBegun(emptyHistory, entry('a')), entry('b'))), { earlier: 'ba' });
});

test('a run that goes on stays until a page holds it, as a list may lag behind; one that is over is where the pages say', () => {
  const going = entry('b', { status: 'running' });
  const begun = withNewest(withBegun(read(page(null, 'a')), going), page(null, 'a'));
  assert.deepEqual(groups(begun), { earlier: 'ba' });
  assert.deepEqual(withNewest(begun, page(null, 'b', 'a')).begun, []);
  assert.deepEqual(groups(withNewest(withSeen(begun, 'b', { status: 'completed' }), page(null, 'a'))), { earlier: 'a' });
});

test('runs that others began before one begun here are not lost', () => {
  const begun = withBegun(read(page(null, 'b', 'a')), entry('d'));
  const again = withNewest(begun, page('d', 'd'));
  assert.deepEqual([ids(again), again.cursor], ['d', 'd']);
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
  const runs = [entry('b', { created_at: new Date(midnight).toISOString() }), entry('a', { created_at: new Date(midnight - 1).toISOString() })];
  assert.deepEqual(groupsOf(read({ runs, cursor: null }), midnight + 3_600_000), { found: [], pinned: [], today: [runs[0]], earlier: [runs[1]] });
});

const pinned = (cursor, ...ids) => ({ runs: ids.map((id) => entry(id, { pinned: true })), cursor });

test('pinned runs are the first group, also those older than the pages that were read, and each stands once', () => {
  const first = withNewest(emptyHistory, { runs: [entry('e'), entry('d', { pinned: true })], cursor: 'd' }, pinned(null, 'd', 'a'));
  assert.deepEqual(groups(first), { pinned: 'da', earlier: 'e' });
  const more = withOlder(first, { runs: [entry('c'), entry('b'), entry('a', { pinned: true })], cursor: null });
  assert.deepEqual(groups(more), { pinned: 'da', earlier: 'ecb' });
});

test('what another tab pinned, renamed or pins no longer is so among the older runs, too', () => {
  const old = withOlder(withNewest(emptyHistory, page('d', 'e', 'd')), { runs: [entry('c', { pinned: true }), entry('b')], cursor: 'b' });
  const runs = [entry('b', { pinned: true, title: 'Renamed' })];
  const history = withNewest(old, page('d', 'e', 'd'), { runs, cursor: null });
  assert.deepEqual(groups(history), { pinned: 'b', earlier: 'edc' });
  assert.equal(groupsOf(history, 0).pinned[0].title, 'Renamed');
  // Not all pins were read: the others are as they were.
  assert.deepEqual(groups(withNewest(old, page('d', 'e', 'd'), { runs, cursor: 'b' })), { pinned: 'cb', earlier: 'ed' });
});

test('pins that cannot be read stay as they are known, and those of a page that says otherwise do not', () => {
  const old = withNewest(emptyHistory, { runs: [entry('e', { pinned: true }), entry('d')], cursor: 'd' }, pinned(null, 'e', 'a'));
  assert.deepEqual(groups(withNewest(old, page('h', 'i', 'h'))), { pinned: 'ea', earlier: 'ih' });
  assert.deepEqual(groups(withNewest(old, page('d', 'e', 'd'))), { pinned: 'a', earlier: 'ed' });
  assert.deepEqual(groups(withNewest(old, page(null, 'e', 'd'))), { earlier: 'ed' });
});

test('a server that does not know the question answers it with runs that are not pinned', () => {
  const { pinned: _, ...old } = entry('a');
  const runs = [readEntry(old)];
  assert.deepEqual(groups(withNewest(emptyHistory, { runs, cursor: 'a' }, { runs, cursor: 'a' })), { earlier: 'a' });
});

test('a run that is pinned or renamed here is so in all parts of the list, and pinned no more leaves the group', () => {
  const found = withFound(withNewest(emptyHistory, page('d', 'e', 'd'), pinned(null, 'b')), 'question', page(null, 'e', 'c', 'b'));
  const both = withChanged(found, entry('c'), { title: 'New', pinned: true });
  assert.deepEqual(both.found.entries.map(({ title }) => title), ['Question e', 'New', 'Question b']);
  assert.deepEqual(groups(withoutFound(both)), { pinned: 'cb', earlier: 'ed' });
  assert.deepEqual(groups(withoutFound(withChanged(both, entry('b'), { title: 'b', pinned: false }))), { pinned: 'c', earlier: 'ed' });
  // What the page knows of the run by now stays.
  const seen = withChanged(withSeen(both, 'e', { status: 'failed' }), entry('e'), { title: 'E', pinned: true });
  assert.deepEqual(seen.pins.map(({ run_id: id, status }) => [id, status]), [['e', 'failed'], ['c', 'completed'], ['b', 'completed']]);
  const dated = (id, year) => entry(id, { created_at: `${year}-01-01T00:00:00Z`, pinned: true });
  // One that no part of the list holds any more is pinned all the same, in its place.
    const two = withNewest(emptyHistory, page('d', 'e', 'd'), { runs: [dated('c', 2025), dated('a', 2023)], cursor: null });
  assert.equal(idsOf(withChanged(two, dated('b', 2024), { title: 'b', pinned: true }).pins), 'cba');
});

test('what is known of a run does not take its pin away', () => {
  const history = withSeen(read({ runs: [entry('a', { pinned: true })], cursor: null }), 'a', { status: 'running', duration_ms: null });
  assert.deepEqual(groups(history), { pinned: 'a' });
});

test('what was found is one group, goes on by its cursor, and leaves the list as it was', () => {
  const list = withNewest(emptyHistory, page('d', 'e', 'd'), pinned(null, 'b'));
  const some = withFound(list, 'question', page('c', 'e', 'c'));
  assert.deepEqual([groups(some), some.found.cursor], [{ found: 'ec' }, 'c']);
  const none = withFound(some, 'question', page('b'), 'c');
  assert.deepEqual([groups(none), none.found.cursor], [{ found: 'ec' }, 'b']);
  const all = withFound(none, 'question', page(null, 'c', 'a'), 'b');
  assert.deepEqual([groups(all), all.found.cursor], [{ found: 'eca' }, null]);
  assert.deepEqual(withoutFound(all), list);
  assert.equal(withoutFound(list), list);
});

test('a page of other words, or of a cursor that was passed, changes nothing', () => {
  const found = withFound(emptyHistory, 'one', page('c', 'd', 'c'));
  assert.equal(withFound(found, 'two', page(null, 'a'), 'c'), found);
  assert.equal(withFound(found, 'one', page(null, 'a'), 'b'), found);
  assert.equal(withFound(emptyHistory, 'one', page(null, 'a'), 'b'), emptyHistory);
  assert.deepEqual(groups(withFound(found, 'two', page(null, 'a'))), { found: 'a' });
  const list = read(page('b', 'c', 'b'));
  assert.equal(withOlder(list, page(null, 'a'), 'c'), list);
  assert.deepEqual(groups(withOlder(list, page(null, 'a'), 'b')), { earlier: 'cba' });
});

test('what was found is kept when it is looked for again, as far as the first page says', () => {
  const found = withFound(withFound(emptyHistory, 'q', page('b', 'c', 'b')), 'q', page(null, 'a'), 'b');
  assert.deepEqual([groups(withFound(found, 'q', page('b', 'd', 'b'))), withFound(found, 'q', page('b', 'd', 'b')).found.cursor], [{ found: 'dba' }, null]);
  assert.deepEqual(groups(withFound(found, 'q', page('x'))), { found: 'cba' });
  assert.deepEqual(groups(withFound(found, 'q', page(null))), {});
  assert.equal(withFound(withFound(emptyHistory, 'q', page('x')), 'q', page('y')).found.cursor, 'y');
});

test('of a server that does not know the question only runs that hold the words are found', () => {
  const old = (title) => readEntry({ run_id: title, title });
  const runs = ['How crowded is TOKYO?', 'Tokyo', 'Kyoto'].map(old);
  assert.deepEqual(groups(withFound(emptyHistory, 'tokyo CROWD', { runs, cursor: null })), { found: 'How crowded is TOKYO?' });
  // One that knows it is not corrected.
  assert.deepEqual(groups(withFound(emptyHistory, 'i', page(null, 'a'))), { found: 'a' });
});

test('a run that has begun is found where its title holds the words', () => {
  const found = withFound(emptyHistory, 'QUESTION', page(null, 'a'));
  assert.deepEqual(groups(withBegun(withBegun(found, entry('b')), entry('b'))), { found: 'ba' });
  assert.deepEqual(groups(withBegun(found, entry('c', { title: 'Why?' }))), { found: 'a' });
});

test('a deleted run is gone from every part of the list', () => {
  const history = withFound(withBegun(withNewest(emptyHistory, page('d', 'e', 'd'), pinned(null, 'b')), entry('f')), 'question', page(null, 'f', 'b'));
  const left = ['f', 'b', 'e'].reduce(without, history);
  assert.deepEqual([groups(left), groups(withoutFound(left))], [{}, { earlier: 'd' }]);
});

test('titles and words are one line', () => {
  for (const [text, line] of [['', ''], [' \u3000\n ', ''], [' a\tb\r\n  c ', 'a b c'], ['\u202ea', '\u202ea'], ['😀 😀', '😀 😀']]) assert.equal(onOneLine(text), line);
});

/** A server: its runs newest first, pages of three, and what a page that was asked for earlier holds. */
const letters = [...'abcdefghijklmnopqrstuvwxyz'];
function createServer() {
  let runs = letters.slice(0, 8).map((id) => entry(id)).reverse();
  let next = 8;
  const part = (from, size, all) => {
    const rest = all.filter(({ run_id: id }) => from === null || id < from);
    return { runs: rest.slice(0, size), cursor: rest.length > size ? rest[size - 1].run_id : null };
  };
  return {
    runs: () => runs,
    begin() {
      const run = entry(letters[next] ?? 'a');
      if (next < letters.length) runs = [run, ...runs];
      next += 1;
      return run;
    },
    remove: (id) => void (runs = runs.filter((run) => run.run_id !== id)),
    change: (id, changed) => void (runs = runs.map((run) => (run.run_id === id ? { ...run, ...changed } : run))),
    page: (from) => part(from, 3, runs),
    pins: () => part(null, 100, runs.filter((run) => run.pinned)),
  };
}

const anyStep = fc.record({
  what: fc.constantFrom('newest', 'newest', 'older', 'older', 'late', 'begin', 'begin elsewhere', 'delete', 'delete elsewhere', 'change', 'change elsewhere', 'pins unread'),
  which: fc.nat({ max: 30 }),
  pinned: fc.boolean(),
});

test('whatever pages come in whatever order, each run stands once, pinned ones first, and none that the server has is lost', () => {
  fc.assert(fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
    const server = createServer();
    let history = emptyHistory;
    /** Pages of older runs that come late. */
    const late = [];
    const newest = () => void (history = withNewest(history, server.page(null), server.pins()));
    const older = () => history.cursor !== null && (history = withOlder(history, server.page(history.cursor), history.cursor));
    const check = () => {
      const shown = groupsOf(history, Date.parse('2030-01-01'));
      const all = Object.values(shown).flat().map(({ run_id: id }) => id);
      assert.equal(new Set(all).size, all.length);
      for (const group of [shown.today, shown.earlier]) assert.ok(group.every((run) => !run.pinned));
      return all;
    };
    newest();
    for (const { what, which, pinned: isPinned } of steps) {
      const run = server.runs()[which % Math.max(1, server.runs().length)];
      if (what === 'newest') newest();
      if (what === 'pins unread') history = withNewest(history, server.page(null));
      if (what === 'older') older();
      if (what === 'late') {
        if (which % 2 && history.cursor !== null) late.push([server.page(history.cursor), history.cursor]);
        else if (late.length > 0) history = withOlder(history, ...late.pop());
      }
      if (what === 'begin') history = withBegun(history, server.begin());
      if (what === 'begin elsewhere') server.begin();
      if (run && what.startsWith('delete')) {
        server.remove(run.run_id);
        if (what === 'delete') history = without(history, run.run_id);
      }
      if (run && what.startsWith('change')) {
        const changed = { title: `Changed ${which}`, pinned: isPinned };
        server.change(run.run_id, changed);
        if (what === 'change') history = withChanged(history, run, changed);
      }
      check();
    }
    newest();
    while (history.cursor !== null) older();
    const shown = check();
    for (const { run_id: id } of server.runs()) assert.ok(shown.includes(id), `${id} is lost`);
    assert.deepEqual(idsOf(groupsOf(history, 0).pinned.filter(({ run_id: id }) => server.runs().some((run) => run.run_id === id))), idsOf(server.pins().runs));
  }), { numRuns: 500 });
});

test('whatever pages of whatever words come in whatever order, what was found stands once and is of the last words', () => {
  const anyPage = fc.record({ words: fc.constantFrom('one', 'two'), ids: fc.array(fc.constantFrom(...'abcdef'), { maxLength: 4 }), cursor: fc.constantFrom('a', 'b', null), from: fc.constantFrom('a', 'b', null) });
  fc.assert(fc.property(fc.array(anyPage), (pages) => {
    let history = read(page('d', 'e', 'd'));
    let last = null;
    for (const { words, ids: runs, cursor, from } of pages) {
      const before = history;
      history = withFound(history, words, page(cursor, ...runs), from);
      if (from === null) last = words;
      else if (words !== last || from !== before.found?.cursor) assert.equal(history, before);
      const { found, ...others } = groupsOf(history, 0);
      assert.equal(new Set(ids({ entries: found })).size, found.length);
      if (from === null && !(runs.length === 0 && cursor !== null)) for (const id of runs) assert.ok(ids({ entries: found }).includes(id));
      if (history.found) assert.deepEqual([history.found.words, Object.values(others).flat()], [last, []]);
    }
    assert.deepEqual(groups(withoutFound(history)), { earlier: 'ed' });
  }));
});

test('a run that has not ended is going on', () => {
  assert.deepEqual(['starting', 'running', 'suspended', 'stopping', 'completed', 'cancelled', 'failed', 'out_of_rounds'].map(isGoingOn), [true, true, true, true, false, false, false, false]);
});
