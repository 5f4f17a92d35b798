// A run as one web page that needs nothing else: no script, nothing that is loaded, every text as text. No DOM, no network.

import { blockAt, start } from './markdown.js';
import { exportWords as words, whyWords } from './strings-on-need.js';
import { numbering } from './sources.js';
import { text } from './strings.js';
import { readFormula } from './tex.js';

/**
 * @typedef {import('./markdown.js').Inner} Inner
 * @typedef {import('./markdown.js').Block} Block
 */

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
const STYLE = `:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h3, h4, h5, h6 { font-size: 1rem; }
.lines { white-space: pre-wrap; } pre { padding: .75rem; border: 1px solid #8888; border-radius: .5rem; overflow: auto; white-space: pre-wrap; } code { font-family: ui-monospace, monospace; }
.wide { overflow-x: auto; } table { border-collapse: collapse; } td, th { padding: .3rem .7rem; border: 1px solid #8888; text-align: start; vertical-align: top; }
blockquote { margin: 0; padding-inline-start: 1rem; border-inline-start: 3px solid #8888; } img { max-width: 100%; background: #fff; } .small { font-size: .85rem; opacity: .8; } li.plain { list-style: none; } [role=img] + p { display: inline; }`;

/**
 * @param {import('./export.js').Exported} run
 * @param {Map<string, string>} pictures `data:` addresses of the pictures of the run, by their names
 * @returns {string}
 */
export function htmlOf({ question, status, answer, why, sources, rows, link }, pictures) {
  const placeOf = numbering(answer, sources);
  const listed = sources.map(({ title, url, passage }, at) => `<li id="source-${at + 1}">${anchor(url, escaped(title))}${passage ? `<div class="small">${escaped(passage)}</div>` : ''}</li>`);
  const steps = rows.map(({ name, fate, time, taken, line, input, output }) =>
    `<details><summary><code>${escaped(name)}</code> ${escaped([line, fate, time, taken].filter(Boolean).join(' · '))}</summary>${input ? `<p class="small">${words.input}</p><pre>${escaped(input)}</pre>` : ''}${output ? `<p class="small">${words.output}</p><pre>${escaped(output)}</pre>` : ''}</details>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(question.slice(0, 120))}</title><style>${STYLE}</style></head><body>
<h1 class="lines" dir="auto">${escaped(question)}</h1><p class="small">${escaped(status)} · ${anchor(link, escaped(link))}</p>
<main>${answer ? blocksOf(answer, { placeOf, pictures }) : `<p>${words.notAnswered}</p>`}</main>
<h2>${whyWords.title}</h2><p>${escaped(why.join(' '))}</p>
${listed.length > 0 ? `<h2>${words.sources}</h2><ol>${listed.join('')}</ol>` : ''}
${steps.length > 0 ? `<h2>${words.steps}</h2>${steps.join('\n')}` : ''}
</body></html>
`;
}

/** @typedef {{placeOf: (number: number) => number | null, pictures: Map<string, string>}} Around */

/** @param {string} answer @param {Around} around */
function blocksOf(answer, around) {
  let html = '';
  /** @type {string} what is open: a list or a table */
  let open = '';
  const closing = { ul: '</ul>', ol: '</ol>', table: '</table></div>' };
  for (let place = start; place.at < answer.length; ) {
    const { block, next } = blockAt(answer, place, false);
    place = next;
    const home = block.kind === 'item' ? (block.ordered ? 'ol' : 'ul') : block.kind === 'table' || block.kind === 'row' ? 'table' : block.kind === 'blank' ? open : '';
    if (open !== home || block.kind === 'table') html += (open ? closing[/** @type {keyof typeof closing} */ (open)] : '') + (home === 'table' ? '<div class="wide"><table dir="auto">' : home ? `<${home} dir="auto">` : '');
    open = home;
    html += htmlOfPart(block, around);
  }
  return html + (open ? closing[/** @type {keyof typeof closing} */ (open)] : '');
}

/** @param {Inner} part @param {Around} around @returns {string} */
function htmlOfPart(part, around) {
  if (typeof part === 'string') return escaped(part);
  if ('unseen' in part) return '';
  const inner = part.parts.map((one) => htmlOfPart(one, around)).join('');
  return 'kind' in part ? htmlOfBlock(part, inner) : htmlOfElement(part, inner, around);
}

/** @param {Block} block @param {string} inner */
function htmlOfBlock({ kind, level, ordered, about, parts }, inner) {
  switch (kind) {
    case 'blank':
      return '';
    case 'rule':
      return '<hr>';
    case 'heading':
      return `<h${Math.min(6, level + 1)} dir="auto">${inner}</h${Math.min(6, level + 1)}>`;
    case 'quote':
      return `<blockquote dir="auto">${inner}</blockquote>`;
    case 'item':
      return ordered || parts.some((part) => typeof part !== 'string' && 'tag' in part && part.tag === 'task') ? `<li class="plain">${inner}</li>` : `<li>${inner}</li>`;
    case 'table':
    case 'row':
      return `<tr>${inner}</tr>`;
    case 'code':
      return inner;
    case 'note':
      return `<div class="small" id="note-${escaped(about)}">${inner}</div>`;
    case 'paragraph':
      return `<p class="lines" dir="auto">${inner}</p>`;
  }
}

/** @param {Exclude<Inner, string | Block | {unseen: string}>} part @param {string} inner @param {Around} around */
function htmlOfElement(part, inner, { placeOf, pictures }) {
  switch (part.tag) {
    case 'a':
      return anchor(part.url, inner);
    case 'br':
      return '<br>';
    case 'text':
      return `<pre><code>${inner}</code></pre>`;
    case 'mark':
      return `${inner} `;
    case 'task':
      return `<span role="img" aria-label="${text.task(part.done)}">${part.done ? '☑' : '☐'}</span> `;
    case 'cell':
      return part.head ? `<th>${inner}</th>` : `<td>${inner}</td>`;
    case 'table':
      return `<div class="wide"><table dir="auto">${inner}</table></div>`;
    case 'cite': {
      const at = placeOf(part.number);
      return at === null ? inner : `<a href="#source-${at + 1}">${inner}</a>`;
    }
    case 'note':
      return `<sup><a href="#note-${escaped(part.name)}">${inner}</a></sup>`;
    case 'file': {
      const data = part.isPicture ? pictures.get(part.name) : undefined;
      return data === undefined ? inner : `<img alt="${escaped(part.name)}" src="${escaped(data)}">`;
    }
    case 'formula': {
      const tree = readFormula(part.parts.filter((one) => typeof one === 'string').join(''), part.isDisplay);
      return tree ? mathOf(tree) : `<code>${inner}</code>`;
    }
    default:
      return `<${part.tag}>${inner}</${part.tag}>`;
  }
}

/** @param {import('./tex.js').Tree} tree @returns {string} */
function mathOf([tag, attributes, ...children]) {
  const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');
  return `<${tag}${given}>${children.map((child) => (typeof child === 'string' ? escaped(child) : mathOf(child))).join('')}</${tag}>`;
}

/** A link to the web, and nothing else. @param {string} url @param {string} inner */
function anchor(url, inner) {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? `<a href="${escaped(url)}" rel="noopener noreferrer">${inner}</a>` : inner;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
