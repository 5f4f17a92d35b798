// How tests look at a page that paints when it can.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const SOON_MS = 5_000;
const LOOK_MS = 20;

/**
 * `assert` for what the page shows once it has painted: `read` is asked again until it holds, and after five seconds it fails as `assert`
 * does. For what must stay as it is, look once, after something else has shown that the page went on.
 */
export const soon = Object.fromEntries(
  ['equal', 'deepEqual', 'match', 'doesNotMatch', 'ok'].map((name) => [
    name,
    async (read, ...expected) => {
      const until = performance.now() + SOON_MS;
      for (;;) {
        try {
          return assert[name](await read(), ...expected);
        } catch (error) {
          if (performance.now() > until) throw error;
        }
        await sleep(LOOK_MS);
      }
    },
  ]),
);
