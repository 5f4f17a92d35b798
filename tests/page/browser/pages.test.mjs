// Pages that a run has read: their text, links and files are shown when a step is opened, whatever they hold.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE, assertNoSidewaysScroll, ended, onPage, openRecorded, shot, soon } from '../on-page.mjs';
import * as run from '../runs.mjs';

const read = { url: 'https://example.org/a', title: 'A page', text: '# A page\n\nIt says so.', links: [{ text: 'more', url: 'https://example.org/b' }], truncated: false };
/** What each result is shown as. */
const SHOWN = [
  [read, ['https://example.org/a', 'A page example.org', '# A page\n\nIt says so.', 'moreexample.org']],
  [{ ...read, title: '', links: [], truncated: true }, ['https://example.org/a', 'https://example.org/a example.org', '# A page\n\nIt says so.Shortened. The page says more.']],
  [{ ...read, title: HOSTILE, text: HOSTILE, links: [{ text: HOSTILE, url: 'javascript:alert(1)' }] }, ['https://example.org/a', `${HOSTILE} example.org`, HOSTILE, HOSTILE]],
  [{ ...read, links: [7, { url: 1 }, null] }, ['https://example.org/a', 'A page example.org', '# A page\n\nIt says so.', '7{\n  "url": 1\n}null']],
  [7, ['https://example.org/a', '7']],
];

test('a page that was read is shown with its title, its text and its links, and nothing of it runs', () =>
  onPage(async (page) => {
    const steps = SHOWN.flatMap(([result], index) => [run.call(1, `c${index}`, 'read_url', { url: 'https://example.org/a' }), run.result(1, `c${index}`, 'read_url', result)]);
    await openRecorded(page, [run.start('Why?'), run.round(1), ...steps, run.final(null, 'Because.'), run.complete()]);
    await ended(page);
    await page.evaluate(() => document.querySelectorAll('#steps > li details').forEach((details) => { details.open = true; }));
    await page.waitForFunction((count) => [...document.querySelectorAll('#steps > li')].filter((row) => row.querySelectorAll('.part').length > 1).length === count, SHOWN.length);
    const rows = await page.locator('#steps > li').evaluateAll((nodes) => nodes.map((node) => [...node.querySelectorAll('.part')].map((part) => [...part.children].slice(1).map((child) => child.textContent).join(''))));
    assert.deepEqual(rows, SHOWN.map(([, shown]) => shown));
    const links = await page.locator('#steps a').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href')));
    // A picture elsewhere is a link to it, and is not loaded.
    const elsewhere = 'https://foreign.example/x.png';
    assert.ok(links.every((link) => link === null || link === elsewhere || link.startsWith('https://example.org/')), links.join(' '));
    await soon.equal(() => page.locator('#steps img').count(), 0);
    await shot(page, 'pages_light_1440');
    await page.setViewportSize({ width: 320, height: 640 });
    await assertNoSidewaysScroll(page);
  }));
