// The colours of code. They lie over the text and change nothing of it: no element is made. Loaded with the first block of code whose
// language is named.

import { tokensOf } from '../code-tokens.js';

const MOST_RANGES = 20_000;

let ranges = 0;

/** Colours the code within an element. Browsers that cannot show it so leave it plain. @param {Element} node @param {string} language */
export function highlight(node, language) {
  if (!('highlights' in CSS)) return;
  for (const text of textsIn(node)) {
    for (const { sort, from, to } of tokensOf(text.data, language)) {
      if (ranges >= MOST_RANGES) return;
      ranges += 1;
      const name = `code-${sort}`;
      if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
      CSS.highlights.get(name)?.add(new StaticRange({ startContainer: text, startOffset: from, endContainer: text, endOffset: to }));
    }
  }
}

/** Forgets all of it, when another run is shown. */
export function forget() {
  CSS.highlights?.clear();
  ranges = 0;
}

/** What is seen of the code, piece by piece. @param {Element} node */
function textsIn(node) {
  return [...node.querySelectorAll('code')].flatMap((code) => [...code.childNodes].flatMap((child) => (child instanceof Text ? child : [])));
}
