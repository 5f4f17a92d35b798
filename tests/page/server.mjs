// A stack of a test's own, which it may stop and start again.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const KEY = `slm_${'k'.repeat(43)}`;

/** The stack that was built from this checkout. `SERVER` names another binary. */
const SERVER = process.env.SERVER ?? new URL('../../target/debug/serverless-llm', import.meta.url).pathname;

/** Starts a stack on a data folder, and says its address. */
export async function startServer(data, port, variables = {}) {
  const server = spawn(SERVER, ['--port', String(port), '--data-dir', data], { env: { PATH: process.env.PATH, HOME: data, ...variables }, stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: server.stdout })) {
    const address = /is ready: (http:\/\/[^/]+)\//.exec(line)?.[1];
    if (address) {
      server.stdout.resume();
      return { server, address };
    }
  }
  throw new Error('the stack did not become ready');
}

/** A stack that answers only with a key, and that key. */
export async function startWithKey() {
  const data = await mkdtemp(join(tmpdir(), 'key-'));
  const { server, address } = await startServer(data, 0, { ACCESS_KEY_SHA256: createHash('sha256').update(KEY).digest('hex') });
  return {
    address,
    key: KEY,
    async stop() {
      await stopServer(server);
      await rm(data, { recursive: true, force: true });
    },
  };
}

export async function stopServer(server, signal = 'SIGINT') {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill(signal);
  await gone;
}
