// Markdown as models write it: what is read of it, that nothing of it is lost, and that what has ended stays as it is while more comes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MOST_BLOCKS, blockAt, start } from '../../../static/markdown.js';

/** The blocks of a text. */
function read(text, isGrowing = false) {
  const found = [];
  for (let place = start; place.at < text.length; ) {
    const one = blockAt(text, place, isGrowing);
    assert.ok(one.to > place.at, `nothing was read at ${place.at} of ${JSON.stringify(text)}`);
    found.push(one);
    place = one.next;
  }
  return found;
}

/** All of the text of a part. */
const textOf = (part) => (typeof part === 'string' ? part : 'unseen' in part ? part.unseen : part.parts.map(textOf).join(''));

/** A part as one would write it in HTML, without what is not seen. */
function html(part) {
  if (typeof part === 'string') return part;
  if ('unseen' in part) return '';
  const inner = part.parts.map(html).join('');
  if (part.kind === 'blank') return '';
  const name = part.tag === 'cell' ? (part.head ? 'th' : 'td') : part.tag === 'text' ? 'pre' : part.tag ?? { paragraph: 'p', heading: `h${part.level}`, rule: 'hr', quote: 'q', item: 'li', table: 'tr', row: 'tr', code: 'code-block', note: 'note' }[part.kind];
  const about = part.url ?? part.number ?? part.name ?? (part.kind === 'note' ? part.about : part.done ? 'done' : '');
  return `<${name}${about === '' ? '' : ` ${about}`}>${inner}</${name}>`;
}
const shown = (text, isGrowing) => read(text, isGrowing).map(({ block }) => html(block)).join('');

