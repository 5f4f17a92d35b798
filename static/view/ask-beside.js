// Asks a question again in another way, until the server takes what is chosen or the person leaves it. Loaded on need.

import { preferenceOf } from '../preferences-typed.js';

/**
 * @typedef {import('../preferences.js').Preferences} Preferences
 * @param {{choose(chosen: Preferences | null, fault?: {name: string, message: string}): Promise<Preferences | null>, ask(chosen: Preferences): Promise<import('../api.js').Refusal | null>,
 *   fail(message: string, isWrong: boolean): void}} page
 */
export async function askBeside({ choose, ask, fail }) {
  let chosen = await choose(null);
  while (chosen) {
    const refused = await ask(chosen);
    if (!refused) return;
    const name = preferenceOf(refused.field);
    if (!name) return fail(refused.message, false);
    chosen = await choose(chosen, { name, message: refused.message });
  }
}
