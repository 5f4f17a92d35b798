// What an answer refers to, joined to it: numbers to their sources, marks to their footnotes, names to the files of the run. Loaded with the first
// answer that has any of these.

import { artifactsOf } from '../artifacts.js';
import { textIn } from '../json.js';
import { numbering } from '../sources.js';
import { referenceWords } from '../strings-on-need.js';
import { guardedNode } from './boundary.js';

/**
 * @param {HTMLElement} host of the answer
 * @param {import('../fold.js').RunState} state
 * @param {string} answer
 * @param {string} [of] tells the ids of this run from those of another on the page
 */
export function refer(host, state, answer, of = '') {
  if (state.final) cite(host, state.final.sources, answer, of);
  annotate(host, of);
  const files = new Map(artifactsOf(state, location.origin).map((artifact) => [artifact.name, artifact]));
  if (files.size > 0) void place(host, files);
}

/** @param {HTMLElement} host @param {unknown[]} sources @param {string} answer @param {string} of */
function cite(host, sources, answer, of) {
  const placeOf = numbering(answer, sources);
  for (const node of host.querySelectorAll('a.cite')) {
    const at = placeOf(Number(node.getAttribute('data-number')));
    if (at === null) {
      for (const name of ['href', 'title', 'aria-label']) node.removeAttribute(name);
      continue;
    }
    const title = textIn(sources[at], 'title') || textIn(sources[at], 'url');
    node.setAttribute('href', `#${of}source-${at + 1}`);
    node.setAttribute('title', title);
    node.setAttribute('aria-label', referenceWords.source(at + 1, title));
  }
}

/** @param {HTMLElement} host @param {string} of */
function annotate(host, of) {
  /** @type {Map<string | null, string>} */
  const ids = new Map();
  for (const [at, note] of host.querySelectorAll('.footnote').entries()) {
    const name = note.getAttribute('data-name');
    if (ids.has(name)) continue;
    note.id = `${of}footnote-${at + 1}`;
    ids.set(name, note.id);
  }
  for (const mark of host.querySelectorAll('a[data-note]')) {
    const id = ids.get(mark.getAttribute('data-note'));
    if (id === undefined) mark.removeAttribute('href');
    else mark.setAttribute('href', `#${id}`);
    mark.setAttribute('aria-label', referenceWords.footnote(mark.getAttribute('data-note') ?? ''));
  }
}

/** Puts pictures where the answer names them, and makes links of other names. @param {HTMLElement} host @param {Map<string, import('../artifacts.js').Artifact>} files */
async function place(host, files) {
  const names = [...host.querySelectorAll('.file:not([data-known])')].flatMap((node) => files.get(node.getAttribute('data-file') ?? '') ? /** @type {HTMLElement} */ (node) : []);
  if (names.length === 0) return;
  for (const node of names) node.dataset.known = '';
  const { fileInText } = await import('./artifacts.js');
  for (const node of names) {
    const artifact = files.get(node.dataset.file ?? '');
    const home = node.querySelector('[data-home]');
    if (!artifact || !home) continue;
    const said = /^!?\[([^\]]*)/.exec(home.textContent ?? '')?.[1] ?? '';
    home.toggleAttribute('hidden', true);
    node.append(guardedNode(() => fileInText(artifact, said, 'picture' in node.dataset)));
  }
}
