// What an answer rests on: which source a number in it means, the passages that the log holds, and which pictures stand in their place.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlaced } from '../../../static/artifacts.js';
import { readEvent } from '../../../static/events.js';
import { emptyRun, fold } from '../../../static/fold.js';
import { numbering, passagesOf } from '../../../static/sources.js';
import * as run from '../runs.mjs';

const SOURCES = [{ title: 'A', url: 'https://a.example/' }, { title: 'B', url: 'https://b.example/x' }, null, { title: 'no address' }];
const stateOf = (events) => run.numbered(events).reduce((state, { seq, ...event }) => fold(state, readEvent(event, seq)), emptyRun);

for (const [name, answer, wanted] of [
  ['in the order of the sources', 'x [1]', [0, 1, 2, 3, null]],
  ['in the order in which the answer lists them', '[1] B, https://b.example/x.\n[2]: https://a.example', [1, 0, 2, 3, null]],
  ['of an address that is none of the sources', '- [1] https://elsewhere.example/', [null, 1, 2, 3, null]],
  ['beside an address in a sentence', 'As [1](https://b.example/x) and [2] says https://a.example', [0, 1, 2, 3, null]],
]) test(`numbers of an answer ${name}`, () => assert.deepEqual([1, 2, 3, 4, 5].map(numbering(answer, SOURCES)), wanted));

test('no number means a source before the first one', () => assert.equal(numbering('', SOURCES)(0), null));

test('the passage of an address is what a search found there first, else the beginning of what was read', () => {
  const state = stateOf([
    run.start(), run.round(1),
    run.call(1, 'c1', 'search', {}), run.result(1, 'c1', 'search', { results: [{ url: 'https://a.example/', snippet: 'One\n two.' }, { url: 'https://b.example/x', snippet: '' }, 'no result', { url: 7, snippet: 'x' }] }),
    run.call(1, 'c2', 'read_url', {}), run.result(1, 'c2', 'read_url', { url: 'https://b.example/x', text: 'Read. '.repeat(500) }),
    run.call(1, 'c3', 'search', {}), run.result(1, 'c3', 'search', { results: [{ url: 'https://a.example/', snippet: 'Later.' }] }),
    run.call(1, 'c4', 'search', {}), run.result(1, 'c4', 'search', { results: [{ url: 'https://c.example/', snippet: 'Of a failure.' }] }, { ok: false }),
    run.call(1, 'c5', 'other', {}), run.result(1, 'c5', 'other', { url: 'https://d.example/' }),
  ]);
  const passages = passagesOf(state);
  assert.deepEqual([...passages.keys()], ['https://a.example/', 'https://b.example/x']);
  assert.equal(passages.get('https://a.example/'), 'One two.');
  assert.ok(passages.get('https://b.example/x').startsWith('Read. Read.') && passages.get('https://b.example/x').length <= 400);
});

for (const [answer, wanted] of [['![x](figure-1.png)', true], ['![x](sandbox:/mnt/data/figure-1.png) y', true], ['[x](figure-1.png)', false], ['![x](a-figure-1.png)', false], ['figure-1.png', false], ['![x](https://foreign.example/figure-1.png)', false], ['![x](/api/runs/r/artifacts/figure-1.png?version=2)', true]]) {
  test(`whether a picture stands in its place: ${answer}`, () => assert.equal(isPlaced(answer, 'figure-1.png'), wanted));
}