for (const [name, text, wanted] of [
  ['a paragraph of lines', 'one\ntwo\n\nthree', '<p>one\ntwo</p><p>three</p>'],
  ['headings', '# One\n### Three\n#hashtag\n####### seven', '<h1>One</h1><h3>Three</h3><p>#hashtag\n####### seven</p>'],
  ['dashes below a line, which models mean as a rule', 'Text\n---\nmore', '<p>Text</p><hr></hr><p>more</p>'],
  ['emphasis', '**b** *i* ***both*** __b__ _i_ ~~d~~', '<p><strong>b</strong> <em>i</em> <em><strong>both</strong></em> <strong>b</strong> <em>i</em> <del>d</del></p>'],
  ['emphasis beside CJK punctuation', '含**「重点」**内容 **真，**她 **注意：**正文', '<p>含<strong>「重点」</strong>内容 <strong>真，</strong>她 <strong>注意：</strong>正文</p>'],
  ['names with underscores, and products', 'snake_case_name a*b*c 2*3*4 __init__.py', '<p>snake_case_name a*b*c 2*3*4 <strong>init</strong>.py</p>'],
  ['money', 'It cost $5 and $6, ~$1,550 → $19 ~ $/PR', '<p>It cost $5 and $6, ~$1,550 → $19 ~ $/PR</p>'],
  ...['$5 and $6', '($5) or ($50)', '$5-$6', '$10k/$20k, US$ and A$', '$HOME/$USER and $PATH', '"$" and "$"', '$3.50/hr vs $4/hr (5$ less)', '$5/month–$6/month', '$1 + $2 = $3', '$20*2 or $30*2', '$10 = €9', '**$148+ → $19**（省 **87%**，年省 ~$1,550）；$15.4/月', 'highs: $125K → $120K → $88K, $60-65K below $65K; $68K-$76K', '~$0.79/m³ … $300/t', '19 $/Monat … 39 $/Monat', '价格 $5 和 $10', '$PATH 和 $HOME', 'US $ 5 and $ 6', '$5\n$6', '\\[not a link\\]'].map((money) => [`no formula: ${money}`, money, `<p>${money.replaceAll('\\', '').replaceAll(/\*\*(.*?)\*\*/g, '<strong>$1</strong>')}</p>`]),
  ...['$x$', '$n$-th', '$E = mc^2$', '$\\alpha$', '$100$', "$f(x)$", '$a < b$', '$10^{-3}$', '$\\text{if the sun shines}$', '$ F_{\\mathrm{min}} \\geqslant S $', '$C \\rightarrow S$', '$2 + 2 = 4$'].map((formula) => [`a formula: ${formula}`, formula, `<p><formula>${formula.split('$')[1]}</formula>${formula.split('$')[2]}</p>`]),
  ['what is escaped', '\\*no\\* \\# 1\\. \\$', '<p>*no* # 1. $</p>'],
  ['code within a line', '`a*b*` ``a`b`` `', '<p><code>a*b*</code> <code>a`b</code> `</p>'],
  ['links', '[t](https://x.y/a_(b)) [bad](javascript:alert(1)) [rel](/a) [](https://x.y)', '<p><a https://x.y/a_(b)>t</a> [bad](javascript:alert(1)) [rel](/a) [](<a https://x.y>https://x.y</a>)</p>'],
  ['pictures, which are links', '![a](https://x.y/i.png)', '<p><a https://x.y/i.png>a</a></p>'],
  ['addresses in a sentence', 'See https://a.b/c. (https://q.r/x) <https://s.t>, xhttps://no', '<p>See <a https://a.b/c>https://a.b/c</a>. (<a https://q.r/x>https://q.r/x</a>) <a https://s.t>https://s.t</a>, xhttps://no</p>'],
  ['references', 'So [1], [2, 3], [4-6][7] and [^n].', '<p>So [<cite 1>1</cite>], [<cite 2>2</cite>, <cite 3>3</cite>], [<cite 4>4</cite>-<cite 6>6</cite>][<cite 7>7</cite>] and <note n>n</note>.</p>'],
  ['numbers as they were written', '1. a\n3. b\n10) c', '<li><mark>1.</mark><p>a</p></li><li><mark>3.</mark><p>b</p></li><li><mark>10)</mark><p>c</p></li>'],
  ['a text between two points', '1. a\n\nText\n\n2. b', '<li><mark>1.</mark><p>a</p></li><p>Text</p><li><mark>2.</mark><p>b</p></li>'],
  ['code within a point', '2. **Do**:\n\n   ```bash\n   ls <x>\n   ```\n3. b', '<li><mark>2.</mark><p><strong>Do</strong>:</p><code-block><pre>ls <x>\n</pre></code-block></li><li><mark>3.</mark><p>b</p></li>'],
  ['points within points, indented by two and by four', '- a\n  - b\n    - c\n- d\n    1. e', '<li><p>a</p><ul><li><p>b</p><ul><li><p>c</p></li></ul></li></ul></li><li><p>d</p><ol><li><mark>1.</mark><p>e</p></li></ol></li>'],
  ['points within points, indented by tabs', '- a\n\t- b\n\t\t- c\n- d', '<li><p>a</p><ul><li><p>b</p><ul><li><p>c</p></li></ul></li></ul></li><li><p>d</p></li>'],
  ['emphasis that is closed behind a bracket or a quote', '**Note (*very*)**: **so "*it*" is** *a**b*** x', '<p><strong>Note (<em>very</em>)</strong>: <strong>so "<em>it</em>" is</strong> <em>a<strong>b</strong></em> x</p>'],
  ['links within links, of which the outer one counts', '[https://a.b/c](https://a.b/c) [a [1] [b](https://b.c)](https://c.d)', '<p><a https://a.b/c>https://a.b/c</a> <a https://c.d>a [1] [b](https://b.c)</a></p>'],
  ['an address before a reference', 'https://a.b/c[^n] https://a.b/c[1]', '<p><a https://a.b/c>https://a.b/c</a><note n>n</note> <a https://a.b/c>https://a.b/c</a>[<cite 1>1</cite>]</p>'],
  ['blanks beside the marks of code', '`` `a` `` ` `', '<p><code>`a`</code> <code> </code></p>'],
  ['headings that are closed', '## a ##\n# b#', '<h2>a</h2><h1>b#</h1>'],
  ['code whose marks are indented', '  ```\n  a\n    b\n  ```', '<code-block><pre>a\n  b\n</pre></code-block>'],
  ['breaks that are written out', 'a\\\nb', '<p>a\nb</p>'],
  ['files of the run', '![a](figure-1.png) [b](sandbox:/mnt/data/sums.csv) ![c](/api/runs/x/artifacts/d.png?version=1) [e](mailto:a@b.de) [f](../g)', '<p><file figure-1.png>![a](figure-1.png)</file> <file sums.csv>[b](sandbox:/mnt/data/sums.csv)</file> <file d.png>![c](/api/runs/x/artifacts/d.png?version=1)</file> [e](mailto:a@b.de) [f](../g)</p>'],
  ['footnotes', 'a[^1]\n[^1]: The *note*\n  goes on\n\n  - here\n[^b]: c', '<p>a<note 1>1</note></p><note 1><mark>1</mark><p>The <em>note</em>\ngoes on</p><ul><li><p>here</p></li></ul></note><note b><mark>b</mark><p>c</p></note>'],
  ['formulas', '$x_1$, $$a+b$$, \\(c\\) and \\[d = 1\\]', '<p><formula>x_1</formula>, <formula>a+b</formula>, <formula>c</formula> and <formula>d = 1</formula></p>'],
  ['a formula over lines that begin like points', '$$\na\n- b\n+ c\n$$\nso\n- d', '<p><formula>\na\n- b\n+ c\n</formula></p><p>so</p><li><p>d</p></li>'],
  ['a formula that is not closed', '$$\na\n- b\n\n- c', '<p>$$\na\n- b</p><li><p>c</p></li>'],
  ['tasks', '- [x] done\n* [ ]  open\n+ [X] **so**\n1. [\t] four', '<li><task done>[x]</task><p>done</p></li><li><task>[ ]</task><p>open</p></li><li><task done>[X]</task><p><strong>so</strong></p></li><li><mark>1.</mark><task>[\t]</task><p>four</p></li>'],
  ['tasks within tasks', '- [ ] a\n  - [x] b\n    1. [x] c\n- d', '<li><task>[ ]</task><p>a</p><ul><li><task done>[x]</task><p>b</p><ol><li><mark>1.</mark><task done>[x]</task><p>c</p></li></ol></li></ul></li><li><p>d</p></li>'],
  ['what looks like a task and is none', '- [x]done\n- [y] a\n- [] b\n- a [x] c\n- \\[x] d\n- [x](https://a.b/c)\n\n[x] e\n- [x]', '<li><p>[x]done</p></li><li><p>[y] a</p></li><li><p>[] b</p></li><li><p>a [x] c</p></li><li><p>[x] d</p></li><li><p><a https://a.b/c>x</a></p></li><p>[x] e</p><li><p>[x]</p></li>'],
  ['a table', '| a | b |\n|---|:-:|\n| `x|y` | 1\\|2 |\nc | d', '<tr><th>a</th><th>b</th></tr><tr><td><code>x|y</code></td><td>1|2</td></tr><tr><td>c</td><td>d</td></tr>'],
  ['code with a bar in a cell', '|a|b|\n|-|-|\n|`p\\|q`|**`r\\|s`**|', '<tr><th>a</th><th>b</th></tr><tr><td><code>p|q</code></td><td><strong><code>r|s</code></strong></td></tr>'],
  ['a line break in a cell', '|a|\n|-|\n|x<br>y|', '<tr><th>a</th></tr><tr><td>x<br></br>y</td></tr>'],
  ['bars that are no table', 'a | b\nc | d', '<p>a | b\nc | d</p>'],
  ['a quote', '> a\n> - b\n\nc', '<q><p>a</p><ul><li><p>b</p></li></ul></q><p>c</p>'],
  ['code', '```js\nlet x;\n```\n~~~\n```\n~~~', '<code-block><pre>let x;\n</pre></code-block><code-block><pre>```\n</pre></code-block>'],
  ['code that is not closed', '```\na\n\n# b', '<code-block><pre>a\n\n# b</pre></code-block>'],
  ['code in longer fences', '````md\n```\nx\n```\n````\ny', '<code-block><pre>```\nx\n```\n</pre></code-block><p>y</p>'],
  ['lines that are indented, which are no code', '    x', '<p>    x</p>'],
  ['HTML, which is text', '<b>x</b> <script>1</script> &amp; <sup>2</sup>', '<p><b>x</b> <script>1</script> &amp; <sup>2</sup></p>'],
  ['line ends of Windows', '# a\r\n\r\n- b\r\n', '<h1>a</h1><li><p>b</p></li>'],
]) test(`what is read: ${name}`, () => assert.equal(shown(text), wanted));

