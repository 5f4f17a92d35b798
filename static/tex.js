// Formulas as models write them in TeX, read into the elements of MathML. What holds a command that is not known here is not read: it
// stays on the page as it was written, as half a formula would be another one.

import { accents, alphabets, below, elsewhere, fences, functions, integrals, large, letters, operators, passed, ranging, spaces, upright } from './tex-symbols.js';

/**
 * @typedef {[tag: string, attributes: Record<string, string>, ...children: (Tree | string)[]]} Tree
 * @typedef {{tokens: string[], at: number, depth: number}} Reader
 */

const DEEPEST = 40;
const MOST_TOKENS = 1_500;
const MATRICES = new Map(Object.entries({
  matrix: ['', ''], pmatrix: ['(', ')'], bmatrix: ['[', ']'], Bmatrix: ['{', '}'], vmatrix: ['|', '|'], Vmatrix: ['‖', '‖'], smallmatrix: ['', ''], cases: ['{', ''], rcases: ['', '}'], array: ['', ''],
  aligned: ['', ''], align: ['', ''], 'align*': ['', ''], alignedat: ['', ''], split: ['', ''], gathered: ['', ''], gather: ['', ''], 'gather*': ['', ''], equation: ['', ''], 'equation*': ['', ''], eqnarray: ['', ''],
}));
const ALIGNED = /^(?:align|split|eqnarray)/;
const WORDS = /^\\(text|textrm|textnormal|mbox|hbox|operatorname\*?|textbf|textit|texttt)\s*\{([^{}]*)\}$/;
const TOKEN = /\\(?:text(?:rm|normal|bf|it|tt)?|mbox|hbox|operatorname\*?)\s*\{[^{}]*\}|\\[A-Za-z]+\s*|\\[\s\S]|%[^\n]*|\s+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|./gsu;

class NotRead extends Error {}

/**
 * A formula as MathML, null where it cannot be read.
 * @param {string} tex @param {boolean} isDisplay
 * @returns {Tree | null}
 */
export function readFormula(tex, isDisplay) {
  const tokens = [...tex.matchAll(TOKEN)].map(([token]) => (/^\\[A-Za-z]+\s+$/.test(token) ? token.trimEnd() : token)).filter((token) => token.trim() !== '' && !token.startsWith('%'));
  if (tokens.length === 0 || tokens.length > MOST_TOKENS) return null;
  try {
    const r = { tokens, at: 0, depth: 0 };
    const rows = table(r, () => r.at >= r.tokens.length);
    const body = rows.length === 1 && rows[0].length === 1 ? rows[0][0] : tableOf(rows, 'align');
    return ['math', isDisplay ? { display: 'block' } : {}, body];
  } catch (error) {
    if (error instanceof NotRead) return null;
    throw error;
  }
}

/** @param {Reader} r */
const peek = (r) => r.tokens[r.at] ?? '';

/** @param {Reader} r */
function next(r) {
  if (r.at >= r.tokens.length) throw new NotRead();
  r.at += 1;
  return r.tokens[r.at - 1];
}

/** @param {Reader} r @param {string} token */
function expect(r, token) {
  if (next(r) !== token) throw new NotRead();
}

/** What stands up to an end, side by side. @param {Reader} r @param {() => boolean} isEnd @returns {Tree} */
function row(r, isEnd) {
  r.depth += 1;
  if (r.depth > DEEPEST) throw new NotRead();
  /** @type {Tree[]} */
  const items = [];
  while (!isEnd()) items.push(...scripted(r));
  r.depth -= 1;
  return items.length === 1 ? items[0] : ['mrow', {}, ...items];
}

/** Rows of cells up to an end, which is not taken. @param {Reader} r @param {() => boolean} isEnd @returns {Tree[][]} */
function table(r, isEnd) {
  const rows = [[/** @type {Tree} */ (['mrow', {}])]];
  const isEdge = () => isEnd() || ['&', '\\\\', '\\cr'].includes(peek(r));
  for (let isFirst = true; !isEnd(); isFirst = false) {
    if (!isFirst && next(r) !== '&') {
      if (peek(r) === '[') while (next(r) !== ']');
      if (isEnd()) break;
      rows.push([]);
    }
    while (peek(r) === '\\hline') next(r);
    const cell = row(r, isEdge);
    if (isFirst) rows[0] = [cell];
    else rows[rows.length - 1].push(cell);
  }
  return rows;
}

/** @param {Tree[][]} rows @param {string} name of the environment @returns {Tree} */
function tableOf(rows, name) {
  const cellOf = (/** @type {Tree} */ cell, /** @type {number} */ column) => /** @type {Tree} */ (['mtd', ALIGNED.test(name) ? { class: column % 2 === 0 ? 'end' : 'start' } : name.endsWith('cases') ? { class: 'start' } : {}, cell]);
  /** @type {Record<string, string>} */
  const attributes = ALIGNED.test(name) ? { displaystyle: 'true', class: 'aligned' } : {};
  return ['mtable', attributes, ...rows.map((cells) => /** @type {Tree} */ (['mtr', {}, ...cells.map(cellOf)]))];
}

