// Planted defects that no test can notice, or need not: each with its reason.

const ONLY_SLOWER = 'the same frames, but what has come of a line is searched again with each read: the time of a long line is no matter of a test without a clock';

export const LEFT = [
  { module: 'sse.js', line: 'searched = tail.length;', was: 'searched = tail.length;', by: ';', why: ONLY_SLOWER },
  { module: 'sse.js', line: 'ends.lastIndex = searched;', was: 'ends.lastIndex = searched;', by: ';', why: ONLY_SLOWER },
];
