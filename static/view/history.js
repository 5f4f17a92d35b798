// The list of runs, in its column or, where there is no room for one, in a drawer.

import { ask } from '../api.js';
import { entryOf, emptyHistory, readPage, withBegun, withNewest, withOlder, withSeen } from '../history.js';
import { text } from '../strings.js';
import { closable } from './dialogs.js';
import { byId, el, setText } from './dom.js';
import { createList } from './history-rows.js';

const COLUMN = '(min-width: 1280px)';
const PAGE = 30;
const PINS = 100; // The most that a page of the server holds.
const MOST_PIN_PAGES = 5;

/**
 * @typedef {import('../history.js').Entry} Entry
 * @typedef {import('../history.js').Page} Page
 */

/**
 * @param {{openRun(runId: string): void, onDeleted(runId: string): void, confirm: import('./confirm.js').Confirm}} page
 */
export function createHistory({ openRun, onDeleted, confirm }) {
  const node = byId('history');
  const error = el('p', { class: 'field-error', role: 'alert' });
  const more = el('button', { type: 'button', class: 'quiet more', hidden: true });
  const list = createList({ remove: actOn('remove'), change: actOn('rename'), open: (runId) => (drawer.close(), openRun(runId)) });
  const count = el('p', { class: 'visually-hidden', role: 'status' });
  const field = el('input', { type: 'search', class: 'search', dir: 'auto', placeholder: text.history.search, 'aria-label': text.history.search, autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search' });
  node.replaceChildren(field, count, error, ...list.nodes, more);
  const drawer = createDrawer(node, () => void readNewest());
  let history = emptyHistory;
  let wasRead = false;
  /** Loaded on need. @type {ReturnType<typeof import('./history-search.js').createSearch> | null} */
  let search = null;
  /** How often the page has changed the list by itself: a page that was asked for before may not know of it. */
  let changes = 0;
  let newestAsked = 0;
  /** @type {string | null} */
  let shownRun = null;
  /** @type {ReturnType<typeof import('./history-changes.js').createChanges> | null} */
  let changing = null;

  byId('open-history').addEventListener('click', show);
  more.addEventListener('click', () => void readMore());
  let isComposing = false; // Known before the search is there: it may come in the middle of a word.
  for (const kind of ['compositionstart', 'compositionend']) field.addEventListener(kind, () => (isComposing = kind === 'compositionstart'));
  field.addEventListener('focus', () => void loadSearch());
  whenLookedAt(() => void readNewest());

  const change = (/** @type {typeof history} */ next) => {
    if (next === history) return;
    history = next;
    render();
  };
  const changeHere = (/** @type {typeof history} */ next) => {
    changes += 1;
    change(next);
  };

  function render() {
    list.render(history, shownRun, wasRead);
    const { cursor } = history.found ?? history;
    more.hidden = cursor === null;
    setText(more, history.found ? text.history.further : text.history.more);
  }

  /** What `read` answers, read again where the list was changed here meanwhile. @template T @param {() => Promise<T>} read */
  async function unchanged(read) {
    for (;;) {
      const before = changes;
      const answer = await read();
      if (before === changes) return answer;
    }
  }

  async function readNewest() {
    newestAsked += 1;
    const asked = newestAsked;
    search?.again();
    const [answer, pins] = await unchanged(() => Promise.all([readPageOf(''), readPins()]));
    if (asked !== newestAsked) return;
    if (!answer.page || !search?.isOn()) tell(answer, text.history.unread);
    if (!answer.page) return;
    wasRead = true;
    change(withNewest(history, answer.page, pins));
  }

  async function readMore() {
    const { found } = history;
    const { cursor } = found ?? history;
    if (cursor === null) return;
    const known = new Set((found ?? history).entries.map(({ run_id: id }) => id));
    if (found) await search?.further(cursor);
    else {
      const answer = await unchanged(() => readPageOf(`&cursor=${encodeURIComponent(cursor)}`));
      if (history.found) return;
      tell(answer, text.history.unread);
      if (answer.page) change(withOlder(history, answer.page, cursor));
    }
    // The button that was pressed may be gone: go on from where it stood.
    if (more.hidden && !list.focus((history.found ?? history).entries.find(({ run_id: id }) => !known.has(id))?.run_id)) field.focus();
  }

  async function loadSearch() {
    const { createSearch } = await import('./history-search.js');
    search ??= createSearch({ field, isComposing, count, tell, change, read: (from) => unchanged(() => readPageOf(from)), refuse: (message) => setText(error, message), history: () => history });
  }

  /** What of a page cannot be shown. @param {Awaited<ReturnType<typeof readPageOf>>} answer @param {string} failed */
  function tell({ page, error: refusal }, failed) {
    // That a key is needed is told once, for all of the page.
    if (refusal) setText(error, refusal.code === 'unauthorized' ? '' : `${failed} ${refusal.message}`);
    else setText(error, page && page.unreadable > 0 ? text.history.unreadable(page.unreadable) : '');
  }

  /** Loaded on need: most visits change no run. @param {'remove' | 'rename'} act @returns {(entry: Entry) => Promise<void>} */
  function actOn(act) {
    return async (entry) => {
      const { createChanges } = await import('./history-changes.js');
      changing ??= createChanges({ list, node, error, history: () => history, changeHere, onDeleted, confirm });
      await changing[act](entry);
    };
  }

  function show() {
    if (drawer.open() && !list.focus(shownRun) && !list.focusFirst()) node.focus();
  }

  return {
    search() {
      if (!drawer.open()) return;
      field.focus();
      field.select();
    },
    read: readNewest,
    /** @param {string | null} runId the run on the page */
    select(runId) {
      shownRun = runId;
      render();
    },
    /** @param {Entry} entry */
    begun: (entry) => changeHere(withBegun(history, entry)),
    /** 'good', 'bad' or '' as far as the list says. @param {string} runId */
    ratingOf: (runId) => entryOf([...history.entries, ...history.pins, ...(history.found?.entries ?? [])], runId)?.rating ?? '',
    /** @param {string} runId @param {string} rating */
    rated: (runId, rating) => changeHere(withSeen(history, runId, { rating })),
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

/**
 * A page of the list, or why it could not be read.
 * @param {string} from
 * @returns {Promise<{page: Page, error: null} | {page: null, error: import('../api.js').Refusal}>}
 */
export async function readPageOf(from, limit = PAGE) {
  const answer = await ask(`/api/runs?limit=${limit}${from}`);
  return answer.ok ? { page: readPage(answer.body), error: null } : { page: null, error: answer.error };
}

/** The pinned runs, null where they cannot be read. @returns {Promise<import('../history.js').Runs | null>} */
async function readPins() {
  /** @type {Entry[]} */
  const runs = [];
  /** @type {string | null} */
  let cursor = null;
  for (let pages = 0; pages === 0 || (cursor !== null && pages < MOST_PIN_PAGES); pages += 1) {
    const { page } = await readPageOf(`&pinned=true${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, PINS);
    if (!page) return null;
    runs.push(...page.runs);
    cursor = page.cursor;
  }
  return { runs, cursor };
}

/** Where there is no column for the list, it opens in a drawer. @param {HTMLElement} node @param {() => void} onOpen */
function createDrawer(node, onOpen) {
  const drawer = /** @type {HTMLDialogElement} */ (byId('drawer'));
  const isColumn = matchMedia(COLUMN);
  closable(drawer);
  drawer.addEventListener('close', () => byId('side').append(node));
  isColumn.addEventListener('change', () => drawer.close());
  return {
    close: () => drawer.close(),
    /** Whether the list can be seen now. */
    open() {
      if (document.querySelector('dialog[open]:not(#drawer)')) return false;
      if (isColumn.matches || drawer.open) return true;
      drawer.append(node);
      drawer.showModal();
      onOpen();
      return true;
    },
  };
}
