// Pictures are shown by what their bytes are, whatever they are named; what would unfold to too much, and what is of no form that
// the page can read, is only saved.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPicture } from '../../../static/pictures.js';
import { NARROW, assertNoSidewaysScroll, at, ended, onPage, openRecorded, shot, soon, textOf } from '../on-page.mjs';
import * as make from '../pictures.mjs';
import * as run from '../runs.mjs';

const BIG = 12_000;
const path = (name) => `/api/runs/01JZZZZZZZZZZZZZZZZZZZZZZZ/artifacts/${name}`;

/** Opens a run whose program handed these files back: names and bytes. All are said to be pictures. */
async function openFiles(page, files, mediaType = 'image/png') {
  const artifacts = files.map(([name, bytes]) => ({ name, media_type: mediaType, bytes: bytes.length, url: path(name) }));
  await page.route('**/artifacts/**', (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1);
    return route.fulfill({ body: files.find((file) => file[0] === name)[1], contentType: mediaType });
  });
  const result = { success: true, stdout: '', stderr: '', returncode: 0, value: null, error: null, truncated: null, artifacts, isolation: 'strict' };
  await openRecorded(page, [run.start(), run.round(1), run.call(1, 'c', 'code_interpreter', { code: 'x' }), run.result(1, 'c', 'code_interpreter', result), run.final(null, 'Here.'), run.complete()]);
  await ended(page);
  // They are shown by a file that is loaded on need.
  await page.waitForSelector('#files figure, #files li');
  // Each figure is looked at when it comes into view.
  for (const figure of await page.locator('#files figure').all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('.picture-failed:not([hidden]), img[src]').waitFor();
  }
  return page.locator('#files figure').evaluateAll((figures) => figures.map((figure) => figure.querySelector('.picture-failed:not([hidden]) span')?.textContent ?? 'shown'));
}

const notKnown = (name) => `${name} is not shown. It is no PNG, JPEG, GIF or WebP picture, or a damaged one; save it to look at it.`;
const tooLarge = (name, size, frames = '') => `${name} is not shown. It would unfold to ${size} pixels${frames}; save it to look at it.`;

test('what is named as a picture and is none, or unfolds to too much, is saved and not shown', () =>
  onPage(async (page) => {
    const files = [
      ['a.png', make.bmp(BIG, BIG)],
      ['b.png', make.gifHead([1, 1], [0, 0, BIG, BIG])],
      ['c.png', make.png(BIG, BIG, { data: [0] })],
      ['d.png', make.webp(make.vp8x(1, 1), make.anim, make.anmf(0, 0, 1, 1, make.vp8l(BIG, BIG)))],
      ['e.png', make.jpegHead(BIG, BIG, { frame: 0xc2 })],
      ['f.png', make.svg(BIG, BIG)],
      ['g.png', make.ico(make.png(BIG, BIG, { data: [0] }))],
      ['h.png', make.avif],
      ['i.png', make.apng(1_000, 1_000, 101)],
      ['j.png', Buffer.from('<script>alert(1)</script>')],
      ['k.png', Buffer.alloc(0)],
      ['l.png', make.jpegHead(9, 9)],
      ['m.png', make.png(5, 5)],
    ];
    const size = '12,000 × 12,000';
    assert.deepEqual(await openFiles(page, files), [
      notKnown('a.png'), tooLarge('b.png', size), tooLarge('c.png', size), tooLarge('d.png', size), tooLarge('e.png', size), notKnown('f.png'), notKnown('g.png'), notKnown('h.png'),
      tooLarge('i.png', '1,000 × 1,000', ' in 101 frames'), notKnown('j.png'), notKnown('k.png'), 'l.png is not shown. It is not a picture that this browser can show.', 'shown',
    ]);
    await soon.deepEqual(() => page.locator('main img[src]').evaluateAll((images) => images.map(({ alt }) => alt)), ['m.png']);
    await soon.equal(() => page.locator('#files .picture-failed:not([hidden]) button:not([hidden])').count(), 0);
    // Each of them can be saved as it is.
    const download = page.waitForEvent('download');
    await page.locator('#files .save a').first().click();
    assert.equal((await download).suggestedFilename(), 'a.png');
    await page.locator('#files').scrollIntoViewIfNeeded();
    await assertNoSidewaysScroll(page);
    await shot(page, 'not_shown_light_1440');
    await page.setViewportSize(NARROW);
    await page.emulateMedia({ colorScheme: 'dark' });
    await assertNoSidewaysScroll(page);
    await shot(page, 'not_shown_dark_390');
  }));

