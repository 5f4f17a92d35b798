// What stands below the answer of a run that is over: its files, and why the answer is what it is. Loaded with the first such run.

import { callsOf } from '../derive.js';
import { listIn } from '../json.js';
import { guarded } from './boundary.js';
import { byId, setText } from './dom.js';
import { namesOf } from './tools/chain.js';

export function createBelow() {
  const files = filesPart(byId('files'));
  const why = whyPart(/** @type {HTMLDetailsElement} */ (byId('why')));
  const nothing = () => undefined;
  return {
    /** @param {import('../fold.js').RunState} state of a run that is over @param {(id: string) => string} modelName */
    render(state, modelName) {
      guarded(() => void files.render(state), nothing);
      guarded(() => why.render(state, modelName), nothing);
    },
    clear() {
      files.clear();
      why.clear();
    },
  };
}

/** The files of a run that is over: above a text that is still growing they would push it away. @param {HTMLElement} node */
function filesPart(node) {
  /** @type {unknown} */
  let shown = null;
  /** Loaded on need: most runs have no files. @type {typeof import('./artifacts.js') | null} */
  let loaded = null;
  return {
    /** @param {import('../fold.js').RunState} state */
    async render(state) {
      if (shown === state.steps) return;
      shown = state.steps;
      if (!callsOf(state).some(({ outcome }) => listIn(outcome?.result, 'artifacts').length > 0)) return;
      node.setAttribute('aria-busy', 'true');
      try {
        loaded ??= await import('./artifacts.js');
      } finally {
        node.removeAttribute('aria-busy');
      }
      // Another run may be on the page by now.
      if (shown === state.steps) loaded.showFiles(node, state);
    },
    clear() {
      shown = null;
      node.replaceChildren();
      node.hidden = true;
    },
  };
}

/** How the answer of a run that is over came about, for whoever opens it. @param {HTMLDetailsElement} node */
function whyPart(node) {
  const words = /** @type {HTMLElement} */ (node.lastElementChild);
  /** @type {[import('../fold.js').RunState, (id: string) => string] | null} */
  let last = null;
  const write = async () => {
    // Loaded on need: most answers are believed.
    const { whyOf } = await import('../why.js');
    if (last && node.open) setText(words, whyOf(last[0], namesOf(...last)).join(' '));
  };
  node.addEventListener('toggle', () => node.open && void write());
  return {
    /** @param {import('../fold.js').RunState} state @param {(id: string) => string} modelName */
    render(state, modelName) {
      node.hidden = false;
      if (node.open && last?.[0] !== state) void write();
      last = [state, modelName];
    },
    clear() {
      node.open = false;
      node.hidden = true;
    },
  };
}
