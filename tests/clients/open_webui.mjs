// Opens Open WebUI in Chromium, asks a question, and tells what a person sees: node open_webui.mjs ADDRESS QUESTION ANSWER [PICTURE]
import { chromium } from '../page/node_modules/playwright-core/index.mjs';

const ANSWER_MS = 120_000;

const [address, question, answer, picture] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  await page.goto(address, { waitUntil: 'domcontentloaded' });
  const input = page.locator('#chat-input');
  await input.waitFor({ timeout: ANSWER_MS });
  // What is new in this version stands before all else.
  await page.keyboard.press('Escape');
  await input.click();
  await page.keyboard.insertText(question);
  await page.keyboard.press('Enter');
  await page.getByText(answer).first().waitFor({ timeout: ANSWER_MS });
  // Steps fold under a line of their own.
  const steps = page.getByText(/Thought|Thinking/).first();
  await steps.waitFor({ timeout: ANSWER_MS });
  await steps.click();
  const step = page.getByText('search: ').first();
  await step.waitFor({ timeout: ANSWER_MS });
  if (picture) await page.screenshot({ path: picture });
  const links = await page.locator('a[href^="https://example.org"]').evaluateAll((all) => all.map((it) => it.getAttribute('href')));
  const text = await page.locator('body').innerText();
  process.stdout.write(JSON.stringify({ answer: text.includes(answer), steps: await step.isVisible(), links, text }));
} finally {
  await browser.close();
}
