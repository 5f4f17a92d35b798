// Picture files, sound and hostile, made for the tests byte by byte.

import { deflateSync } from 'node:zlib';

const u16be = (n) => [(n >> 8) & 255, n & 255];
const u32be = (n) => [...u16be(n >>> 16), ...u16be(n)];
const u16le = (n) => u16be(n).reverse();
const u24le = (n) => [n & 255, (n >> 8) & 255, (n >> 16) & 255];
const u32le = (n) => u32be(n).reverse();
const ascii = (text) => [...text].map((letter) => letter.charCodeAt(0));
export const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));

const CRC = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});
const crcOf = (data) => (data.reduce((crc, byte) => CRC[(crc ^ byte) & 255] ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

/** One chunk of a PNG. */
export const chunk = (name, data) => {
  const content = bytes(ascii(name), data);
  return bytes(u32be(data.length), content, u32be(crcOf(content)));
};

/** A PNG of one bit a pixel, all black; `extra` stands before the picture, `after` behind it. */
export function png(width, height, { extra = [], after = [], data } = {}) {
  const rows = data ?? deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  return bytes([0x89], ascii('PNG\r\n\x1a\n'), chunk('IHDR', [...u32be(width), ...u32be(height), 1, 0, 0, 0, 0]), ...extra, chunk('IDAT', rows), ...after, chunk('IEND', []));
}

/** An animated PNG; each frame is the whole picture, or the one that is given. */
export function apng(width, height, frames, frame = [width, height]) {
  const control = (seq, [w, h]) => chunk('fcTL', [...u32be(seq), ...u32be(w), ...u32be(h), ...u32be(0), ...u32be(0), ...u16be(1), ...u16be(10), 0, 0]);
  const rows = deflateSync(Buffer.alloc((Math.ceil(frame[0] / 8) + 1) * frame[1]));
  const after = Array.from({ length: frames - 1 }, (_, index) => [control(2 * index + 1, frame), chunk('fdAT', [...u32be(2 * index + 2), ...rows])]).flat();
  return png(width, height, { extra: [chunk('acTL', [...u32be(frames), ...u32be(0)]), control(0, [width, height])], after });
}

/** A GIF with a screen and frames at places of their own, all of one colour. */
export function gif([width, height], frames, { end = [0x3b], palette = true } = {}) {
  const image = ([x, y, w, h]) => {
    // Codes of three bits: clear, pixels two at a time, end. Each clear keeps the codes from growing.
    const codes = [];
    for (let left = w * h; left > 0; left -= 2) codes.push(4, ...Array(Math.min(2, left)).fill(0));
    codes.push(5);
    const packed = [];
    let bits = 0;
    let held = 0;
    for (const code of codes) {
      held |= code << bits;
      bits += 3;
      while (bits >= 8) {
        packed.push(held & 255);
        held >>= 8;
        bits -= 8;
      }
    }
    packed.push(held);
    const blocks = [];
    for (let at = 0; at < packed.length; at += 255) blocks.push(Math.min(255, packed.length - at), ...packed.slice(at, at + 255));
    return [0x21, 0xf9, 4, 0, ...u16le(10), 0, 0, 0x2c, ...u16le(x), ...u16le(y), ...u16le(w), ...u16le(h), 0, 2, ...blocks, 0];
  };
  return bytes(ascii('GIF89a'), u16le(width), u16le(height), [palette ? 0x80 : 0, 0, 0], palette ? [0, 0, 0, 255, 255, 255] : [], ...frames.map(image), end);
}

/** The head of a GIF whose one frame has no pixels at all. */
export const gifHead = (screen, [x, y, w, h]) => bytes(ascii('GIF89a'), u16le(screen[0]), u16le(screen[1]), [0, 0, 0, 0x2c], u16le(x), u16le(y), u16le(w), u16le(h), [0, 2, 1, 5, 0, 0x3b]);

/** The head of a JPEG up to its first scan. */
export function jpegHead(width, height, { frame = 0xc0, before = [], after = [] } = {}) {
  const segment = (code, data) => [0xff, code, ...u16be(data.length + 2), ...data];
  return bytes([0xff, 0xd8], segment(0xe0, [...ascii('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0]), before, segment(0xc4, Array(20).fill(0)), segment(frame, [8, ...u16be(height), ...u16be(width), 1, 1, 0x11, 0]), after, segment(0xda, [1, 1, 0, 0, 63, 0]), [0, 0xff, 0xd9]);
}
export const jpegSegment = (code, data) => [0xff, code, ...u16be(data.length + 2), ...data];

/** A WebP of these chunks. */
export function webp(...chunks) {
  const content = bytes(ascii('WEBP'), ...chunks);
  return bytes(ascii('RIFF'), u32le(content.length), content);
}
export const riff = (name, data) => bytes(ascii(name), u32le(data.length), data, data.length % 2 ? [0] : []);
export const vp8x = (width, height, flags = 2) => riff('VP8X', [flags, 0, 0, 0, ...u24le(width - 1), ...u24le(height - 1)]);
export const vp8l = (width, height) => riff('VP8L', [0x2f, ...u32le((((height - 1) << 14) | (width - 1)) >>> 0), 0]);
export const vp8 = (width, height) => riff('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, ...u16le(width), ...u16le(height)]);
export const anmf = (x, y, width, height, ...inner) => riff('ANMF', bytes(u24le(x / 2), u24le(y / 2), u24le(width - 1), u24le(height - 1), u24le(100), [0], ...inner));
export const anim = riff('ANIM', [0, 0, 0, 0, 0, 0]);

/** A BMP of 62 bytes that unfolds to whatever it says: its pixels are runs that end at once. */
export const bmp = (width, height) => bytes(ascii('BM'), u32le(62), u32le(0), u32le(60), u32le(40), u32le(width), u32le(height), u16le(1), u16le(8), u32le(1), u32le(2), u32le(0), u32le(0), u32le(1), u32le(0), [0, 0, 0, 0], [0, 1]);
export const ico = (inner) => bytes([0, 0, 1, 0, 1, 0, 0, 0, 0, 0], u16le(1), u16le(32), u32le(inner.length), u32le(22), inner);
export const avif = bytes(u32be(24), ascii('ftypavif'), u32be(0), ascii('avifmif1'));
export const svg = (width, height) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%"/></svg>`);
