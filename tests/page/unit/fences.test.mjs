import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_BLOCKS, PIECE_CHARACTERS, beginning, pieceAt, plain } from '../../../static/fences.js';

/** The pieces of a text, from a place on. */
function pieces(text, from = beginning) {
  const found = [];
  for (let place = from; place.at < text.length; ) {
    const piece = pieceAt(text, place);
    found.push({ ...piece, text: text.slice(place.at, piece.to) });
    place = piece.next;
  }
  return found;
}

/** Neighbours of one kind as one, but for fences: each is a line of its own. */
function kinds(text, from) {
  const found = [];
  for (const { kind, text: content } of pieces(text, from)) {
    const last = found.at(-1);
    if (last?.[0] === kind && kind !== 'fence') last[1] += content;
    else found.push([kind, content]);
  }
  return found;
}

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

test('the pieces together are the text, wherever it is cut while it streams', () => {
  const text = 'a\r\n```js\r\nlet x;\n```\n\n~~~~\n```\n~~~~\nGrüße 🌍\n\n';
  for (let end = 0; end <= text.length; end += 1) {
    const cut = text.slice(0, end);
    assert.equal(kinds(cut).map(([, content]) => content).join(''), cut);
  }
});

test('what is certain of a text stays so, whatever comes after it', () => {
  const text = 'a\r\n```js\r\nlet x;\n```\n``\n~~~~\n```\n~~~~\n```a`b\n``` \n```\n'.repeat(3);
  const whole = pieces(text);
  for (let end = 0; end <= text.length; end += 1) {
    for (const { whole: isCertain, next, kind } of pieces(text.slice(0, end)).filter((piece) => piece.whole)) {
      assert.ok(isCertain);
      assert.equal(whole.find((piece) => piece.to >= next.at)?.kind, kind);
      assert.deepEqual(kinds(text.slice(0, next.at)).concat(kinds(text, next)).map(([, content]) => content).join(''), text);
    }
  }
});

test('each character is read once, however long a line and however short the blocks are', () => {
  for (const text of ['x'.repeat(200_000), '```\nx\n```\n'.repeat(20_000), 'a b '.repeat(50_000), '\n'.repeat(100_000), '`'.repeat(100_000), `\`\`\`${' '.repeat(100_000)}x`]) {
    const found = pieces(text);
    assert.equal(found.map((piece) => piece.text).join(''), text);
    assert.ok(found.every((piece) => piece.text.length > 0 && piece.text.length <= PIECE_CHARACTERS));
    // Of text and code, few pieces; each block within the bound has its two fences.
    assert.ok(found.length <= Math.ceil((2 * text.length) / PIECE_CHARACTERS) + 3 * MOST_BLOCKS, `${found.length} pieces`);
  }
});

test('a very long line is cut behind a blank, and within no character', () => {
  const [first] = pieces(`${'word '.repeat(2_000)}`);
  assert.ok(first.text.endsWith('word ') && first.text.length > PIECE_CHARACTERS / 2);
  const [half] = pieces(`x${'🌍'.repeat(PIECE_CHARACTERS)}`);
  assert.equal(half.text, `x${'🌍'.repeat(PIECE_CHARACTERS / 2 - 1)}`);
  assert.deepEqual(pieces(`\`\`\`\n${'x'.repeat(20_000)}\n\`\`\`\n`).map(({ kind }) => kind), ['fence', 'code', 'code', 'code', 'fence']);
});

test('blocks after the last that is set as code stay as they were written', () => {
  const text = '```\nx\n```\n'.repeat(MOST_BLOCKS + 2);
  const found = kinds(text);
  assert.equal(found.filter(([kind]) => kind === 'code').length, MOST_BLOCKS);
  assert.deepEqual(found.at(-1), ['text', '```\nx\n```\n'.repeat(2)]);
  assert.deepEqual(kinds('```\nx\n```\n', plain), [['text', '```\nx\n```\n']]);
});

