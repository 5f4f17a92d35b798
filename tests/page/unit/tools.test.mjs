// What the page knows of single tools stands in their faces alone, and every face holds what the page asks of it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { shortName } from '../../../static/view/tools/names.js';
import { endsRun, faceOf } from '../../../static/view/tools/registry.js';

const folder = new URL('../../../static/', import.meta.url);
const catalogue = JSON.parse(readFileSync(new URL('../../../tools_config.json', import.meta.url), 'utf8'));
const tools = catalogue.tools.map(({ function: { name } }) => name);
const files = readdirSync(folder, { recursive: true }).filter((path) => /\.(js|css|html)$/.test(path) && !path.startsWith('vendor/'));
const outside = files.filter((path) => !/^view\/tools\//.test(path));
const read = (path) => readFileSync(new URL(path, folder), 'utf8');

test('outside of the faces no line of the page asks for a tool by its name', () => {
  assert.ok(outside.length > 40 && tools.length >= 4);
  for (const path of outside) {
    for (const [at, line] of read(path).split('\n').entries()) {
      const code = line.replace(/^\s*(\/\/|\*|\/\*).*$/, '');
      for (const tool of tools) {
        const asks = new RegExp(`(case|[=!]==|includes\\(|has\\(|get\\(|data-kind=|tool[:=] ?)\\s*['"\`]${tool}['"\`]|['"\`]${tool}['"\`]\\s*([=!]==)`);
        if (tool.includes('_')) assert.ok(!code.includes(tool), `${path}:${at + 1} names ${tool}`);
        assert.doesNotMatch(code.replace(/byId\('[a-z-]+'\)/g, ''), asks, `${path}:${at + 1}`);
      }
    }
  }
});

test('each tool of the catalogue has a face of its own, and a colour that the style sheet has', () => {
  const styles = read('run.css');
  const other = faceOf('a tool that nobody knows');
  for (const tool of tools) {
    const face = faceOf(tool);
    assert.notEqual(face, other, tool);
    assert.ok(styles.includes(`[data-tone='${face.tone}']`), tool);
  }
  assert.deepEqual(new Set(tools.map((tool) => faceOf(tool))).size, tools.length);
});

test('each face is a file of its own', () => {
  const named = readdirSync(new URL('view/tools/', folder)).map((name) => name.replace(/\.js$/, ''));
  assert.deepEqual(named.filter((name) => !['chain', 'model', 'names', 'registry'].includes(name)).sort(), [...tools].sort());
});

test('what a face reads of the arguments are parameters of its tool', () => {
  for (const { function: { name, parameters } } of catalogue.tools) {
    const { input } = faceOf(name);
    for (const parameter of Object.keys(parameters.properties)) assert.ok(Object.hasOwn(input.shape, parameter), `${name} has a parameter ${parameter}`);
    if (input.needed) assert.ok(parameters.required.includes(input.needed), name);
  }
});

test('tools have names for people, and one of any other name has the face of all others', () => {
  assert.deepEqual(tools.map(shortName).sort(), ['answer', 'code', 'discuss', 'page', 'reasoning', 'search']);
  assert.deepEqual(tools.filter(endsRun), ['answer']);
  for (const name of ['', 'weather', 'constructor', '__proto__', 'toString']) {
    assert.deepEqual([shortName(name), endsRun(name), faceOf(name).line({ a: 1 }, null)], [name, false, '{ "a": 1 }']);
  }
});
