import assert from 'node:assert/strict';
import { test } from 'node:test';
import { segments } from '../../../static/fences.js';

const kinds = (text) => segments(text).map(({ kind, text: content }) => [kind, content]);

test('a code block is told from the text around it', () => {
  assert.deepEqual(kinds('Here:\n\n```python\nprint(1)\n\nprint(2)\n```\n\nDone.'), [
    ['text', 'Here:\n\n'],
    ['fence', '```python\n'],
    ['code', 'print(1)\n\nprint(2)\n'],
    ['fence', '```\n'],
    ['text', '\nDone.'],
  ]);
});

test('a text without a block is one segment, and no text is none', () => {
  assert.deepEqual(kinds('One `x` line\nand another'), [['text', 'One `x` line\nand another']]);
  assert.deepEqual(kinds(''), []);
});

test('a block that is still open reaches to the end', () => {
  assert.deepEqual(kinds('```\na\n'), [['fence', '```\n'], ['code', 'a\n']]);
});

test('only the same mark, at least as long and alone on its line, closes a block', () => {
  assert.deepEqual(kinds('````\n```\n~~~~\n``` x\n````` \nb'), [['fence', '````\n'], ['code', '```\n~~~~\n``` x\n'], ['fence', '````` \n'], ['text', 'b']]);
});

test('backticks within a line fence nothing', () => {
  assert.deepEqual(kinds('```inline``` text'), [['text', '```inline``` text']]);
  assert.deepEqual(kinds('    ```\nindented code'), [['text', '    ```\nindented code']]);
});

test('an empty block, and blocks one after the other', () => {
  assert.deepEqual(kinds('```\n```\n~~~\nx\n~~~'), [['fence', '```\n'], ['fence', '```\n'], ['fence', '~~~\n'], ['code', 'x\n'], ['fence', '~~~']]);
});

test('the segments together are the text, wherever it is cut while it streams', () => {
  const text = 'a\r\n```js\r\nlet x;\n```\n\n~~~~\n```\n~~~~\nGrüße 🌍\n\n';
  for (let end = 0; end <= text.length; end += 1) {
    const cut = text.slice(0, end);
    assert.equal(segments(cut).map((segment) => segment.text).join(''), cut);
  }
});
