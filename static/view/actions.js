// What can be done with a run that is over: copy, link, ask again, edit, follow up, rate. Loaded with the first run that is over.

import { addressOf, isLive, titleOf } from '../current.js';
import { answerOf } from '../derive.js';
import { actionWords as words, againWords } from '../strings-again.js';
import { text } from '../strings.js';
import { copyButton } from './copy.js';
import { byId, el, setText } from './dom.js';
import { originOf } from './origin.js';
import { createRating } from './rating.js';
import { statusOf } from './run.js';
import { withSheet } from './sheet.js';
import { namesOf } from './tools/chain.js';
import { endsRun } from './tools/registry.js';

/**
 * @typedef {import('../current.js').Current} Current
 * @typedef {import('../run-page.js').Around} Around
 * @param {Around & {run(): Current | null}} page `run`: the one that is shown
 * @returns {{show(what: {over: boolean, live: boolean, hasAnswer: boolean, failed: boolean}): void, again(run: Current): void}}
 */
export function createActions({ run, composer, past, service, confirm, setReply, askAgain, choose }) {
  const host = byId('actions');
  const say = (/** @type {string} */ message) => setText(byId('announcer'), message);
  const answer = () => {
    const shown = run();
    return (shown && answerOf(shown.state, endsRun)?.text) ?? '';
  };
  const link = () => location.origin + addressOf(run()?.runId ?? '');
  const copy = copyButton(words.copy, answer, say);
  const onRun = (/** @type {(run: Current) => unknown} */ act) => () => {
    const shown = run();
    if (shown) void act(shown);
  };
  const again = button(words.again, onRun(askSame));
  const rating = createRating({ ratingOf: past.ratingOf, rated: past.rated, say });
  const share = button(words.share, onRun(shareRun));
  host.replaceChildren(button(words.followUp, onRun(follow)), copy, copyButton(words.link, link, say), share, again, button(againWords.beside, onRun(besides)), button(words.edit, onRun(edit)), button(words.export, onRun(exportRun)));
  let wasOver = true;
  void withSheet('again.css').then(() => host.after(rating.node));

  /** The earlier turn of the conversation that a run is of; what cannot be read is told. @param {Current} shown */
  async function before(shown) {
    const found = await originOf(shown);
    if (shown !== run()) return null;
    if (found.problem !== '') composer.fail(found.problem, false);
    return found.isKnown ? found : null;
  }

  /** @param {Current} shown */
  async function askSame(shown) {
    const found = await before(shown);
    if (found) await askAgain(questionOf(shown), { origin: found.origin, instead: shown.runId, chosen: null, beside: null });
  }

  /** @param {Current} shown */
  async function besides(shown) {
    const found = await before(shown);
    if (!found) return;
    const { askBeside } = await import('./ask-beside.js');
    await askBeside({ choose, fail: composer.fail, ask: (chosen) => askAgain(questionOf(shown), { origin: found.origin, instead: shown.runId, chosen, beside: shown.runId }) });
  }

  /** @param {Current} shown */
  async function edit(shown) {
    const { query } = shown.state;
    const typed = composer.typed().trim();
    if (typed !== '' && typed !== query && !(await confirm('replace'))) return;
    const found = await before(shown);
    if (!found) return;
    setReply({ followUp: found.origin, instead: { runId: shown.runId, title: titleOf(query) } });
    composer.put(query);
    composer.focus();
  }

  /** @param {Current} shown */
  async function exportRun(shown) {
    const { openExport } = await import('./export.js');
    const { state, runId } = shown;
    if (shown === run()) openExport(state, { ...namesOf(state, service.modelName), runId, link: link(), status: text.status(statusOf(state)) });
  }

  /** @param {Current} shown */
  async function shareRun(shown) {
    const { openShare } = await import('./share.js');
    openShare(shown.runId, isLive(shown));
  }

  /** @param {Current} shown */
  function follow({ runId, state }) {
    setReply({ followUp: { runId, title: titleOf(state.query) }, instead: null });
    composer.focus();
  }

  return {
    show({ over, live, hasAnswer, failed }) {
      if (over && !wasOver) service.changed();
      wasOver = over;
      host.hidden = !over && !live;
      // A run that goes on can be shared, so that others watch it.
      for (const node of host.children) if (node instanceof HTMLElement) node.hidden = !over && node !== share;
      if (!over) return rating.show(null, hasAnswer);
      copy.hidden = !hasAnswer;
      // The banner of a failed run has this button already.
      again.hidden = failed;
      rating.show(over ? (run()?.runId ?? null) : null, hasAnswer);
    },
    again: (shown) => void askSame(shown),
  };
}

/** @param {Current} run */
function questionOf({ state, asked }) {
  return state.query || asked;
}

/** @param {string} label @param {() => void} act */
function button(label, act) {
  const node = el('button', { type: 'button', class: 'secondary' }, label);
  node.addEventListener('click', act);
  return node;
}
