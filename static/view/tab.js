// The page's title, by which its tab is told from others: how the run fares, and the question.

import { isLive, titleOf } from '../current.js';
import { text } from '../strings.js';
import { statusOf } from './run.js';

/**
 * @param {import('../current.js').Current | null} run
 * @param {boolean} lost whether the connection is lost
 * @returns {string}
 */
export function tabTitle(run, lost) {
  if (run === null) return text.app;
  const question = run.state.query || run.asked;
  const refused = run.link.name === 'refused';
  if (question === '') return refused ? text.tab(text.refusedTab, '') : text.app;
  if (refused) return text.tab(text.refusedTab, shortened(question));
  if (lost) return text.tab(text.lostTab, shortened(question));
  const stopping = run.stopping && isLive(run);
  return text.tab(text.status(stopping ? 'stopping' : statusOf(run.state)), shortened(question));
}

/** @param {string} question */
function shortened(question) {
  const title = titleOf(question);
  return title === question.trim().replace(/\s+/g, ' ') ? title : `${title.trimEnd()}…`;
}

/** Sets the title, where it is another one. @param {string} title */
export function setTab(title) {
  if (document.title !== title) document.title = title;
}
