// The page: which view is shown, what is asked, and which run is opened.

import './start.js';
import { askForKeyOnce, keyring, onKeyNeeded, startRun } from './api.js';
import { addressOf, newKey, titleOf } from './current.js';
import { text } from './strings.js';
import { createBanners } from './view/banners.js';
import { createComposer } from './view/composer.js';
import { byId, setText } from './view/dom.js';
import { createHistory } from './view/history.js';
import { createPreferences } from './view/preferences.js';
import { createService } from './view/service.js';
import { listenForKeys } from './view/shortcuts.js';

// Refusals of a start that leave open whether it took effect.
const OPEN_OUTCOMES = ['unreachable', 'unavailable', 'unreadable'];

/**
 * @typedef {import('./current.js').PreviousTurn} PreviousTurn
 * @typedef {import('./current.js').Asked} Asked
 * @typedef {import('./current.js').Reply} Reply
 */

/** @type {Asked} */
const UNKNOWN = { origin: null, usd: null };
/** @type {Reply} */
const NO_REPLY = { followUp: null, instead: null };
/** In place of a run, where the page tells what runs took. */
const USE = '';
/** The run that the page is at, shown or about to be, and the one beside it. @type {{runId: string, beside: string | null} | null} */
let at = null;
/** Loaded on need. @type {ReturnType<typeof import('./view/use.js').createUse> | null} */
let use = null;
/** Loaded with the first run. @type {ReturnType<typeof import('./run-page.js').createRunPage> | null} */
let runPage = null;
/** @type {{body: string, key: string} | null} */
let unansweredStart = null;
/** Loaded with the first two runs that are seen side by side. @type {ReturnType<typeof import('./beside-page.js').createBesidePage> | null} */
let besidePage = null;
let reply = NO_REPLY;
let asking = false;
/** Loaded on need. @type {ReturnType<typeof import('./view/limit-met.js').createLimitMet> | null} */
let limitMet = null;
let keyDeclined = false;

const banners = createBanners(byId('banners'));
/** @type {import('./view/confirm.js').Confirm | null} */
let confirmed = null;
/** @type {import('./view/confirm.js').Confirm} */
async function confirm(question, about) {
  confirmed ??= (await import('./view/confirm.js')).createConfirm();
  return confirmed(question, about);
}
const composer = createComposer({ ask: (query) => void ask(query, 'typed'), stop: () => runPage?.stop(), endReply: () => setReply(NO_REPLY) });
const preferences = createPreferences(confirm);
const past = createHistory({ openRun: goTo, onDeleted, confirm });
const service = createService({ banners, onExample: (query) => void ask(query, 'offered'), onChoices: preferences.offer, onRead, onKey: readAll });

/** Loaded on need. @type {(() => void) | null} */
let showHelp = null;
async function help() {
  showHelp ??= (await import('./view/help.js')).createHelp();
  showHelp();
}
byId('open-help').addEventListener('click', () => void help());
listenForKeys({ help: () => void help(), history: past.search, stop: () => (at?.beside ? besidePage : runPage)?.stopAfterAsking() });
/** Loaded on need: most pages have no key, or a good one. @type {((isRefused: boolean) => Promise<boolean>) | null} */
let askForKey = null;
onKeyNeeded(async (isRefused) => {
  const { createKeyDialog, withoutKey } = await import('./view/key-dialog.js');
  askForKey ??= createKeyDialog();
  const given = await askForKey(isRefused);
  banners.show('key', given || keyring.key() ? null : withoutKey(isRefused, () => void askForKeyOnce()));
  if (given && keyDeclined) readAll();
  keyDeclined = !given;
  return given;
});
addEventListener('popstate', openFromAddress);
onPress('new', newQuestion);
onPress('open-use', () => {
  if (at?.runId !== USE) go('/orchestrator?view=use', { within: true });
});
// Whoever types a question will see a run.
byId('query').addEventListener('input', () => void loadRunPage().catch(() => undefined), { once: true });
openFromAddress();
readAll();

/** What the server is, which runs there are, and the run on the page where it was refused. */
function readAll() {
  void service.read();
  void past.read();
  use?.read();
  const refused = runPage?.refused();
  if (refused) void openRun(refused.runId, refused.asked, null, refused);
  else if (at?.beside && besidePage?.refused()) void openRun(at.runId, '', null, UNKNOWN, at.beside);
}

function onRead() {
  runPage?.repaint();
  besidePage?.repaint();
}

async function loadRunPage() {
  const { actionsOnNeed, createRunPage } = await import('./run-page.js');
  const around = { banners, composer, past, service, confirm, setReply, openPreferences: preferences.open, newQuestion, choose: preferences.choose, askAgain };
  runPage ??= createRunPage(around, (run) => actionsOnNeed({ ...around, run }));
  return runPage;
}

/**
 * @param {string} query
 * @param {'typed' | 'offered'} from
 * @param {import('./current.js').Again} [again]
 * @returns {Promise<import('./api.js').Refusal | null>} why it was not begun
 */
