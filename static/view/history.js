// The list of runs, in its column or, where there is no room for one, in a drawer.

import { ask } from '../api.js';
import { addressOf } from '../current.js';
import { byDay, emptyHistory, isGoingOn, readPage, withBegun, withNewest, withOlder, withSeen, without } from '../history.js';
import { duration, text } from '../strings.js';
import { guarded } from './boundary.js';
import { closable, dialogById, isDialogOpen } from './dialogs.js';
import { byId, el, setText } from './dom.js';

const COLUMN = '(min-width: 1280px)';
const PAGE = 30;

/**
 * @typedef {import('../history.js').Entry} Entry
 * @typedef {ReturnType<typeof createRow>} Row
 */

/**
 * @param {{openRun(runId: string): void, onDeleted(runId: string): void, confirm: import('./confirm.js').Confirm}} page
 */
export function createHistory({ openRun, onDeleted, confirm }) {
  const node = byId('history');
  const error = el('p', { class: 'field-error', role: 'alert' });
  const more = el('button', { type: 'button', class: 'quiet more', hidden: true }, text.history.more);
  const list = createList({ remove, open: (runId) => (drawer.close(), openRun(runId)) });
  node.replaceChildren(error, ...list.nodes, more);
  const drawer = createDrawer(node, () => void readNewest());
  let history = emptyHistory;
  let wasRead = false;
  /** @type {string | null} */
  let shownRun = null;

  byId('open-history').addEventListener('click', show);
  more.addEventListener('click', () => void readOlder());
  whenLookedAt(() => void readNewest());

  const change = (/** @type {typeof history} */ next) => {
    if (next === history) return;
    history = next;
    render();
  };

  function render() {
    list.render(history.entries, shownRun, wasRead);
    more.hidden = history.cursor === null;
  }

  const readNewest = () =>
    readFrom(error, '', (page) => {
      wasRead = true;
      change(withNewest(history, page));
    });
  const readOlder = () =>
    readFrom(error, `&cursor=${encodeURIComponent(history.cursor ?? '')}`, (page) => {
      const known = history.entries.length;
      change(withOlder(history, page));
      // The button that was pressed may be gone: go on from where it stood.
      if (more.hidden) list.focus(history.entries[known]?.run_id);
    });

  /** @param {Entry} entry */
  async function remove(entry) {
    const deleted = await (await import('./delete-run.js')).deleteRun(entry, confirm);
    if (!deleted) return;
    setText(error, deleted.message);
    if (!deleted.gone) return;
    const next = neighbourOf(history.entries, entry.run_id);
    change(without(history, entry.run_id));
    if (!list.focus(next)) node.focus();
    onDeleted(entry.run_id);
  }

  function show() {
    if (drawer.open() && !list.focus(shownRun) && !list.focus(history.entries[0]?.run_id)) node.focus();
  }

  return {
    show,
    read: readNewest,
    /** @param {string | null} runId the run on the page */
    select(runId) {
      shownRun = runId;
      render();
    },
    /** @param {Entry} entry */
    begun: (entry) => change(withBegun(history, entry)),
    /** @param {string} runId @param {{status: string, duration_ms: number | null}} seen */
    seen: (runId, seen) => change(withSeen(history, runId, seen)),
  };
}

/** @param {() => void} act */
function whenLookedAt(act) {
  addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') act();
  });
}

/** The run that stands after this one, or before it where it is the last. @param {Entry[]} entries @param {string} runId */
function neighbourOf(entries, runId) {
  const at = entries.findIndex(({ run_id: id }) => id === runId);
  return (entries[at + 1] ?? entries[at - 1])?.run_id;
}

/** Reads a page of the list, and says what of it cannot be shown. @param {HTMLElement} error @param {string} from @param {(page: import('../history.js').Page) => void} take */
async function readFrom(error, from, take) {
  const answer = await ask(`/api/runs?limit=${PAGE}${from}`);
  if (!answer.ok) {
    // That a key is needed is told once, for all of the page.
    setText(error, answer.error.code === 'unauthorized' ? '' : `${text.history.unread} ${answer.error.message}`);
    return;
  }
  const page = readPage(answer.body);
  setText(error, page.unreadable > 0 ? text.history.unreadable(page.unreadable) : '');
  take(page);
}

/** Where there is no column for the list, it opens in a drawer. @param {HTMLElement} node @param {() => void} onOpen */
function createDrawer(node, onOpen) {
  const drawer = dialogById('drawer');
  const isColumn = matchMedia(COLUMN);
  closable(drawer);
  drawer.addEventListener('close', () => byId('side').append(node));
  isColumn.addEventListener('change', () => drawer.close());
  return {
    close: () => drawer.close(),
    /** Whether the list can be seen now. */
    open() {
      if (isColumn.matches || drawer.open) return true;
      if (isDialogOpen()) return false;
      drawer.append(node);
      drawer.showModal();
      onOpen();
      return true;
    },
  };
}

/** The rows of the runs, by day. @param {{open(runId: string): void, remove(entry: Entry): Promise<void>}} on */
function createList(on) {
  const nothing = el('p', { class: 'muted' }, text.history.none);
  const groups = { today: group(text.history.today), earlier: group(text.history.earlier) };
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

  return {
    nodes: [nothing, groups.today.node, groups.earlier.node],
    /** @param {Entry[]} all @param {string | null} shownRun @param {boolean} wasRead */
    render(all, shownRun, wasRead) {
      const { today, earlier } = byDay(all, Date.now());
      for (const [part, entries] of /** @type {const} */ ([[groups.today, today], [groups.earlier, earlier]])) {
        place(part.list, entries.map((entry) => guarded(() => rowOf(entry, shownRun), () => unpaintedRow(entry)).node));
        part.node.hidden = entries.length === 0;
      }
      const ids = new Set(all.map(({ run_id: id }) => id));
      for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
      nothing.hidden = ids.size > 0 || !wasRead;
    },
    /** Whether there is such a row. @param {string | null | undefined} runId */
    focus(runId) {
      const row = rows.get(runId ?? '');
      row?.focus();
      return row !== undefined;
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

/** @param {Entry} first @param {{open(runId: string): void, remove(entry: Entry): Promise<void>}} on */
function createRow(first, on) {
  const title = el('span', { class: 'past-title' });
  const word = el('span', { class: 'visually-hidden' });
  const time = el('span', { class: 'past-time' });
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const link = el('a', { class: 'past', href: addressOf(first.run_id) }, dot, title, word, time);
  const remove = el('button', { type: 'button', class: 'quiet small' }, el('span', { class: 'icon', 'data-icon': 'delete' }));
  let entry = first;
  link.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    on.open(entry.run_id);
  });
  remove.addEventListener('click', () => void on.remove(entry));
  return {
    node: el('li', {}, link, remove),
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
      link.title = entry.title;
      remove.setAttribute('aria-label', text.history.delete(entry.title));
      // A run that is going on cannot be deleted.
      remove.hidden = isGoingOn(status);
      if (isShown) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    },
  };
}
