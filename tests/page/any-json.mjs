// JSON as a model or a tool may write it, for laws that hold for all of it.

import fc from 'fast-check';

const ODD_NAMES = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'toJSON', 'length', '', ' ', '0', '\ud800', 'a\u0000b', '\u202e'];
/** Names that the page looks for, so that they come with the wrong values. */
const KNOWN_NAMES = [
  'query', 'num_results', 'code', 'stdin', 'problem', 'reasoning_focus', 'model', 'content', 'results', 'title', 'snippet', 'url', 'error', 'message', 'success', 'stdout', 'stderr',
  'value', 'returncode', 'truncated', 'stdout_bytes', 'artifacts', 'omitted', 'name', 'media_type', 'bytes', 'reason', 'isolation', 'model_name',
];
const ODD_VALUES = [Infinity, -Infinity, -0, 1e308, Number.MIN_VALUE, -1, 2 ** 53, '', ' ', '\ud800', '\udc00x', '\u202e', '\u0000', '<img src=x onerror=alert(1)>', '```\n', 'javascript:alert(1)', 'NaN', '__proto__', null, true, false];

/** A tree of JSON, in which `__proto__` is a name like any other, as it is in what was parsed. A number of 1e400 has become infinite there. */
export function anyJson({ finite = false } = {}) {
  const name = fc.oneof(fc.constantFrom(...KNOWN_NAMES), fc.constantFrom(...ODD_NAMES), fc.string({ unit: 'binary' }));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie('leaf'), tie('list'), tie('object')),
    leaf: fc.oneof(fc.constantFrom(...ODD_VALUES.filter((value) => !finite || Math.abs(value) !== Infinity)), fc.double({ noNaN: true, noDefaultInfinity: finite }), fc.string({ unit: 'binary' }), fc.string()),
    list: fc.array(tie('tree'), { maxLength: 6 }),
    object: fc.array(fc.tuple(name, tie('tree')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  }));
  return tree;
}

/** The text of such JSON, with what `JSON.stringify` has no words for. */
export function textOf(value) {
  return JSON.stringify(value, (_, inner) => (inner === Infinity ? '\u0001+' : inner === -Infinity ? '\u0001-' : inner)).replaceAll('"\\u0001+"', '1e400').replaceAll('"\\u0001-"', '-1e400');
}
