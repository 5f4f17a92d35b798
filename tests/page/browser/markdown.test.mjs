// What a model writes as Markdown is set as that.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feedable } from '../feed.mjs';
import { NARROW, WIDE, assertNoSidewaysScroll, ended, onPage, openRecorded, shot, soon, textOf } from '../on-page.mjs';
import { png } from '../pictures.mjs';
import * as run from '../runs.mjs';

const SAMPLE = `# Solar and coal

In 2024 **solar** passed *coal* in the EU [1]. It cost \`$5\` and $6 a unit, says [the review](https://example.org/review) [2]; see also https://data.example.org/totals.[^a] The energy is $E = mc^2$, and

$$\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}$$

1. First point, with a longer line of text that will surely wrap on a narrow screen.
3. Third, as the model wrote it
   - nested *one*
   - nested two

   \`\`\`python
   def area(r):  # in an item
       return 3.14159 * r ** 2
   \`\`\`

- [x] done
- [ ] to do

| Source | TWh | Share |
|:--|--:|:-:|
| Solar | 304 | **11 %** |
| Coal, "hard" | 269 | 10 % |

![What each gave](figure-1.png)

> A quote
> - with a list

---

~~Old~~ new, snake_case_name, 2*3*4, **真，**她 😀.

مرحبا بالعالم، هذا نص من اليمين إلى اليسار.

\`\`\`js
const x = 1; // one
\`\`\`
<img src=x onerror=alert(1)> a<br>b

[^a]: A footnote, with \`code\`.
`;

const SOURCES = [{ title: 'European electricity review', url: 'https://example.org/review' }, { title: 'Annual totals', url: 'https://data.example.org/totals' }];
const FIGURE = { name: 'figure-1.png', media_type: 'image/png', bytes: 70, url: `/api/runs/${run.start().run_id}/artifacts/figure-1.png?version=1` };

/** A run that has drawn a figure, searched, and answers this. */
function withFigure(content) {
  const events = run.answeredRun('Did solar pass coal?', content, { sources: SOURCES });
  return events.toSpliced(5, 0, run.call(1, 'c0', 'code_interpreter', { code: 'plot()' }), run.result(1, 'c0', 'code_interpreter', { success: true, artifacts: [FIGURE] }));
}

const servesFigure = (page) => page.route('**/artifacts/**', (route) => route.fulfill({ status: 200, contentType: 'image/png', body: png(8, 5) }));

/** The answer as the model wrote it: what the page adds is no part of its text. */
const answerText = (page) => page.locator('#answer .prose').textContent();

for (const [name, viewport, colorScheme] of [['1440_light', WIDE, 'light'], ['1440_dark', WIDE, 'dark'], ['390_dark', NARROW, 'dark'], ['320_light', { width: 320, height: 640 }, 'light']]) {
  test(`an answer in Markdown, ${name}`, () =>
    onPage(async (page) => {
      await openRecorded(page, run.answeredRun('Did solar pass coal?', SAMPLE, { sources: SOURCES }));
      await ended(page);
      await soon.equal(() => answerText(page), SAMPLE);
      await soon.equal(() => page.locator('#answer table tr').count(), 3);
      await soon.equal(() => page.locator('#answer .formula').evaluateAll((nodes) => nodes.filter((node) => node.shadowRoot?.querySelector('math')).length), 2);
      await assertNoSidewaysScroll(page);
      await page.screenshot({ path: new URL(`../shots/markdown_${name}.png`, import.meta.url).pathname, fullPage: true });
    }, { viewport, colorScheme }));
}

test('a number in the answer leads to its source, which stands beside it with its site and the passage that was found', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', 'Yes [1], and [2, 3]. See [9].', { sources: SOURCES }));
    await ended(page);
    await soon.deepEqual(() => page.locator('#answer .cite').evaluateAll((nodes) => nodes.map((node) => [node.textContent, node.getAttribute('href'), node.getAttribute('aria-label')])), [
      ['1', '#source-1', 'Source 1: European electricity review'],
      ['2', '#source-2', 'Source 2: Annual totals'],
      ['3', null, null],
      ['9', null, null],
    ]);
    await soon.equal(() => textOf(page, '#source-1'), '1 European electricity review\n\nexample.org\n\nSolar passed coal.');
    const before = page.url();
    await page.locator('#answer .cite').nth(1).press('Enter');
    await soon.equal(() => page.url(), `${before}#source-2`);
    await soon.equal(() => page.locator('li:target').innerText(), '2 Annual totals\n\ndata.example.org\n\nBy source.');
    assert.equal(await page.locator('#question').innerText(), 'q');
    await shot(page, 'cited_light_1440');
  }));

