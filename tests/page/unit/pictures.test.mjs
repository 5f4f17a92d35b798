// How large a picture unfolds, by its bytes. Sound files of each form, and those that have fooled others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pixelsOf, readPicture } from '../../../static/pictures.js';
import * as make from '../pictures.mjs';

const read = (file) => {
  const found = readPicture(new Uint8Array(file));
  return found && [found.type, found.width, found.height, found.frames];
};
const cut = (file, length) => file.subarray(0, length);
const BIG = 12_000;

for (const [name, file, expected] of [
  ['a png', make.png(3, 5), ['image/png', 3, 5, 1]],
  ['an animated png', make.apng(4, 4, 3), ['image/png', 4, 4, 3]],
  ['a png that is very large', make.png(BIG, BIG, { data: [0] }), ['image/png', BIG, BIG, 1]],
  ['a png whose size is beyond any', make.png(0xffffffff, 0xffffffff, { data: [0] }), ['image/png', 0xffffffff, 0xffffffff, 1]],
  ['a png of no size', make.png(0, 5, { data: [0] }), null],
  ['a png with a second head', make.png(1, 1, { extra: [make.chunk('IHDR', [0, 0, 46, 224, 0, 0, 46, 224, 1, 0, 0, 0, 0])] }), null],
  ['a png that does not begin with its head', make.bytes(cut(make.png(1, 1), 8), make.chunk('CgBI', [0, 0, 0, 0]), make.png(1, 1).subarray(8)), null],
  ['a png that ends in its head', cut(make.png(3, 5), 20), null],
  ['a png that ends behind its head', cut(make.png(3, 5), 40), ['image/png', 3, 5, 1]],
  ['a png whose chunk reaches beyond its end', make.bytes(cut(make.png(3, 5), 33), [0xff, 0xff, 0xff, 0xf0], Buffer.from('tEXt')), ['image/png', 3, 5, 1]],
  ['a png of one dot', make.png(1, 1), ['image/png', 1, 1, 1]],
  ['a png with more behind its end', make.bytes(make.png(3, 5), make.chunk('IHDR', Array(13).fill(9)), make.chunk('fcTL', Array(26).fill(0)), make.chunk('fcTL', Array(26).fill(0))), ['image/png', 3, 5, 1]],
  ['a png whose first chunk is another', make.bytes(cut(make.png(1, 1), 8), make.chunk('CgBI', [0, 0, 0, 3, 0, 0, 0, 5])), null],
  ['a png that ends with its head', cut(make.png(3, 5), 33), ['image/png', 3, 5, 1]],
  ['a png that ends with the name of a frame', make.bytes(cut(make.png(3, 5), 33), make.chunk('fcTL', Array(26).fill(0)), [0, 0, 0, 0], Buffer.from('fcTL')), ['image/png', 3, 5, 2]],
  ['a gif', make.gif([7, 3], [[0, 0, 7, 3]]), ['image/gif', 7, 3, 1]],
  ['an animated gif', make.gif([4, 4], [[0, 0, 4, 4], [1, 1, 2, 2], [0, 0, 1, 1]]), ['image/gif', 4, 4, 3]],
  ['a gif whose frame is larger than its screen', make.gifHead([1, 1], [0, 0, BIG, BIG]), ['image/gif', BIG, BIG, 1]],
  ['a gif whose frame lies beyond its screen', make.gifHead([0, 0], [31_487, 8_224, 8_224, 8_224]), ['image/gif', 39_711, 16_448, 1]],
  ['a gif whose last frame is the large one', make.bytes(cut(make.gif([1, 1], [[0, 0, 1, 1]], { end: [] }), 1e6), make.gifHead([1, 1], [0, 0, BIG, BIG]).subarray(13)), ['image/gif', BIG, BIG, 2]],
  ['a gif of 35 bytes from a bug report', Buffer.from('R0lGODn//x8fgAAAACH5BAAAAAAALAAAAAB//x8fAAA=', 'base64'), null],
  ['a gif without a frame', make.gif([BIG, BIG], []), null],
  ['a gif that is cut within its frame', cut(make.gif([7, 3], [[0, 0, 7, 3]]), 40), ['image/gif', 7, 3, 1]],
  ['a gif of four colours', make.bytes(Buffer.from('GIF89a'), [5, 0, 5, 0, 0x81, 0, 0], Buffer.alloc(12), make.gifHead([1, 1], [0, 0, 5, 5]).subarray(13)), ['image/gif', 5, 5, 1]],
  ['a gif that counts colours it does not have', make.bytes(Buffer.from('GIF89a'), [5, 0, 5, 0, 7, 0, 0], make.gifHead([1, 1], [0, 0, 5, 5]).subarray(13)), ['image/gif', 5, 5, 1]],
  ['a gif with a comment before its frame', make.bytes(cut(make.gif([1, 1], []), 19), [0x21, 0xfe, 2, 0x2c, 0x2c, 0], make.gifHead([1, 1], [0, 0, 5, 5]).subarray(13)), ['image/gif', 5, 5, 1]],
  ['a gif with its own colours in the frame', make.bytes(make.gifHead([1, 1], [0, 0, 5, 5]).subarray(0, 22), [0x80, 0, 0, 0, 0, 0, 0, 2, 1, 5, 0], make.gifHead([1, 1], [0, 0, 9, 9]).subarray(13)), ['image/gif', 9, 9, 2]],
  ['a jpeg', make.jpegHead(6, 4), ['image/jpeg', 6, 4, 1]],
  ...[0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf].map((frame) => [`a jpeg with the frame ${frame.toString(16)}`, make.jpegHead(BIG, 9, { frame }), ['image/jpeg', BIG, 9, 1]]),
  ['a jpeg with a small picture within', make.jpegHead(BIG, BIG, { before: make.jpegSegment(0xe1, [...make.jpegHead(1, 1)]) }), ['image/jpeg', BIG, BIG, 1]],
  ['a jpeg with bytes that only fill', make.jpegHead(6, 4, { before: [0xff, 0xff, 0xff] }), ['image/jpeg', 6, 4, 1]],
  ...[0x01, 0xbf, 0xd0, 0xd7, 0xd8, 0xd9].map((code) => [`a jpeg with ${code.toString(16)} before its scan`, make.jpegHead(6, 4, { before: make.jpegSegment(code, [0, 0]) }), null]),
  ...[0xc8, 0xcc, 0xdb, 0xdd, 0xe1, 0xfe].map((code) => [`a jpeg with ${code.toString(16)} before its frame`, make.jpegHead(6, 4, { before: make.jpegSegment(code, [0, 0]) }), ['image/jpeg', 6, 4, 1]]),
  ['a jpeg with a segment that does not begin as one', make.jpegHead(6, 4, { before: make.jpegSegment(0xe1, [0, 0]).with(0, 0) }), null],
  ['a jpeg with two frames', make.jpegHead(1, 1, { after: make.jpegSegment(0xc0, [8, 46, 224, 46, 224, 1, 1, 0x11, 0]) }), null],
  ['a jpeg with bytes between its segments', make.jpegHead(6, 4, { before: [0, 0] }), null],
  ['a jpeg with a code that has no length', make.jpegHead(6, 4, { before: [0xff, 0xd0] }), null],
  ['a jpeg whose height comes later', make.jpegHead(6, 0), null],
  ['a jpeg without a scan', make.bytes([0xff, 0xd8], make.jpegSegment(0xc0, [8, 0, 9, 0, 9, 1, 1, 0x11, 0]), [0xff, 0xd9]), null],
  ['a jpeg that is cut in its frame', cut(make.jpegHead(6, 4), 50), null],
  ['a webp of the first kind', make.webp(make.vp8(6, 4)), ['image/webp', 6, 4, 1]],
  ['a webp of the first kind, scaled', make.webp(make.vp8(6 | 0x4000, 4 | 0x8000)), ['image/webp', 6, 4, 1]],
  ['a webp without loss', make.webp(make.vp8l(16_384, 16_384)), ['image/webp', 16_384, 16_384, 1]],
  ['a webp with a canvas', make.webp(make.vp8x(9, 8, 0), make.vp8l(9, 8)), ['image/webp', 9, 8, 1]],
  ['a webp whose picture is larger than its canvas', make.webp(make.vp8x(1, 1, 0), make.vp8(BIG, BIG)), ['image/webp', BIG, BIG, 1]],
  ['an animated webp', make.webp(make.vp8x(16, 16), make.anim, make.anmf(2, 4, 12, 10, make.vp8l(12, 10)), make.anmf(4, 4, 8, 2, make.vp8l(8, 2))), ['image/webp', 16, 16, 2]],
  ['an animated webp whose frame is larger than its canvas', make.webp(make.vp8x(1, 1), make.anim, make.anmf(0, 0, 1, 1, make.vp8l(BIG, 3)), make.anmf(100, 0, 1, BIG, make.vp8(1, 1))), ['image/webp', BIG, BIG, 2]],
  ['a webp whose canvas is beyond what two bytes count', make.webp(make.vp8x(70_001, 300_000, 0), make.vp8(6, 4)), ['image/webp', 70_001, 300_000, 1]],
  ['an animated webp whose frame lies beyond its canvas', make.webp(make.vp8x(1, 1), make.anim, make.anmf(100, 40, 7, 5, make.vp8l(1, 1))), ['image/webp', 107, 45, 1]],
  ['an animated webp whose frame says more than it holds', make.webp(make.vp8x(9, 8), make.anim, make.anmf(0, 0, 9, 8, Buffer.from('JUNK\x08\0\0\0')), make.riff('EXIF', make.vp8l(BIG, BIG))), ['image/webp', 9, 8, 1]],
  ['a webp of no width', make.webp(make.vp8(0, 4)), null],
  ['a webp of no height', make.webp(make.vp8(6, 0)), null],
  ['a webp with an odd chunk before its picture', make.webp(make.vp8x(9, 8, 0), make.riff('EXIF', [1, 2, 3]), make.vp8(BIG, 4)), ['image/webp', BIG, 8, 1]],
  ['a webp that ends behind the head of a frame', make.webp(make.vp8(6, 4), make.riff('ANMF', [])), null],
  ['a webp with an odd chunk', make.webp(make.riff('EXIF', [1, 2, 3]), make.vp8(6, 4)), null],
  ['a webp that is cut', cut(make.webp(make.vp8(6, 4)), 28), null],
  ['a bmp', make.bmp(BIG, BIG), null],
  ['an icon with a png within', make.ico(make.png(BIG, BIG, { data: [0] })), null],
  ['a cursor', make.bytes([0, 0, 2, 0, 1, 0], Buffer.alloc(40)), null],
  ['an avif', make.avif, null],
  ['an svg', make.svg(BIG, BIG), null],
  ['a tiff', Buffer.from('II*\0\x08\0\0\0'), null],
  ['a jpeg xl', make.bytes([0xff, 0x0a], Buffer.alloc(20)), null],
  ['a png behind a blank', make.bytes([32], make.png(1, 1)), null],
  ['a page', Buffer.from('<html><script>alert(1)</script></html>'), null],
  ['nothing', Buffer.alloc(0), null],
]) {
  test(`${name} is read as what it is`, () => assert.deepEqual(read(file), expected));
}

