// What the marks within a line of text are told apart by.

export const PUNCTUATION = /[!-/:-@[-`{-~]/;
export const BLANK = /\s/;
export const WORD = /[\p{L}\p{N}]/u;
export const LATIN = /[A-Za-z0-9]/;

/** How often a character stands there one after the other. @param {string} text @param {number} at */
export function runLength(text, at) {
  let end = at + 1;
  while (text[end] === text[at]) end += 1;
  return end - at;
}
