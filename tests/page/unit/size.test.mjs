// What a visit loads stays small: the compressed sizes of what comes at once, of what a run adds, and of each part that is loaded on need.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const MAX_SCRIPT_BYTES = 65_000;
const MAX_STYLE_BYTES = 10_000;
// All that a visit loads which opens a run: its scripts, styles, pictures and the page itself.
const MAX_VISIT_BYTES = 100_000;
/** What is loaded on need, and the most that each part may add. @type {Record<string, {most: number, files: string[]}>} */
const ON_NEED = {
  'files of a run': { most: 9_500, files: ['artifacts.js', 'pictures.js', 'view/artifacts.js', 'view/files.js', 'view/look.js'] },
  'words of what is loaded on need': { most: 3_700, files: ['strings-on-need.js'] },
  'words of what is done with a run that is over': { most: 3_100, files: ['strings-again.js'] },
  'limits, and what is left of them': { most: 3_700, files: ['limits.js', 'view/limit-met.js', 'view/standing.js'] },
  'words of limits, share links and visitors': { most: 2_700, files: ['strings-limits.js'] },
  'a visitor without a key': { most: 1_000, files: ['visitor.js'] },
  'the link to a run': { most: 2_000, files: ['view/share.js'] },
  'a run by its link': { most: 3_200, files: ['shared-page.js', 'shared.js'] },
  'what stands below the answer of a run that is over': { most: 1_300, files: ['view/run-over.js'] },
  'how a run ended, where that is not well': { most: 1_000, files: ['view/run-endings.js'] },
  'what can be done with a run that is over': { most: 4_600, files: ['view/actions.js', 'view/copy.js', 'view/origin.js', 'view/rating.js'] },
  'runs side by side': { most: 6_500, files: ['asked.js', 'beside-page.js', 'view/ask-beside.js', 'view/beside.js'] },
  'runs that were asked in place of others': { most: 1_900, files: ['branches.js', 'view/branches.js'] },
  'styles of what is loaded on need': { most: 1_800, files: ['again.css', 'view/sheet.js'] },
  'the keys': { most: 600, files: ['view/help.js'] },
  'dialogs that ask': { most: 1_900, files: ['view/confirm.js', 'view/delete-run.js', 'view/down.js'] },
  'the access key': { most: 1_500, files: ['view/key-dialog.js'] },
  'the search of the history': { most: 2_000, files: ['found.js', 'view/history-search.js'] },
  'renaming, pinning and deleting': { most: 4_200, files: ['history-changes.js', 'view/change-run.js', 'view/history-changes.js'] },
  preferences: { most: 5_100, files: ['preferences-typed.js', 'view/preferences-dialog.js'] },
  presets: { most: 4_100, files: ['presets.js', 'view/presets.js'] },
  'results of tools': { most: 5_500, files: ['view/tools/code_interpreter.js', 'view/tools/discuss.js', 'view/tools/read_url.js', 'view/tools/search.js'] },
  formulas: { most: 8_500, files: ['tex.js', 'tex-symbols.js', 'view/formula.js'] },
  'colours of code': { most: 3_500, files: ['code-tokens.js', 'view/highlight.js'] },
  'what the rail tells below its lanes': { most: 4_000, files: ['beside.js', 'models.js', 'sources.js', 'view/rail-parts.js'] },
  'what an answer refers to': { most: 1_600, files: ['view/references.js'] },
  'copies of code and tables, and the heads of one that goes on': { most: 1_750, files: ['csv.js', 'view/copying.js', 'view/heads.js'] },
  'what models were shown': { most: 1_800, files: ['view/prompt.js'] },
  'why an answer is what it is': { most: 1_700, files: ['why.js'] },
  'a run as a file': { most: 7_500, files: ['export.js', 'export-html.js', 'view/export.js', 'view/hand-over.js'] },
  'use and cost': { most: 22_400, files: ['checks.js', 'scale.js', 'use.js', 'use-tables.js', 'use-words.js', 'use.css', 'view/use.js', 'view/use-checks.js', 'view/use-left.js', 'view/use-pictures.js', 'view/use-sums.js', 'view/use-table.js'] },
};
const folder = new URL('../../../static/', import.meta.url);

const sizeOf = (url) => gzipSync(readFileSync(url)).length;
const sum = (sizes) => sizes.reduce((all, size) => all + size, 0);
const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, path, name }) => new URL(name, `file://${(parentPath ?? path).replace(/\/?$/, '/')}`));
const named = (ending) => all.filter(({ pathname }) => pathname.endsWith(ending));
const onNeed = Object.values(ON_NEED).flatMap(({ files }) => files.map((name) => new URL(name, folder).href));
/** These files but for those that are loaded on need. @param {URL[]} urls */
const atOnce = (urls) => urls.filter(({ href }) => !onNeed.includes(href));

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

test('the scripts of a first visit and of one that opens a run, the styles and all of such a visit stay within their budgets', () => {
  const script = sum(first.map(sizeOf));
  const run = sum(withRun.map(sizeOf));
  const style = sum(atOnce(named('.css')).map(sizeOf));
  const visit = run + sum(atOnce(all.filter(({ pathname }) => !pathname.endsWith('.js'))).map(sizeOf));
  assert.ok(script <= MAX_SCRIPT_BYTES, `scripts of a first visit: ${script} bytes`);
  assert.ok(run > script, `scripts of a visit that opens a run: ${run} bytes`);
  assert.ok(style > 0 && style <= MAX_STYLE_BYTES, `styles: ${style} bytes`);
  assert.ok(visit > run + style && visit <= MAX_VISIT_BYTES, `a visit that opens a run: ${visit} bytes`);
});

for (const [part, { most, files }] of Object.entries(ON_NEED)) {
  test(`what is loaded on need stays within its budget: ${part}`, () => {
    const size = sum(files.map((name) => sizeOf(new URL(name, folder))));
    assert.ok(size <= most, `${size} bytes`);
  });
}

test('a first visit loads what it shows, and with a run what a run shows; no script lies in the folder that nothing loads', () => {
  assert.deepEqual(pathsOf(first), [
    'access.js', 'api.js', 'app.js', 'current.js', 'faults.js', 'history.js', 'json.js', 'numbers.js', 'preferences.js', 'start.js', 'strings.js', 'view/banners.js', 'view/boundary.js',
    'view/composer.js', 'view/dialogs.js', 'view/dom.js', 'view/frames.js', 'view/history-rows.js', 'view/history.js', 'view/preferences.js', 'view/service.js', 'view/shortcuts.js', 'view/tools/names.js',
  ]);
  assert.deepEqual(pathsOf(without(withRun, first)), [
    'connection.js', 'derive.js', 'emphasis.js', 'events.js', 'fold.js', 'formulas.js', 'inline.js', 'lines.js', 'markdown.js', 'marks.js', 'run-page.js', 'sse.js', 'stream.js', 'table.js', 'view/announce.js', 'view/follow-end.js', 'view/painting.js',
    'view/parts.js', 'view/prose.js', 'view/rail.js', 'view/run-banners.js', 'view/run.js', 'view/step-body.js', 'view/step-line.js', 'view/steps.js', 'view/tab.js', 'view/tools/answer.js',
    'view/tools/chain.js', 'view/tools/enhance_reasoning.js', 'view/tools/model.js', 'view/tools/registry.js',
  ]);
  assert.deepEqual(pathsOf(without(named('.js'), withRun)), Object.values(ON_NEED).flatMap(({ files }) => files).filter((name) => name.endsWith('.js')).sort());
});
