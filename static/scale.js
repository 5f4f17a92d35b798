// From numbers to places on a picture: ticks of an axis, and bars of which each stands upon the one before.

const WANTED_STEPS = 4;
const ALMOST = 1e-9; // What powers of ten and their logarithms may be off by.
const LEAST_SEEN = 1.5; // Of a bar for anything but nothing, in pixels.

/**
 * Ticks from 0 on, at steps of 1, 2 or 5 times a power of ten, the last of them at or above `most`.
 * @param {number} most
 * @param {number} least the smallest step that has a meaning: 1 for what is counted
 * @returns {number[]}
 */
export function ticksOf(most, least) {
  const step = Math.max(least, stepFor(most / WANTED_STEPS));
  const steps = Math.max(1, Math.ceil(most / step - ALMOST));
  // Sums of 0.1 are not what they seem.
  return Array.from({ length: steps + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** @param {number} rough */
function stepFor(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((one) => rough <= one * power * (1 + ALMOST)) ?? 10) * power;
}

/** Digits behind the point that the steps of these ticks have. @param {number[]} ticks */
export function digitsOf(ticks) {
  return Math.max(0, -Math.floor(Math.log10(ticks[1]) + ALMOST));
}

/**
 * Where bars lie. Across in hundredths of the picture, so that it is as wide as its place is; down in pixels, from the top.
 * @param {number[][]} stacks what each bar consists of, from the ground up; one at least
 * @param {number} top what the height stands for
 * @param {number} height
 * @returns {{x: number, width: number, parts: {y: number, height: number, at: number}[]}[]} `at`: which of its stack a part is; of nothing there is none
 */
export function barsIn(stacks, top, height) {
  const slot = 100 / stacks.length;
  const width = Math.min(slot * 0.8, 12);
  return stacks.map((stack, index) => {
    let ground = height;
    const parts = stack.flatMap((value, at) => {
      if (!(value > 0)) return [];
      const size = Math.min(ground, Math.max(LEAST_SEEN, (value / top) * height));
      ground -= size;
      return [{ y: ground, height: size, at }];
    });
    return { x: slot * index + (slot - width) / 2, width, parts };
  });
}

/** How much of a line a value takes, in hundredths: what is not nothing is seen. @param {number} value @param {number} most the largest of them */
export function shareOf(value, most) {
  return value > 0 ? Math.max(0.5, (value / most) * 100) : 0;
}