test('of any bytes behind any head something is said, in as many steps as there are bytes', () => {
  const heads = [make.png(1, 1), make.apng(2, 2, 2), make.gif([1, 1], [[0, 0, 1, 1]]), make.jpegHead(1, 1), make.webp(make.vp8x(1, 1), make.anim, make.anmf(0, 0, 1, 1, make.vp8l(1, 1)))];
  const changed = fc.tuple(fc.constantFrom(...heads), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }), fc.uint8Array({ maxLength: 300 }), fc.nat(400));
  fc.assert(fc.property(changed, ([head, edits, rest, length]) => {
    const file = new Uint8Array(make.bytes(head, rest)).slice(0, length);
    for (const [at, value] of edits) if (at < file.length) file[at] = value;
    const found = readPicture(file);
    assert.ok(found === null || (found.width > 0 && found.height > 0 && found.frames > 0));
  }), { numRuns: 2_000 });
});

test('each frame is decoded as large as the picture', () => {
  assert.equal(pixelsOf({ type: 'image/gif', width: 3, height: 5, frames: 2 }), 30);
});

test('a file of very many frames is counted to its end', () => {
  assert.equal(read(make.apng(8, 8, 2_000))[3], 2_000);
  assert.equal(read(make.gif([2, 2], Array.from({ length: 5_000 }, () => [0, 0, 1, 1])))[3], 5_000);
});