test('a picture is shown under the type that its bytes have', () =>
  onPage(async (page) => {
    await page.addInitScript(() => {
      const create = URL.createObjectURL;
      Object.assign(window, { types: [] });
      URL.createObjectURL = (blob) => {
        window.types.push(blob.type);
        return create(blob);
      };
    });
    assert.deepEqual(await openFiles(page, [['a.png', make.gif([3, 3], [[0, 0, 3, 3]])], ['b.png', make.png(2, 2)]]), ['shown', 'shown']);
    // Both come into view at once: either may be the first.
    await soon.deepEqual(async () => (await page.evaluate(() => window.types)).sort(), ['image/gif', 'image/png']);
  }));

test('all pictures of a run together unfold to no more than a bound; what came later is saved', () =>
  onPage(async (page) => {
    const large = make.png(6_000, 4_000);
    const files = Array.from({ length: 6 }, (_, index) => [`${index}.png`, large]);
    const shown = await openFiles(page, files);
    const refused = 'The pictures of this run that are shown already are as many as this page unfolds; save it to look at it.';
    assert.deepEqual(shown.map((told) => told.replace(/^\d\.png/, 'N.png')).sort(), [...Array(2).fill(`N.png is not shown. ${refused}`), ...Array(4).fill('shown')]);
    // Of another run they are counted anew.
    await page.unroute('**/artifacts/**');
    await page.unroute('**/api/runs/*/events?*');
    assert.deepEqual(await openFiles(page, [['0.png', large]]), ['shown']);
  }));

test('a file that says it is very long is not read', () =>
  onPage(async (page) => {
    const figure = [['a.png', Buffer.alloc(8_000_001)]];
    assert.deepEqual(await openFiles(page, figure), ['a.png is not shown. It is larger than the files that this page shows; save it to look at it.']);
  }));

test('what is read from a picture is what the browser makes of it', () =>
  onPage(async (page) => {
    await page.goto(at('/orchestrator'));
    const drawn = await page.evaluate(async () => {
      const found = [];
      for (const [width, height] of [[1, 1], [7, 3], [300, 200]]) {
        const canvas = Object.assign(document.createElement('canvas'), { width, height });
        canvas.getContext('2d').fillRect(0, 0, width, 1);
        for (const [type, quality] of [['image/png', 1], ['image/jpeg', 0.5], ['image/webp', 0.5], ['image/webp', 1]]) {
          const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, quality));
          found.push([type, Array.from(new Uint8Array(await blob.arrayBuffer()))]);
        }
      }
      return found;
    });
    const animated = drawn.filter(([type]) => type === 'image/webp').map(([, bytes]) => make.webp(make.vp8x(600, 400), make.anim, make.anmf(2, 4, readPicture(new Uint8Array(bytes)).width, readPicture(new Uint8Array(bytes)).height, Buffer.from(bytes.slice(12)))));
    const files = [
      ...drawn.map(([, bytes]) => Buffer.from(bytes)),
      ...animated.filter((file) => !file.includes('VP8X', 40)),
      make.png(9, 5), make.apng(8, 8, 3), make.apng(8, 8, 3, [4, 4]),
      make.gif([7, 3], [[0, 0, 7, 3]]), make.gif([4, 4], [[0, 0, 4, 4], [1, 1, 2, 2]]), make.gif([2, 2], [[0, 0, 9, 8]]), make.gif([0, 0], [[0, 0, 5, 6]]),
    ];
    const decoded = await page.evaluate(async (all) => {
      const sizes = [];
      for (const bytes of all) {
        const img = new Image();
        img.src = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
        await img.decode();
        sizes.push([img.naturalWidth, img.naturalHeight]);
      }
      return sizes;
    }, files.map((file) => [...file]));
    const told = files.map((file) => readPicture(new Uint8Array(file))).map(({ width, height }) => [width, height]);
    assert.deepEqual(told, decoded);
    assert.ok(files.length > 18, `${files.length} files`);
  }));

test('a file that grows in the browser beyond what was read of it is not shown', () =>
  onPage(async (page) => {
    // As if a decoder of this browser read it in another way.
    await page.addInitScript(() => Object.defineProperty(HTMLImageElement.prototype, 'naturalWidth', { get: () => 30_000 }));
    assert.deepEqual(await openFiles(page, [['a.png', make.png(1_000, 1_000)]]), ['a.png is not shown. It is not a picture that this browser can show.']);
    await soon.equal(() => textOf(page, '#files figcaption'), `a.png, ${make.png(1_000, 1_000).length} bytes\nSave`);
  }));
