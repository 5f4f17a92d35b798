// How numbers, times, sizes and amounts of money are written.

export const LANGUAGE = 'en';
export const whole = new Intl.NumberFormat(LANGUAGE);
const tenths = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency: 'USD' });
const small = new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency: 'USD', minimumFractionDigits: 4, maximumFractionDigits: 4 });

/** @param {number} ms */
export function duration(ms) {
  const seconds = ms / 1_000;
  if (seconds < 0.95 && ms > 0) return `${whole.format(Math.round(ms))} ms`;
  if (seconds < 59.95) return `${tenths.format(seconds)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 3_600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  return `${whole.format(Math.floor(rounded / 3_600))} h ${Math.floor((rounded % 3_600) / 60)} min`;
}

/** The time of a running clock: always in the same form, so that it does not jump. @param {number} ms */
export function clock(ms) {
  return ms < 60_000 ? `${tenths.format(Math.floor(ms / 100) / 10)} s` : duration(Math.floor(ms / 1_000) * 1_000);
}

/** @param {number} usd */
export function cost(usd) {
  if (usd === 0) return '$0';
  if (usd < 0.00005) return '< $0.0001';
  return usd < 1 ? small.format(usd) : cents.format(usd);
}

const exact = new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency: 'USD', maximumFractionDigits: 9 });

/** A limit, to the last digit that was given. @param {number} usd */
export function limit(usd) {
  return usd < 1e-9 ? `$${usd}` : exact.format(usd);
}

const units = /** @type {const} */ (['byte', 'kilobyte', 'megabyte', 'gigabyte']);

/** A size, in steps of 1,000. @param {number} n */
export function bytes(n) {
  const step = n < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  const shown = n / 1_000 ** step;
  const format = new Intl.NumberFormat(LANGUAGE, { style: 'unit', unit: units[step], unitDisplay: step === 0 ? 'long' : 'short', maximumFractionDigits: shown < 10 ? 1 : 0 });
  return format.format(shown);
}

/** @param {number} n @param {string} one @param {string} many */
export function count(n, one, many) {
  return `${whole.format(n)} ${n === 1 ? one : many}`;
}
