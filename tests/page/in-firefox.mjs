// Firefox of this machine, led by WebDriver BiDi, and a page in it that is held to all that must never happen. Playwright leads only a Firefox of its
// own, which no registry carries.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import puppeteer from 'puppeteer-core';
import { soon } from './soon.mjs';

const base = process.env.BASE_URL;
if (!base) throw new Error('BASE_URL is not set. Start the stack (cargo run) and set it to the address it prints, e.g. BASE_URL=http://127.0.0.1:8080');

const WAIT_MS = 60_000;
const LOOK_MS = 50;
const STILL_LOOKS = 20;
const shots = new URL('shots/', import.meta.url).pathname;

/** The parts of each page that are on their way. @type {WeakMap<object, Set<unknown>>} */
const loading = new WeakMap();
/** @type {import('puppeteer-core').Browser} */
let browser;
/** Where what is saved goes. */
let downloads = '';

before(async () => {
  await mkdir(shots, { recursive: true });
  downloads = await mkdtemp(join(tmpdir(), 'downloads-'));
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    // Without it, puppeteer asks for a size in a way that a Firefox of 140 does not know.
    defaultViewport: null,
    args: ['--width=1440', '--height=900'],
    extraPrefsFirefox: { 'browser.download.folderList': 2, 'browser.download.dir': downloads, 'browser.download.alwaysOpenPanel': false },
  });
});
after(async () => {
  await browser?.close();
  await rm(downloads, { recursive: true, force: true });
});

export const version = () => browser.version();

/** Runs `work` on a fresh page and then holds against it a request to another host, a policy violation, and any fault of a script or word of warning on the console. */
export async function onPage(work, { origin = base } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const unwanted = [];
  const parts = new Set();
  loading.set(page, parts);
  for (const ends of ['requestfinished', 'requestfailed']) page.on(ends, (request) => parts.delete(request));
  page.on('request', (request) => {
    if (request.url().includes('/static/')) parts.add(request);
    if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(origin)) unwanted.push(`foreign request: ${request.url()}`);
  });
  page.on('console', (message) => {
    if (['error', 'warn', 'warning'].includes(message.type())) unwanted.push(`console: ${message.text()}`);
  });
  // Faults are heard in the page: Firefox itself also reports some under its name that no script of it has caused or can hear.
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`));
    addEventListener('error', (event) => console.error(`script error: ${event.message ?? event.target?.outerHTML} ${event.error?.stack ?? ''}`), true);
    addEventListener('unhandledrejection', ({ reason }) => console.error(`unhandled: ${reason} ${reason?.stack ?? ''}`));
  });
  try {
    await work(page);
    assert.deepEqual(unwanted, []);
  } finally {
    await context.close();
  }
}

export const at = (path) => new URL(path, base).href;
export const shot = (page, name) => page.screenshot({ path: `${shots}firefox_${name}.png` });

/** What a function of these elements says. @param {(nodes: any[]) => unknown} reads knows nothing but them */
export const read = (page, selector, reads) => page.evaluate(`(${reads})([...document.querySelectorAll(${JSON.stringify(selector)})])`);
export const count = (page, selector) => read(page, selector, (nodes) => nodes.length);
export const textsOf = (page, selector) => read(page, selector, (nodes) => nodes.map((node) => node.innerText.trim()));
/** The text that a person sees of the first of these elements. */
export const textOf = async (page, selector) => (await textsOf(page, selector))[0];
export const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim());

/** Waits until there is such an element, or none. */
export async function appears(page, selector, { gone = false } = {}) {
  for (const until = performance.now() + WAIT_MS; ; await sleep(LOOK_MS)) {
    if (((await count(page, selector)) === 0) === gone) return;
    if (performance.now() > until) throw new Error(`${selector} did not ${gone ? 'go' : 'appear'} within ${WAIT_MS} ms`);
  }
}

/** Focuses the first of these elements whose text has these words, and presses Enter on it. */
export async function press(page, selector, words = '') {
  const focuses = (selector, words) => {
    const node = [...document.querySelectorAll(selector)].find((one) => one.textContent.includes(words) && one.checkVisibility());
    node?.focus();
    return node !== undefined && document.activeElement === node;
  };
  await soon.ok(() => page.evaluate(focuses, selector, words), `no “${words}” to press in ${selector}`);
  await page.keyboard.press('Enter');
}

/** Waits until no part of the page is on its way, and for a moment no other was asked for: a part that is cut off is one that cannot be loaded, which the page tells. */
export async function settled(page) {
  for (let still = 0; still < STILL_LOOKS; await sleep(LOOK_MS)) still = loading.get(page).size === 0 ? still + 1 : 0;
}

/** Waits for a run's end, and for what is loaded on need to show it. */
export async function ended(page, status = 'completed') {
  await appears(page, `#progress [data-status="${status}"]`);
  await appears(page, '#actions button');
  await appears(page, ':is(#run, #rail) [aria-busy]', { gone: true });
}

/** What the browser has saved under a name that ends in this. */
export async function saved(ending) {
  let name;
  await soon.ok(async () => {
    name = (await readdir(downloads)).find((one) => one.endsWith(ending));
    return name !== undefined;
  }, `no file *${ending} was saved`);
  let content = '';
  await soon.match(async () => (content = await readFile(join(downloads, name), 'utf8')), /\S/);
  return [name, content];
}
