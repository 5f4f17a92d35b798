// Takes docs/page.png, the picture of the README, from a running stack (BASE_URL): an example question, worked out.

import { launch } from './browser.mjs';

const base = process.env.BASE_URL;
if (!base) throw new Error('BASE_URL is not set. Start the stack (cargo run) and set it to the address it prints, e.g. BASE_URL=http://127.0.0.1:8080');

const EXAMPLE = 'train';
const path = new URL('../../docs/page.png', import.meta.url).pathname;

const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  await page.goto(new URL('/orchestrator', base).href);
  await page.locator('#examples button', { hasText: EXAMPLE }).click();
  await page.waitForSelector('#progress [data-status="completed"]', { timeout: 60_000 });
  await page.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
  });
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: 'disabled' });
  console.log(`wrote ${path}`);
} finally {
  await browser.close();
}
