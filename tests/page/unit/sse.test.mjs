import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createParser } from '../../../static/sse.js';

const bytes = (text) => new TextEncoder().encode(text);

/** Everything a parser makes of a stream that arrives in these pieces. */
function parse(...pieces) {
  const parser = createParser();
  return pieces.flatMap((piece) => parser.push(typeof piece === 'string' ? bytes(piece) : piece));
}

const stream = 'id: 1\ndata: {"event":"start"}\n\n: a comment\n\nid: 2\ndata: Grüße 🌍 é\ndata: second line\n\ndata:no space\n\n';
const frames = [
  { id: '1', data: '{"event":"start"}' },
  { id: '2', data: 'Grüße 🌍 é\nsecond line' },
  { id: null, data: 'no space' },
];

for (const [name, end] of [['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']]) {
  const all = bytes(stream.replaceAll('\n', end));

  test(`frames with ${name} line ends, cut in two at every byte`, () => {
    for (let cut = 0; cut <= all.length; cut += 1) {
      assert.deepEqual(parse(all.subarray(0, cut), all.subarray(cut)), frames, `cut at byte ${cut}`);
    }
  });

  test(`frames with ${name} line ends, one byte at a time`, () => {
    assert.deepEqual(parse(...Array.from(all, (byte) => Uint8Array.of(byte))), frames);
  });
}

test('line ends of every kind may be mixed', () => {
  assert.deepEqual(parse('data: a\r\n\ndata: b\r\r\ndata: c\n\r\n'), [
    { id: null, data: 'a' },
    { id: null, data: 'b' },
    { id: null, data: 'c' },
  ]);
});

test('an id belongs to its own frame only', () => {
  assert.deepEqual(parse('id: 7\ndata: stored\n\ndata: live\n\n'), [
    { id: '7', data: 'stored' },
    { id: null, data: 'live' },
  ]);
});

test('a frame without data is none, and its id is forgotten', () => {
  assert.deepEqual(parse('id: 7\n\ndata: x\n\n'), [{ id: null, data: 'x' }]);
});

test('an unfinished frame is not delivered', () => {
  assert.deepEqual(parse('data: whole\n\nid: 2\ndata: half'), [{ id: null, data: 'whole' }]);
});

test('empty data lines, fields without a colon, a byte order mark and unknown fields', () => {
  assert.deepEqual(parse('\uFEFFdata\ndata:\nevent: message\nretry: 10\n\n'), [{ id: null, data: '\n' }]);
});

test('one space after the colon is dropped, further ones are kept', () => {
  assert.deepEqual(parse('data:  x: y\n\n'), [{ id: null, data: ' x: y' }]);
});

test('a byte order mark at the beginning is dropped, also where it is cut, and one further on is kept', () => {
  const all = bytes('\uFEFFid: 1\ndata: \uFEFFx\n\n');
  for (let cut = 0; cut <= all.length; cut += 1) assert.deepEqual(parse(all.subarray(0, cut), all.subarray(cut)), [{ id: '1', data: '\uFEFFx' }], `cut at byte ${cut}`);
});

test('a line end that is cut is one, also where nothing comes in between', () => {
  assert.deepEqual(parse('data: a\r', '', '\ndata: b\r', '', '\n\r', '\n'), [{ id: null, data: 'a\nb' }]);
  assert.deepEqual(parse('data: a\r', new Uint8Array([0xc3]), new Uint8Array([0xa9, 0x0a]), '\n\n'), [{ id: null, data: 'a' }]);
  assert.deepEqual(parse('data: a\r', 'data: b', '\n\n'), [{ id: null, data: 'a\nb' }]);
  assert.deepEqual(parse('data: a\n', '\ndata: b\r', '\r', 'data: c\n\n'), [{ id: null, data: 'a' }, { id: null, data: 'b' }, { id: null, data: 'c' }]);
});

test('a stream may begin with empty lines and comments', () => {
  assert.deepEqual(parse('\n\n\r\n: x\n:\n\ndata: a\n\n'), [{ id: null, data: 'a' }]);
  assert.deepEqual(parse('\n', 'data: a\n\n'), [{ id: null, data: 'a' }]);
});

test('an id with a null character is none, and of several the last counts', () => {
  assert.deepEqual(parse('id: 1\0\ndata: a\n\nid: 5\nid: 6\ndata: b\n\nid: 7\nid: 8\0\ndata: c\n\nid\ndata: d\n\n'), [
    { id: null, data: 'a' },
    { id: '6', data: 'b' },
    { id: '7', data: 'c' },
    { id: '', data: 'd' },
  ]);
});
