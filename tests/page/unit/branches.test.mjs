import assert from 'node:assert/strict';
import { test } from 'node:test';
import { branchesOf, parseBranches, withBranch, withoutRun } from '../../../static/branches.js';
import { addressOf } from '../../../static/current.js';

test('what was kept is there again, and what makes no sense is left out', () => {
  assert.deepEqual(parseBranches('[["b","a"],["c","a"]]'), [['b', 'a'], ['c', 'a']]);
  for (const kept of [null, '', 'x', '{', '{}', '7', '"ab"', '[7]', '[["a"]]', '[["a","a"]]', '[["",""]]', '[["a",7]]', '[["a","b","c"]]', '[null]']) assert.deepEqual(parseBranches(kept), [], String(kept));
});

test('a run is asked in place of one other, and of many the newest come first', () => {
  const all = withBranch(withBranch(withBranch([], ['b', 'a']), ['c', 'a']), ['d', 'c']);
  assert.deepEqual(branchesOf(all, 'a'), { first: null, again: ['c', 'b'] });
  assert.deepEqual(branchesOf(all, 'c'), { first: 'a', again: ['d'] });
  assert.deepEqual(branchesOf(all, 'x'), { first: null, again: [] });
  assert.deepEqual(withBranch(all, ['b', 'x']), [['c', 'a'], ['d', 'c'], ['b', 'x']]);
});

test('a run that is gone leaves no link behind', () => {
  assert.deepEqual(withoutRun([['b', 'a'], ['c', 'b'], ['d', 'a']], 'b'), [['d', 'a']]);
});

test('the oldest are forgotten', () => {
  let all = [];
  for (let at = 0; at < 510; at += 1) all = withBranch(all, [`r${at}`, 'a']);
  assert.deepEqual([all.length, all[0][0], all.at(-1)[0]], [500, 'r10', 'r509']);
});

test('two runs side by side have an address of their own', () => {
  assert.equal(addressOf('A'), '/orchestrator?run=A');
  assert.equal(addressOf('A&b', 'B c'), '/orchestrator?run=A%26b&beside=B%20c');
});
