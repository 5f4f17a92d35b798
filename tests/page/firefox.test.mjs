// The page in Firefox, against a running stack (BASE_URL): what a person does with it, from the question to the saved file. All that the page
// can do is held in Chromium; what stands here is whether another engine does it as well.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fedByHand } from './feed.mjs';
import { appears, at, count, ended, focused, onPage, press, read, saved, settled, shot, textOf, textsOf, version } from './in-firefox.mjs';
import * as run from './runs.mjs';
import { startServer, stopServer } from './server.mjs';
import { soon } from './soon.mjs';

/** A browser that does not answer is told as that. */
const TIMEOUT = { timeout: 120_000 };
const QUESTION = 'What is 6 times 7?';
/** The rehearsal model's program looks for a divisor until its time is over, in ten seconds. */
const LONG_QUESTION = 'Is 1000000000000000000000000000057 a prime number? Use code';
const ANSWER = `# Solar

In 2024 **solar** passed *coal* [1]: $E = mc^2$, but $5 and $6 are money.

| Source | TWh |
|:--|--:|
| Solar | 304 |

- [x] done

\`\`\`python
print(6 * 7)
\`\`\`
![far](https://foreign.example/x.png) <script>document.title = 'run'</script>
`;

async function asks(page, question, origin = at('/')) {
  await page.goto(new URL('/orchestrator', origin).href);
  await appears(page, '#query');
  await type(page, question);
}

/** Types into the composer and presses Enter. */
async function type(page, question) {
  await page.evaluate(() => document.querySelector('#query').focus());
  await page.keyboard.type(question);
  await page.keyboard.press('Enter');
}

const runOf = (page) => page.evaluate(() => new URL(location.href).searchParams.get('run'));
const dialogs = (page) => count(page, 'dialog[open]');

