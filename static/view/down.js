// Tells that a model that every run needs does not answer, and looks again. Loaded on need.

import { downWords } from '../strings-on-need.js';

const LOOK_AGAIN_MS = 15_000; // The server asks its models at most every 10 s.
const COUNT_MS = 1_000;

/**
 * @param {ReturnType<typeof import('./banners.js').createBanners>} banners
 * @param {string[]} names of the models
 * @param {() => void} look
 * @returns {() => void} ends it
 */
export function tellDown(banners, names, look) {
  const lookAgainAt = performance.now() + LOOK_AGAIN_MS;
  const what = downWords.title(names);
  const count = () => {
    const seconds = Math.max(0, Math.ceil((lookAgainAt - performance.now()) / 1_000));
    banners.show('down', { kind: 'warn', what, then: downWords.then(seconds), action: { label: downWords.now, act: look } });
    // A hidden page looks again when it is looked at.
    if (seconds === 0 && document.visibilityState === 'visible') look();
  };
  const timer = setInterval(count, COUNT_MS);
  count();
  return () => clearInterval(timer);
}
