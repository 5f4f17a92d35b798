// Formulas as models write them: what is read of them, beside what a full reader of TeX makes of them, and what is left as it was written.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import temml from 'temml';
import { readFormula } from '../../../static/tex.js';

const STRUCTURE = ['mfrac', 'msqrt', 'mroot', 'msup', 'msub', 'msubsup', 'munder', 'mover', 'munderover', 'mtable', 'mtr', 'mtd'];
/** Signs that look alike. */
const ALIKE = ['|∣', '‖∥', '-−', '*∗', '^ˆ', '~˜', '‾¯ˉ\u0304\u0305', '⊥⟂', '.˙\u0307', '→⃗', "'′"].map((signs) => [...signs]);
const LIKE = new Map(ALIKE.flatMap(([first, ...others]) => others.map((other) => [other, first])));
const characters = (text) => [...text.replace(/[\s\u00a0\u2009\u2061-\u2064\ufe00-\ufe0f\u200b]/gu, '').replaceAll('″', "''")].map((character) => LIKE.get(character) ?? (character === '‾' ? character : character.normalize('NFKC'))).join('').normalize();

/** What a formula says and how it is built, without what only spaces it. */
function skeleton(tree) {
  if (typeof tree === 'string') return characters(tree);
  const [tag, , ...children] = tree;
  if (tag === 'mspace' || tag === 'annotation') return '';
  const inner = children.map(skeleton);
  return STRUCTURE.includes(tag) ? `${tag}(${inner.join(tag === 'mtd' || tag === 'msqrt' ? '' : ';')})` : inner.join('');
}

