// What models, tools and pages may write to harm whoever reads it: it stays text. Nothing of it runs, loads, covers the page, leaves its column,
// or takes the name of a part of the page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WIDE, assertNoSidewaysScroll, at, ended, onPage, soon } from '../on-page.mjs';
import * as run from '../runs.mjs';

const FAR = 'https://foreign.example';

/** What an answer may say. */
const ANSWERS = {
  'a link that is a script': '[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c]( javascript:alert(1)) [d](<javascript:alert(1)>)',
  'a link that is a script, escaped': '[a](java&#115;cript:alert(1)) [b](\\javascript:alert(1)) [c](javascript&colon;alert(1)) [d](java\tscript:alert(1))',
  'links of other schemes': '[a](data:text/html,<script>alert(1)</script>) [b](vbscript:x) [c](blob:https://x/y) [d](file:///etc/passwd) [e](filesystem:https://x/y) [f](about:blank)',
  'a link without a scheme': `[a](//foreign.example/x) [b](\\\\foreign.example/x) [c](/api/runs) [d](?run=x) [e](#answer)`,
  'an address with who asks': '<https://user:password@foreign.example/> https://example.org@foreign.example/ [https://example.org](https://foreign.example/)',
  'a link whose text breaks out': '[a"onmouseover="alert(1)](https://example.org/"onmouseover="alert(1))',
  'an address that breaks out': 'https://example.org/"onmouseover="alert(1) https://example.org/\'><img src=x onerror=alert(1)>',
  'a title that breaks out': '[a](https://example.org "x" onmouseover="alert(1)")',
  'a link that is defined elsewhere': '[a][b] ![c][b]\n\n[b]: javascript:alert(1)\n[b]: https://foreign.example/x.png',
  'a link that turns the direction of the text': '[\u202ecod.elpmaxe\u202c](https://foreign.example/) https://foreign.example/\u202egro.elpmaxe',
  'a picture that is loaded from afar': `![a](${FAR}/x.png?q=secret) ![](${FAR}/y.png) [![z](${FAR}/z.png)](${FAR}/)`,
  'a picture that is a script': '![a](javascript:alert(1)) ![b](data:image/svg+xml,<svg onload=alert(1)>) ![c](x" onerror="alert(1))',
  'a picture of this service': '![a](/api/runs/x/artifacts/x.svg) ![b](/static/favicon.svg) ![c](../../api/config) ![d](figure-1.png)',
  'a picture without an end': `![a](${FAR}/x.png`,
  scripts: '<script>alert(1)</script><SCRIPT SRC=//foreign.example/x.js></SCRIPT><script type=module>import("/x")</script>',
  'elements that load': `<img src=${FAR}/x onerror=alert(1)><video src=${FAR}/v onerror=alert(1)><audio src=${FAR}/a><link rel=stylesheet href=${FAR}/s.css><object data=${FAR}/o></object><embed src=${FAR}/e>`,
  'elements that run by themselves': '<svg onload=alert(1)><details open ontoggle=alert(1)><input autofocus onfocus=alert(1)><marquee onstart=alert(1)><body onload=alert(1)><style onload=alert(1)></style>',
  'frames': `<iframe src=${FAR}></iframe><iframe srcdoc="<script>parent.alert(1)</script>"></iframe><frameset onload=alert(1)>`,
  'forms': `<form action=${FAR}><input name=password><button formaction=javascript:alert(1)>Ask</button></form><isindex action=${FAR}>`,
  'what changes the page': `<base href=${FAR}><meta http-equiv=refresh content="0;url=${FAR}"><meta http-equiv=Content-Security-Policy content="script-src *"><title>x</title>`,
  'styles': '<style>body{display:none}</style><p style="position:fixed;inset:0;z-index:9999">x</p><div class="card" style="background:url(https://foreign.example/x)">y</div>',
  'what covers the page': '<dialog open style="position:fixed;inset:0">Your key, please</dialog><div id="confirm" class="banner danger">x</div><div popover id=p>y</div>',
  'parts that end and begin again': '</div></section></main></body></html><script>alert(1)</script><body><main id=main>',
  'comments and declarations': '<!--><script>alert(1)</script>--><![CDATA[<script>alert(1)</script>]]><?xml-stylesheet href="javascript:alert(1)"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;',
  'names of the page': '<a id=answer></a><a id=query name=value><img name=getElementById><form id=composer name=body><input name=attributes></form><a id=__proto__>',
  'an element that hides others from a reader of HTML': '<noscript><p title="</noscript><img src=x onerror=alert(1)>"><template><script>alert(1)</script></template><textarea><img src=x onerror=alert(1)></textarea>',
  'SVG that runs': '<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>x</text></a><animate onbegin=alert(1) attributeName=x dur=1s></svg>',
  'SVG that loads': `<svg><use href="${FAR}/x.svg#y"/><image href="${FAR}/x.png"/><foreignObject><iframe src=${FAR}></iframe></foreignObject><feImage href="${FAR}/z"/></svg>`,
  'SVG within code that names itself so': '```svg\n<svg onload=alert(1)></svg>\n```\n```html\n<script>alert(1)</script>\n```\n```mermaid\ngraph TD; A[<img src=x onerror=alert(1)>]-->B; click A "javascript:alert(1)"\n```',
  'MathML that runs': '<math><maction actiontype="statusline#https://foreign.example" xlink:href="javascript:alert(1)">x</maction><mtext><img src=x onerror=alert(1)></mtext><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>',
  'MathML that turns into HTML': '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">',
  'a formula that leads away': '$\\href{javascript:alert(1)}{x}$ $$\\url{https://foreign.example}$$ $\\includegraphics{https://foreign.example/x.png}$',
  'a formula that sets styles and names': '$\\htmlId{answer}{x}$ $\\style{position:fixed}{x}$ $\\htmlClass{card}{x}$ $\\cssId{query}{x}$ $\\unicode[x; color: red]{120}$',
  'a formula of HTML': '$\\text{<img src=x onerror=alert(1)>}$ $x < \\text{</math><script>alert(1)</script>}$ $<script>alert(1)</script>$',
  'a formula that defines itself': '$\\def\\x{\\x\\x}\\x$ $\\newcommand{\\y}{\\y\\y}\\y$ $$\\let\\text\\relax$$',
  'a formula that is very large': `$$\\rule{10000em}{10000em} \\hspace{99999em} \\kern99999em x$$ $\\Huge{\\Huge{x}}$ $${'\\frac{1}{'.repeat(60)}x${'}'.repeat(60)}$$`,
  'a formula that is very wide': `$$${'x + '.repeat(300)}x$$`,
  'a table of HTML': '| <script>alert(1)</script> | <img src=x onerror=alert(1)> |\n|---|---|\n| <td style="position:fixed"> | [x](javascript:alert(1)) |\n| </table><script>alert(1)</script> | ![y](https://foreign.example/y.png) |',
  'a table that is very wide': `|${' x |'.repeat(200)}\n|${'-|'.repeat(200)}\n|${` ${'y'.repeat(500)} |`.repeat(5)}`,
  'a footnote named like a part of an object': 'a[^__proto__] b[^constructor] c[^toString] d[^answer]\n\n[^__proto__]: x\n[^constructor]: y\n[^answer]: z',
  'a footnote whose name breaks out': 'a[^"><img>] b[^x y] c[^#main]\n\n[^"><img>]: x\n[^x\']: <script>alert(1)</script>',
  'a footnote that means itself': 'a[^a]\n\n[^a]: b[^a] [^b]\n[^b]: [^a]',
  'a number that leads elsewhere': '[1](javascript:alert(1)) [2](#answer) [999] [0] [-1] [1e9]',
  'a list of sources of its own that leads elsewhere': 'See [1].\n\n[1]: javascript:alert(1)\n[1] https://foreign.example/x',
  'code whose language breaks out': '```"><img/src=x/onerror=alert(1)>\nx\n```\n```constructor\ny\n```\n```js onload=alert(1)\nz\n```\n~~~__proto__\nw\n~~~',
  'code that ends its element': '`</code><script>alert(1)</script>` ```</code></pre><img src=x onerror=alert(1)>```',
  'a name that breaks out of a file': '![x](a"onerror="alert(1).png) [y](x<script>.csv) [z](__proto__.js) ![w](constructor.png)',
  'one word that never ends': 'W'.repeat(5_000),
  'marks upon marks': `Z${'\u0310\u0336\u035c'.repeat(300)}algo`,
  'characters that are not seen': 'a\u0000b\u200bc\u2028d\u2029e\ufeffg\u00adh\u{e0041}\u{e0042}i\ud800j',
  'a text that turns around': '\u202e\u2067'.repeat(50) + 'abc' + '\u0627\u0644'.repeat(50),
  'deep quotes and lists': `${'> '.repeat(400)}x\n\n${'- '.repeat(400)}y`,
  'a request to whoever reads': '# Session expired\n\n[Sign in again](https://foreign.example/login) <button onclick=alert(1)>Stop</button>',
};

