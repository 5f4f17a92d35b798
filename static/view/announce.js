// What the one status region says: the start, which tools are used, a lost connection, the end. Never streaming text.

import { callsOf, isDeciding } from '../derive.js';
import { text } from '../strings.js';
import { statusOf } from './run.js';
import { shortName } from './tools/names.js';

/**
 * @param {import('../fold.js').RunState} state
 * @param {boolean} lost
 * @returns {string}
 */
export function announcement(state, lost) {
  if (state.phase.name === 'over') {
    const ended = text.announce.ended(text.status(statusOf(state)));
    return state.fatal ? `${ended} ${state.fatal.message}` : ended;
  }
  if (lost) return text.announce.lost;
  if (state.phase.name === 'suspended' || state.phase.name === 'stopping') return `${text.status(state.phase.name)}.`;
  const running = callsOf(state).filter((step) => step.outcome === null);
  if (running.length > 0) return text.announce.using([...new Set(running.map((step) => shortName(step.tool)))]);
  if (isDeciding(state)) return text.announce.deciding;
  return state.phase.name === 'running' ? text.announce.started : '';
}
