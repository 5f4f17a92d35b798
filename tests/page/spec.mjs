// What the examples of the CommonMark specification say, beside what the page reads: both as one plain form, in which blanks that HTML does not show,
// and whether a list is loose, make no difference.

import { blockAt, start } from '../../static/markdown.js';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0' };
const unescaped = (text) => text.replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
/** Blanks are one within a text, and none where a block begins or ends; those of code stay. */
const plain = (form) => form.split(/(<pre>[^]*?<\/pre>)/).map((piece, at) => (at % 2 === 1 ? piece : piece.replace(/\s+/g, ' ').replace(/ ?(<\/?(?:h\d|hr|ul|ol|li|quote|br|split)>) ?/g, '$1'))).join('').replace(/(?:<split>)+/g, '<split>').replace(/<split>(?=<\/?(?:h\d|hr|ul|ol|li|quote|pre)>|$)/g, '').replace(/(<\/?(?:h\d|hr|ul|ol|li|quote|pre)>)<split>/g, '$1').replace(/^<split>/, '').trim();

/** Addresses of this very site are left as they are written: the examples are read with some of the web. */
export const webbed = (text) => text.replace(/(?<=[("<\s])\/(?:url|uri)\b|(?<=\[foo\]: )\/url\b/g, 'https://example.org/u');

/** The plain form of an example's HTML. */
export function wanted(html) {
  const form = html
    .replace(/<pre><code[^>]*>([^]*?)<\/code><\/pre>/g, (_, code) => `<pre>${code}</pre>`)
    .replace(/<img src="([^"]*)" alt="([^"]*)"[^>]*>/g, '<a $1>$2</a>')
    .replace(/<a href="([^"]*)"[^>]*>/g, '<a $1>')
    .replace(/<(\/?)blockquote>/g, '<$1quote>')
    .replace(/<ol[^>]*>/g, '<ol>')
    .replace(/<(hr|br) \/>/g, '<$1>')
    .replace(/<\/?p>/g, '<split>');
  return unescaped(plain(form));
}

/** The plain form of what is read. */
export function read(text) {
  const blocks = [];
  for (let place = start; place.at < text.length; ) {
    const one = blockAt(text, place, false);
    blocks.push(one.block);
    place = one.next;
  }
  let form = '';
  let list = '';
  for (const block of blocks) {
    const next = block.kind === 'item' ? (block.ordered ? 'ol' : 'ul') : block.kind === 'blank' ? list : '';
    if (next !== list) form += `${list && `</${list}>`}${next && `<${next}>`}`;
    list = next;
    form += formOf(block);
  }
  return plain(form + (list && `</${list}>`));
}

function formOf(part) {
  if (typeof part === 'string') return part;
  if ('unseen' in part) return '';
  const inner = part.parts.map(formOf).join('');
  if (part.kind) {
    const { kind, level } = part;
    return { blank: '', rule: '<hr>', paragraph: `<split>${inner}<split>`, heading: `<h${level}>${inner}</h${level}>`, quote: `<quote>${inner}</quote>`, item: `<li>${inner}</li>`, code: `<pre>${inner}</pre>`, table: inner, row: inner, note: inner }[kind];
  }
  if (part.tag === 'mark') return '';
  if (['cite', 'note', 'file', 'formula', 'task', 'cell', 'text', 'table'].includes(part.tag)) return inner;
  return part.tag === 'a' ? `<a ${part.url}>${inner}</a>` : part.tag === 'br' ? '<br>' : `<${part.tag}>${inner}</${part.tag}>`;
}