test('what is open at the end of a text that grows is taken for closed there', () => {
  for (const [text, wanted] of [['a **b', '<p>a <strong>b</strong></p>'], ['`co', '<p><code>co</code></p>'], ['*a **b', '<p><em>a <strong>b</strong></em></p>'], ['a **', '<p>a **</p>'], ['~~x', '<p><del>x</del></p>']]) {
    assert.equal(shown(text, true), wanted);
    assert.equal(shown(text), `<p>${text}</p>`);
  }
});

const BITS = ['$', '$$', '\\[', '\\]', '\\(x\\)', '[^n]: ', '![a](b.png)', '\t', '*', '**', '_', '`', '```\n', '~~~\n', '\n', '\n\n', '- ', '1. ', '> ', '# ', '| a | b |\n', '|---|--:|\n', '|', '[a](http://x.y)', '[1]', '[^n]', '!', '\\', '<br>', 'word', ' ', '  ', '    ', 'x', '~~', '---\n', '[x] ', 'https://a.b/c', '真，', '\r\n', '😀', '[', '](', ')', '\ud83d'];
const markdown = fc.array(fc.oneof(fc.constantFrom(...BITS), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 40 }).map((bits) => bits.join(''));

test('nothing of a text is lost, and its order is kept', () => {
  fc.assert(fc.property(markdown, fc.boolean(), (text, isGrowing) => assert.equal(read(text, isGrowing).map(({ block }) => textOf(block)).join(''), text)), { numRuns: 3_000 });
});