/** Another reader's MathML, as a tree. */
function parsed(markup) {
  const stack = [['', {}]];
  for (const [, close, name, text] of markup.matchAll(/<(\/?)([a-z]+)[^>]*>|([^<]+)/g)) {
    if (text !== undefined) stack.at(-1).push(text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&'));
    else if (close) stack.at(-2).push(stack.pop());
    else stack.push([name, {}]);
  }
  return stack[0][2];
}

const FORMULAS = String.raw`
E = mc^2
a^2 + b^2 = c^2
x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
\sum_{i=1}^{n} i = \frac{n(n+1)}{2}
\int_0^\infty e^{-x^2} \, dx = \frac{\sqrt{\pi}}{2}
\frac{d}{dx} \sin x = \cos x
\lim_{x \to 0} \frac{\sin x}{x} = 1
\nabla \cdot \mathbf{E} = \frac{\rho}{\varepsilon_0}
\begin{pmatrix} a & b \\ c & d \end{pmatrix}
\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}
\begin{vmatrix} a & b \\ c & d \end{vmatrix} = ad - bc
|x| = \begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases}
\left( \frac{a}{b} \right)^2
\left\lfloor x \right\rfloor
\left[ 0, 1 \right)
\sqrt[3]{27} = 3
\hat{y} = \bar{x} + \tilde{z}
\vec{v} \times \vec{w}
AB \parallel CD
\underbrace{a + b}_{n}
\overbrace{a + b}^{n}
P(A \mid B) = \frac{P(B \mid A) P(A)}{P(B)}
\mathbb{R}^n \to \mathbb{R}
\mathcal{L}(\theta) = -\log p(y)
\text{rate} = \frac{\text{km}}{\text{h}}
60 \text{ km/h} \times 2 \text{ h} = 120 \text{ km}
\binom{n}{k} = \frac{n!}{k!(n-k)!}
x_1, x_2, \ldots, x_n
f''(x) = f'(x)
x_{i+1}^{2}
a \leq b \neq c \approx d
A \cup B \subseteq C \cap D
\forall x \in X \; \exists y
p \implies q \iff r
\alpha\beta\gamma \Gamma\Delta\Omega
\operatorname{softmax}(z)
10^{-3}
\frac12
\tfrac{1}{2} + \dfrac{3}{4}
\prod_{k=1}^{\infty} \left(1 + \frac{1}{k^2}\right)
\oint_C \vec{F} \cdot d\vec{r}
\partial_t u = \Delta u
\max_{x \in S} f(x)
\underset{x}{\arg\min} f(x)
a \equiv b \pmod{n}
\{ x \in \mathbb{Z} : x > 0 \}
\langle u, v \rangle
\| x \|_2
\lceil x \rceil
90^\circ
\frac{\partial f}{\partial x}
x \mapsto x^2
\mathrm{kg} \cdot \mathrm{m}
\sum_{\substack{i < n \\ j < m}} a_{ij}
\hbar \omega
\angle ABC
\not= 
a \cdot b \div c
\ln x + \log_{10} x
\cdots + \vdots
\big( x \big)
\Bigl[ y \Bigr]
\dot{x} + \ddot{x}
e^{i\pi} + 1 = 0
{a \over b}
`.trim().split('\n');

test('formulas say what a full reader of TeX has them say, and are built alike', () => {
  const others = [];
  for (const tex of FORMULAS) {
    const tree = readFormula(tex, true);
    if (tree === null) others.push(tex);
    if (tree === null) continue;
    const [ours, theirs] = [skeleton(tree), skeleton(parsed(temml.renderToString(tex, { displayMode: true })))];
    assert.equal(ours, theirs, tex);
  }
  assert.deepEqual(others, ['{a \\over b}']);
});

for (const [tex, wanted] of [['\\overline{AB}', 'mover(AB;‾)'], ['\\xrightarrow{f}', 'mover(→;f)'], ['\\boxed{x}', 'x'], ['x = 1 \\tag{2}', 'x=1(2)'], ['a &= b \\\\[2pt] &= c', 'mtable(mtr(mtd(a);mtd(=b));mtr(mtd();mtd(=c)))'], ['1,000.5', '1,000.5'], ['\\{1,2\\}', '{1,2}'], ['f^2_1', 'msubsup(f;1;2)'], ['% note\nx', 'x'], ['x\\\\', 'x']]) {
  test(`a formula: ${tex}`, () => assert.equal(skeleton(readFormula(tex, true)), wanted));
}

for (const [name, tex] of Object.entries({
  'a command that is not known': '\\unknown{x}',
  'what would change the page': '\\href{javascript:alert(1)}{x}',
  'what would name a picture': '\\includegraphics{https://foreign.example/x.png}',
  'what would set a style or a name': '\\htmlStyle{position:fixed}{x} \\cssId{run}{x}',
  'a definition': '\\def\\x{\\x\\x}\\x',
  'a group that is not closed': '{a',
  'a group that is not opened': 'a}',
  'a script without what it stands at': 'x^',
  'two scripts at one place': 'a_b_c',
  'an environment that is not closed': '\\begin{matrix} a',
  'an environment that is closed as another': '\\begin{matrix} a \\end{pmatrix}',
  'one side of two': '\\left( a',
  nothing: '  ',
  'a dollar': 'a$b',
  'groups too deep': '{'.repeat(100) + '}'.repeat(100),
  'too much': 'x'.repeat(2_000),
})) test(`a formula is left as it was written: ${name}`, () => assert.equal(readFormula(tex, false), null));

const BITS = ['\\frac', '\\sqrt', '{', '}', '^', '_', '&', '\\\\', '\\left', '\\right', '(', ')', '|', '\\begin{matrix}', '\\end{matrix}', '\\text{a b}', "'", '1', '23', 'x', ' ', '[', ']', '\\alpha', '\\sum', '\\hat', '\\mathbb', '\\not', '\\', '%', '~', '\\limits', '\\begin{', '😀', '\\{'];
const TAGS = ['math', 'mrow', 'mi', 'mn', 'mo', 'mtext', 'mspace', ...STRUCTURE];
const ATTRIBUTES = ['display', 'class', 'mathvariant', 'stretchy', 'accent', 'movablelimits', 'form', 'lspace', 'rspace', 'width', 'fence', 'minsize', 'maxsize', 'displaystyle', 'linethickness'];

test('whatever stands in a formula, nothing but elements and attributes of MathML comes of it', () => {
  const check = (tree) => {
    if (typeof tree === 'string') return;
    const [tag, attributes, ...children] = tree;
    assert.ok(TAGS.includes(tag), tag);
    for (const name of Object.keys(attributes)) assert.ok(ATTRIBUTES.includes(name), name);
    const arity = { mfrac: 2, mroot: 2, msup: 2, msub: 2, munder: 2, mover: 2, msubsup: 3, munderover: 3 }[tag];
    if (arity) assert.equal(children.length, arity, tag);
    children.forEach(check);
  };
  fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...BITS), fc.string({ unit: 'binary', maxLength: 2 })), { maxLength: 30 }), fc.boolean(), (bits, isDisplay) => {
    const tree = readFormula(bits.join(''), isDisplay);
    if (tree) check(tree);
  }), { numRuns: 5_000 });
});