async function ask(query, from, { origin, instead, chosen, beside } = { origin: from === 'typed' ? reply.followUp : null, instead: (from === 'typed' && reply.instead?.runId) || null, chosen: null, beside: null }) {
  if (asking) return null;
  asking = true;
  limitMet?.end();
  composer.busy(true);
  const about = { origin, usd: chosen ? chosen.usd : preferences.usd() };
  const body = { query, ...preferences.fields(chosen), ...(origin ? { previous_run_id: origin.runId } : {}) };
  // A start of unknown outcome is asked again under its old key, so that it never runs twice.
  const written = JSON.stringify(body);
  const key = unansweredStart?.body === written ? unansweredStart.key : newKey();
  // What cannot be loaded is told where the run is opened.
  const [begun, branches] = await Promise.all([startRun(body, key), instead ? import('./branches.js').catch(() => null) : null, loadRunPage().catch(() => undefined)]);
  asking = false;
  composer.busy(false);
  if (!begun.started) {
    unansweredStart = OPEN_OUTCOMES.includes(begun.error.code) ? { body: written, key } : null;
    if (from === 'offered' && !beside && composer.typed().trim() === '') composer.put(query);
    if (begun.error.limit) {
      // What cannot be loaded leaves what the server says.
      limitMet ??= await import('./view/limit-met.js').then(({ createLimitMet }) => createLimitMet({ composer, service }), () => null);
      limitMet?.tell(begun.error);
    }
    if (beside) return begun.error;
    // What the server says of a missing key is meant for who writes requests by hand.
    const message = begun.error.code === 'unauthorized' ? text.keyNeeded : begun.error.message;
    const isOfPreferences = await preferences.refused(begun.error.field, message);
    composer.fail(message, !isOfPreferences && !begun.error.limit);
    setText(byId('announcer'), message);
    return begun.error;
  }
  unansweredStart = null;
  if (from === 'typed') {
    composer.clear();
    setReply(NO_REPLY);
  }
  if (instead) branches?.changeBranches((all) => branches.withBranch(all, [begun.runId, instead]));
  history.pushState(about, '', beside ? addressOf(beside, begun.runId) : addressOf(begun.runId));
  service.changed();
  past.begun({ run_id: begun.runId, title: titleOf(query), status: 'running', created_at: new Date().toISOString(), duration_ms: null, pinned: false });
  void (beside ? openRun(beside, query, begun.response, UNKNOWN, begun.runId) : openRun(begun.runId, query, begun.response, about));
  scrollTo({ top: 0, behavior: 'instant' });
  // The button that was pressed is gone now.
  if (from === 'offered' && !beside) byId('question').focus({ preventScroll: true });
  return null;
}

/** @param {string} query @param {import('./current.js').Again} again */
const askAgain = (query, again) => ask(query, 'offered', again);

/** It is there again after a reload. @param {Reply} next @param {boolean} [isKept] */
function setReply(next, isKept = true) {
  reply = next;
  composer.replyTo(next);
  if (isKept) history.replaceState({ ...history.state, reply: next }, '');
}

/** @param {string} runId */
function goTo(runId) {
  if (runId !== at?.runId || at.beside) go(addressOf(runId), null);
}

/** @param {string} address @param {unknown} state */
function go(address, state) {
  history.pushState(state, '', address);
  openFromAddress();
  scrollTo({ top: 0, behavior: 'instant' });
}

/** A press on a link that stays on the page. @param {string} id @param {() => void} act */
function onPress(id, act) {
  byId(id).addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}

function newQuestion() {
  startAnew();
  composer.focus();
}

function startAnew() {
  history.pushState(null, '', '/orchestrator');
  openFromAddress();
}

/** @param {string} runId */
function onDeleted(runId) {
  if ([reply.followUp?.runId, reply.instead?.runId].includes(runId)) setReply(NO_REPLY);
  if (!at || ![at.runId, at.beside].includes(runId)) return;
  if (at.beside) goTo(runId === at.runId ? at.beside : at.runId);
  else startAnew();
}

function openFromAddress() {
  const address = new URLSearchParams(location.search);
  const runId = address.get('run') || (address.get('view') === 'use' ? USE : null);
  const second = address.get('beside') || null;
  const beside = second === runId ? null : second;
  // A link within the page changes the address too.
  if (runId !== null && runId === at?.runId && beside === at.beside) return;
  if (runId === USE) void openUse();
  else if (runId) void openRun(runId, '', null, { origin: history.state?.origin ?? null, usd: history.state?.usd ?? null }, beside);
  else leaveRun();
  setReply({ ...NO_REPLY, ...history.state?.reply }, false);
}

/** At once, where a run was shown before. @param {string} runId @param {string} asked @param {Response | null} first of the run beside it where there is one @param {Asked} about @param {string | null} [beside] */
async function openRun(runId, asked, first, about, beside = null) {
  leaveRun();
  const opened = { runId, beside };
  at = opened;
  byId('idle').hidden = true;
  byId('new').hidden = false;
  composer.replyTo(reply);
  past.select(runId);
  if (beside) {
    besidePage ??= (await import('./beside-page.js')).createBesidePage({ past, service, confirm, composer, openRun: goTo });
    if (at === opened) return besidePage.open([runId, beside], asked, first);
  } else {
    const page = runPage ?? (await loadRunPage());
    if (at === opened) return page.open(runId, asked, first, about);
  }
  void first?.body?.cancel();
}

async function openUse() {
  leaveRun();
  const opened = { runId: USE, beside: null };
  at = opened;
  byId('idle').hidden = true;
  const { createUse } = await import('./view/use.js');
  use ??= createUse({ newQuestion });
  if (at === opened) use.show();
}

function leaveRun() {
  at = null;
  use?.hide();
  runPage?.leave();
  besidePage?.leave();
  setReply(NO_REPLY, false);
  past.select(null);
  byId('idle').hidden = false;
  byId('new').hidden = true;
}
