// What is told apart in a program: that it is what it says, lies in order within it, and is found in time that grows as the program does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tokensOf } from '../../../static/code-tokens.js';

const found = (code, language) => tokensOf(code, language).map(({ sort, from, to }) => `${sort}: ${code.slice(from, to)}`);

for (const [language, code, wanted] of [
  ['js', "const a = 'x' + `b\n${c}`; // two", ['keyword: const', "string: 'x'", 'string: `b\n${c}`', 'comment: // two']],
  ['python', 'def f(x):  # note\n    """long\n"""\n    return "a#b" + \'c\' + x1 + 0x1f', ['keyword: def', 'comment: # note', 'string: """long\n"""', 'keyword: return', 'string: "a#b"', "string: 'c'", 'number: 0x1f']],
  ['rust', "fn f<'a>(x: &'a str) -> char { 'x' } /* all", ['keyword: fn', "string: 'x'", 'comment: /* all']],
  ['bash', 'echo "$x" # say\nurl=http://a#b', ['string: "$x"', 'comment: # say']],
  ['sql', "SELECT a FROM t -- note\nwhere x = 'it''s'", ['keyword: SELECT', 'keyword: FROM', 'comment: -- note', 'keyword: where', "string: 'it'", "string: 's'"]],
  ['json', '{"a": [1.5, true, null]}', ['string: "a"', 'number: 1.5', 'keyword: true', 'keyword: null']],
  ['html', '<!-- x --><a href="y">z</a>', ['comment: <!-- x -->', 'string: "y"']],
  ['text', 'const a = 1', []],
  ['constructor', 'const a = 1', []],
  ['', 'const a = 1', []],
]) test(`what is told apart in a program: ${language || 'of no named language'}`, () => assert.deepEqual(found(code, language), wanted));

const LANGUAGES = ['js', 'py', 'rust', 'sh', 'sql', 'html', 'lua', 'yaml', 'rb', 'go'];
const programs = fc.array(fc.constantFrom('"', "'", '`', '/*', '*/', '//', '#', '--', '<!--', '-->', '\\', '\n', '"""', 'if', ' ', '1', 'x', '😀'), { maxLength: 60 }).map((bits) => bits.join(''));

test('tokens lie in order within any program, none within another', () => {
  fc.assert(fc.property(programs, fc.constantFrom(...LANGUAGES), (code, language) => {
    let end = 0;
    for (const { from, to } of tokensOf(code, language)) {
      assert.ok(from >= end && to > from && to <= code.length);
      end = to;
    }
  }), { numRuns: 2_000 });
});

// What takes a time that grows as the square of the program never ends here.
test('a program of 200,000 characters is read whatever it repeats', () => {
  for (const unit of ['/*', '"', '"\\', "'", '`', '#', '<!--', '"""', '--', '//', 'x', '1', '\\"', '"\n', ' #']) for (const language of LANGUAGES) tokensOf(unit.repeat(200_000 / unit.length), language);
});
