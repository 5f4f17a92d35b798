// What a first visit loads stays small: the compressed sizes of all that the page is made of.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const MAX_SCRIPT_BYTES = 65_000;
const MAX_STYLE_BYTES = 10_000;
const MAX_BYTES = 100_000;
const folder = new URL('../../../static/', import.meta.url);

const sizeOf = (url) => gzipSync(readFileSync(url)).length;
const sum = (sizes) => sizes.reduce((all, size) => all + size, 0);
const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, path, name }) => new URL(name, `file://${(parentPath ?? path).replace(/\/?$/, '/')}`));
const named = (ending) => all.filter(({ pathname }) => pathname.endsWith(ending));

/** The scripts of the page and what they import, all that runs before anything is asked for on need. */
function firstScripts() {
  const begun = [...readFileSync(new URL('index.html', folder), 'utf8').matchAll(/<script [^>]*src="\/static\/([^"]+)"/g)].map(([, name]) => new URL(name, folder).href);
  const found = new Set(begun);
  for (const url of found) {
    for (const [, name] of readFileSync(new URL(url), 'utf8').matchAll(/^(?:import|export|\}) [^;(]*?'(\.[^']+)';$/gm)) found.add(new URL(name, url).href);
  }
  return [...found].map((url) => new URL(url));
}

test('the scripts of a first visit, the styles and the whole page stay within their budgets', () => {
  const scripts = firstScripts();
  assert.ok(scripts.length > 30, `only ${scripts.length} scripts found`);
  const script = sum(scripts.map(sizeOf));
  const style = sum(named('.css').map(sizeOf));
  const whole = sum(all.map(sizeOf));
  assert.ok(script <= MAX_SCRIPT_BYTES, `scripts of a first visit: ${script} bytes`);
  assert.ok(style > 0 && style <= MAX_STYLE_BYTES, `styles: ${style} bytes`);
  assert.ok(whole <= MAX_BYTES, `together: ${whole} bytes`);
});

test('no script lies in the folder that nothing loads', () => {
  const onNeed = named('.js').filter(({ href }) => !firstScripts().some((url) => url.href === href)).map(({ href }) => href.slice(folder.href.length));
  assert.deepEqual(onNeed.sort(), ['pictures.js', 'strings-on-need.js', 'view/confirm.js', 'view/delete-run.js', 'view/down.js', 'view/files.js', 'view/key-dialog.js', 'view/look.js', 'view/preferences-dialog.js', 'view/tools/discuss.js', 'view/tools/read_url.js', 'view/tools/search.js']);
});
