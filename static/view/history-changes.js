// What a person does with a run of the list: renames, pins and deletes it. Loaded on need.

import { withChanged, without } from '../history-changes.js';
import { createChangeRun } from './change-run.js';
import { deleteRun } from './delete-run.js';
import { setText } from './dom.js';

/**
 * @typedef {import('../history.js').Entry} Entry
 * @typedef {import('../history.js').History} History
 * @param {{list: ReturnType<typeof import('./history-rows.js').createList>, node: HTMLElement, error: HTMLElement, history(): History, changeHere(next: History): void,
 *   onDeleted(runId: string): void, confirm: import('./confirm.js').Confirm}} page
 */
export function createChanges({ list, node, error, history, changeHere, onDeleted, confirm }) {
  const askForChange = createChangeRun();
  let renames = 0;
  /** The last change of a run that has taken effect, by its number. @type {Map<string, number>} */
  const lastRename = new Map();

  /** @param {string} runId */
  function takeAway(runId) {
    const next = list.neighbourOf(runId);
    changeHere(without(history(), runId));
    if (!list.focus(next)) node.focus();
    onDeleted(runId);
  }

  return {
    /** @param {Entry} entry */
    async remove(entry) {
      const deleted = await deleteRun(entry, confirm);
      if (!deleted) return;
      setText(error, deleted.message);
      if (deleted.gone) takeAway(entry.run_id);
    },
    /** @param {Entry} entry */
    async rename(entry) {
      renames += 1;
      const asked = renames;
      const outcome = await askForChange(entry);
      if (!outcome) return;
      setText(error, outcome.message);
      if (outcome.gone) return takeAway(entry.run_id);
      // A reply that comes after that of a later change of the same run tells what was before.
      if (outcome.message || asked < (lastRename.get(entry.run_id) ?? 0)) return;
      lastRename.set(entry.run_id, asked);
      const next = list.neighbourOf(entry.run_id);
      const isHere = document.activeElement === document.body || node.contains(document.activeElement);
      changeHere(withChanged(history(), entry, outcome.entry));
      // One that is no longer pinned may stand among older ones, which were not read.
      if (isHere && !list.focus(entry.run_id) && !list.focus(next)) node.focus();
    },
  };
}
