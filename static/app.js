// The page: which view is shown, what is asked, and which run is opened.

import { askForKeyOnce, onKeyNeeded, startRun } from './api.js';
import { addressOf, newKey, titleOf } from './current.js';
import { text } from './strings.js';
import { createBanners } from './view/banners.js';
import { createComposer } from './view/composer.js';
import { closable, dialogById } from './view/dialogs.js';
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
 */

/** In place of a run, where the page tells what runs took. */
const USE = '';
/** The run that the page is at, shown or about to be. @type {{runId: string} | null} */
let at = null;
/** Loaded on need. @type {ReturnType<typeof import('./view/use.js').createUse> | null} */
let use = null;
/** Loaded with the first run. @type {ReturnType<typeof import('./run-page.js').createRunPage> | null} */
let runPage = null;
/** @type {{body: string, key: string} | null} */
let unansweredStart = null;
/** @type {PreviousTurn | null} */
let followUp = null;
let asking = false;
let keyDeclined = false;

const banners = createBanners(byId('banners'));
/** @type {import('./view/confirm.js').Confirm | null} */
let confirmed = null;
/** @type {import('./view/confirm.js').Confirm} */
async function confirm(question, about) {
  confirmed ??= (await import('./view/confirm.js')).createConfirm();
  return confirmed(question, about);
}
const composer = createComposer({ ask: (query) => void ask(query, 'typed'), stop: () => runPage?.stop(), endFollowUp: () => setFollowUp(null) });
const preferences = createPreferences();
const past = createHistory({ openRun: goTo, onDeleted, confirm });
const service = createService({ banners, onExample: (query) => void ask(query, 'offered'), onChoices: preferences.offer, onRead: () => runPage?.repaint() });

closable(dialogById('help'));
const help = () => dialogById('help').showModal();
byId('open-help').addEventListener('click', help);
listenForKeys({ help, history: past.search, stop: () => runPage?.stopAfterAsking() });
/** Loaded on need: most pages have no key, or a good one. @type {(() => Promise<boolean>) | null} */
let askForKey = null;
onKeyNeeded(async () => {
  const { createKeyDialog, withoutKey } = await import('./view/key-dialog.js');
  askForKey ??= createKeyDialog();
  const given = await askForKey();
  banners.show('key', given ? null : withoutKey(() => void askForKeyOnce()));
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
}

async function loadRunPage() {
  const { createRunPage } = await import('./run-page.js');
  runPage ??= createRunPage({ banners, composer, past, service, confirm, setFollowUp, openPreferences: preferences.open, newQuestion, askAgain: (query, origin) => void ask(query, 'offered', origin) });
  return runPage;
}

/** @param {string} query @param {'typed' | 'offered'} from @param {PreviousTurn | null} [origin] the run it follows up */
async function ask(query, from, origin = from === 'typed' ? followUp : null) {
  if (asking) return;
  asking = true;
  composer.busy(true);
  const about = { origin, usd: preferences.usd() };
  const body = { query, ...preferences.fields(), ...(origin ? { previous_run_id: origin.runId } : {}) };
  // A start of unknown outcome is asked again under its old key, so that it never runs twice.
  const written = JSON.stringify(body);
  const key = unansweredStart?.body === written ? unansweredStart.key : newKey();
  // What cannot be loaded is told where the run is opened.
  const [begun] = await Promise.all([startRun(body, key), loadRunPage().catch(() => undefined)]);
  asking = false;
  composer.busy(false);
  if (!begun.started) {
    unansweredStart = OPEN_OUTCOMES.includes(begun.error.code) ? { body: written, key } : null;
    if (from === 'offered' && composer.typed().trim() === '') composer.put(query);
    // What the server says of a missing key is meant for who writes requests by hand.
    const message = begun.error.code === 'unauthorized' ? text.keyNeeded : begun.error.message;
    const isOfPreferences = preferences.refused(begun.error.field, message);
    composer.fail(message, !isOfPreferences);
    setText(byId('announcer'), message);
    return;
  }
  unansweredStart = null;
  if (from === 'typed') composer.clear();
  history.pushState(about, '', addressOf(begun.runId));
  past.begun({ run_id: begun.runId, title: titleOf(query), status: 'running', created_at: new Date().toISOString(), duration_ms: null, pinned: false });
  void openRun(begun.runId, query, begun.response, about);
  scrollTo({ top: 0, behavior: 'instant' });
  // The button that was pressed is gone now.
  if (from === 'offered') byId('question').focus({ preventScroll: true });
}

/** @param {PreviousTurn | null} previous */
function setFollowUp(previous) {
  followUp = previous;
  composer.followUp(previous?.title ?? null);
}

/** @param {string} runId */
function goTo(runId) {
  if (runId !== at?.runId) go(addressOf(runId), null);
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
  if (followUp?.runId === runId) setFollowUp(null);
  if (runId === at?.runId) startAnew();
}

function openFromAddress() {
  const asked = new URLSearchParams(location.search);
  const runId = asked.get('run') || (asked.get('view') === 'use' ? USE : null);
  // A link within the page changes the address too.
  if (runId !== null && runId === at?.runId) return;
  if (runId === USE) void openUse();
  else if (runId) void openRun(runId, '', null, { origin: history.state?.origin ?? null, usd: history.state?.usd ?? null });
  else leaveRun();
}

/** At once, where a run was shown before. @param {string} runId @param {string} asked @param {Response | null} first @param {Asked} about */
async function openRun(runId, asked, first, about) {
  leaveRun();
  const opened = { runId };
  at = opened;
  byId('idle').hidden = true;
  byId('new').hidden = false;
  past.select(runId);
  const page = runPage ?? (await loadRunPage());
  if (at === opened) page.open(runId, asked, first, about);
  else void first?.body?.cancel();
}

async function openUse() {
  leaveRun();
  const opened = { runId: USE };
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
  setFollowUp(null);
  past.select(null);
  byId('idle').hidden = false;
  byId('new').hidden = true;
}
