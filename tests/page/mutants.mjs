// Planted defects that no test can notice, or need not: each with its reason.

const ONLY_SLOWER = 'the same frames, but what has come of a line is searched again with each read: the time of a long line is no matter of a test without a clock';

const ENDS_UNSEEN = 'the pause has ended already, or nobody is left who waits for it: nothing follows';
const AS_LOST = 'an ending that names no longer pause is treated as a lost connection, with the least pause there is';
const LOST_LINE = "const ending = await stream.follow(response).catch(() => /** @type {const} */ ({ name: 'lost', retryAfterMs: 0 }));";

const COUNTED = 'only whether the number has changed counts';

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
  { module: 'fences.js', line: "const marks = /^ {0,3}(`{3,}|~{3,})\\s*$/.exec(line)?.[1] ?? '';", was: "''", by: "'x'", why: 'no block is opened by either' },
  { module: 'fold.js', line: 'if (!map.has(callId)) return map;', was: '!map.has(callId)', by: 'false', why: 'a copy of the same' },
  { module: 'json.js', line: 'const values = isList ? value : Object.values(value);', was: 'isList', by: 'false', why: 'the values of a list are its elements' },
  { module: 'preferences.js', line: "const given = JSON.parse(kept ?? '{}');", was: "'{}'", by: "''", why: 'what cannot be read is the default as well' },
  { module: 'sse.js', line: 'searched = tail.length;', was: 'searched = tail.length;', by: ';', why: ONLY_SLOWER },
  { module: 'sse.js', line: 'ends.lastIndex = searched;', was: 'ends.lastIndex = searched;', by: ';', why: ONLY_SLOWER },
];
