// What runs took in the chosen time: the sums, pictures of them by day, by end, by rating, by model and by tool, and the tables behind.

import { text } from '../strings.js';
import { barsOf, byCalls, endsOf, joined, usdOf } from '../use.js';
import { daysTable, ratingCounts, sharesTable, statusCounts, talliesTable } from '../use-tables.js';
import { columnWords, pictureNames as names, sentences, useWords as words } from '../use-words.js';
import { el } from './dom.js';
import { barPicture, rowPicture } from './use-pictures.js';
import { createTable } from './use-table.js';

/**
 * @typedef {import('../use.js').Sums} Sums
 * @typedef {import('../use.js').Tally} Tally
 */

/** @returns {{node: HTMLElement, show(days: Sums[]): void, name(models: Map<string, string>): void}} `name`: what models are called, known later than the sums */
export function createSums() {
  const numbers = el('dl', { class: 'use-numbers' });
  const parts = {
    days: createPart('use-by-day', words.byDay),
    statuses: createPart('use-by-status', names.statuses),
    ratings: createPart('use-by-rating', names.ratings),
    models: createPart('use-by-model', words.models),
    tools: createPart('use-by-tool', words.tools),
  };
  const node = el('div', { class: 'use-sums', hidden: true }, numbers, ...Object.values(parts).map((part) => part.node));
  /** @type {Sums[]} */
  let shown = [];
  /** @type {Map<string, string>} */
  let called = new Map();

  function showModels() {
    const sums = joined(shown);
    const nameOf = (/** @type {string} */ id) => called.get(id) ?? id;
    const withId = (/** @type {string} */ id) => (nameOf(id) === id ? id : `${nameOf(id)} (${id})`);
    parts.models.show([tallyPicture('models', sums, withId)], talliesTable('models', sums, nameOf));
  }

  return {
    node,
    show(days) {
      shown = days;
      const sums = joined(days);
      numbers.replaceChildren(...headline(sums));
      parts.days.show(dayPictures(days), daysTable(days));
      parts.statuses.show([countPicture('statuses', statusCounts(sums))], sharesTable('statuses', sums, statusCounts(sums)));
      parts.ratings.show([countPicture('ratings', ratingCounts(sums))], sharesTable('ratings', sums, ratingCounts(sums)));
      showModels();
      parts.tools.show([tallyPicture('tools', sums, (id) => id)], talliesTable('tools', sums, (id) => id));
    },
    name(models) {
      called = models;
      if (shown.length > 0) showModels();
    },
  };
}

/** A heading, pictures and the table behind them. @param {string} id @param {string} title */
function createPart(id, title) {
  const pictures = el('div', { class: 'use-pictures' });
  const table = createTable();
  return {
    node: el('section', { 'aria-labelledby': id }, el('h2', { id }, title), pictures, el('div', { class: 'use-behind' }, ...table.nodes)),
    /** @param {HTMLElement[]} drawn @param {import('../use-tables.js').Table} behind */
    show(drawn, behind) {
      pictures.replaceChildren(...drawn);
      table.show(behind);
    },
  };
}

/** @param {Sums} sums */
function headline(sums) {
  const rated = sums.good + sums.bad;
  return [
    [columnWords.runs, text.number(sums.runs)],
    [columnWords.cost, words.usd(usdOf(sums.nanoUsd))],
    [words.tokens, `${text.about(sums.isEstimated)}${text.number(sums.input + sums.output)}`],
    [columnWords.good, rated > 0 ? words.goodOf(sums.good, rated) : words.notRatedYet],
    // Only who asks the orchestra as a model has any.
    ...(sums.tasks > 0 ? [[columnWords.tasks, text.number(sums.tasks)]] : []),
    ...(sums.repeats > 0 ? [[columnWords.repeats, text.number(sums.repeats)]] : []),
  ].map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)));
}

/** @param {Sums[]} days */
function dayPictures(days) {
  const bars = barsOf(days);
  const all = joined(days);
  const named = (/** @type {string} */ name) => (bars.length < days.length ? names.byWeek(name) : name);
  /** @param {(sums: Sums) => number} sizeOf @param {string} inAll @param {(sums: Sums) => string} valueOf */
  const told = (sizeOf, inAll, valueOf) => {
    const busy = bars.filter((bar) => sizeOf(bar) > 0);
    const most = busy.reduce((/** @type {Sums | null} */ best, bar) => (best === null || sizeOf(bar) > sizeOf(best) ? bar : best), null);
    return sentences.inAll(inAll, bars, busy, most, most === null ? '' : valueOf(most));
  };
  const runs = (/** @type {Sums} */ sums) => sentences.runs(sums, endsOf(sums));
  const usd = (/** @type {Sums} */ sums) => sentences.usd(usdOf(sums.nanoUsd));
  return [
    barPicture({
      id: 'runs', name: named(names.runs), bars, least: 1, parts: names.ends, stacks: bars.map(endsOf), told: told((sums) => sums.runs, runs(all), sentences.runsOf), tick: words.compact, value: runs,
    }),
    barPicture({
      id: 'tokens', name: named(names.tokens), bars, least: 1, parts: names.parts, stacks: bars.map(({ input, cached, output }) => [Math.max(0, input - cached), cached, output]),
      told: told((sums) => sums.input + sums.output, sentences.tokens(all), sentences.tokensOf), tick: words.compact, value: sentences.tokens,
    }),
    barPicture({
      id: 'cost', name: named(names.cost), bars, least: 1e-9, parts: [names.cost], stacks: bars.map(({ nanoUsd }) => [usdOf(nanoUsd)]), told: told((sums) => sums.nanoUsd, usd(all), usd), tick: words.axisUsd, value: usd,
    }),
  ];
}

/** @param {'statuses' | 'ratings'} id @param {[string, number][]} counts */
function countPicture(id, counts) {
  const all = counts.reduce((sum, [, n]) => sum + n, 0);
  return rowPicture({ id, name: names[id], isNamed: false, rows: counts.map(([name, n]) => ({ name, size: n, value: sentences.part(n, all) })) });
}

/** @param {'models' | 'tools'} id @param {Sums} sums @param {(id: string) => string} nameOf */
function tallyPicture(id, sums, nameOf) {
  return rowPicture({ id, name: names[id], isNamed: true, rows: byCalls(sums[id]).map(([key, tally]) => ({ name: nameOf(key), size: tally.calls, value: sentences.tally(tally) })) });
}