/** What stands around an answer: events with a hostile text in them. */
const H = '<img src=x onerror=alert(1)><script>alert(2)</script> ![x](https://foreign.example/x.png) [y](javascript:alert(3)) $\\href{javascript:alert(4)}{z}$';
const AROUND = {
  'the question': (events) => events.map((event) => (event.event === 'start' ? { ...event, query: H } : event)),
  'what the orchestrator thinks': (events) => events.toSpliced(2, 0, run.thinking(1, H)),
  'the name of a tool and what it is called with': (events) => events.toSpliced(4, 0, run.call(1, 'h', H, { [H]: H }), run.result(1, 'h', H, { [H]: [H] })),
  'what a tool says went wrong': (events) => events.toSpliced(4, 0, run.call(1, 'h', 'search', { query: H }), run.result(1, 'h', 'search', { error: { code: H, message: H, retryable: false } }, { ok: false })),
  'the name of a model and why it was asked again': (events) => events.toSpliced(4, 0, run.call(1, 'h', 'enhance_reasoning', { problem: H }, { model: H }), run.retry('h', 2, { reason: H, model: H }), run.result(1, 'h', 'enhance_reasoning', run.answered(H))),
  'what a search found': (events) => events.toSpliced(4, 0, run.call(1, 'h', 'search', { query: H }), run.result(1, 'h', 'search', { ...run.found, results: [{ title: H, snippet: H, url: 'javascript:alert(1)' }, { title: H, snippet: H, url: `${FAR}/"onmouseover="alert(1)` }] })),
  'what was read of a page': (events) => events.toSpliced(4, 0, run.call(1, 'h', 'read_url', { url: 'javascript:alert(1)' }), run.result(1, 'h', 'read_url', { url: 'javascript:alert(1)', title: H, text: H, links: [{ text: H, url: 'javascript:alert(1)' }], artifacts: [{ name: H, url: `${FAR}/x.png`, media_type: 'image/png', bytes: 1 }] })),
  'what a program printed and the files that it made': (events) => events.toSpliced(4, 0, run.call(1, 'h', 'code_interpreter', { code: H }), run.result(1, 'h', 'code_interpreter', { success: true, stdout: H, stderr: H, artifacts: [{ name: H, url: `//foreign.example/x.png`, media_type: 'image/png', bytes: 1 }, { name: 'x.svg', url: '/api/runs/x/artifacts/../../../static/favicon.svg', media_type: 'image/svg+xml', bytes: 1 }, { name: 'y.png', url: 'data:image/png;base64,AAAA', media_type: 'image/png', bytes: 1 }] })),
  'the sources': (events) => events.map((event) => (event.event === 'final_answer' ? { ...event, sources: [{ title: H, url: 'javascript:alert(1)' }, { title: H, url: `${FAR}/x` }, { [H]: H }, H] } : event)),
  'why it goes on elsewhere': (events) => events.toSpliced(4, 0, run.suspended({ reason: H }), run.resumed({ reason: H })),
};