test('lines are joined up to the bound of a piece, and not beyond it', () => {
  const half = `${'x'.repeat(PIECE_CHARACTERS / 2 - 1)}\n`;
  assert.deepEqual(pieces(half + half + half).map((piece) => piece.text.length), [PIECE_CHARACTERS, PIECE_CHARACTERS / 2]);
  assert.deepEqual(pieces(`${half}y${half}`).map((piece) => piece.text.length), [PIECE_CHARACTERS / 2, PIECE_CHARACTERS / 2 + 1]);
});

test('only a line that is longer than a piece is cut', () => {
  for (const [text, lengths] of [
    ['x'.repeat(PIECE_CHARACTERS - 1), [PIECE_CHARACTERS - 1]],
    ['x'.repeat(PIECE_CHARACTERS), [PIECE_CHARACTERS]],
    ['x'.repeat(PIECE_CHARACTERS + 1), [PIECE_CHARACTERS, 1]],
    [`${'x'.repeat(PIECE_CHARACTERS - 1)}\ny`, [PIECE_CHARACTERS, 1]],
    [`${'x'.repeat(PIECE_CHARACTERS)}\ny`, [PIECE_CHARACTERS, 1, 1]],
  ]) assert.deepEqual(pieces(text).map((piece) => piece.text.length), lengths, `${text.length} characters`);
  const [open] = pieces('x'.repeat(PIECE_CHARACTERS - 1));
  const [cut] = pieces('x'.repeat(PIECE_CHARACTERS));
  assert.deepEqual([open.whole, open.next.within, cut.whole, cut.next.within], [false, null, true, 'text']);
});

test('a blank is where a line is cut if it lies in the second half, and a character is never cut', () => {
  const half = PIECE_CHARACTERS / 2;
  const lengthOf = (text) => pieces(text)[0].text.length;
  for (const [blankAt, length] of [[half - 1, PIECE_CHARACTERS], [half, half + 1], [half + 7, half + 8], [0, PIECE_CHARACTERS]]) {
    assert.equal(lengthOf(`${'x'.repeat(blankAt)} ${'x'.repeat(2 * PIECE_CHARACTERS)}`), length, `a blank at ${blankAt}`);
  }
  const ending = (last) => lengthOf(`${'x'.repeat(PIECE_CHARACTERS - 1)}${last}${'x'.repeat(9)}`);
  assert.deepEqual(['\ud7ff', '\ud800', '\udbff', '\udc00', '\ue000'].map(ending), [PIECE_CHARACTERS, PIECE_CHARACTERS - 1, PIECE_CHARACTERS - 1, PIECE_CHARACTERS, PIECE_CHARACTERS]);
});

test('marks open a block behind at most three blanks, tildes with any words and backticks without further ones', () => {
  for (const [line, kind] of [
    ['```', 'fence'], ['   ```', 'fence'], ['    ```', 'text'], ['``', 'text'], ['~~', 'text'], ['~~~', 'fence'], ['~~~ a ` b', 'fence'], ['``` a ` b', 'text'], ['```js title="x"', 'fence'], ['x```', 'text'], ['\t```', 'text'],
  ]) assert.deepEqual(kinds(`${line}\n`), [[kind, `${line}\n`]], line);
});

test('how a block is closed', () => {
  for (const [open, close, closes] of [
    ['```', '```', true], ['```', '````', true], ['````', '```', false], ['```', '~~~', false], ['~~~', '~~~~ ', true], ['```', '   ```\t', true], ['```', '    ```', false], ['```', '``` x', false], ['```', 'x ```', false],
  ]) assert.equal(kinds(`${open}\na\n${close}\nb\n`).at(-1)[0], closes ? 'text' : 'code', `${open} and ${close}`);
});

test('a part of a very long line is of the kind of the line, whatever it begins with', () => {
  const text = `${'x'.repeat(PIECE_CHARACTERS - 1)} \`\`\`\ny\n`;
  assert.equal(pieces(text)[0].text.length, PIECE_CHARACTERS);
  assert.deepEqual(kinds(text), [['text', text]]);
});
