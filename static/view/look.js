// Whether a picture may be shown: a look into its bytes, and at what the browser makes of them.

import { MOST_PIXELS, MOST_RUN_PIXELS, pixelsOf, readPicture } from '../pictures.js';
import { pictureWords as words } from '../strings-on-need.js';

/**
 * @param {ArrayBuffer} bytes
 * @param {number[]} others pixels of the pictures of this run that are shown already
 * @returns {{type: string, pixels: number, fault: string | null}} `fault`: why it may not be shown
 */
export function looked(bytes, others) {
  const picture = readPicture(new Uint8Array(bytes));
  if (!picture) return { type: '', pixels: 0, fault: words.notKnown };
  const { type, width, height, frames } = picture;
  const pixels = pixelsOf(picture);
  const isTooLarge = width * height > MOST_PIXELS || pixels > MOST_RUN_PIXELS;
  const isTooMany = others.reduce((sum, other) => sum + other, pixels) > MOST_RUN_PIXELS;
  return { type, pixels, fault: isTooLarge ? words.tooLarge(width, height, frames) : isTooMany ? words.tooMany : null };
}

/** Whether the browser takes it for a picture within the bounds: of one that is nowhere on the page it reads the size alone. @param {string} url @returns {Promise<boolean>} */
export function decodes(url) {
  const trial = new Image();
  return new Promise((resolve) => {
    trial.onload = () => resolve(trial.naturalWidth * trial.naturalHeight <= MOST_PIXELS);
    trial.onerror = () => resolve(false);
    trial.src = url;
  });
}
