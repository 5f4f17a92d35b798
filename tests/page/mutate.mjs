// Plants small defects in the page's pure modules, one at a time, and says which of them no test notices:
//
//     node mutate.mjs [MODULE …]        such as connection.js; all of them where none is named
//
// It works on a copy. What survives and is no fault stands in mutants.mjs with its reason; anything else that survives fails.

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { LEFT } from './mutants.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;
const WORKERS = Number(process.env.WORKERS ?? availableParallelism());
/** A test that takes this many times as long as without a defect, and so long, does not end. */
const LONGEST_TIMES = 5;
const LONGEST_MS = 10_000;

/** The modules, and the tests that are to notice. */
const MODULES = {
  'access.js': ['access'],
  'artifacts.js': ['artifacts'],
  'beside.js': ['derive'],
  'connection.js': ['connection'],
  'derive.js': ['derive', 'transcripts', 'any-run', 'chain'],
  'events.js': ['transcripts', 'any-run'],
  'code-tokens.js': ['code-tokens'],
  'csv.js': ['csv'],
  'emphasis.js': ['markdown', 'commonmark'],
  'export-html.js': ['export'],
  'export.js': ['export'],
  'formulas.js': ['markdown'],
  'inline.js': ['markdown', 'commonmark'],
  'lines.js': ['markdown'],
  'markdown.js': ['markdown', 'commonmark'],
  'models.js': ['derive', 'transcripts'],
  'sources.js': ['sources', 'export'],
  'table.js': ['markdown'],
  'tex.js': ['tex'],
  'why.js': ['why'],
  'fold.js': ['fold', 'transcripts', 'any-run'],
  'found.js': ['history'],
  'history.js': ['history'],
  'json.js': ['json', 'any-run'],
  'pictures.js': ['pictures'],
  'preferences.js': ['preferences'],
  'sse.js': ['sse', 'transcripts'],
  'stream.js': ['connection'],
  'checks.js': ['checks'],
  'scale.js': ['scale'],
  'use.js': ['use'],
  'use-tables.js': ['use'],
};

const OPERATORS = new Map([
  ['&&', ['||']], ['||', ['&&']], ['??', ['&&']], ['===', ['!==']], ['!==', ['===']], ['<', ['<=', '>=']], ['<=', ['<', '>']], ['>', ['>=', '<=']], ['>=', ['>', '<']],
  ['+', ['-']], ['-', ['+']], ['*', ['/']], ['/', ['*']], ['**', ['*']], ['+=', ['-=']], ['??=', ['=']],
]);

/** Every defect of one file: where it stands, what stands there, and what is put in its place. */
function defectsOf(text) {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const found = [];
  const add = (node, by) => found.push({ start: node.getStart(), end: node.end, by });
  const visit = (node) => {
    if (ts.isBinaryExpression(node)) for (const by of OPERATORS.get(node.operatorToken.getText()) ?? []) add(node.operatorToken, by);
    if (ts.isIfStatement(node) || ts.isWhileStatement(node)) for (const by of ['true', 'false']) add(node.expression, by);
    if (ts.isConditionalExpression(node)) for (const by of ['true', 'false']) add(node.condition, by);
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) add(node, node.operand.getText());
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    if (ts.isNumericLiteral(node)) add(node, String(Number(node.text.replaceAll('_', '')) + 1));
    if (ts.isStringLiteral(node) && !ts.isImportDeclaration(node.parent)) add(node, node.text === '' ? "'x'" : "''");
    if (ts.isExpressionStatement(node) && node.expression.kind !== ts.SyntaxKind.StringLiteral) add(node, ';');
    if (ts.isReturnStatement(node) && node.expression && ts.isIdentifier(node.expression)) add(node, 'return undefined;');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** How a defect is named: the line without it, what was taken from it and what was put there. */
function nameOf(module, text, { start, end, by }) {
  const before = text.slice(0, start);
  const line = text.slice(before.lastIndexOf('\n') + 1).split('\n', 1)[0].trim();
  const was = text.slice(start, end).split('\n', 1)[0];
  return { module, row: before.split('\n').length, line, was, by };
}

/** A copy of all that the tests read. */
function copyOfTree() {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  for (const path of ['static', 'tests/fixtures/transcripts', 'tests/page/unit']) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  for (const name of ['package.json', 'any-json.mjs', 'pictures.mjs', 'runs.mjs', 'transcripts.mjs', 'use-stats.mjs']) cpSync(join(ROOT, 'tests/page', name), join(folder, 'tests/page', name));
  symlinkSync(join(ROOT, 'tests/page/node_modules'), join(folder, 'tests/page/node_modules'));
  return folder;
}

/** Whether a test of a tree fails, or does not end within so many milliseconds. */
const fails = (folder, test, timeout = 0) =>
  new Promise((resolve) => {
    const options = { cwd: join(folder, 'tests/page'), timeout, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 };
    execFile(process.execPath, [`unit/${test}.test.mjs`], options, (error) => resolve(error !== null));
  });

/** How long each test may take, in milliseconds, by what it takes without a defect. */
async function limitsOf(folder, tests) {
  /** @type {Map<string, number>} */
  const limits = new Map();
  for (const test of tests) {
    const begun = Date.now();
    if (await fails(folder, test)) throw new Error(`${test} fails as it is`);
    limits.set(test, Math.max(LONGEST_MS, LONGEST_TIMES * (Date.now() - begun)));
  }
  return limits;
}

async function isNoticed(folder, module, text, defect, limits) {
  writeFileSync(join(folder, 'static', module), text.slice(0, defect.start) + defect.by + text.slice(defect.end));
  for (const [test, limit] of limits) if (await fails(folder, test, limit)) return true;
  return false;
}

const isLeft = ({ module, line, was, by }) => LEFT.some((left) => left.module === module && left.line === line && left.was === was && left.by === by);

const chosen = process.argv.slice(2);
for (const module of chosen) if (!(module in MODULES)) throw new Error(`${module} is none of ${Object.keys(MODULES).join(', ')}`);
let tried = 0;
let left = 0;
let survived = 0;
for (const module of chosen.length > 0 ? chosen : Object.keys(MODULES)) {
  const text = readFileSync(join(ROOT, 'static', module), 'utf8');
  const waiting = defectsOf(text);
  const workers = Array.from({ length: WORKERS }, async () => {
    const folder = copyOfTree();
    try {
      const limits = await limitsOf(folder, MODULES[module]);
      for (let defect = waiting.pop(); defect; defect = waiting.pop()) {
        tried += 1;
        if (await isNoticed(folder, module, text, defect, limits)) continue;
        const name = nameOf(module, text, defect);
        if (isLeft(name)) left += 1;
        else {
          survived += 1;
          console.log(`${module}:${name.row}  ${name.was} -> ${name.by}   in: ${name.line}`);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  await Promise.all(workers);
}
console.log(`${tried} defects, ${survived} survived, and ${left} that are known`);
process.exitCode = survived > 0 ? 1 : 0;
