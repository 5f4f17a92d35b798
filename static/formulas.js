// Where a formula stands in a line of text: between dollars, or brackets behind a backslash. Money, variables of a shell and brackets that
// are only escaped are none.

import { BLANK, WORD } from './marks.js';

const MARKS = [['$$', '$$'], ['$', '$'], ['\\[', '\\]'], ['\\(', '\\)']];
const MOST_CHARACTERS = 1_500;
const SAYS = /\\(?:text|mathrm|operatorname|textbf|mbox)\s*\{[^{}]*\}|\\[A-Za-z]+/g; // What may hold words within a formula.
const SENTENCE = /[A-Za-z]{3,}[,.]?\s+[A-Za-z]{2,}|`/;
const SIGN = /[\\^_=<>+*/|!-]/;
const ALONE = /^\s*(?:\p{L}'?|\d+|\p{L}\(\p{L}\))\s*$/u;
const AMOUNT = /^\d[^\\^_=]*\s[^\\^_=]*$/; // Before a second amount.
const CITED = /^\s*\d+(?:\s*[,;]\s*\d+)*\s*$/;

/**
 * The formula that begins at a place, if any: where it ends, and how long the marks at each of its ends are.
 * @param {string} text @param {number} at
 * @returns {{to: number, isDisplay: boolean, marks: number} | null}
 */
export function formulaAt(text, at) {
  const [open, close] = MARKS.find(([mark]) => text.startsWith(mark, at)) ?? [];
  if (!open || !close) return null;
  const isSingle = open === '$';
  const from = at + open.length;
  if (isSingle && WORD.test(text[at - 1] ?? ' ')) return null;
  const end = text.slice(from, from + MOST_CHARACTERS).indexOf(close);
  const content = text.slice(from, from + Math.max(0, end));
  const to = from + end + close.length;
  if (end < 1 || !isFormula(content)) return null;
  if (isSingle && (WORD.test(text[to] ?? ' ') || text[to] === '$' || AMOUNT.test(content) || !isTight(content))) return null;
  if (open === '\\[' && CITED.test(content)) return null;
  return { to, isDisplay: open === '$$' || open === '\\[', marks: open.length };
}

/** Whether it touches both its dollars, or neither and is TeX beyond doubt. @param {string} content */
function isTight(content) {
  const blanks = [content[0], content[content.length - 1]].filter((end) => BLANK.test(end)).length;
  return blanks === 0 || (blanks === 2 && /\\[A-Za-z]|[\^_]/.test(content));
}

/** Whether it reads like one: words side by side are a sentence, and so is what has nothing of a formula. @param {string} content */
function isFormula(content) {
  const plain = content.replace(SAYS, ' \\ ');
  if (SENTENCE.test(plain)) return false;
  return SIGN.test(plain) ? /[\p{L}\d\\]/u.test(plain) : ALONE.test(plain);
}
