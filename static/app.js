// The page: which view is shown, which run is followed, and when it is painted.

import { followRun, startRun } from './connection.js';
import { emptyRun, fold } from './fold.js';
import { text } from './strings.js';
import { announcement } from './view/announce.js';
import { createBanners } from './view/banners.js';
import { createComposer } from './view/composer.js';
import { byId, el, setText } from './view/dom.js';
import { followEnd } from './view/follow-end.js';
import { createRunView } from './view/run.js';

const LOST_NOTICE_AFTER_MS = 2_000;
const TICK_MS = 100;
const DATE_HEADER_PRECISION_MS = 2_000;
const TITLE_CHARACTERS = 60;

/**
 * The run on the page. `begunAt` is set for a run that was asked on this very page: its clock needs no server time.
 * @typedef {{runId: string, state: import('./fold.js').RunState, asked: string, begunAt: number | null,
 *   link: import('./connection.js').Link, follower: ReturnType<typeof followRun>}} Current
 */

/** @type {Current | null} */
let current = null;
/** @type {{query: string, key: string} | null} */
let unansweredStart = null;
let asking = false;
let serverAheadMs = 0;
let paintPlanned = false;
/** @type {Map<string, string>} */
const modelNames = new Map();

const banners = createBanners(byId('banners'));
const composer = createComposer((query) => void ask(query, 'typed'));
const runView = createRunView();
const jump = el('button', { type: 'button', class: 'jump', hidden: true }, text.jump);
byId('composer').prepend(jump);
const end = followEnd(byId('run'), jump);

addEventListener('popstate', openFromAddress);
setInterval(() => {
  if (current && isLive(current)) plan();
}, TICK_MS);
openFromAddress();
void readConfig();

/** @param {string} query @param {'typed' | 'offered'} from */
async function ask(query, from) {
  if (asking) return;
  asking = true;
  composer.busy(true);
  // A start whose reply was lost is asked again under its old key, so that it never runs twice.
  const key = unansweredStart?.query === query ? unansweredStart.key : newKey();
  const begun = await startRun(query, key);
  asking = false;
  composer.busy(false);
  if (!begun.started) {
    unansweredStart = begun.error.code === 'unreachable' ? { query, key } : null;
    if (from === 'offered') composer.put(query);
    composer.fail(begun.error.message);
    setText(byId('announcer'), begun.error.message);
    return;
  }
  unansweredStart = null;
  if (from === 'typed') composer.clear();
  history.pushState(null, '', `/orchestrator?run=${encodeURIComponent(begun.runId)}`);
  openRun(begun.runId, query, begun.response);
  scrollTo({ top: 0, behavior: 'instant' });
  // The button that was pressed is gone now.
  if (from === 'offered') byId('question').focus({ preventScroll: true });
}

function openFromAddress() {
  const runId = new URLSearchParams(location.search).get('run');
  // A link within the page changes the address too.
  if (runId && runId === current?.runId) return;
  if (runId) openRun(runId, '', null);
  else leaveRun();
}

/** @param {string} runId @param {string} asked @param {Response | null} first */
function openRun(runId, asked, first) {
  leaveRun();
  byId('idle').hidden = true;
  byId('new').hidden = false;
  end.pin();
  /** @type {Current} */
  const run = {
    runId,
    state: emptyRun,
    asked,
    begunAt: first ? performance.now() : null,
    link: { name: 'open' },
    follower: followRun({
      runId,
      first,
      lastSeq: () => run.state.lastSeq,
      onEvent(event) {
        run.state = fold(run.state, event);
        if (run === current) plan();
      },
      onLink(link) {
        run.link = link;
        if (run === current) plan();
      },
    }),
  };
  current = run;
  plan();
}

function leaveRun() {
  current?.follower.close();
  current = null;
  runView.clear();
  for (const key of ['link', 'fatal', 'refused']) banners.show(key, null);
  byId('run').hidden = true;
  byId('idle').hidden = false;
  byId('new').hidden = true;
  document.title = text.app;
  setText(byId('announcer'), '');
}