test('numbers of an answer that lists its sources itself lead to those', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', 'One [1], two [2], three [3].\n\n[1] Totals: https://data.example.org/totals.\n[2]: https://example.org/review\n- [3] https://elsewhere.example/x', { sources: SOURCES }));
    await ended(page);
    await soon.deepEqual(() => page.locator('#answer p').first().locator('.cite').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href'))), ['#source-2', '#source-1', null]);
  }));

test('a mark leads to its footnote', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', 'A[^n] and B[^none].\n\n[^n]: What is noted.\n[^n]: A second one of that name.\n'));
    await ended(page);
    await soon.deepEqual(() => page.locator('#answer [data-note]').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href'))), ['#footnote-1', null]);
    await page.locator('#answer [data-note]').first().press('Enter');
    await soon.match(() => page.locator('.footnote:target').innerText(), /What is noted\./);
  }));

test('a picture of the run stands where the answer names it, once; another file is a link, and what is none of the run stays as it was written', () =>
  onPage(async (page) => {
    await servesFigure(page);
    await openRecorded(page, withFigure('Before.\n\n![What each gave](sandbox:/mnt/data/figure-1.png)\n\n![no](figure-9.png) ![far](https://foreign.example/x.png) [the same](figure-1.png)'));
    await ended(page);
    await soon.deepEqual(() => page.locator('#answer figure img').evaluateAll((nodes) => nodes.map((node) => [node.alt, node.src.startsWith('blob:'), node.naturalWidth > 0])), [['What each gave', true, true]]);
    await soon.match(() => page.locator('#answer p').last().innerText(), /^!\[no\]\(figure-9\.png\) far the same$/);
    assert.equal(await page.locator('#answer a', { hasText: 'far' }).getAttribute('href'), 'https://foreign.example/x.png');
    await soon.equal(() => page.locator('#files').isVisible(), false);
    await shot(page, 'figure_light_1440');
  }));

test('a table that goes on in the next has its heads there too, for eyes and ears; they are no part of its text, nor of its CSV', () =>
  onPage(async (page) => {
    const rows = Array.from({ length: 850 }, (_, index) => `| row ${index} | ${index} |\n`).join('');
    const content = `| **Name** | No |\n|:--|--:|\n${rows}`;
    await openRecorded(page, run.answeredRun('q', content));
    await ended(page);
    await soon.equal(() => page.locator('#answer .table.goes-on .again').count(), 2);
    await soon.deepEqual(() => page.locator('#answer .again th').evaluateAll((nodes) => nodes.map((node) => [node.dataset.head, node.scope, node.textContent, getComputedStyle(node).textAlign, getComputedStyle(node, '::before').content])), [...Array(2)].flatMap(() => [['Name', 'col', '', 'start', '"Name"'], ['No', 'col', '', 'end', '"No"']]));
    await soon.equal(() => page.locator('#answer table').last().getByRole('columnheader', { name: 'Name', exact: true }).count(), 1);
    await soon.equal(() => answerText(page), content);
    await page.locator('#answer [data-copy="csv"]').press('Enter');
    await soon.deepEqual(async () => (await page.evaluate(() => navigator.clipboard.readText())).split('\r\n').filter((line) => /Name|^,|row 849/.test(line)), ['Name,No', 'row 849,849']);
    await page.locator('#answer .again').first().scrollIntoViewIfNeeded();
    await shot(page, 'table_goes_on_1440');
  }, { permissions: ['clipboard-read', 'clipboard-write'] }));

test('code is copied whole, with what does not fit into one block, and a table as CSV', () =>
  onPage(async (page) => {
    const code = 'let x = "a"; // b\n'.repeat(300);
    await openRecorded(page, run.answeredRun('q', `\`\`\`js\n${code}\`\`\`\n\n| a | b |\n|---|---|\n| **x**, "y" | =1+1 |\n| -5 | \`p\\|q\` |\n`));
    await ended(page);
    await soon.ok(() => page.locator('#answer .fenced.goes-on').count());
    await page.locator('#answer [data-copy="code"]').click();
    await soon.equal(() => page.evaluate(() => navigator.clipboard.readText()), code);
    await soon.equal(() => textOf(page, '#announcer'), 'Copied');
    await page.locator('#answer [data-copy="csv"]').press('Enter');
    await soon.equal(() => page.evaluate(() => navigator.clipboard.readText()), 'a,b\r\n"x, ""y""",\'=1+1\r\n-5,p|q');
    assert.deepEqual(await page.locator('#answer .copy').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('aria-label'))), ['Copy code', 'Copy table as CSV']);
  }, { permissions: ['clipboard-read', 'clipboard-write'] }));