/** The argument of a command: a group, or what stands there alone. @param {Reader} r @returns {Tree} */
function argument(r) {
  const token = next(r);
  // Of a number its first digit.
  if (/^\d./.test(token)) r.tokens.splice((r.at -= 1), 1, token.slice(1));
  return atom(r, /^\d/.test(token) ? token[0] : token);
}

/** An atom with what stands above and below it. @param {Reader} r @returns {Tree[]} */
function scripted(r) {
  const token = next(r);
  const name = token.slice(1);
  const isNamed = token.startsWith('\\');
  const isBelow = isNamed && (large.has(name) || ranging.has(name) || name === 'underbrace' || name === 'overbrace');
  const base = ['^', '_', "'"].includes(token) ? /** @type {Tree} */ ((r.at -= 1, ['mrow', {}])) : atom(r, token);
  const isForced = peek(r) === '\\limits';
  if (isForced || peek(r) === '\\nolimits') next(r);
  /** @type {{'^'?: Tree, _?: Tree}} */
  const scripts = {};
  for (let mark = peek(r); mark === '^' || mark === '_' || mark === "'"; mark = peek(r)) {
    next(r);
    const place = mark === "'" ? '^' : mark;
    if (mark !== "'" && scripts[place]) throw new NotRead();
    const script = mark === "'" ? /** @type {Tree} */ (['mo', {}, '′']) : argument(r);
    const before = scripts[place];
    scripts[place] = before ? ['mrow', {}, before, script] : script;
  }
  const { '^': above, _: under } = scripts;
  const [both, up, down] = isBelow || isForced ? ['munderover', 'mover', 'munder'] : ['msubsup', 'msup', 'msub'];
  const whole = /** @type {Tree} */ (above && under ? [both, {}, base, under, above] : above ? [up, {}, base, above] : under ? [down, {}, base, under] : base);
  const isApplied = isNamed && (functions.has(name) || ranging.has(name)) && !['(', '\\left', '', '}', '^'].includes(peek(r));
  return isApplied ? [whole, ['mspace', { width: '0.167em' }]] : [whole];
}

/** @param {Reader} r @param {string} token @returns {Tree} */
function atom(r, token) {
  if (token === '{') {
    const group = row(r, () => peek(r) === '}');
    next(r);
    return group;
  }
  const [, style, words] = WORDS.exec(token) ?? [];
  if (style?.startsWith('operatorname')) return ['mi', { mathvariant: 'normal' }, words];
  if (style) return ['mtext', {}, words.replace(/^ | $/g, '\u00a0')];
  if (token.startsWith('\\')) return command(r, token.slice(1));
  if (/^\d/.test(token)) return ['mn', {}, token];
  if (/^\p{L}/u.test(token)) return ['mi', {}, token];
  if ('}&^_#$'.includes(token)) throw new NotRead();
  if ('()[]|'.includes(token)) return ['mo', { stretchy: 'false' }, token];
  return ['mo', {}, { '-': '−', '*': '∗', '~': '\u00a0', '`': '‘' }[token] ?? token];
}

/** @param {Reader} r @param {string} name without its backslash @returns {Tree} */
function command(r, name) {
  /** @param {Map<string, string>} known */
  const of = (known) => /** @type {string} */ (known.get(name));
  if (letters.has(name)) return ['mi', {}, of(letters)];
  if (upright.has(name)) return ['mi', { mathvariant: 'normal' }, of(upright)];
  if (large.has(name)) return ['mo', {}, of(large)];
  if (integrals.has(name)) return ['mo', {}, of(integrals)];
  if (functions.has(name)) return ['mi', {}, name];
  if (ranging.has(name)) return ['mo', { movablelimits: 'true', form: 'prefix', lspace: '0', rspace: '0' }, name.replace(/^(lim|arg)(?=.)/, '$1\u2009')];
  if (accents.has(name)) return ['mover', { accent: 'true' }, argument(r), ['mo', { stretchy: String(/^(?:over|wide)/.test(name)) }, of(accents)]];
  if (below.has(name)) return ['munder', {}, argument(r), ['mo', { stretchy: 'true' }, of(below)]];
  if (alphabets.has(name)) return inAlphabet(argument(r), alphabets.get(name) ?? []);
  if (spaces.has(name)) return ['mspace', { width: `${of(spaces)}em` }];
  if (name.trim() === '') return ['mspace', { width: '0.25em' }];
  if (passed.has(name)) return ['mrow', {}];
  if (/^(?:[bB]igg?[lrm]?)$/.test(name)) return fence(r, /^B/.test(name) || /gg/.test(name) ? '1.8em' : '1.2em');
  const made = commands.get(name)?.(r, name);
  if (made) return made;
  if (operators.has(name)) return ['mo', {}, of(operators)];
  if (fences.has(name)) return ['mo', { stretchy: 'false' }, of(fences)];
  throw new NotRead();
}