test('a question by the keyboard alone: its steps, its answer, what the model was shown, and the saved files', TIMEOUT, (t) =>
  onPage(async (page) => {
    t.diagnostic(await version());
    await asks(page, QUESTION);
    await ended(page);
    await soon.equal(() => textOf(page, '#question'), QUESTION);
    await soon.match(() => textOf(page, '#answer'), /42/);
    await soon.match(() => textOf(page, '#progress'), /^Complete\s+[\d.]+ (ms|s)\s+[\d,]+ tokens\s+(<\s)?\$[\d.]+$/);
    await soon.equal(() => textOf(page, '#announcer'), 'The run has ended: Complete.');
    assert.equal(await focused(page), 'query');
    await shot(page, 'done');

    await press(page, '#steps > .step > details > summary');
    await soon.equal(() => count(page, '#steps > .step > details[open]'), 1);
    await press(page, '#steps button', 'What the orchestrator was shown');
    await soon.match(() => textOf(page, 'dialog[open] [role=status]'), /^Word for word/);
    await soon.match(() => textOf(page, 'dialog[open] .parts'), /What is 6 times 7\?/);
    await page.keyboard.press('Escape');
    await soon.equal(() => dialogs(page), 0);
    await soon.equal(() => focused(page), 'What the orchestrator was shown');

    await press(page, '#actions button', 'Export');
    await press(page, 'dialog[open] button', 'Markdown');
    const [name, markdown] = await saved('.md');
    assert.equal(name, `run-${await runOf(page)}.md`);
    assert.match(markdown, /^# Question\n\nWhat is 6 times 7\?\n/);
    await press(page, 'dialog[open] button', 'Web page');
    const [, html] = await saved('.html');
    assert.match(html, /^<!doctype html>/i);
    assert.match(html, /What is 6 times 7\?/);
    assert.doesNotMatch(html, /<script/i);
    await page.keyboard.press('Escape');
    await soon.equal(() => dialogs(page), 0);
  }));

test('an answer in Markdown comes piece by piece, with its table, its formula as MathML and its code', TIMEOUT, () =>
  onPage(async (page) => {
    await page.evaluateOnNewDocument(fedByHand);
    await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
    await appears(page, '#query');
    const sources = [{ title: 'Review', url: 'https://example.org/review' }];
    const frames = run.streamed(run.answeredRun('Did solar pass coal?', ANSWER, { sources })).split(/(?<=\n\n)/);
    const feed = (part) => page.evaluate((text) => window.feed(text), part.join(''));
    await feed(frames.slice(0, 9));
    await soon.equal(() => textOf(page, '#answer h3'), 'Solar');
    assert.equal(await count(page, '#progress [data-status="running"]'), 1);
    await feed(frames.slice(9));
    await ended(page);
    await soon.deepEqual(() => textsOf(page, '#answer :is(th, td)'), ['Source', 'TWh', 'Solar', '304']);
    await soon.equal(() => read(page, '#answer .formula', ([node]) => node.shadowRoot?.firstElementChild?.namespaceURI), 'http://www.w3.org/1998/Math/MathML');
    // MathML is set by the browser: an exponent stands higher than what it belongs to.
    await soon.ok(() => read(page, '#answer .formula', ([{ shadowRoot }]) => {
      const [low, high] = shadowRoot.querySelector('msup').children;
      return high.getBoundingClientRect().bottom < low.getBoundingClientRect().bottom;
    }));
    await soon.match(() => textOf(page, '#answer'), /but \$5 and \$6 are money\./);
    await soon.deepEqual(() => page.evaluate(() => CSS.highlights.get('code-number')?.size), 2);
    await soon.equal(() => read(page, '#answer a[aria-label^="Source 1"]', ([node]) => node?.getAttribute('aria-label')), 'Source 1: Review');
    assert.equal(await count(page, '#answer img, #answer script'), 0);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than its window');
    await read(page, '#answer', ([node]) => node.scrollIntoView());
    await shot(page, 'markdown');
  }));

test('the keys open and close the history, the help, the preferences and what was used', TIMEOUT, () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    await appears(page, '#examples button');
    await page.keyboard.press('?');
    await soon.equal(() => textOf(page, 'dialog[open] h2'), 'Keys');
    await page.keyboard.press('Escape');
    await soon.equal(() => dialogs(page), 0);
    await page.keyboard.down('Control');
    await page.keyboard.press('k');
    await page.keyboard.up('Control');
    await soon.ok(() => page.evaluate(() => document.activeElement?.closest('#history') !== null));
    await press(page, '#open-preferences');
    await soon.equal(() => textOf(page, 'dialog[open] h2'), 'Preferences');
    await press(page, 'dialog[open] button', 'Save');
    await soon.equal(() => dialogs(page), 0);
    await press(page, '#open-use');
    await appears(page, '.use svg');
    await soon.match(() => textOf(page, '.use'), /\$\d/);
    await shot(page, 'use');
  }));

test('a run goes on after a reload and after its server was killed, and is stopped with Escape', TIMEOUT, async () => {
  const data = await mkdtemp(join(tmpdir(), 'firefox-'));
  let { server, address } = await startServer(data, 0);
  try {
    await onPage(async (page) => {
      await asks(page, LONG_QUESTION, address);
      await appears(page, '#steps > li[data-kind="code_interpreter"]');
      await soon.match(() => textOf(page, '#rail'), /Models/i);
      await settled(page);
      await page.reload();
      await appears(page, '#steps > li[data-kind="code_interpreter"]');
      await soon.match(() => textOf(page, '#rail'), /Models/i);
      await settled(page);
      await stopServer(server, 'SIGKILL');
      await soon.match(() => textOf(page, '.banner.warn'), /^Connection lost\./);
      await soon.equal(() => textOf(page, '#question'), LONG_QUESTION);
      ({ server } = await startServer(data, new URL(address).port));
      // By then it may have reconnected by itself.
      await page.evaluate(() => document.querySelector('.banner.warn button')?.click());
      await appears(page, '.banner.warn', { gone: true });
      await page.keyboard.press('Escape');
      await soon.equal(() => textOf(page, 'dialog[open] h2'), 'Stop this run?');
      await press(page, 'dialog[open] button', 'Stop the run');
      await ended(page, 'cancelled');
      await soon.match(() => textOf(page, '#progress'), /^Stopped/);
    }, { origin: address });
  } finally {
    await stopServer(server);
    await rm(data, { recursive: true, force: true });
  }
});
