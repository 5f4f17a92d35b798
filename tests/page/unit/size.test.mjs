// What a first visit loads stays small: the compressed sizes of all that the page is made of.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const MAX_SCRIPT_BYTES = 65_000;
const MAX_STYLE_BYTES = 10_000;
const MAX_BYTES = 100_000;
const folder = new URL('../../../static/', import.meta.url);

/** Compressed size of all files whose name has this ending. */
function sizeOf(ending) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(ending));
  assert.ok(names.length > 0, `no file ends with ${ending}`);
  return names.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, folder))).length, 0);
}

test('scripts, styles and the whole page stay within their budgets', () => {
  const script = sizeOf('.js');
  const style = sizeOf('.css');
  const rest = sizeOf('.html') + sizeOf('.svg');
  assert.ok(script <= MAX_SCRIPT_BYTES, `scripts: ${script} bytes`);
  assert.ok(style <= MAX_STYLE_BYTES, `styles: ${style} bytes`);
  assert.ok(script + style + rest <= MAX_BYTES, `together: ${script + style + rest} bytes`);
});