test('a block that has ended stays as it is, whatever follows, and is what the whole text makes of it', () => {
  fc.assert(fc.property(markdown, (text) => {
    const whole = read(text);
    for (let length = 0; length <= text.length; length += 1) {
      const ended = read(text.slice(0, length), true);
      for (let at = 0; ended[at]?.whole; at += 1) assert.deepEqual(ended[at].block, whole[at].block);
    }
  }), { numRuns: 300 });
});

// Found in the field: what others' readers took a time for that grows as the square of the text, or never came back from.
test('a text of 200,000 characters is read whatever it repeats', () => {
  for (const unit of ['*]', '[', '[ (](', '*_', '`a ``b ', '*x *x ', '- *', '![', '[a](', '**a', '<', 'http://', '\\', '_a_*', '~', '`', '$x ', '- 1. * + ', '> ', '|', '* ', ' - ', '```\nx\n```\n', '\n', '[^a]: ', '#', '\t', '+ _', '| a | b |\n', '$', '$x', '$$', '$$\n', '\\[', '\\(a', '$a$b', '![a](b.c)', '[^a]', '> - 1. ', '|', '\\|', '**(', '*a**', '___', '[1]', '<https://a.b/']) {
    const text = unit.repeat(Math.ceil(200_000 / unit.length));
    assert.equal(read(text).map(({ block }) => textOf(block)).join(''), text, unit);
  }
});

test('quotes and lists 10,000 deep are read, and none of their text is lost', () => {
  for (const mark of ['> ', '- ', '1. ', '> - ', '>', '* > ']) {
    const deep = `${mark.repeat(10_000)}x\n`;
    const staged = Array.from({ length: 400 }, (_, depth) => `${mark === '> ' ? mark.repeat(depth) : `${'  '.repeat(depth)}${mark}`}x\n`).join('');
    for (const text of [deep, staged]) assert.equal(read(text).map(({ block }) => textOf(block)).join(''), text, mark);
  }
});

test('blocks are set as code up to a bound, and what stands behind them is left as it was written', () => {
  const blocks = read('```\nx\n```\n'.repeat(MOST_BLOCKS + 9));
  assert.equal(blocks.filter(({ block }) => block.kind === 'code').length, MOST_BLOCKS);
  assert.equal(textOf(blocks.at(-1).block).trim().endsWith('```'), true);
});
