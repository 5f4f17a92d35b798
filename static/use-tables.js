// The tables behind the pictures: each cell as it is read, and as it stands in a file.

import { duration, whole } from './numbers.js';
import { text } from './strings.js';
import { byCalls, endsOf, joined, usdOf } from './use.js';
import { columnWords as columns, pictureNames, useWords } from './use-words.js';

/**
 * @typedef {import('./use.js').Sums} Sums
 * @typedef {import('./use.js').Tally} Tally
 * @typedef {{shown: string, raw: string, isName: boolean}} Cell
 * @typedef {{name: string, file: string, head: Cell[], rows: Cell[][], total: Cell[] | null}} Table `total` stands below the rows, and in no file
 */

/** @param {string} shown @param {string} [raw] @returns {Cell} */
const word = (shown, raw = shown) => ({ shown, raw, isName: true });
/** @param {number} n @param {string} [shown] @returns {Cell} */
const number = (n, shown = whole.format(n)) => ({ shown, raw: String(n), isName: false });
/** @param {string} shown @param {string} [raw] @returns {Cell} */
const head = (shown, raw = shown) => ({ shown, raw, isName: false });

/** Without an exponent, which not every program reads. @param {number} nanoUsd */
function money(nanoUsd) {
  const usd = usdOf(nanoUsd);
  const raw = usd.toFixed(9).replace(/\.?0+$/, '');
  return { shown: useWords.exactUsd(usd), raw, isName: false };
}

/** @param {{first: string, last: string}} of */
function fileOf({ first, last }) {
  return first === last ? first : `${first}-to-${last}`;
}

/** The newest day first. @param {Sums[]} days @returns {Table} */
export function daysTable(days) {
  const all = joined(days);
  return {
    name: pictureNames.daysTable,
    file: `use-days-${fileOf(all)}.csv`,
    head: [word(columns.day), ...[columns.runs, columns.completed, columns.failed, columns.otherwise, columns.input, columns.cached, columns.output].map((name) => head(name)), head(columns.cost, columns.costCsv), head(columns.good), head(columns.bad), head(columns.tasks), head(columns.repeats)],
    rows: days.map((day) => [word(useWords.date(day.first), day.first), ...figuresOf(day)]).reverse(),
    total: days.length > 1 ? [word(pictureNames.total), ...figuresOf(all)] : null,
  };
}

/** @param {Sums} sums */
function figuresOf(sums) {
  return [...[sums.runs, ...endsOf(sums), sums.input, sums.cached, sums.output].map((n) => number(n)), money(sums.nanoUsd), number(sums.good), number(sums.bad), number(sums.tasks), number(sums.repeats)];
}

/** @param {'models' | 'tools'} kind @param {Sums} sums @param {(id: string) => string} nameOf a name in place of a model's id @returns {Table} */
export function talliesTable(kind, sums, nameOf) {
  const names = kind === 'models' ? [word(columns.model), word(columns.name)] : [word(columns.tool)];
  return {
    name: pictureNames[kind],
    file: `use-${kind}-${fileOf(sums)}.csv`,
    head: [...names, ...[columns.calls, columns.input, columns.cached, columns.output].map((name) => head(name)), head(columns.cost, columns.costCsv), head(columns.took, columns.tookCsv)],
    rows: byCalls(sums[kind]).map(([id, tally]) => [
      word(id), ...(kind === 'models' ? [word(nameOf(id))] : []), ...[tally.calls, tally.input, tally.cached, tally.output].map((n) => number(n)), money(tally.nanoUsd), number(tally.ms, duration(tally.ms)),
    ]),
    total: null,
  };
}

/** How often each of some things was, and what part of all that is. @param {'statuses' | 'ratings'} kind @param {Sums} sums @param {[string, number][]} counts @returns {Table} */
export function sharesTable(kind, sums, counts) {
  const all = counts.reduce((sum, [, n]) => sum + n, 0);
  return {
    name: pictureNames[kind],
    file: `use-${kind}-${fileOf(sums)}.csv`,
    head: [word(kind === 'statuses' ? columns.status : columns.rating), head(columns.runs), head(columns.share)],
    rows: counts.map(([name, n]) => [word(name), number(n), { shown: useWords.share(all > 0 ? n / all : 0), raw: String(all > 0 ? Math.round((n / all) * 1e4) / 1e4 : 0), isName: false }]),
    total: null,
  };
}

/** Statuses by their words, the most frequent first. @param {Sums} sums @returns {[string, number][]} */
export function statusCounts({ statuses }) {
  return [...statuses].filter(([, runs]) => runs > 0).map(([name, runs]) => /** @type {[string, number]} */ ([text.status(name), runs])).sort(([, one], [, other]) => other - one);
}

/** @param {Sums} sums @returns {[string, number][]} */
export function ratingCounts({ good, bad, runs }) {
  return [[pictureNames.good, good], [pictureNames.bad, bad], [pictureNames.notRated, Math.max(0, runs - good - bad)]];
}

/** @param {Table} table @returns {string[][]} */
export function rowsForFile({ head: names, rows }) {
  return [names, ...rows].map((cells) => cells.map(({ raw }) => raw));
}
