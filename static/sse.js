// Server-sent events, parsed incrementally: bytes in, frames out. No network and no JSON here.

/**
 * One dispatched frame. `id` is that of this very frame, not the last one seen before it.
 * @typedef {{id: string | null, data: string}} Frame
 */

/**
 * A parser for one stream. It keeps what a read cut off: half a character, half a line, half a frame.
 * What stands in an unfinished frame when the stream ends is dropped, as the standard asks.
 * @returns {{push(bytes: Uint8Array): Frame[]}}
 */
export function createParser() {
  const decoder = new TextDecoder();
  let tail = '';
  let searched = 0;
  let afterCarriageReturn = false;
  /** @type {string | null} */
  let id = null;
  /** @type {string[]} */
  let data = [];

  /** @param {string} line @param {Frame[]} frames */
  function takeLine(line, frames) {
    if (line === '') {
      if (data.length > 0) frames.push({ id, data: data.join('\n') });
      id = null;
      data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const rest = colon === -1 ? '' : line.slice(colon + 1);
    const value = rest.startsWith(' ') ? rest.slice(1) : rest;
    if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
  }

  return {
    push(bytes) {
      /** @type {Frame[]} */
      const frames = [];
      let text = decoder.decode(bytes, { stream: true });
      if (text === '') return frames;
      if (afterCarriageReturn && text.startsWith('\n')) text = text.slice(1);
      afterCarriageReturn = false;
      tail += text;

      let start = 0;
      const ends = /\r\n|\n|\r/g;
      ends.lastIndex = searched;
      for (let end = ends.exec(tail); end; end = ends.exec(tail)) {
        takeLine(tail.slice(start, end.index), frames);
        start = ends.lastIndex;
        // The other half of this line end may still be under way.
        afterCarriageReturn = end[0] === '\r' && start === tail.length;
      }
      tail = tail.slice(start);
      searched = tail.length;
      return frames;
    },
  };
}
