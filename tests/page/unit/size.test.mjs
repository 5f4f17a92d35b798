// What a first visit loads stays small: the compressed sizes of all that the page is made of.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const MAX_SCRIPT_BYTES = 65_000;
// With styles and the page itself, 100 KB at most.
const MAX_RUN_SCRIPT_BYTES = 75_000;
const MAX_STYLE_BYTES = 10_000;
const MAX_BYTES = 100_000;
const folder = new URL('../../../static/', import.meta.url);

const sizeOf = (url) => gzipSync(readFileSync(url)).length;
const sum = (sizes) => sizes.reduce((all, size) => all + size, 0);
const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, path, name }) => new URL(name, `file://${(parentPath ?? path).replace(/\/?$/, '/')}`));
const named = (ending) => all.filter(({ pathname }) => pathname.endsWith(ending));

/** These scripts and all that they import, which runs before anything is asked for on need. */
function withImports(begun) {
  const found = new Set(begun.map((name) => new URL(name, folder).href));
  for (const url of found) {
    for (const [, name] of readFileSync(new URL(url), 'utf8').matchAll(/^(?:import|export|\}) [^;(]*?'(\.[^']+)';$/gm)) found.add(new URL(name, url).href);
  }
  return [...found].map((url) => new URL(url));
}

const begun = [...readFileSync(new URL('index.html', folder), 'utf8').matchAll(/<script [^>]*src="\/static\/([^"]+)"/g)].map(([, name]) => name);
const first = withImports(begun);
const withRun = withImports([...begun, 'run-page.js']);
const pathsOf = (urls) => urls.map(({ href }) => href.slice(folder.href.length)).sort();
const without = (urls, others) => urls.filter(({ href }) => !others.some((other) => other.href === href));

test('the scripts of a first visit and of one that opens a run, the styles and the whole page stay within their budgets', () => {
  const script = sum(first.map(sizeOf));
  const run = sum(withRun.map(sizeOf));
  const style = sum(named('.css').map(sizeOf));
  const whole = sum(all.map(sizeOf));
  assert.ok(script <= MAX_SCRIPT_BYTES, `scripts of a first visit: ${script} bytes`);
  assert.ok(run > script && run <= MAX_RUN_SCRIPT_BYTES, `scripts of a visit that opens a run: ${run} bytes`);
  assert.ok(style > 0 && style <= MAX_STYLE_BYTES, `styles: ${style} bytes`);
  assert.ok(whole <= MAX_BYTES, `together: ${whole} bytes`);
});

test('a first visit loads what it shows, and with a run what a run shows; no script lies in the folder that nothing loads', () => {
  assert.deepEqual(pathsOf(first), [
    'access.js', 'api.js', 'app.js', 'current.js', 'faults.js', 'history.js', 'json.js', 'numbers.js', 'preferences.js', 'strings.js', 'view/banners.js', 'view/boundary.js',
    'view/composer.js', 'view/dialogs.js', 'view/dom.js', 'view/frames.js', 'view/history.js', 'view/preferences.js', 'view/service.js', 'view/shortcuts.js', 'view/tools/names.js',
  ]);
  assert.deepEqual(pathsOf(without(withRun, first)), [
    'connection.js', 'derive.js', 'events.js', 'fold.js', 'inline.js', 'markdown.js', 'run-page.js', 'sse.js', 'stream.js', 'view/actions.js', 'view/announce.js', 'view/follow-end.js', 'view/painting.js',
    'view/parts.js', 'view/prose.js', 'view/rail.js', 'view/run-banners.js', 'view/run.js', 'view/step-body.js', 'view/step-line.js', 'view/steps.js', 'view/tab.js', 'view/tools/answer.js',
    'view/tools/chain.js', 'view/tools/enhance_reasoning.js', 'view/tools/model.js', 'view/tools/registry.js',
  ]);
  assert.deepEqual(pathsOf(without(named('.js'), withRun)), [
    'artifacts.js', 'pictures.js', 'strings-on-need.js', 'view/artifacts.js', 'view/confirm.js', 'view/delete-run.js', 'view/down.js', 'view/files.js', 'view/key-dialog.js', 'view/look.js',
    'view/preferences-dialog.js', 'view/tools/code_interpreter.js', 'view/tools/discuss.js', 'view/tools/read_url.js', 'view/tools/search.js',
  ]);
});
