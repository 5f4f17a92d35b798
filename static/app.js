// The page: which view is shown, which run is followed, and when it is painted.

import { ask as askApi, askForKeyOnce, onKeyNeeded, runPath, startRun } from './api.js';
import { followRun } from './connection.js';
import { addressOf, isLive, newKey, titleOf } from './current.js';
import { answerOf } from './derive.js';
import { emptyRun, fold, passedBy } from './fold.js';
import { text } from './strings.js';
import { createActions } from './view/actions.js';
import { createBanners } from './view/banners.js';
import { guarded } from './view/boundary.js';
import { createComposer } from './view/composer.js';
import { closable, dialogById } from './view/dialogs.js';
import { byId, el, setText } from './view/dom.js';
import { followEnd } from './view/follow-end.js';
import { createHistory } from './view/history.js';
import { createPainting } from './view/painting.js';
import { createPreferences } from './view/preferences.js';
import { createService } from './view/service.js';
import { listenForKeys } from './view/shortcuts.js';
import { setTab, tabTitle } from './view/tab.js';
import { endsRun } from './view/tools/registry.js';

const TICK_MS = 100;
// Refusals of a start that leave open whether it took effect.
const OPEN_OUTCOMES = ['unreachable', 'unavailable', 'unreadable'];

/**
 * @typedef {import('./current.js').Current} Current
 * @typedef {import('./current.js').PreviousTurn} PreviousTurn
 */

/** @type {Current | null} */
let current = null;
/** @type {{body: string, key: string} | null} */
let unansweredStart = null;
/** @type {PreviousTurn | null} */
let followUp = null;
let asking = false;
let paintPlanned = false;
let keyDeclined = false;

const banners = createBanners(byId('banners'));
/** @type {import('./view/confirm.js').Confirm | null} */
let confirmed = null;
/** @type {import('./view/confirm.js').Confirm} */
async function confirm(question, about) {
  confirmed ??= (await import('./view/confirm.js')).createConfirm();
  return confirmed(question, about);
}
const composer = createComposer({ ask: (query) => void ask(query, 'typed'), stop: () => void stop(), endFollowUp: () => setFollowUp(null) });
const preferences = createPreferences();
const jump = el('button', { type: 'button', class: 'jump', hidden: true }, text.jump);
byId('composer').prepend(jump);
const end = followEnd(byId('run'), jump);
const past = createHistory({ openRun: goTo, onDeleted, confirm });
const service = createService({ banners, onExample: (query) => void ask(query, 'offered'), onChoices: preferences.offer, onRead: () => current && plan() });
const actions = createActions({
  answer: () => (current && answerOf(current.state, endsRun)?.text) ?? '',
  link: () => location.origin + addressOf(current?.runId ?? ''),
  again: () => current && void ask(current.state.query, 'offered', current.origin),
  edit: () => void edit(),
  followUp() {
    if (current) setFollowUp({ runId: current.runId, title: titleOf(current.state.query) });
    composer.focus();
  },
  say: (message) => setText(byId('announcer'), message),
});

const painting = createPainting({ banners, composer, past, service, actions, end });

closable(dialogById('help'));
const help = () => dialogById('help').showModal();
byId('open-help').addEventListener('click', help);
listenForKeys({ help, history: past.show, stop: () => void stopAfterAsking() });
/** Loaded on need: most pages have no key, or a good one. @type {(() => Promise<boolean>) | null} */
let askForKey = null;
onKeyNeeded(async () => {
  askForKey ??= (await import('./view/key-dialog.js')).createKeyDialog();
  const given = await askForKey();
  banners.show('key', given ? null : { kind: 'warn', what: text.key.neededTitle, then: text.key.needed, action: { label: text.key.give, act: () => void askForKeyOnce() } });
  if (given && keyDeclined) readAll();
  keyDeclined = !given;
  return given;
});
addEventListener('popstate', openFromAddress);
byId('new').addEventListener('click', (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  startAnew();
  composer.focus();
});
setInterval(() => {
  if (current && isLive(current)) plan();
}, TICK_MS);
openFromAddress();
readAll();

/** What the server is, which runs there are, and the run on the page where it was refused. */
function readAll() {
  void service.read();
  void past.read();
  if (current?.link.name === 'refused') openRun(current.runId, current.asked, null, current.origin);
}

