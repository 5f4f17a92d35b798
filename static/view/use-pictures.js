// The pictures of what runs took. Each is one picture to those who do not see it: it has a name, and says in a sentence what it shows.

import { barsIn, digitsOf, shareOf, ticksOf } from '../scale.js';
import { sentences, useWords as words } from '../use-words.js';
import { shortened } from '../strings.js';
import { el } from './dom.js';

const HEIGHT = 140;
const EDGE = 8; // Room above and below for half a line of a tick's text.
const DIGIT_EM = 0.65; // As wide as a digit is in the wider of the fonts that systems have.
const MOST_ROWS = 8;
const SVG = 'http://www.w3.org/2000/svg';

/** @typedef {import('../use.js').Sums} Sums */

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
function draw(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** @param {string} id @param {string} name @param {Node[]} content @param {HTMLElement} told @param {boolean} [isNamed] whether its name is seen */
function figure(id, name, content, told, isNamed = true) {
  told.id = `use-${id}-told`;
  return el('figure', { class: 'use-picture' }, el('h3', { id: `use-${id}-name`, class: isNamed ? false : 'visually-hidden' }, name), ...content, told);
}

/** What makes a node one picture, with a name and a description. @param {string} id */
function asPicture(id) {
  return { role: 'img', 'aria-labelledby': `use-${id}-name`, 'aria-describedby': `use-${id}-told` };
}

/**
 * Bars by day or week.
 * @param {{id: string, name: string, told: string, bars: Sums[], stacks: number[][], parts: string[], least: number,
 *   tick(value: number, digits: number): string, value(of: Sums, stack: number[]): string}} of `parts`: what a bar consists of, from the ground up; `least`: the smallest step of the axis
 */
export function barPicture({ id, name, told, bars, stacks, parts, least, tick, value }) {
  const most = Math.max(...stacks.map((stack) => stack.reduce((sum, one) => sum + one, 0)));
  const caption = el('figcaption', {}, told);
  if (!(most > 0)) return figure(id, name, [], caption);
  const ticks = ticksOf(most, least);
  const top = ticks[ticks.length - 1];
  const digits = digitsOf(ticks);
  const labels = ticks.map((at) => tick(at, digits));
  const yOf = (/** @type {number} */ at) => EDGE + HEIGHT - (at / top) * HEIGHT;
  const slot = 100 / bars.length;
  const picture = draw(
    'svg',
    { class: 'use-bars', height: HEIGHT + 2 * EDGE, ...asPicture(id) },
    ...ticks.map((at) => draw('line', { x1: 0, x2: '100%', y1: yOf(at), y2: yOf(at) })),
    ...barsIn(stacks, top, HEIGHT).map((bar, index) => draw(
      'g',
      {},
      draw('title', {}, sentences.bar(bars[index], value(bars[index], stacks[index]))),
      draw('rect', { class: 'hit', x: `${slot * index}%`, width: `${slot}%`, y: EDGE, height: HEIGHT }),
      ...bar.parts.map(({ y, height, at }) => draw('rect', { class: `part-${id}-${at}`, x: `${bar.x}%`, width: `${bar.width}%`, y: y + EDGE, height })),
    )),
  );
  const axis = draw('svg', { class: 'use-axis', 'aria-hidden': 'true', width: `${Math.max(...labels.map(({ length }) => length)) * DIGIT_EM + 0.6}em`, height: HEIGHT + 2 * EDGE },
    ...labels.map((label, at) => draw('text', { x: '100%', dx: '-0.6em', y: yOf(ticks[at]), dy: '0.35em', 'text-anchor': 'end' }, label)));
  return figure(id, name, [...(parts.length > 1 ? [legend(id, parts)] : []), el('div', { class: 'use-plot' }, axis, picture), dates(bars)], caption);
}

/** @param {string} id @param {string[]} parts */
function legend(id, parts) {
  return el('ul', { class: 'use-legend' }, ...parts.map((part, at) => el('li', {}, draw('svg', { width: 12, height: 12, 'aria-hidden': 'true' }, draw('rect', { class: `part-${id}-${at}`, width: 12, height: 12 })), part)));
}

/** Under the bars: the first day, the one in the middle and today. @param {Sums[]} bars */
function dates(bars) {
  const middle = bars.length > 4 ? [el('span', {}, words.shortDate(bars[Math.floor((bars.length - 1) / 2)].first))] : [];
  const first = bars.length > 1 ? [el('span', {}, words.shortDate(bars[0].first))] : [];
  return el('div', { class: 'use-dates', 'aria-hidden': 'true' }, ...first, ...middle, el('span', {}, words.today));
}

/**
 * Lines of different length, each with its name and in words what it stands for.
 * @param {{id: string, name: string, isNamed: boolean, rows: {name: string, size: number, value: string}[]}} of `isNamed`: whether its name is seen, where the heading above says no more
 */
export function rowPicture({ id, name, isNamed, rows }) {
  const most = Math.max(0, ...rows.map(({ size }) => size));
  const shown = rows.slice(0, rows.length > MOST_ROWS + 1 ? MOST_ROWS : rows.length);
  const left = rows.length - shown.length;
  const told = el('figcaption', { class: 'visually-hidden' }, rows.length === 0 ? sentences.noCalls : sentences.rows(shown.map((row) => sentences.row(row.name, row.value)), left));
  if (rows.length === 0) told.className = '';
  const lines = shown.map((row, at) => el(
    'div',
    { class: 'use-row' },
    el('bdi', { class: 'use-row-name' }, shortened(row.name)),
    el('span', { class: 'use-row-value' }, row.value),
    draw('svg', { class: 'use-line', height: 8, 'aria-hidden': 'true' }, draw('rect', { class: 'ground', width: '100%', height: 8 }), draw('rect', { class: `part-${id} part-${id}-${at}`, width: `${shareOf(row.size, most)}%`, height: 8 })),
  ));
  const more = left > 0 ? [el('div', { class: 'use-row muted' }, sentences.others(left))] : [];
  return figure(id, name, rows.length === 0 ? [] : [el('div', { class: 'use-rows', ...asPicture(id) }, ...lines, ...more)], told, isNamed);
}
