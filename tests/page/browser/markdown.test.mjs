// What a model writes as Markdown is set as that.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, WIDE, assertNoSidewaysScroll, ended, onPage, openRecorded } from '../on-page.mjs';
import * as run from '../runs.mjs';

const SAMPLE = `# Solar and coal

In 2024 **solar** passed *coal* in the EU [1]. It cost \`$5\` and $6 a unit, says [the review](https://example.org/review); see also https://data.example.org/totals.

1. First point, with a longer line of text that will surely wrap on a narrow screen.
3. Third, as the model wrote it
   - nested *one*
   - nested two

   \`\`\`python
   print("in an item")
   \`\`\`

- [x] done
- [ ] to do

| Source | TWh | Share |
|:--|--:|:-:|
| Solar | 304 | **11 %** |
| Coal | 269 | 10 % |

> A quote
> - with a list

---

~~Old~~ new, snake_case_name, 2*3*4, **真，**她.

\`\`\`js
const x = 1;
\`\`\`
<img src=x onerror=alert(1)> a<br>b
`;

for (const [name, viewport, colorScheme] of [['1440', WIDE, 'light'], ['390', NARROW, 'dark'], ['320', { width: 320, height: 640 }, 'light']]) {
  test(`an answer in Markdown, ${name} px wide`, () =>
    onPage(async (page) => {
      await openRecorded(page, run.answeredRun('Did solar pass coal?', SAMPLE, { sources: [{ title: 'Review', url: 'https://example.org/review' }] }));
      await ended(page);
      await page.waitForFunction((text) => document.querySelector('#answer .prose')?.textContent === text, SAMPLE);
      assert.equal(await page.locator('#answer table tr').count(), 3);
      await assertNoSidewaysScroll(page);
      await page.screenshot({ path: new URL(`../shots/markdown_${name}.png`, import.meta.url).pathname, fullPage: true });
    }, { viewport, colorScheme }));
}
