// Which runs were asked in place of which: pairs of ids, as this browser keeps them. Loaded on need.

import { names } from './preferences.js';

const NAME = 'branches';
const MOST = 500;

/** @typedef {[run: string, first: string]} Branch a run, and the one that it was asked in place of */

/** What was kept, as far as it makes sense. @param {string | null} kept @returns {Branch[]} */
export function parseBranches(kept) {
  try {
    const given = JSON.parse(kept ?? '[]');
    return (Array.isArray(given) ? given : []).map(names).flatMap(([run, first, ...rest]) => (run && first && run !== first && rest.length === 0 ? [/** @type {Branch} */ ([run, first])] : []));
  } catch {
    return [];
  }
}

/** With one more; the oldest are forgotten. @param {Branch[]} branches @param {Branch} added @returns {Branch[]} */
export function withBranch(branches, added) {
  return [...branches.filter(([run]) => run !== added[0]), added].slice(-MOST);
}

/** What a run was asked in place of, and what was asked in its place, newest first. @param {Branch[]} branches @param {string} runId */
export function branchesOf(branches, runId) {
  return { first: branches.find(([run]) => run === runId)?.[1] ?? null, again: branches.filter(([, first]) => first === runId).map(([run]) => run).reverse() };
}

/** Without those of a run that is gone. @param {Branch[]} branches @param {string} gone @returns {Branch[]} */
export function withoutRun(branches, gone) {
  return branches.filter((branch) => !branch.includes(gone));
}

/** A browser that refuses storage knows of none. @returns {Branch[]} */
export function readBranches() {
  try {
    return parseBranches(localStorage.getItem(NAME));
  } catch {
    return [];
  }
}

/** @param {(branches: Branch[]) => Branch[]} change */
export function changeBranches(change) {
  try {
    localStorage.setItem(NAME, JSON.stringify(change(readBranches())));
  } catch {
    // The runs are there without their links.
  }
}