function plan() {
  if (paintPlanned) return;
  paintPlanned = true;
  requestAnimationFrame(() => {
    paintPlanned = false;
    if (current) paint(current);
  });
}

/** @param {Current} run */
function paint(run) {
  const { state, asked, link } = run;
  const now = performance.now();
  const query = state.query || asked;
  const refused = link.name === 'refused' ? link.error : null;
  byId('run').hidden = query === '';
  byId('idle').hidden = !refused || query !== '';
  document.title = query === '' ? text.app : `${[...query].slice(0, TITLE_CHARACTERS).join('')} – ${text.app}`;
  runView.render({
    state,
    asked,
    elapsedMs: elapsedMs(run, now),
    now,
    ticking: run.begunAt !== null,
    modelName: (id) => modelNames.get(id) ?? id,
  });

  const lostFor = link.name === 'lost' ? now - link.since : 0;
  const lost = lostFor > LOST_NOTICE_AFTER_MS;
  const seconds = link.name === 'lost' && link.retryAt !== null ? Math.ceil((link.retryAt - now) / 1_000) : 0;
  banners.show('link', lost ? { kind: 'warn', what: text.lostTitle, then: text.lost(seconds), action: { label: text.reconnectNow, act: run.follower.retryNow } } : null);
  banners.show('fatal', failureBanner(state, query));
  banners.show('refused', refused && { kind: 'danger', what: text.refusedTitle, then: refused.message });
  setText(byId('announcer'), refused ? refused.message : announcement(state, lost));
  end.follow(isLive(run) && run.begunAt !== null);
}

/** @param {import('./fold.js').RunState} state @param {string} query @returns {import('./view/banners.js').Banner | null} */
function failureBanner(state, query) {
  const failed = state.fatal || (state.phase.name === 'over' && state.phase.summary.status === 'failed');
  if (!failed) return null;
  const then = [state.fatal?.remedy, text.saved].filter(Boolean).join(' ');
  return { kind: 'danger', what: state.fatal?.message ?? text.failedTitle, then, action: { label: text.askAgain, act: () => void ask(query, 'offered') } };
}

/** @param {Current} run @param {number} now */
function elapsedMs({ state, begunAt, link }, now) {
  if (state.phase.name === 'over') return state.phase.summary.duration_ms;
  if (link.name === 'refused') return null;
  if (begunAt !== null) return now - begunAt;
  return state.createdAt === null ? null : Math.max(0, Date.now() + serverAheadMs - Date.parse(state.createdAt));
}

/** @param {Current} run */
function isLive({ state, link }) {
  return state.phase.name !== 'over' && link.name !== 'refused' && link.name !== 'over';
}

/** A key of 128 random bits; `crypto.randomUUID` is missing on pages that are not served securely. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function readConfig() {
  try {
    const response = await fetch('/api/config');
    if (!response.ok) throw new Error(`config: status ${response.status}`);
    const ahead = Date.parse(response.headers.get('date') ?? '') - Date.now();
    if (Math.abs(ahead) > DATE_HEADER_PRECISION_MS) serverAheadMs = ahead;
    showConfig(await response.json());
  } catch {
    banners.show('config', { kind: 'warn', ...text.examplesMissing });
  }
}

/** @param {{models: {id: string, name: string, rehearsal: boolean}[], examples: {query: string, tools: string[]}[]}} config */
function showConfig({ models, examples }) {
  // The stand-in does not pass for what it stands in for.
  for (const { id, name, rehearsal } of models) modelNames.set(id, rehearsal ? text.rehearsalName : name);
  const played = models.filter(({ rehearsal }) => rehearsal).map(({ name }) => name);
  if (played.length > 0) {
    const then = text.rehearsal(played.length < models.length ? played : []);
    banners.show('rehearsal', { kind: 'info', what: text.rehearsalTitle, then });
  }
  const items = examples.map(({ query, tools }) => {
    const button = el('button', { type: 'button' }, el('span', {}, query), el('span', { class: 'tools' }, tools.map(text.tool).join(' → ')));
    button.addEventListener('click', () => void ask(query, 'offered'));
    return el('li', {}, button);
  });
  byId('examples').replaceChildren(...items);
  if (current) plan();
}
