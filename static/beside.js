// Which calls ran side by side, in words. Loaded with the first round that has several.

import { begunTogether } from './derive.js';
import { duration } from './numbers.js';
import { besideWords as words } from './strings-on-need.js';
import { text } from './strings.js';

/**
 * A sentence for each group of calls that were begun together, in their order.
 * @param {import('./fold.js').RunState} state
 * @param {{modelName: (id: string) => string, toolName: (tool: string) => string}} names
 * @returns {string[]}
 */
export function besideOf(state, { modelName, toolName }) {
  const together = begunTogether(state);
  const whole = new Map([...together.keys()].map((step) => [step.key, step]));
  return [...new Set(together.values())].flatMap((group) => {
    if (group.length === 1) return [];
    const [{ round, within }] = group;
    const around = within === null ? undefined : whole.get(within);
    const who = text.counted(group.map((step) => (step.within && step.model ? modelName(step.model) : toolName(step.tool))));
    const times = group.map(({ outcome }) => outcome?.durationMs ?? null);
    const took = times.flatMap((ms) => ms ?? []);
    const isOver = took.length === times.length;
    const apart = took.reduce((sum, ms) => sum + ms, 0);
    return words.group(round, around ? toolName(around.tool) : null, who, isOver ? [duration(Math.max(...took)), duration(apart)] : null);
  });
}