test('code has colours, which are no part of the text', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', '- one\n\n  ```python\n  x = 1  # two\n  ```\n\n```nope\nx = 1\n```\n'));
    await ended(page);
    await soon.deepEqual(() => page.evaluate(() => [...CSS.highlights].map(([name, ranges]) => [name, [...ranges].map(({ startContainer, startOffset, endOffset }) => startContainer.data.slice(startOffset, endOffset))])), [['code-number', ['1']], ['code-comment', ['# two']]]);
    assert.equal(await page.locator('#answer code :not([hidden])').count(), 0);
  }));

test('a formula that cannot be read stays as it was written, and money is none', () =>
  onPage(async (page) => {
    await openRecorded(page, run.answeredRun('q', 'A $\\unknown{x}$ costs $5 and $6, as $x^2$ says.'));
    await ended(page);
    await soon.deepEqual(() => page.locator('#answer .formula').evaluateAll((nodes) => nodes.map((node) => [node.innerText, node.shadowRoot?.textContent ?? null])), [['\\unknown{x}', null], ['', 'x2']]);
    assert.match(await answerText(page), /costs \$5 and \$6, as/);
  }));

test('a task is a box with a word for it, no control, and its text stays as the model wrote it', () =>
  onPage(async (page) => {
    const content = '- [x] Read the review\n- [ ] Write to *them*\n  - [X] draft\n- no task\n1. [ ] numbered\n\n[x] none\n';
    await openRecorded(page, run.answeredRun('q', content));
    await ended(page);
    await soon.equal(() => answerText(page), content);
    await soon.match(() => page.locator('#answer').ariaSnapshot(), /list:\n\s+- listitem:\n\s+- img "Done".*\n\s+- paragraph: Read the review\n\s+- listitem:\n\s+- img "To do".*\n\s+- paragraph:\n\s+- text: Write to\n\s+- emphasis: them\n\s+- list:\n\s+- listitem:\n\s+- img "Done"/);
    await soon.equal(() => page.locator('#answer [role=img]').count(), 4);
    assert.equal(await page.locator('#answer input').count(), 0);
    assert.deepEqual(await page.locator('#answer ul > li').evaluateAll((nodes) => nodes.map((node) => getComputedStyle(node, '::before').content)), ['none', 'none', 'none', '"•"']);
    await shot(page, 'tasks_light_1440');
    await page.setViewportSize({ width: 320, height: 640 });
    await assertNoSidewaysScroll(page);
  }));

test('while an answer grows, what stands keeps its place: no node of a block that has ended is made anew', () =>
  onPage(async (page) => {
    await feedable(page);
    await page.goto(new URL(`/orchestrator?run=${run.start().run_id}`, process.env.BASE_URL).href);
    await page.evaluate((text) => window.feed(text), run.streamed([run.start(), run.round(1), run.decided(1), run.call(1, 'c', 'answer', {}, { model: 'qwen' }), run.delta('c', 0, `${SAMPLE}\n`)]));
    await soon.equal(() => answerText(page), `${SAMPLE}\n`);
    await soon.equal(() => page.locator('#answer .formula').evaluateAll((nodes) => nodes.filter((node) => node.shadowRoot).length), 2);
    const removed = await page.evaluate(async ({ from, piece }) => {
      const host = document.querySelector('#answer .prose');
      const old = new Set(host.querySelectorAll(':scope > *, :scope > * *'));
      let gone = 0;
      const observer = new MutationObserver((records) => records.forEach(({ removedNodes }) => removedNodes.forEach((node) => { gone += old.has(node) ? 1 : 0; })));
      observer.observe(host, { subtree: true, childList: true });
      for (let at = 0; at < 200; at += 1) {
        window.feed(`data: ${JSON.stringify({ event: 'delta', call_id: 'c', attempt: 1, offset: from + at * piece.length, content: piece })}\n\n`);
        await new Promise(requestAnimationFrame);
      }
      while (!host.textContent.endsWith(piece.repeat(3))) await new Promise(requestAnimationFrame);
      return gone;
    }, { from: SAMPLE.length + 1, piece: 'more **words**\n\n' });
    assert.equal(removed, 0);
  }));
