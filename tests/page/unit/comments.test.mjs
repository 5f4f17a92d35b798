// Release builds carry the page without the lines that are nothing but a comment: what is left is the same program.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';

const page = new URL('../../../static/', import.meta.url);

/** As functions/orchestrator/page_comments.rs has it. @param {string} source */
function withoutComments(source) {
  let isWithin = false;
  const lines = source.split(/(?<=\n)/).filter((text) => {
    const line = text.trim();
    const isOpen = isWithin;
    isWithin = false;
    if (isOpen || (line.startsWith('/*') && !line.startsWith('/*!'))) {
      isWithin = !line.includes('*/');
      return !isWithin && !line.endsWith('*/');
    }
    return !line.startsWith('//');
  });
  return lines.join('');
}

/** The program without what a reader alone sees. @param {string} source */
function program(source) {
  const options = { compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true } };
  const { outputText } = ts.transpileModule(source, options);
  return outputText;
}

/** @param {string} ending */
const files = (ending) => readdirSync(page, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending));

test('a script without its comments is the same program', () => {
  let before = 0;
  let after = 0;
  for (const name of files('.js')) {
    const source = readFileSync(new URL(name, page), 'utf8');
    const carried = withoutComments(source);
    assert.equal(program(carried), program(source), name);
    before += source.length;
    after += carried.length;
  }
  assert.ok(after < before * 0.8, `${after} of ${before} bytes are left`);
});

test('a style without its comments has the same rules', () => {
  for (const name of files('.css')) {
    const source = readFileSync(new URL(name, page), 'utf8');
    const rules = (/** @type {string} */ text) => text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/\s+/g, ' ');
    assert.equal(rules(withoutComments(source)), rules(source), name);
  }
});
