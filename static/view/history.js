// The list of runs, in its column or, where there is no room for one, in a drawer.

import { ask, runPath } from '../api.js';
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
  const drawer = dialogById('drawer');
  const list = byId('history');
  const isColumn = matchMedia(COLUMN);
  const error = el('p', { class: 'field-error', role: 'alert' });
  const nothing = el('p', { class: 'muted' }, text.history.none);
  const more = el('button', { type: 'button', class: 'quiet more', hidden: true }, text.history.more);
  const groups = { today: group(text.history.today), earlier: group(text.history.earlier) };
  list.replaceChildren(error, nothing, groups.today.node, groups.earlier.node, more);
  list.tabIndex = -1;

  /** @type {Map<string, Row>} */
  const rows = new Map();
  let history = emptyHistory;
  let wasRead = false;
  /** @type {string | null} */
  let shownRun = null;

  closable(drawer);
  drawer.addEventListener('close', () => byId('side').append(list));
  isColumn.addEventListener('change', () => drawer.close());
  byId('open-history').addEventListener('click', show);
  more.addEventListener('click', () => void readOlder());
  addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void readNewest();
  });

  /** @param {typeof history} next */
  function change(next) {
    if (next === history) return;
    history = next;
    render();
  }

  function render() {
    const { today, earlier } = byDay(history.entries, Date.now());
    for (const [part, entries] of /** @type {const} */ ([[groups.today, today], [groups.earlier, earlier]])) {
      place(part.list, entries.map((entry) => guarded(() => rowOf(entry), () => unpaintedRow(entry)).node));
      part.node.hidden = entries.length === 0;
    }
    const ids = new Set(history.entries.map(({ run_id: id }) => id));
    for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
    nothing.hidden = ids.size > 0 || !wasRead;
    more.hidden = history.cursor === null;
  }

  /** @param {Entry} entry */
  function rowOf(entry) {
    const row = rows.get(entry.run_id) ?? createRow(entry, { open, remove });
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

  async function readNewest() {
    const answer = await ask(`/api/runs?limit=${PAGE}`);
    sayUnread(answer.ok ? null : answer.error);
    if (!answer.ok) return;
    wasRead = true;
    const page = readPage(answer.body);
    change(withNewest(history, page));
    sayUnreadable(page.unreadable);
  }

  async function readOlder() {
    const known = history.entries.length;
    const answer = await ask(`/api/runs?limit=${PAGE}&cursor=${encodeURIComponent(history.cursor ?? '')}`);
    sayUnread(answer.ok ? null : answer.error);
    if (!answer.ok) return;
    const page = readPage(answer.body);
    change(withOlder(history, page));
    sayUnreadable(page.unreadable);
    // The button that was pressed may be gone: go on from where it stood.
    if (more.hidden) rows.get(history.entries[known]?.run_id)?.focus();
  }

  /** @param {string} runId */
  function open(runId) {
    drawer.close();
    openRun(runId);
  }

  /** @param {Entry} entry */
  async function remove(entry) {
    if (!(await confirm({ ...text.history.confirm, what: text.history.deleted(entry.title) }))) return;
    const answer = await ask(runPath(entry.run_id), { method: 'DELETE' });
    const gone = answer.ok || answer.error.code === 'not_found';
    say(gone || answer.ok ? '' : `${text.history.notDeleted} ${answer.error.message}`);
    if (!gone) return;
    const at = history.entries.findIndex(({ run_id: id }) => id === entry.run_id);
    change(without(history, entry.run_id));
    const next = history.entries[at] ?? history.entries[at - 1];
    if (next) rows.get(next.run_id)?.focus();
    else list.focus();
    onDeleted(entry.run_id);
  }

  /** That a key is needed is told once, for all of the page. @param {import('../api.js').Refusal | null} refusal */
  function sayUnread(refusal) {
    say(refusal === null || refusal.code === 'unauthorized' ? '' : `${text.history.unread} ${refusal.message}`);
  }

  /** @param {number} entries of the page that was read last */
  function sayUnreadable(entries) {
    if (entries > 0) say(text.history.unreadable(entries));
  }

  /** @param {string} message */
  function say(message) {
    setText(error, message);
  }

  function show() {
    if (!isColumn.matches && !drawer.open) {
      if (isDialogOpen()) return;
      drawer.append(list);
      drawer.showModal();
      void readNewest();
    }
    const first = shownRun ?? history.entries[0]?.run_id;
    const row = first ? rows.get(first) ?? rows.get(history.entries[0]?.run_id) : undefined;
    if (row) row.focus();
    else list.focus();
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
    /** @param {string} runId */
    titleOf: (runId) => history.entries.find(({ run_id: id }) => id === runId)?.title ?? null,
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
