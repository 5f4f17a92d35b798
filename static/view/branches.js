// The line above a run that leads to the runs in whose place it was asked, and to those asked in its place. Loaded on need.

import { branchesOf, changeBranches, readBranches, withoutRun } from '../branches.js';
import { addressOf, titleOf } from '../current.js';
import { textIn } from '../json.js';
import { againWords as words } from '../strings-again.js';
import { byId, el } from './dom.js';
import { requestOf } from './origin.js';

const SHOWN = 3;

/** @param {string} runId @param {() => boolean} isShown whether that run is still on the page */
export async function showBranches(runId, isShown) {
  const { first, again } = branchesOf(readBranches(), runId);
  const [before, ...after] = await Promise.all([first === null ? null : turnOf(first), ...again.slice(0, SHOWN).map(turnOf)]);
  if (!isShown()) return;
  document.querySelector('#branches')?.remove();
  const known = after.filter((turn) => turn !== null);
  const parts = [...(before ? [line(words.first, runId, [before])] : []), ...(known.length > 0 ? [line(words.again, runId, known)] : [])];
  if (parts.length === 0) return;
  const node = el('div', { id: 'branches', class: 'origin' }, ...parts);
  byId('origin').after(node);
  byId('run').addEventListener('left', () => node.remove(), { once: true });
}

/** A run by its question; null where it cannot be read, and forgotten where it is gone. @param {string} runId */
async function turnOf(runId) {
  const asked = await requestOf(runId);
  if (asked?.isGone) changeBranches((branches) => withoutRun(branches, runId));
  const title = titleOf(textIn(asked?.request, 'query'));
  return title === '' ? null : { runId, title };
}

/** @param {string} said @param {string} runId @param {import('../current.js').PreviousTurn[]} turns */
function line(said, runId, turns) {
  const links = turns.flatMap((turn, at) => [
    ...(at > 0 ? [', '] : []),
    el('a', { href: addressOf(turn.runId), dir: 'auto' }, turn.title),
    ' (',
    el('a', { href: said === words.first ? addressOf(turn.runId, runId) : addressOf(runId, turn.runId), 'aria-label': words.compareWith(turn.title) }, words.compare),
    ')',
  ]);
  return el('p', {}, said, ...links);
}
