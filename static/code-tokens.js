// Which stretches of a program are comments, strings, numbers and keywords: enough to read it by, not a parser. A language that is not
// known has none. Read in time that grows as the program does.

/**
 * @typedef {'comment' | 'string' | 'number' | 'keyword'} Sort
 * @typedef {{sort: Sort, from: number, to: number}} Token
 */

const C = String.raw`\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)`;
const HASH = String.raw`(?<![^\s;(){}])#[^\n]*`;
const DASHES = String.raw`--[^\n]*`;
const MARKUP = String.raw`<!--[\s\S]*?(?:-->|$)`;
const LONG = String.raw`"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)`;
const QUOTED = String.raw`"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?`;
const DOUBLE = String.raw`"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[^\n])'`; // A quote of its own may begin a lifetime.
const TICKS = String.raw`${QUOTED}|${'`'}(?:[^${'`'}\\]|\\[\s\S])*${'`'}?`;

/** Languages, what marks comments and strings in them, and their words. @type {[names: string, comments: string, strings: string, words: string][]} */
const families = [
  ['js javascript mjs jsx ts typescript tsx', C, TICKS, 'async await break case catch class const continue default delete do else enum export extends false finally for from function if implements import in instanceof interface let new null of private public readonly return static super switch this throw true try type typeof undefined var void while yield'],
  ['py python python3', HASH, `${LONG}|${QUOTED}`, 'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return True try while with yield'],
  ['sh bash shell zsh console', HASH, QUOTED, 'case do done elif else esac export fi for function if in local return set then until while'],
  ['rs rust', C, DOUBLE, 'as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while'],
  ['c h cpp c++ cc hpp cs csharp java kotlin kt swift scala dart go golang php', C, TICKS, 'abstract bool boolean break byte case catch char class const continue def default defer do double else enum extends extern false final finally float for foreach fn fun func function go goto guard if implements import in int interface internal is let long map namespace new nil null object override package private protected public range return self short signed sizeof static string struct super switch template this throw throws true try type typedef typename union unsigned using val var virtual void volatile when where while'],
  ['sql postgres postgresql mysql sqlite', `${DASHES}|${C}`, QUOTED, 'add all alter and as asc avg begin between by case check column commit constraint count create cross default delete desc distinct drop else end exists false foreign from full group having in index inner insert into is join key left like limit max min not null offset on or order outer over partition primary references returning right select set sum table then true union unique update using values view when where with'],
  ['json json5 jsonc', C, QUOTED, 'true false null'],
  ['yaml yml toml ini', HASH, QUOTED, 'true false null yes no'],
  ['rb ruby r perl pl', HASH, QUOTED, 'and begin break class def do else elsif end false for function if in include module my next nil NULL or require return self sub super then TRUE FALSE true unless until use when while yield'],
  ['html xml svg xhtml vue', MARKUP, QUOTED, ''],
  ['css scss less', C, QUOTED, ''],
  ['lua hs haskell elm', DASHES, QUOTED, 'and break case class data deriving do else elseif end false for function if import in instance let local module newtype nil not of or repeat return then true type until where while'],
];

const known = new Map(families.flatMap((family) => family[0].split(' ').map((name) => [name, family])));

/** @param {string} code @param {string} language @returns {Token[]} */
export function tokensOf(code, language) {
  const family = known.get(language);
  if (!family) return [];
  const [names, comments, strings, said] = family;
  const isSql = names.startsWith('sql');
  const words = new Set(said.split(' '));
  const pattern = new RegExp(`(?<comment>${comments})|(?<string>${strings})|(?<number>(?<![\\w.])\\d[\\w.]*)|(?<word>[A-Za-z_$][\\w$]*)`, 'g');
  /** @type {Token[]} */
  const tokens = [];
  for (const { 0: found, index, groups } of code.matchAll(pattern)) {
    const sort = groups?.comment !== undefined ? 'comment' : groups?.string !== undefined ? 'string' : groups?.number !== undefined ? 'number' : words.has(isSql ? found.toLowerCase() : found) ? 'keyword' : null;
    if (sort) tokens.push({ sort, from: index, to: index + found.length });
  }
  return tokens;
}
