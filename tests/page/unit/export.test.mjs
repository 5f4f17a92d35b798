// A run as a file: that the answer stands there as it was written, that nothing else marks anything up, and that a web page of it runs and loads nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exported, markdownOf } from '../../../static/export.js';
import { htmlOf } from '../../../static/export-html.js';
import { emptyRun, fold } from '../../../static/fold.js';
import { readEvent } from '../../../static/events.js';
import { namesOf } from '../../../static/view/tools/chain.js';
import * as run from '../runs.mjs';
import { eventsOf, kinds } from '../transcripts.mjs';

const stateOf = (events) => run.numbered(events).reduce((state, { seq, ...event }) => fold(state, readEvent(event, seq)), emptyRun);
const of = (state) => exported(state, { ...namesOf(state, (id) => id), status: 'Complete', link: 'http://127.0.0.1:8080/orchestrator?run=x' });
const SOURCES = [{ title: 'A *review*', url: 'https://example.org/review' }, { title: 'No address', url: 'javascript:alert(1)' }];
const ANSWER = '# Solar\n\nYes [1], \\$5.\n\n```\na\n```\n\n| a | b |\n|---|---|\n| 1 | $x^2$ |\n\n![chart](figure-1.png)\n\n- one\n  - two\n\n[^n]: note\n';

test('a run as Markdown: question and answer as they were written, sources and steps behind them', () => {
  const markdown = markdownOf(of(stateOf(run.answeredRun('Did *solar* pass\ncoal?', ANSWER, { sources: SOURCES }))));
  assert.ok(markdown.startsWith('# Question\n\nDid *solar* pass\ncoal?\n\nComplete\n<http://127.0.0.1:8080/orchestrator?run=x>\n\n# Answer\n\n# Solar\n'), markdown.slice(0, 200));
  assert.ok(markdown.includes(ANSWER));
  assert.ok(markdown.includes('1. [A \\*review\\*](<https://example.org/review>)\n   > Solar passed coal.\n2. No address\n'));
  assert.ok(markdown.includes('### search\n\n“solar coal EU 2025” · 2 results · done · 1.0 s\n\nInput:\n\n```\n{\n  "query": "solar coal EU 2025"\n}\n```\n'));
});

test('code in a step never ends its block', () => {
  const markdown = markdownOf(of(stateOf([run.start(), run.call(1, 'c', 'x', { code: '````\n```` x' }), run.result(1, 'c', 'x', 'a'), run.complete()])));
  assert.match(markdown, /\n`````\n/);
});

test('a run as a web page: the answer is set, and each number leads to its source', () => {
  const html = htmlOf(of(stateOf(run.answeredRun('Did <b>solar</b> pass?', ANSWER, { sources: SOURCES }))), new Map([['figure-1.png', 'data:image/png;base64,AAAA']]));
  for (const part of ['<h1 class="lines" dir="auto">Did &#60;b&#62;solar', '<h2 dir="auto">Solar</h2>', '<a href="#source-1">1</a>', '<li id="source-1"><a href="https://example.org/review"', '<td>1</td><td><math><msup><mi>x</mi><mn>2</mn></msup></math></td>',
    '<img alt="figure-1.png" src="data:image/png;base64,AAAA">', '<ul dir="auto"><li><p class="lines" dir="auto">one</p>', 'id="note-n"', "default-src 'none'"]) assert.ok(html.includes(part), part);
  assert.ok(!html.includes('javascript:'), 'a link that is a script');
});

const TAG = /<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)>/g;
const ALLOWED = new Set('html head meta title style body main details summary p h1 h2 h3 h4 h5 h6 ol ul li div pre code a table tr td th blockquote hr br strong em del sup img math mrow mi mn mo mtext mspace mfrac msqrt mroot msup msub msubsup munder mover munderover mtable mtr mtd'.split(' '));
const BITS = ['<', '>', '"', "'", '&', '<script>', '</style>', '<img src=x onerror=alert(1)>', '](javascript:alert(1))', '[a', '![b](', 'https://e.org/"x', '[^', ']: ', '$', '\\text{<b>}', '```', '\n', '| ', '|-|\n', '- ', '> ', '[1]', '&lt;', '😀', '-->', '<!--', '\u202e'];
const hostile = fc.array(fc.oneof(fc.constantFrom(...BITS), fc.string({ maxLength: 2 })), { maxLength: 25 }).map((bits) => bits.join(''));

test('tasks of an answer are boxes with a word in its web page, without a bullet', () => {
  const html = htmlOf(of(stateOf(run.answeredRun('q', '- [x] a\n- [ ] b\n- c\n'))), new Map());
  assert.match(html, /<ul[^>]*><li class="plain"><span role="img" aria-label="Done">☑<\/span> <p[^>]*>a<\/p><\/li><li class="plain"><span role="img" aria-label="To do">☐<\/span> <p[^>]*>b<\/p><\/li><li><p[^>]*>c<\/p><\/li><\/ul>/);
});

test('whatever a run holds, its web page is of the elements that it is made of, and loads and runs nothing', () => {
  fc.assert(fc.property(hostile, hostile, hostile, (query, content, said) => {
    const events = [run.start(query), run.round(1), run.call(1, 'c', said || 'x', { [said]: content }), run.result(1, 'c', said || 'x', { content: said }), run.final(null, content, [{ title: said, url: content }, { title: content, url: `https://e.org/${said}` }]), run.complete()];
    const html = htmlOf(of(stateOf(events)), new Map());
    const body = html.slice(html.indexOf('</style>'));
    assert.equal(html.split('<style>').length, 2);
    const rest = body.replace('</style></head>', '').replace(TAG, (_, close, name, attributes) => {
      assert.ok(ALLOWED.has(name), name);
      for (const [, attribute, value = ''] of attributes.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)) {
        assert.doesNotMatch(attribute, /^(?:on.*|style|srcset|srcdoc|action|formaction)$/);
        if (attribute === 'href' || attribute === 'src') assert.match(value, /^(?:https?:|#|data:image)/);
      }
      return '';
    });
    assert.doesNotMatch(rest, /[<>]/);
  }), { numRuns: 1_000 });
});

for (const kind of kinds) test(`a run of the kind ${kind} can be exported`, () => {
  const whole = of(eventsOf(kind).reduce(fold, emptyRun));
  assert.ok(markdownOf(whole).length > 50 && htmlOf(whole, new Map()).endsWith('</html>\n'));
});
