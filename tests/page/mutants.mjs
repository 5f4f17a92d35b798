// Planted defects that no test can notice, or need not: each with its reason.

const ONLY_SLOWER = 'the same frames, but what has come of a line is searched again with each read: the time of a long line is no matter of a test without a clock';

const ENDS_UNSEEN = 'the pause has ended already, or nobody is left who waits for it: nothing follows';
const AS_LOST = 'an ending that names no longer pause is treated as a lost connection, with the least pause there is';
const LOST_LINE = "const ending = await stream.follow(response).catch(() => /** @type {const} */ ({ name: 'lost', retryAfterMs: 0 }));";

const COUNTED = 'only whether the number has changed counts';

const BOUND = 'the number of a bound: its tests take it by its name';
const BEHIND_THE_END = 'there is no byte behind the end, and so no block either';
const NO_LENGTH = 'if (code < 0xc0 || (code >= 0xd0 && code <= 0xd8)) return null; // What has no length, or no place before the first scan.';

export const LEFT = [
  { module: 'access.js', line: 'let declined = 0;', was: '0', by: '1', why: COUNTED },
  { module: 'access.js', line: 'if (!given) declined += 1;', was: '1', by: '2', why: COUNTED },
  { module: 'access.js', line: 'if (!given) declined += 1;', was: '+=', by: '-=', why: COUNTED },
  { module: 'access.js', line: "if (key !== '' && keyring.key() === key) keyring.forget();", was: "''", by: "'x'", why: 'a key that is not there is forgotten' },
  { module: 'connection.js', line: 'clearTimeout(timer);', was: 'clearTimeout(timer);', by: ';', why: ENDS_UNSEEN },
  { module: 'connection.js', line: 'pause.end();', was: 'pause.end();', by: ';', why: ENDS_UNSEEN },
  { module: 'connection.js', line: LOST_LINE, was: '0', by: '1', why: AS_LOST },
  { module: 'connection.js', line: LOST_LINE, was: "'lost'", by: "''", why: AS_LOST },
  { module: 'connection.js', line: "const delay = Math.max(ending.name === 'lost' ? ending.retryAfterMs : 0, delayAfter(failures));", was: '0', by: '1', why: AS_LOST },
  { module: 'fold.js', line: "const streamed = state.texts.get(callId)?.text.trim() ?? '';", was: "''", by: "'x'", why: 'there is no text to forget' },
  { module: 'fold.js', line: 'if (!map.has(callId)) return map;', was: '!map.has(callId)', by: 'false', why: 'a copy of the same' },
  { module: 'json.js', line: 'const values = isList ? value : Object.values(value);', was: 'isList', by: 'false', why: 'the values of a list are its elements' },
  { module: 'pictures.js', line: 'export const MOST_PIXELS = 25_000_000;', was: '25_000_000', by: '25000001', why: BOUND },
  { module: 'pictures.js', line: 'export const MOST_RUN_PIXELS = 100_000_000;', was: '100_000_000', by: '100000001', why: BOUND },
  { module: 'pictures.js', line: 'const form = forms.find(({ magic }) => magic.test(letters(file, 0, 16)));', was: '16', by: '17', why: 'no form is told by more than its first 16 bytes' },
  { module: 'pictures.js', line: 'if (error instanceof RangeError) return null;', was: 'error instanceof RangeError', by: 'true', why: 'nothing else is thrown' },
  { module: 'pictures.js', line: "if (name === 'IHDR' && at > 8) return null;", was: '8', by: '9', why: 'the second chunk begins at 20 at the earliest' },
  { module: 'pictures.js', line: 'for (let at = 2; at < bytes.length; ) {', was: '<', by: '<=', why: BEHIND_THE_END },
  { module: 'pictures.js', line: 'for (let at = 13 + colours(bytes[10]); at < bytes.length; ) {', was: '<', by: '<=', why: BEHIND_THE_END },
  { module: 'pictures.js', line: NO_LENGTH, was: '0xd8', by: '217', why: 'the mark of the end is refused before' },
  { module: 'pictures.js', line: 'if (code >= 0xc0 && code <= 0xcf && !JPEG_TABLES.includes(code)) {', was: '0xcf', by: '208', why: 'what has no length is refused before' },
  { module: 'preferences.js', line: "const given = JSON.parse(kept ?? '{}');", was: "'{}'", by: "''", why: 'what cannot be read is the default as well' },
  { module: 'sse.js', line: 'searched = tail.length;', was: 'searched = tail.length;', by: ';', why: ONLY_SLOWER },
  { module: 'sse.js', line: 'ends.lastIndex = searched;', was: 'ends.lastIndex = searched;', by: ';', why: ONLY_SLOWER },
];
