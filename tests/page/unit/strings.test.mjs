import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../../static/preferences.js';
import { bytes, text } from '../../../static/strings.js';
import { errorText } from '../../../static/view/tools/code_interpreter.js';

test('sizes are told in the unit that suits them', () => {
  assert.deepEqual([0, 1, 999, 1_000, 15_400, 1_512_345, 2e9, 5e12].map(bytes), ['0 bytes', '1 byte', '999 bytes', '1 kB', '15 kB', '1.5 MB', '2 GB', '5,000 GB']);
});

test('a fault of a program is told in words, one that is not known as it is', () => {
  assert.equal(errorText('timeout'), 'The time was up. (timeout)');
  assert.equal(errorText('novel'), 'novel');
});

test('a limit of cost is written to the last digit that was given', () => {
  for (const [usd, written] of [[0.05, '$0.05'], [1, '$1.00'], [1_000, '$1,000.00'], [0.0005, '$0.0005'], [1e-9, '$0.000000001'], [1e-12, '$1e-12'], [2.5, '$2.50'], [0.123456789, '$0.123456789']]) {
    assert.equal(text.spentOf('$0', usd), `$0 of at most ${written}`);
    assert.equal(text.preferences.chipPriority({ ...DEFAULTS, usd }), `Balanced · at most ${written}`);
  }
  assert.equal(text.preferences.chipPriority({ ...DEFAULTS, priority: 'cost' }), 'Lowest cost');
  assert.equal(text.preferences.chipPriority({ ...DEFAULTS, usd: 1, mode: 'discussion', instructions: 'Be brief.' }), 'Balanced · discussion · instructions · at most $1.00');
});
