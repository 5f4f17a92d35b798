// A formula within a text: what was written of it stays its text, and what it means is shown in its place. Loaded with the first formula.

import { readFormula } from '../tex.js';
import { countNode } from './frames.js';

const MATHML = 'http://www.w3.org/1998/Math/MathML';
const STYLE = `:host { white-space: normal; }
math { max-inline-size: 100%; overflow-x: auto; overflow-y: hidden; }
math[display='block'] { margin-block: 8px; padding-block: 2px; }
.aligned mtd { padding-inline: 0; }
.end { text-align: end; }
.start { text-align: start; }
.boxed { border: 1px solid; padding: 4px; }`;

/** @type {CSSStyleSheet | null} */
let style = null;

/** Shows a formula as one, unless it cannot be read: then it stays as it was written. @param {HTMLElement} node holds its TeX @param {boolean} isDisplay */
export function setFormula(node, isDisplay) {
  const written = [...(node.firstElementChild?.childNodes ?? [])].map((child) => (child instanceof Text ? child.data : '')).join('');
  const tree = readFormula(written, isDisplay);
  if (!tree) return;
  if (!style) {
    style = new CSSStyleSheet();
    style.replaceSync(STYLE);
  }
  // In a tree of its own, so that the text of the answer stays what the model wrote.
  const shown = node.attachShadow({ mode: 'open' });
  shown.adoptedStyleSheets = [style];
  shown.append(nodeOf(tree));
}

/** @param {import('../tex.js').Tree} tree @returns {Element} */
function nodeOf([tag, attributes, ...children]) {
  countNode();
  const node = document.createElementNS(MATHML, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.map((child) => (typeof child === 'string' ? child : nodeOf(child))));
  return node;
}
