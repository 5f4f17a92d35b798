// A start that a busy table, or something on the way, has answered without saying whether it took effect.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, ended, onPage, refusal, soon, textOf } from '../on-page.mjs';

const MESSAGE = 'The store cannot be used right now; try again in a moment.';

for (const [name, answer, told] of [
  ['the service', refusal(503, 'unavailable', MESSAGE), MESSAGE],
  ['something on the way', { status: 504, contentType: 'text/html', body: '<h1>Gateway Timeout</h1>' }, 'The server answered with status 504 and no explanation.'],
]) {
  test(`a start that ${name} gives up keeps the question, and asking again leads into the run that it may have begun`, () =>
    onPage(
      async (page) => {
        const keys = [];
        let begun = '';
        await page.route('**/api/chat/orchestrator/stream', async (route) => {
          keys.push(route.request().headers()['idempotency-key']);
          if (keys.length > 1) return route.continue();
          begun = (await route.fetch()).headers()['x-run-id'];
          return route.fulfill(answer);
        });
        await page.goto(at('/orchestrator'));
        await page.fill('#query', 'What is 6 times 7?');
        await page.locator('#ask').click();
        await page.waitForSelector('#composer-error:not([hidden])');
        await soon.equal(() => textOf(page, '#composer-error'), told);
        await soon.equal(() => page.inputValue('#query'), 'What is 6 times 7?');
        await page.locator('#ask').click();
        await ended(page);
        assert.equal(keys.length, 2);
        assert.equal(keys[1], keys[0]);
        assert.equal(page.url(), at(`/orchestrator?run=${begun}`));
      },
      { expectedErrors: [/status of 50[34]/] },
    ));
}
