// How smoothly the page takes what comes, against a running stack (BASE_URL): an answer of 100 KB in Markdown over 20,000 updates, the same amount of plain
// text, and a run of 200 steps. Told are the longest task of the main thread, its work in all, and the frames that came. Nothing is asserted: a time is the
// machine's as much as the page's.

import { launch } from './browser.mjs';
import * as run from './runs.mjs';

const base = process.env.BASE_URL;
if (!base) throw new Error('BASE_URL is not set. Start the stack (cargo run) and set it to the address it prints, e.g. BASE_URL=http://127.0.0.1:8080');

const BYTES = 100_000;
const UPDATES = 20_000;
const STEPS = 200;
const UPDATES_A_FRAME = 20;

const PART = `## A heading

Some **bold** words, some *more*, a [link](https://example.org/a), \`code\`, a number [1] and $E = mc^2$ in a sentence that is as long as sentences are.

- one point with **weight**
- another one
  1. and one within

| Source | TWh |
|:--|--:|
| Solar | 304 |
| Coal | 269 |

\`\`\`python
def area(r):  # a circle
    return 3.14159 * r ** 2
\`\`\`

> What somebody said.

$$\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}$$

`;
const filled = (piece) => piece.repeat(Math.ceil(BYTES / piece.length)).slice(0, BYTES);

/** Events that a run begins with, and those that follow, in this order. */
const RUNS = {
  'Markdown, 100 KB over 20,000 updates': growing(filled(PART)),
  'plain text, 100 KB over 20,000 updates': growing(filled('A sentence of plain words that goes on for as long as a line does, and then one more. ')),
  '200 steps': steps(),
};

function growing(content) {
  const size = BYTES / UPDATES;
  const pieces = Array.from({ length: UPDATES }, (_, at) => run.live(run.delta('c', at * size, content.slice(at * size, (at + 1) * size))));
  return { begun: [run.call(1, 'c', 'answer', {}, { model: 'qwen' })], then: pieces, aFrame: UPDATES_A_FRAME, done: { characters: BYTES } };
}

function steps() {
  const calls = Array.from({ length: STEPS }, (_, at) => [run.call(1, `c${at}`, 'search', { query: `question ${at}` }), run.result(1, `c${at}`, 'search', run.found)]);
  return { begun: [], then: calls.flat(), aFrame: 1, done: { steps: STEPS } };
}

async function measured(browser, { begun, then, aFrame, done }) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(() => {
    const original = window.fetch;
    let feed;
    const body = new ReadableStream({ start: (controller) => { feed = controller; } });
    window.fetch = (url, init) => (String(url).includes('/events') ? Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } })) : original(url, init));
    window.feed = (text) => feed.enqueue(new TextEncoder().encode(text));
  });
  await page.goto(new URL(`/orchestrator?run=${run.start().run_id}`, base).href);
  const first = [{ ...run.start(), created_at: new Date().toISOString() }, run.round(1), run.decided(1), ...begun];
  await page.evaluate((text) => window.feed(text), run.streamed(first));
  await page.waitForFunction(() => document.querySelector('#progress .state')?.textContent !== '');
  const all = run.numbered([...first, ...then]).slice(first.length).map(({ seq, ...event }) => `${seq === null ? '' : `id: ${seq}\n`}data: ${JSON.stringify(event)}\n\n`);
  const chunks = Array.from({ length: Math.ceil(all.length / aFrame) }, (_, at) => all.slice(at * aFrame, (at + 1) * aFrame).join(''));
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const before = await session.send('Performance.getMetrics');
  const seen = await page.evaluate(async ({ pieces, characters, steps }) => {
    let longest = 0;
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longest = Math.max(longest, duration); }).observe({ type: 'longtask' });
    const isDone = () => (steps ? document.querySelectorAll('#steps > li[data-state=done]').length === steps : document.querySelector('#answer .prose')?.textContent.length === characters);
    const since = performance.now();
    let frames = 0;
    for (let at = 0; at < pieces.length || !isDone(); at += 1, frames += 1) {
      if (at < pieces.length) window.feed(pieces[at]);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return { longest, frames, ms: performance.now() - since };
  }, { pieces: chunks, ...done });
  const after = await session.send('Performance.getMetrics');
  const took = (name) => Math.round((after.metrics.find((one) => one.name === name).value - before.metrics.find((one) => one.name === name).value) * 1_000);
  await page.close();
  return { ...seen, scripting: took('ScriptDuration'), style: took('RecalcStyleDuration'), layout: took('LayoutDuration') };
}

const browser = await launch();
try {
  console.log('| run | longest task | scripting | style | layout | frames | in all |\n|---|---:|---:|---:|---:|---:|---:|');
  for (const [name, what] of Object.entries(RUNS)) {
    const { longest, scripting, style, layout, frames, ms } = await measured(browser, what);
    console.log(`| ${name} | ${longest === 0 ? '≤ 50' : Math.round(longest)} ms | ${scripting} ms | ${style} ms | ${layout} ms | ${frames} | ${(ms / 1_000).toFixed(1)} s |`);
  }
} finally {
  await browser.close();
}