/** @type {Map<string, (r: Reader, name: string) => Tree>} */
const commands = new Map(Object.entries({
  ...Object.fromEntries(['frac', 'dfrac', 'tfrac', 'cfrac'].map((name) => [name, (/** @type {Reader} */ r) => /** @type {Tree} */ (['mfrac', {}, argument(r), argument(r)])])),
  binom: (r) => ['mrow', {}, ['mo', {}, '('], ['mfrac', { linethickness: '0' }, argument(r), argument(r)], ['mo', {}, ')']],
  sqrt: (r) => {
    if (peek(r) !== '[') return ['msqrt', {}, argument(r)];
    next(r);
    const degree = row(r, () => peek(r) === ']');
    next(r);
    return ['mroot', {}, argument(r), degree];
  },
  left: (r) => {
    const open = fence(r, '');
    const middle = row(r, () => peek(r) === '\\right');
    next(r);
    return ['mrow', {}, open, middle, fence(r, '')];
  },
  middle: (r) => fence(r, ''),
  begin: environment,
  overset: (r) => over(argument(r), argument(r)),
  stackrel: (r) => over(argument(r), argument(r)),
  underset: (r) => {
    const under = argument(r);
    return ['munder', {}, argument(r), under];
  },
  xrightarrow: (r) => ['mover', {}, ['mo', {}, '→'], argument(r)],
  not: (r) => {
    const negated = argument(r);
    const sign = negated[2];
    if (negated[0] !== 'mo' || typeof sign !== 'string') throw new NotRead();
    return ['mo', {}, `${sign}\u0338`.normalize()];
  },
  pmod: (r) => ['mrow', {}, ['mspace', { width: '1em' }], ['mo', {}, '('], ['mi', {}, 'mod'], ['mspace', { width: '0.33em' }], argument(r), ['mo', {}, ')']],
  bmod: () => ['mo', {}, 'mod'],
  boxed: (r) => ['mrow', { class: 'boxed' }, argument(r)],
  tag: (r) => ['mrow', {}, ['mspace', { width: '2em' }], ['mo', {}, '('], argument(r), ['mo', {}, ')']],
  substack: (r) => {
    expect(r, '{');
    const rows = table(r, () => peek(r) === '}');
    next(r);
    return tableOf(rows, 'matrix');
  },
  '{': () => ['mo', { stretchy: 'false' }, '{'],
  '}': () => ['mo', { stretchy: 'false' }, '}'],
  '|': () => ['mo', { stretchy: 'false' }, '‖'],
}));

/** @param {Tree} above @param {Tree} base @returns {Tree} */
function over(above, base) {
  return ['mover', {}, base, above];
}

/** @param {Reader} r @param {string} size '' for one that grows with what stands between @returns {Tree} */
function fence(r, size) {
  const token = next(r);
  const sign = fences.get(token.length > 1 && token.startsWith('\\') ? token.slice(1) : token);
  if (sign === undefined) throw new NotRead();
  return ['mo', size === '' ? { fence: 'true', stretchy: 'true' } : { stretchy: 'true', minsize: size, maxsize: size }, sign === '.' ? '' : token === '\\|' ? '‖' : sign];
}

/** @param {Reader} r @returns {Tree} */
function environment(r) {
  const name = nameIn(r);
  const [open, close] = MATRICES.get(name) ?? [];
  if (open === undefined || close === undefined) throw new NotRead();
  if ((name === 'array' || name === 'alignedat') && peek(r) === '{') nameIn(r);
  const rows = table(r, () => peek(r) === '\\end');
  next(r);
  if (nameIn(r) !== name) throw new NotRead();
  const body = tableOf(rows, name);
  return open + close === '' ? body : ['mrow', {}, ['mo', { fence: 'true' }, open], body, ['mo', { fence: 'true' }, close]];
}

/** The name between braces. @param {Reader} r */
function nameIn(r) {
  expect(r, '{');
  let name = '';
  for (let token = next(r); token !== '}'; token = next(r)) name += token;
  return name;
}

/** @param {Tree} tree @param {(number | undefined)[]} starts @returns {Tree} */
function inAlphabet([tag, attributes, ...children], starts) {
  const isName = tag === 'mrow' && children.length > 0 && children.every((child) => child[0] === 'mi' && child.length === 3);
  if (isName) return inAlphabet(['mi', {}, children.map((child) => child[2]).join('')], starts);
  const set = children.map((child) => {
    if (typeof child !== 'string') return inAlphabet(child, starts);
    return [...child].map((character) => charIn(character, starts)).join('');
  });
  // One that stays as it is was asked to stand upright.
  return [tag, tag === 'mi' && starts.length === 0 ? { mathvariant: 'normal' } : attributes, ...set];
}

/** @param {string} character @param {(number | undefined)[]} starts */
function charIn(character, [capital, small, digit]) {
  const code = character.charCodeAt(0);
  const [first, start] = /^[A-Z]$/.test(character) ? [65, capital] : /^[a-z]$/.test(character) ? [97, small] : /^\d$/.test(character) ? [48, digit] : [0, undefined];
  const at = start === undefined ? code : start + code - first;
  return start === undefined ? character : (elsewhere.get(at) ?? String.fromCodePoint(at));
}
