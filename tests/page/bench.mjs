// How smoothly the page takes what comes, against a running stack (BASE_URL): answers of 100 KB in Markdown of several kinds over 20,000 updates, beside the same
// amount of plain text, a run of 200 steps, and a run of as many steps with such an answer that is over and opened by its address. Told are the longest task of
// the main thread, by the clock and in processor time, its work in all, and the frames that came. Nothing is asserted: a time is the machine's as much as the page's.

import { writeFileSync } from 'node:fs';
import { feedable } from './feed.mjs';
import { launch } from './browser.mjs';
import * as run from './runs.mjs';

const base = process.env.BASE_URL;
if (!base) throw new Error('BASE_URL is not set. Start the stack (cargo run) and set it to the address it prints, e.g. BASE_URL=http://127.0.0.1:8080');

const BYTES = 100_000;
const UPDATES = 20_000;
const STEPS = 200;
const UPDATES_A_FRAME = 20;
const LATE_MS = 50;
const TRACED = ['disabled-by-default-devtools.timeline', 'devtools.timeline', '__metadata'];

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
const MARKDOWN = filled(PART);

/** What is measured, by its name; the page gets the first events, then the others, some a frame, until it is done. */
const RUNS = {
  'Markdown, 100 KB over 20,000 updates': growing(MARKDOWN),
  'plain text, 100 KB over 20,000 updates': growing(filled('A sentence of plain words that goes on for as long as a line does, and then one more. ')),
  'one table, 100 KB over 20,000 updates': growing(`| Source | TWh | Share |\n|:--|--:|--:|\n${filled('| Solar, **roofs** and fields | 304 | 11 % |\n')}`.slice(0, BYTES)),
  'one list, 100 KB over 20,000 updates': growing(filled('- one point with **weight**, and some words more\n')),
  'one list in a list, 100 KB over 20,000 updates': growing(filled('- one point with **weight**\n  - and one within\n')),
  'one block of code, 100 KB over 20,000 updates': growing(`\`\`\`python\n${filled('def area(r):  # a circle\n    return 3.14159 * r ** 2\n\n')}`.slice(0, BYTES)),
  'formulas, 100 KB over 20,000 updates': growing(filled('So $x_i^2 + y_i^2 = r^2$ holds, and\n\n$$\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}$$\n\n')),
  'one line, 100 KB over 20,000 updates': growing(filled('word ')),
  '200 steps': { begun: [], then: steps(), aFrame: 1, done: { steps: STEPS } },
  '200 steps and Markdown of 100 KB, over, opened by its address': over(),
};

function growing(content) {
  const size = content.length / UPDATES;
  const pieces = Array.from({ length: UPDATES }, (_, at) => run.live(run.delta('c', at * size, content.slice(at * size, (at + 1) * size))));
  return { begun: [run.call(1, 'c', 'answer', {}, { model: 'qwen' })], then: pieces, aFrame: UPDATES_A_FRAME, done: { characters: content.length } };
}

function steps() {
  return Array.from({ length: STEPS }, (_, at) => [run.call(1, `c${at}`, 'search', { query: `question ${at}` }), run.result(1, `c${at}`, 'search', run.found)]).flat();
}

function over() {
  const answer = [run.call(2, 'c', 'answer', {}, { model: 'qwen' }), run.delta('c', 0, MARKDOWN), run.result(2, 'c', 'answer', run.answered(MARKDOWN)), run.final('c', MARKDOWN), run.complete({ final_answer: MARKDOWN })];
  return { whole: [run.start(), run.round(1), run.decided(1), ...steps(), run.round(2), run.decided(2), ...answer], done: { steps: STEPS + 1, characters: MARKDOWN.length } };
}

