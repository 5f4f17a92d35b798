// The rows of the runs, in their groups.

import { addressOf } from '../current.js';
import { groupsOf, isGoingOn } from '../history.js';
import { LANGUAGE } from '../numbers.js';
import { duration, text } from '../strings.js';
import { guarded } from './boundary.js';
import { el, setText } from './dom.js';

/**
 * @typedef {import('../history.js').Entry} Entry
 * @typedef {{open(runId: string): void, change(entry: Entry): Promise<void>, remove(entry: Entry): Promise<void>}} On what the rows are for
 * @typedef {ReturnType<typeof createRow>} Row
 */

/** @param {On} on */
export function createList(on) {
  const nothing = el('p', { class: 'muted', hidden: true }, text.history.none);
  const groups = Object.fromEntries((/** @type {const} */ (['found', 'pinned', 'today', 'earlier'])).map((name) => [name, group(text.history[name])]));
  /** @type {Map<string, Row>} */
  const rows = new Map();

  /** @param {Entry} entry @param {string | null} shownRun */
  function rowOf(entry, shownRun) {
    const row = rows.get(entry.run_id) ?? createRow(entry, on);
    rows.set(entry.run_id, row);
    row.update(entry, entry.run_id === shownRun);
    return row;
  }

  /** Stands for a run whose row cannot be painted. @param {Entry} entry @returns {Row} */
  function unpaintedRow({ run_id: id }) {
    const node = el('li', { class: 'unpainted', tabindex: '-1' }, text.unpainted);
    const row = { node, focus: () => node.focus(), update: () => undefined };
    rows.set(id, row);
    return row;
  }

  const nodes = () => Object.values(groups).flatMap(({ list }) => /** @type {HTMLElement[]} */ ([...list.children]));

  return {
    nodes: [nothing, ...Object.values(groups).map(({ node }) => node)],
    /** @param {import('../history.js').History} history @param {string | null} shownRun @param {boolean} wasRead */
    render(history, shownRun, wasRead) {
      const { activeElement } = document;
      const ids = new Set();
      for (const [name, entries] of Object.entries(groupsOf(history, Date.now()))) {
        const { node, list } = groups[name];
        place(list, entries.map((entry) => guarded(() => rowOf(entry, shownRun), () => unpaintedRow(entry)).node));
        node.hidden = entries.length === 0;
        for (const { run_id: id } of entries) ids.add(id);
      }
      for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
      const { found } = history;
      setText(nothing, found ? text.history.nothing(found.words, found.cursor !== null) : text.history.none);
      nothing.hidden = ids.size > 0 || !(wasRead || found);
      // A row that was moved has lost the focus.
      if (activeElement instanceof HTMLElement && activeElement !== document.activeElement && activeElement.isConnected) activeElement.focus({ preventScroll: true });
    },
    /** Whether there is such a row. @param {string | null | undefined} runId */
    focus(runId) {
      const row = rows.get(runId ?? '');
      row?.focus();
      return row !== undefined;
    },
    focusFirst() {
      const row = nodes().map((node) => node.querySelector('a') ?? node)[0];
      row?.focus();
      return row !== undefined;
    },
    /** The run that stands after this one, or before it where it is the last. @param {string} runId */
    neighbourOf(runId) {
      const all = nodes();
      const at = all.findIndex((node) => node === rows.get(runId)?.node);
      const next = all[at + 1] ?? all[at - 1];
      return [...rows].find(([, { node }]) => node === next)?.[0];
    },
  };
}

/** @param {string} title */
function group(title) {
  const list = el('ul');
  return { node: el('section', { hidden: true }, el('h2', {}, title), list), list };
}

/** Puts nodes into their order; one that is in its place is not touched, so that it keeps the focus. @param {HTMLElement} list @param {HTMLElement[]} nodes */
function place(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(/** @type {HTMLElement} */ (node))) node.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

/** @param {string} icon @param {() => void} act */
function iconButton(icon, act) {
  const button = el('button', { type: 'button', class: 'quiet small' }, el('span', { class: 'icon', 'data-icon': icon }));
  button.addEventListener('click', act);
  return button;
}

/** @param {Entry} first @param {On} on */
function createRow(first, on) {
  const title = el('span', { class: 'past-title', dir: 'auto' });
  const word = el('span', { class: 'visually-hidden' });
  const time = el('span', { class: 'past-time' });
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const link = el('a', { class: 'past', href: addressOf(first.run_id) }, dot, title, word, time);
  let entry = first;
  const change = iconButton('change', () => void on.change(entry));
  const remove = iconButton('delete', () => void on.remove(entry));
  link.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    on.open(entry.run_id);
  });
  return {
    node: el('li', {}, link, el('span', { class: 'past-acts' }, change, remove)),
    focus: () => link.focus(),
    /** @param {Entry} next @param {boolean} isShown */
    update(next, isShown) {
      entry = next;
      const { status } = entry;
      const told = status === 'completed' || isGoingOn(status);
      setText(title, entry.title);
      setText(word, told ? `, ${text.status(status)}` : '');
      setText(time, isGoingOn(status) ? text.history.now : !told ? text.status(status) : entry.duration_ms === null ? '' : duration(entry.duration_ms));
      dot.dataset.status = status;
      link.title = `${entry.title}\n${new Date(entry.created_at).toLocaleString(LANGUAGE)}`;
      change.setAttribute('aria-label', text.history.change(entry.title));
      remove.setAttribute('aria-label', text.history.delete(entry.title));
      // A server that knows of no pins takes no new titles, too.
      if (entry.pinned === null) change.remove();
      else if (!change.parentNode) remove.before(change);
      // A run that is going on cannot be deleted.
      remove.hidden = isGoingOn(status);
      if (isShown) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    },
  };
}
