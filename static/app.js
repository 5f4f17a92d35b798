// The page: which view is shown, which run is followed, and when it is painted.

import { ask as askApi, askForKeyOnce, onKeyNeeded, runPath } from './api.js';
import { followRun, startRun } from './connection.js';
import { addressOf, elapsedMs, isLive, isSettled, newKey, titleOf } from './current.js';
import { answerOf } from './derive.js';
import { emptyRun, fold } from './fold.js';
import { text } from './strings.js';
import { createActions } from './view/actions.js';
import { announcement } from './view/announce.js';
import { createBanners } from './view/banners.js';
import { createComposer } from './view/composer.js';
import { closable, createConfirm, dialogById } from './view/dialogs.js';
import { byId, el, setText } from './view/dom.js';
import { followEnd } from './view/follow-end.js';
import { createHistory } from './view/history.js';
import { createKeyDialog } from './view/key-dialog.js';
import { createPreferences } from './view/preferences.js';
import { createRunBanners } from './view/run-banners.js';
import { createRunView, statusOf } from './view/run.js';
import { createService } from './view/service.js';
import { listenForKeys } from './view/shortcuts.js';
import { setTab, tabTitle } from './view/tab.js';

const TICK_MS = 100;
// Refusals of a start that leave open whether it took effect.
const OPEN_OUTCOMES = ['unreachable', 'unavailable', 'unreadable'];

/**
 * @typedef {import('./current.js').Current} Current
 * @typedef {import('./current.js').Earlier} Earlier
 */

/** @type {Current | null} */
let current = null;
/** @type {{body: string, key: string} | null} */
let unansweredStart = null;
/** @type {Earlier | null} */
let followUp = null;
let asking = false;
let paintPlanned = false;
let keyDeclined = false;
let announced = '';

const banners = createBanners(byId('banners'));
const runBanners = createRunBanners(banners);
const confirm = createConfirm();
const composer = createComposer({ ask: (query) => void ask(query, 'typed'), stop: () => void stop(), endFollowUp: () => setFollowUp(null) });
const preferences = createPreferences();
const runView = createRunView();
const jump = el('button', { type: 'button', class: 'jump', hidden: true }, text.jump);
byId('composer').prepend(jump);
const end = followEnd(byId('run'), jump);
const past = createHistory({ openRun: goTo, onDeleted, confirm });
const service = createService({ banners, onExample: (query) => void ask(query, 'offered'), onChoices: preferences.offer, onRead: () => current && plan() });
const actions = createActions({
  answer: () => (current && answerOf(current.state)?.text) ?? '',
  link: () => location.origin + addressOf(current?.runId ?? ''),
  again: () => current && void ask(current.state.query, 'offered', current.origin),
  edit: () => void edit(),
  followUp() {
    if (current) setFollowUp({ runId: current.runId, title: titleOf(current.state.query) });
    composer.focus();
  },
  say: (message) => setText(byId('announcer'), message),
});

closable(dialogById('help'));
const help = () => dialogById('help').showModal();
byId('open-help').addEventListener('click', help);
listenForKeys({ help, history: past.show, stop: () => void stopAfterAsking() });
const askForKey = createKeyDialog();
onKeyNeeded(async () => {
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

/** @param {string} query @param {'typed' | 'offered'} from @param {Earlier | null} [origin] the run it follows up */
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
  if ((await confirm(text.stopConfirm)) && run === current) void stop();
}

async function edit() {
  if (!current) return;
  const { query } = current.state;
  const typed = composer.typed().trim();
  if (typed !== '' && typed !== query && !(await confirm(text.replaceConfirm))) return;
  setFollowUp(current.origin);
  composer.put(query);
  composer.focus();
}

/** @param {Earlier | null} earlier */
function setFollowUp(earlier) {
  followUp = earlier;
  composer.followUp(earlier?.title ?? null);
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

/** @param {string} runId @param {string} asked @param {Response | null} first @param {Earlier | null} origin */
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
        run.state = fold(run.state, event);
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
  runView.clear();
  past.select(null);
  composer.going('none');
  runBanners.clear();
  byId('run').hidden = true;
  byId('idle').hidden = false;
  byId('new').hidden = true;
  setTab(tabTitle(null, false));
  announced = '';
  setText(byId('announcer'), '');
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
  const { state, asked, link } = run;
  const now = performance.now();
  const query = state.query || asked;
  const over = state.phase.name === 'over';
  const refused = link.name === 'refused' ? link.error : null;
  byId('run').hidden = query === '';
  byId('idle').hidden = !refused || query !== '';
  runView.render({
    state,
    asked,
    origin: run.origin,
    elapsedMs: elapsedMs(run, now, service.aheadMs()),
    now,
    ticking: run.begunAt !== null,
    modelName: service.modelName,
  });
  const status = statusOf(state);
  actions.show({ over, hasAnswer: Boolean(answerOf(state)?.text), failed: status === 'failed' });
  if (!isLive(run)) composer.going('none');
  else if (isSettled(run, now)) composer.going(run.stopping || status === 'stopping' ? 'stopping' : 'live');
  if (over || run.begunAt !== null) past.seen(run.runId, { status, duration_ms: state.phase.name === 'over' ? state.phase.summary.duration_ms : null });
  const lost = runBanners.show(run, { now, askAgain: () => void ask(query, 'offered', run.origin) });
  setTab(tabTitle(run, lost));
  announce(refused ? refused.message : announcement(state, lost));
  end.follow(isLive(run) && run.begunAt !== null);
}

/** Says how the run fares where that has changed; what else was said stays until then. @param {string} message */
function announce(message) {
  if (message === announced) return;
  announced = message;
  setText(byId('announcer'), message);
}