/** What is on the page that must not be there. */
const foreign = (page) => page.evaluate(() => {
  const found = [];
  const parts = [...document.querySelectorAll('#question, #progress, #steps, #answer, #files, #rail, #banners')];
  const all = parts.flatMap((part) => [...part.querySelectorAll('*')]);
  const every = [...all, ...all.flatMap((node) => (node.shadowRoot ? [...node.shadowRoot.querySelectorAll('*')] : []))];
  for (const node of every) {
    if (['script', 'iframe', 'frame', 'object', 'embed', 'link', 'style', 'base', 'meta', 'form', 'input', 'textarea', 'svg', 'video', 'audio', 'template', 'dialog', 'maction', 'annotation-xml'].includes(node.localName)) found.push(`element ${node.localName}`);
    if (node.localName === 'img' && !node.src.startsWith('blob:') && node.getAttribute('src') !== null) found.push(`picture ${node.src}`);
    if (node.localName === 'button' && !node.matches('.copy, .secondary, .quiet, [type=button]')) found.push('button');
    for (const { name, value } of node.attributes) {
      if (/^on|^(?:srcdoc|formaction|action|xlink:href|name|popover|autofocus)$/.test(name)) found.push(`attribute ${name}`);
      if (name === 'style' && !node.matches('.bar')) found.push('style');
      if (name === 'id' && !/^(?:footnote|source)-\d+$/.test(value)) found.push(`id ${value}`);
      if (name === 'href' && !/^(?:https?:\/\/|#(?:footnote|source)-\d+$|\/api\/runs\/[^/]+\/artifacts\/|\/orchestrator\?run=)/.test(value)) found.push(`link ${value}`);
      if (name === 'href' && /^https?:/.test(value) && !/\bnoopener\b/.test(node.rel)) found.push(`link that keeps the page ${value}`);
    }
  }
  for (const [selector, name] of [['.brand', 'the name of the page'], ['#query', 'the question field']]) {
    const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
    if (!document.elementFromPoint(x + width / 2, y + height / 2)?.closest(selector)) found.push(`${name} is covered`);
  }
  const column = document.querySelector('main .column').getBoundingClientRect();
  for (const part of document.querySelectorAll('#answer .prose > *')) {
    const { left, right, width } = part.getBoundingClientRect();
    if (width > 0 && (left < column.left - 1 || right > column.right + 1)) found.push(`${part.localName} leaves its column`);
  }
  for (const id of ['answer', 'query', 'composer', 'main', 'run']) if (document.querySelectorAll(`[id="${id}"]`).length !== 1 || !(document.getElementById(id) instanceof HTMLElement)) found.push(`#${id} is another`);
  return [...new Set(found)];
});

/** Shows one run after another on a page. */
async function shown(page, events) {
  await page.unroute('**/api/runs/*/events?*');
  await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: run.streamed(events) }));
  await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
  await ended(page);
}

