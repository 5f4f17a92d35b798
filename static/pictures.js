// How large a picture unfolds, read from its bytes as a browser would decode them: by magic number, and over every frame. What
// its name and media type say counts for nothing. No DOM, no network.

/**
 * `width` and `height` are those of the area that all frames lie in, in pixels.
 * @typedef {{type: string, width: number, height: number, frames: number}} Picture
 * @typedef {{bytes: Uint8Array, view: DataView}} File
 */

/** Pixels of one frame, and of all frames of all pictures of a run: four bytes of memory each. */
export const MOST_PIXELS = 25_000_000;
export const MOST_RUN_PIXELS = 100_000_000;

/** @type {{magic: RegExp, type: string, read: (file: File) => Omit<Picture, 'type'> | null}[]} */
const forms = [
  { magic: /^\x89PNG\r\n\x1a\n/, type: 'image/png', read: readPng },
  { magic: /^\xff\xd8\xff/, type: 'image/jpeg', read: readJpeg },
  { magic: /^GIF8[79]a/, type: 'image/gif', read: readGif },
  { magic: /^RIFF[^]{4}WEBPVP8[ LX]/, type: 'image/webp', read: readWebp },
];

/**
 * What a file unfolds to; null for any other form than PNG, JPEG, GIF and WebP, and for one that is not as it should be.
 * @param {Uint8Array} bytes
 * @returns {Picture | null}
 */
export function readPicture(bytes) {
  const file = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  const form = forms.find(({ magic }) => magic.test(letters(file, 0, 16)));
  try {
    const size = form?.read(file) ?? null;
    return form && size && size.width > 0 && size.height > 0 ? { type: form.type, ...size } : null;
  } catch (error) {
    // It ended in the middle of a number.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The pixels that are decoded, all frames together. @param {Picture} picture */
export function pixelsOf({ width, height, frames }) {
  return width * height * frames;
}

/** @param {File} file @param {number} at @param {number} length */
function letters({ bytes }, at, length) {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** Each frame of an animation lies within the picture: a decoder takes no other. @param {File} file */
function readPng(file) {
  if (letters(file, 12, 4) !== 'IHDR') return null;
  const size = { width: file.view.getUint32(16), height: file.view.getUint32(20) };
  let frames = 0;
  for (let at = 8; at + 8 <= file.bytes.length; ) {
    const name = letters(file, at + 4, 4);
    if (name === 'fcTL') frames += 1;
    if (name === 'IHDR' && at > 8) return null;
    if (name === 'IEND') break;
    at += 12 + file.view.getUint32(at);
  }
  return { ...size, frames: Math.max(1, frames) };
}

const JPEG_END = 0xd9;
const JPEG_SCAN = 0xda;
const JPEG_TABLES = [0xc4, 0xc8, 0xcc]; // Among the codes of frames, these are none.

/** @param {File} file */
function readJpeg({ bytes, view }) {
  /** @type {{width: number, height: number, frames: number} | null} */
  let size = null;
  for (let at = 2; at < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const code = bytes[at + 1];
    if (code === 0xff) {
      at += 1; // Bytes that only fill.
      continue;
    }
    if (code === JPEG_SCAN) return size;
    if (code === JPEG_END) return null;
    if (code < 0xc0 || (code >= 0xd0 && code <= 0xd8)) return null; // What has no length, or no place before the first scan.
    if (code >= 0xc0 && code <= 0xcf && !JPEG_TABLES.includes(code)) {
      if (size) return null;
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7), frames: 1 };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** A frame may reach beyond the screen that the file names, which some decoders then widen. @param {File} file */
function readGif({ bytes, view }) {
  let width = view.getUint16(6, true);
  let height = view.getUint16(8, true);
  let frames = 0;
  const past = (/** @type {number} */ at) => {
    let end = at;
    while (bytes[end] > 0) end += bytes[end] + 1;
    return end + 1;
  };
  const colours = (/** @type {number} */ packed) => (packed & 0x80 ? 3 << ((packed & 7) + 1) : 0);
  for (let at = 13 + colours(bytes[10]); at < bytes.length; ) {
    if (bytes[at] === 0x21) at = past(at + 2);
    else if (bytes[at] === 0x2c) {
      width = Math.max(width, view.getUint16(at + 1, true) + view.getUint16(at + 5, true));
      height = Math.max(height, view.getUint16(at + 3, true) + view.getUint16(at + 7, true));
      frames += 1;
      at = past(at + 11 + colours(view.getUint8(at + 9)));
    } else break;
  }
  return frames === 0 ? null : { width, height, frames };
}

/** @param {File} file */
function readWebp(file) {
  let width = 0;
  let height = 0;
  let frames = 0;
  for (const { name, at } of chunks(file, 12, file.bytes.length)) {
    const isFrame = name === 'ANMF';
    // A frame of an animation has its picture in chunks of its own.
    const inner = isFrame ? [...chunks(file, at + 16, at + file.view.getUint32(at - 4, true))] : [{ name, at }];
    const sizes = inner.map((chunk) => webpSize(file, chunk)).filter((size) => size !== null);
    if (isFrame) {
      sizes.push({ width: 2 * u24(file, at) + u24(file, at + 6) + 1, height: 2 * u24(file, at + 3) + u24(file, at + 9) + 1 });
      frames += 1;
    }
    width = Math.max(width, ...sizes.map((size) => size.width));
    height = Math.max(height, ...sizes.map((size) => size.height));
  }
  return { width, height, frames: Math.max(1, frames) };
}

/** @param {File} file @param {{name: string, at: number}} chunk @returns {{width: number, height: number} | null} null for one that holds no size */
function webpSize(file, { name, at }) {
  const { view } = file;
  switch (name) {
    case 'VP8X':
      return { width: u24(file, at + 4) + 1, height: u24(file, at + 7) + 1 };
    case 'VP8L': {
      const packed = view.getUint32(at + 1, true);
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { width: view.getUint16(at + 6, true) & 0x3fff, height: view.getUint16(at + 8, true) & 0x3fff };
    default:
      return null;
  }
}

/** The chunks of a RIFF file; `at` is where the content of each begins. @param {File} file @param {number} from @param {number} to */
function* chunks(file, from, to) {
  for (let at = from; at + 8 <= Math.min(to, file.bytes.length); ) {
    const length = file.view.getUint32(at + 4, true);
    yield { name: letters(file, at, 4), at: at + 8 };
    at += 8 + length + (length % 2);
  }
}

/** A number of three bytes, the least first. @param {File} file @param {number} at */
function u24({ view }, at) {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
}
