// Keeps the end of a growing run in sight, until the person scrolls away from it.

import { byId } from './dom.js';

const NEAR_END_PX = 60;
const MARGIN_PX = 32;

/**
 * @param {HTMLElement} content
 * @param {HTMLElement} jump the button that takes the person back to the end
 * @returns {{pin(): void, follow(live: boolean): void}}
 */
export function followEnd(content, jump) {
  const dock = byId('composer');
  let pinned = true;

  /** How far the end of the content lies below what can be seen, in px. */
  const hiddenPart = () => content.getBoundingClientRect().bottom + MARGIN_PX - (window.innerHeight - dock.offsetHeight);
  const toEnd = () => window.scrollBy({ top: Math.max(0, hiddenPart()), behavior: 'instant' });
  const unpin = () => {
    pinned = false;
  };

  addEventListener('wheel', unpin, { passive: true });
  addEventListener('touchmove', unpin, { passive: true });
  addEventListener('keydown', (event) => {
    if (event.target instanceof HTMLTextAreaElement) return;
    if (['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown'].includes(event.key)) unpin();
  });
  addEventListener('scroll', () => {
    if (hiddenPart() <= NEAR_END_PX) pinned = true;
  });
  jump.addEventListener('click', () => {
    pinned = true;
    toEnd();
  });

  return {
    pin() {
      pinned = true;
    },
    follow(live) {
      if (live && pinned) toEnd();
      jump.hidden = !live || pinned || hiddenPart() <= NEAR_END_PX;
    },
  };
}
