// Tables as CSV: that a reader of CSV gets back what the cells say, and that a spreadsheet runs none of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvOf } from '../../../static/csv.js';

for (const [name, rows, wanted] of [
  ['plain cells', [['a', 'b'], ['1', '-2.5']], 'a,b\r\n1,-2.5'],
  ['cells with commas, quotes and lines', [['a, b', '"x"', 'l\nm', 'r\rs']], '"a, b","""x""","l\nm","r\rs"'],
  ['formulas', [['=1+1', '+SUM(A1)', '-x', '@x', '\tx']], "'=1+1,'+SUM(A1),'-x,'@x,'\tx"],
  ['numbers, which are none', [['+1', '-3', '-1,000.5', '-5 %', '+49 30 1']], '+1,-3,"-1,000.5",-5 %,+49 30 1'],
  ['no cells', [[''], []], '\r\n'],
]) test(`a table as CSV: ${name}`, () => assert.equal(csvOf(rows), wanted));

/** A reader of CSV. */
function parsed(csv) {
  const rows = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows;
}

test('a reader of CSV gets back each cell, a mark before what begins like a formula apart', () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('"', ',', '\r\n', '=x', '-1', '""', '\n'));
  fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), (rows) => {
    const read = parsed(csvOf(rows));
    assert.equal(read.length, rows.length);
    rows.forEach((cells, at) => cells.forEach((wanted, column) => assert.ok([wanted, `'${wanted}`].includes(read[at][column]), JSON.stringify([wanted, read[at]]))));
    for (const found of read.flat()) assert.doesNotMatch(found, /^(?:[=@\t\r]|[+-](?![\d.,\s]*\d%?$| ?\d[\d.,\s]*%$))/);
  }), { numRuns: 2_000 });
});
