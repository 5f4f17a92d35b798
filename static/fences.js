// Where the code blocks of a text lie. The rest of Markdown is left as it was written.

/** @typedef {{kind: 'text' | 'fence' | 'code', text: string}} Segment */

/**
 * Cuts a text into what stands outside of code blocks, the lines that fence them, and the code between. The segments
 * together are the text, whole. A block that is still open reaches to the end.
 * @param {string} text
 * @returns {Segment[]}
 */
export function segments(text) {
  /** @type {Segment[]} */
  const found = [];
  /** @param {Segment['kind']} kind @param {string} line */
  const add = (kind, line) => {
    const last = found.at(-1);
    if (last?.kind === kind && kind !== 'fence') last.text += line;
    else found.push({ kind, text: line });
  };
  let open = '';
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const fence = open === '' ? opening(line) : '';
    if (fence !== '') {
      open = fence;
      add('fence', line);
    } else if (open !== '' && closes(line, open)) {
      open = '';
      add('fence', line);
    } else add(open === '' ? 'text' : 'code', line);
  }
  return found;
}

/** The marks that open a block, '' for any other line. @param {string} line */
function opening(line) {
  return /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1] ?? '';
}

/** @param {string} line @param {string} open the marks that opened the block */
function closes(line, open) {
  const marks = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1] ?? '';
  return marks.startsWith(open);
}
