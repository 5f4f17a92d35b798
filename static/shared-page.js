// The page as whoever was given a share link sees it: one run, read only. In place of all that asks, lists and changes.

import { share } from './api.js';
import { answerOf } from './derive.js';
import { createRunPage } from './run-page.js';
import { linkIn, sharedSender } from './shared.js';
import { sharedWords as words } from './strings-limits.js';
import { shortened, text } from './strings.js';
import { createBanners } from './view/banners.js';
import { byId, el, setText } from './view/dom.js';
import { endsRun } from './view/tools/registry.js';

/** @typedef {import('./current.js').Current} Current */

const link = linkIn(location.search);
const nothing = () => undefined;
/** How far the server's clock is ahead of that of this device. */
let aheadMs = 0;
if (link) open(link);

/** @param {import('./shared.js').Link} link */
function open(link) {
  share(sharedSender(link, async (path, init) => {
    const response = await fetch(path, init);
    const ahead = Date.parse(response.headers.get('date') ?? '') - Date.now();
    if (Math.abs(ahead) > 2_000) aheadMs = ahead; // The header counts whole seconds.
    return response;
  }));
  leaveOnlyTheRun();
  const banners = createBanners(byId('banners'));
  banners.show('shared', { kind: 'info', what: words.title, then: words.then });
  createRunPage(
    {
      banners,
      composer: { going: nothing, fail: nothing },
      past: { seen: nothing },
      service: { modelName: shortened, aheadMs: () => aheadMs },
      confirm: async () => false,
      openPreferences: nothing,
      newQuestion: nothing,
    },
    (run) => createActions(banners, run),
  ).open(link.runId, '', null, { origin: null, usd: null });
}

/** Takes away what only an owner has. The composer's place stays for the button that leads to the end of a run that goes on. */
function leaveOnlyTheRun() {
  for (const part of document.querySelectorAll('.top nav, #open-history, #side, #composer > *')) part.remove();
  byId('idle').replaceChildren(el('h1', { class: 'visually-hidden' }, words.heading));
  byId('composer').removeAttribute('aria-label');
}

/** What can be done with a run by whoever only reads it. @param {ReturnType<typeof createBanners>} banners @param {() => Current | null} run */
function createActions(banners, run) {
  const host = byId('actions');
  /** @type {HTMLElement | null} */
  let copy = null;
  const answer = () => {
    const shown = run();
    return (shown && answerOf(shown.state, endsRun)?.text) ?? '';
  };

  async function load() {
    const { copyButton } = await import('./view/copy.js');
    if (copy) return;
    copy = copyButton(words.copy, answer, (message) => setText(byId('announcer'), message));
    const save = el('button', { type: 'button', class: 'secondary' }, words.export);
    save.addEventListener('click', () => void exportRun());
    host.replaceChildren(copy, save);
  }

  async function exportRun() {
    const [{ openExport }, { addressOf }, { statusOf }, { namesOf }] = await Promise.all([import('./view/export.js'), import('./current.js'), import('./view/run.js'), import('./view/tools/chain.js')]);
    const shown = run();
    // The token stays out of a file that may be sent on to others.
    if (shown) openExport(shown.state, { ...namesOf(shown.state, shortened), runId: shown.runId, link: location.origin + addressOf(shown.runId), status: text.status(statusOf(shown.state)) });
  }

  return {
    /** @param {{over: boolean, live: boolean, hasAnswer: boolean, failed: boolean}} what */
    async show({ over, hasAnswer }) {
      const shown = run();
      // There is nothing to be read.
      if (shown?.link.name === 'refused' && shown.state.lastSeq === 0) banners.show('shared', null);
      host.hidden = !over;
      if (over && !copy) await load();
      if (copy) copy.hidden = !hasAnswer;
    },
    again: async () => undefined,
  };
}
