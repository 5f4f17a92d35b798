// What the browser tests share: a fresh page that is held to all that must never happen, and the ways to look at it.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from './browser.mjs';
import * as run from './runs.mjs';

export { soon } from './soon.mjs';

const base = process.env.BASE_URL;
if (!base) throw new Error('BASE_URL is not set. Start the stack (cargo run) and set it to the address it prints, e.g. BASE_URL=http://127.0.0.1:8080');

export const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script> ![x](https://foreign.example/x.png) [y](javascript:alert(3))';
export const RUN_WAIT_MS = 60_000;
export const NARROW = { width: 390, height: 844 };
export const WIDE = { width: 1440, height: 860 };
/** `LATE_MS=200` holds back each frame and each reply of the server by up to that many milliseconds, to find what looks too early. */
const lateMs = Number(process.env.LATE_MS ?? 0);
const shots = new URL('shots/', import.meta.url).pathname;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  await mkdir(shots, { recursive: true });
  browser = await launch();
});
after(() => browser?.close());

/**
 * Runs `work` on a fresh page and then holds against it all that must never happen: a dialog of the browser, a request to
 * another host than that of the stack at `origin`, a policy violation, and any script error or console error that the test did not name.
 */
export async function onPage(work, { viewport = WIDE, colorScheme = 'light', expectedErrors = [], expectedFaults = [], origin = base, ...options } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, ...options });
  const page = await context.newPage();
  const unwanted = [];
  page.on('dialog', (dialog) => {
    unwanted.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().replace(/^blob:/, '').startsWith(origin)) unwanted.push(`foreign request: ${request.url()}`);
  });
  page.on('pageerror', (error) => {
    if (!expectedFaults.some((expected) => expected.test(String(error)))) unwanted.push(`script error: ${error}`);
  });
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (!expectedErrors.some((expected) => expected.test(message.text()))) unwanted.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`));
  });
  if (lateMs > 0) await late(context);
  try {
    await work(page);
    assert.deepEqual(unwanted, []);
  } finally {
    await context.close();
  }
}

async function late(context) {
  await context.addInitScript((most) => {
    const frame = requestAnimationFrame.bind(window);
    let waiting = [];
    // A whole frame comes late, as on a machine that is busy: what would have run in one does.
    window.requestAnimationFrame = (paint) => {
      if (waiting.push(paint) > 1) return;
      setTimeout(() => {
        const due = waiting;
        waiting = [];
        for (const one of due) frame(one);
      }, Math.random() * most);
    };
  }, lateMs);
  await context.route(/^http/, async (route) => {
    await sleep(Math.random() * lateMs);
    await route.fallback().catch(() => {});
  });
}

export const at = (path) => new URL(path, base).href;
export const shot = (page, name) => page.screenshot({ path: `${shots}${name}.png` });

/** Waits for a run's end, and for what is loaded on need to show it. */
export async function ended(page, status = 'completed') {
  await page.waitForSelector(`#progress [data-status="${status}"]`, { timeout: RUN_WAIT_MS });
  await page.waitForFunction(() => document.querySelector(':is(#run, #rail) [aria-busy]') === null);
}

/** Another size of the window, and what the page does with it: it is told in a frame that comes later. */
export async function resize(page, viewport) {
  await page.setViewportSize(viewport);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

export const textOf = (page, selector) => page.locator(selector).innerText();

/** What has the focus: its accessible label, its text or its id. */
export const focused = (page) =>
  page.evaluate(() => {
    const node = document.activeElement;
    return node?.getAttribute('aria-label') || node?.textContent?.trim() || node?.id || node?.tagName;
  });

export async function assertNoSidewaysScroll(page) {
  const { content, window } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, window: innerWidth }));
  assert.ok(content <= window, `the page is ${content} px wide in a window of ${window} px`);
}

/** The rehearsal model's program looks for a divisor until its time is over, in ten seconds: no run ends before a slow test stops it. */
export const LONG_QUESTION = 'Is 1000000000000000000000000000057 a prime number? Use code';

export async function askLong(page) {
  await page.fill('#query', LONG_QUESTION);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#stop:not([hidden])');
}

/** Opens a recorded run by its deep link: the browser gets these events in place of the server's. */
export async function openRecorded(page, events, body = run.streamed(events)) {
  await page.route('**/api/runs/*/events?*', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body }));
  await page.goto(at(`/orchestrator?run=${run.start().run_id}`));
}

/** A list of runs in place of the server's. */
export const listed = (page, runs) => page.route(/\/api\/runs\?/, (route) => route.fulfill({ json: { runs, cursor: null } }));

/** A refusal as the server sends it. */
export const refusal = (status, code, message) => ({ status, json: { error: { code, message } } });

/**
 * A list of runs that can be searched, turned over, renamed and pinned, as the server's. `size` runs are on a page, of which a search looks at
 * as many. The answer is what was asked: for pages the query, for changes what they were to.
 */
export async function keptList(page, runs, { size = 30 } = {}) {
  const asked = [];
  await page.route(/\/api\/runs\?/, (route) => {
    const { search, searchParams } = new URL(route.request().url());
    asked.push(search);
    const words = (searchParams.get('q') ?? '').toLowerCase().split(/\s+/);
    const all = runs.filter(({ pinned }) => pinned || searchParams.get('pinned') !== 'true');
    const from = searchParams.has('cursor') ? all.findIndex(({ run_id: id }) => id === searchParams.get('cursor')) + 1 : 0;
    const part = all.slice(from, from + size);
    const found = part.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
    return route.fulfill({ json: { runs: found, cursor: from + size < all.length ? part.at(-1).run_id : null } });
  });
  await page.route(/\/api\/runs\/[^/?]+$/, (route) => {
    const entry = runs.find(({ run_id: id }) => route.request().url().endsWith(`/${id}`));
    if (route.request().method() !== 'PATCH') return route.fallback();
    const change = route.request().postDataJSON();
    asked.push(change);
    if (!entry) return route.fulfill(refusal(404, 'not_found', 'There is no such run.'));
    Object.assign(entry, change);
    return route.fulfill({ json: entry });
  });
  return asked;
}

/** What another tab of the page, or sleep, does: the page is looked at again. */
export const lookedAtAgain = (page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