/** The events as the page gets them, so many in each piece. */
function piecesOf(events, after, aFrame) {
  const all = run.numbered(events).slice(after).map(({ seq, ...event }) => `${seq === null ? '' : `id: ${seq}\n`}data: ${JSON.stringify(event)}\n\n`);
  return Array.from({ length: Math.ceil(all.length / aFrame) }, (_, at) => all.slice(at * aFrame, (at + 1) * aFrame).join(''));
}

const opened = new URL(`/orchestrator?run=${run.start().run_id}`, base).href;

/** The page with the first events of a run, and the pieces of those that follow. */
async function fed(page, { begun, then, aFrame }) {
  await feedable(page);
  await page.goto(opened);
  const first = [{ ...run.start(), created_at: new Date().toISOString() }, run.round(1), run.decided(1), ...begun];
  await page.evaluate((text) => window.feed(text), run.streamed(first));
  await page.waitForFunction(() => document.querySelector('#progress .state')?.textContent !== '');
  await page.evaluate((pieces) => Object.assign(window, { pieces }), piecesOf([...first, ...then], first.length, aFrame));
}

/** Feeds the page a piece a frame, and waits until all of it is shown. */
const untilDone = ({ steps, characters, late }) => new Promise((resolve) => {
  const isDone = () => (!steps || document.querySelectorAll('#steps > li[data-state=done]').length === steps) && (!characters || document.querySelector('#answer .prose')?.textContent.length === characters);
  const pieces = window.pieces ?? [];
  const since = performance.now();
  let [at, frames, before, lateFrames] = [0, 0, since, 0];
  const frame = (now) => {
    frames += 1;
    if (now - before > late) lateFrames += 1;
    before = now;
    if (at < pieces.length) window.feed(pieces[at]);
    at += 1;
    if (at >= pieces.length && isDone()) resolve({ frames, late: lateFrames, ms: performance.now() - since });
    else requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
});

/** The tasks of the page's main thread in a trace, the longest by the clock and by the processor's time, in ms. */
function longestOf(trace) {
  const events = JSON.parse(trace.toString()).traceEvents;
  const mains = new Set(events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid}.${tid}`));
  const tasks = events.filter(({ name, pid, tid }) => name === 'RunTask' && mains.has(`${pid}.${tid}`));
  const most = (member) => Math.round(tasks.reduce((longest, task) => Math.max(longest, task[member] ?? 0), 0) / 1_000);
  return { longest: most('dur'), longestWork: most('tdur') };
}

async function measured(browser, what) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  if (what.whole) await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ contentType: 'text/event-stream', body: run.streamed(what.whole) }));
  else await fed(page, what);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const before = await session.send('Performance.getMetrics');
  await browser.startTracing(page, { categories: TRACED });
  if (what.whole) await page.goto(opened, { waitUntil: 'commit' });
  const seen = await page.evaluate(untilDone, { ...what.done, late: LATE_MS });
  const trace = await browser.stopTracing();
  const after = await session.send('Performance.getMetrics');
  const of = (metrics, name) => metrics.metrics.find((one) => one.name === name).value;
  // A page that is loaded counts from zero.
  const took = (name) => Math.round((of(after, name) - (what.whole ? 0 : of(before, name))) * 1_000);
  await page.close();
  if (process.env.TRACE) writeFileSync(process.env.TRACE, trace);
  return { ...seen, ...longestOf(trace), scripting: took('ScriptDuration'), style: took('RecalcStyleDuration'), layout: took('LayoutDuration') };
}

const browser = await launch();
try {
  console.log('| run | longest task | its work | scripting | style | layout | frames | later than 50 ms | in all |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const [name, what] of Object.entries(RUNS)) {
    if (!name.includes(process.argv[2] ?? '')) continue;
    const { longest, longestWork, scripting, style, layout, frames, late, ms } = await measured(browser, what);
    console.log(`| ${name} | ${longest} ms | ${longestWork} ms | ${scripting} ms | ${style} ms | ${layout} ms | ${frames} | ${late} | ${(ms / 1_000).toFixed(1)} s |`);
  }
} finally {
  await browser.close();
}