/** @param {string} query @param {'typed' | 'offered'} from @param {PreviousTurn | null} [origin] the run it follows up */
async function ask(query, from, origin = from === 'typed' ? followUp : null) {
  if (asking) return;
  asking = true;
  composer.busy(true);
  const body = { query, ...preferences.fields(), ...(origin ? { previous_run_id: origin.runId } : {}) };
  // A start of unknown outcome is asked again under its old key, so that it never runs twice.
  const written = JSON.stringify(body);
  const key = unansweredStart?.body === written ? unansweredStart.key : newKey();
  const begun = await startRun(body, key);
  asking = false;
  composer.busy(false);
  if (!begun.started) {
    unansweredStart = OPEN_OUTCOMES.includes(begun.error.code) ? { body: written, key } : null;
    if (from === 'offered' && composer.typed().trim() === '') composer.put(query);
    // What the server says of a missing key is meant for who writes requests by hand.
    const message = begun.error.code === 'unauthorized' ? text.key.neededTitle : begun.error.message;
    composer.fail(message);
    setText(byId('announcer'), message);
    return;
  }
  unansweredStart = null;
  if (from === 'typed') composer.clear();
  history.pushState({ origin }, '', addressOf(begun.runId));
  past.begun({ run_id: begun.runId, title: titleOf(query), status: 'running', created_at: new Date().toISOString(), duration_ms: null });
  openRun(begun.runId, query, begun.response, origin);
  scrollTo({ top: 0, behavior: 'instant' });
  // The button that was pressed is gone now.
  if (from === 'offered') byId('question').focus({ preventScroll: true });
}

async function stop() {
  const run = current;
  if (!run || !isLive(run) || run.stopping) return;
  run.stopping = true;
  plan();
  const answer = await askApi(`${runPath(run.runId)}/cancel`, { method: 'POST' });
  if (answer.ok) return;
  run.stopping = false;
  if (run !== current) return;
  plan();
  composer.fail(`${text.notStopped} ${answer.error.message}`, false);
}

async function stopAfterAsking() {
  const run = current;
  if (!run || !isLive(run) || run.stopping) return;
  if ((await confirm('stop')) && run === current) void stop();
}

async function edit() {
  if (!current) return;
  const { query } = current.state;
  const typed = composer.typed().trim();
  if (typed !== '' && typed !== query && !(await confirm('replace'))) return;
  setFollowUp(current.origin);
  composer.put(query);
  composer.focus();
}

/** @param {PreviousTurn | null} previous */
function setFollowUp(previous) {
  followUp = previous;
  composer.followUp(previous?.title ?? null);
}

/** @param {string} runId */
function goTo(runId) {
  if (runId === current?.runId) return;
  history.pushState(null, '', addressOf(runId));
  openFromAddress();
  scrollTo({ top: 0, behavior: 'instant' });
}

function startAnew() {
  history.pushState(null, '', '/orchestrator');
  openFromAddress();
}

/** @param {string} runId */
function onDeleted(runId) {
  if (followUp?.runId === runId) setFollowUp(null);
  if (runId === current?.runId) startAnew();
}

function openFromAddress() {
  const runId = new URLSearchParams(location.search).get('run');
  // A link within the page changes the address too.
  if (runId && runId === current?.runId) return;
  if (runId) openRun(runId, '', null, history.state?.origin ?? null);
  else leaveRun();
}

/** @param {string} runId @param {string} asked @param {Response | null} first @param {PreviousTurn | null} origin */
function openRun(runId, asked, first, origin) {
  leaveRun();
  byId('idle').hidden = true;
  byId('new').hidden = false;
  past.select(runId);
  end.pin();
  /** @type {Current} */
  const run = {
    runId,
    state: emptyRun,
    asked,
    origin,
    openedAt: performance.now(),
    begunAt: first ? performance.now() : null,
    stopping: false,
    pausedSince: null,
    link: { name: 'open' },
    follower: followRun({
      runId,
      first,
      lastSeq: () => run.state.lastSeq,
      onEvent(event) {
        run.state = guarded(() => fold(run.state, event), () => passedBy(run.state, event));
        changed(run);
      },
      onLink(link) {
        run.link = link;
        run.pausedSince = link.name === 'suspended' ? performance.now() : null;
        changed(run);
      },
    }),
  };
  current = run;
  // At once where there is something to show, so that it can take the focus.
  if (asked === '') plan();
  else paint(run);
}

function leaveRun() {
  current?.follower.close();
  current = null;
  setFollowUp(null);
  past.select(null);
  painting.clear();
}

/** @param {Current} run */
function changed(run) {
  if (run !== current) return;
  // Of a page that is not looked at nothing is painted, and its tab is all that can be seen.
  if (document.visibilityState === 'hidden') setTab(tabTitle(run, false));
  plan();
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
  const { state, asked, origin } = run;
  if (!painting.paint(run, { askAgain: () => void ask(state.query || asked, 'offered', origin) })) plan();
}