const groups = Object.entries(ANSWERS).reduce((all, entry, index) => {
  (all[Math.floor(index / 10)] ??= []).push(entry);
  return all;
}, []);
for (const [index, group] of groups.entries()) {
  test(`an answer stays text, whatever it says: part ${index + 1}`, () =>
    onPage(async (page) => {
      for (const [name, content] of group) {
        await shown(page, run.answeredRun('q', content, { sources: [{ title: 'A', url: 'https://example.org/a' }] }));
        await soon.equal(() => page.locator('#answer .prose').textContent(), content);
        await soon.deepEqual(() => foreign(page), []);
        await assertNoSidewaysScroll(page);
        for (const button of await page.locator('#answer .copy').all()) await button.click({ timeout: 2_000 });
        assert.deepEqual(await foreign(page), [], name);
      }
    }, { permissions: ['clipboard-read', 'clipboard-write'] }));
}

test('what stands around an answer stays text, whatever it says, in each step that is opened', () =>
  onPage(async (page) => {
    for (const [name, change] of Object.entries(AROUND)) {
      await shown(page, change(run.answeredRun('q', H, { sources: [{ title: 'A', url: 'https://example.org/a' }] })));
      for (const summary of await page.locator('#steps summary').all()) await summary.click();
      await ended(page);
      await soon.deepEqual(() => foreign(page), []);
      await assertNoSidewaysScroll(page);
      assert.ok(await page.locator('#answer .prose').isVisible(), name);
    }
  }, { viewport: WIDE }));
