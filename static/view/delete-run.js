// Deleting a run, after asking. Loaded on need.

import { ask, runPath } from '../api.js';
import { deleteWords } from '../strings-on-need.js';

/**
 * @param {import('../history.js').Entry} entry
 * @param {import('./confirm.js').Confirm} confirm
 * @returns {Promise<{gone: boolean, message: string} | null>} null where the person keeps it
 */
export async function deleteRun({ run_id: runId, title }, confirm) {
  if (!(await confirm('delete', title))) return null;
  const answer = await ask(runPath(runId), { method: 'DELETE' });
  const gone = answer.ok || answer.error.code === 'not_found';
  return { gone, message: answer.ok || gone ? '' : `${deleteWords.failed} ${answer.error.message}` };
}
