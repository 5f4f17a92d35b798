// A stack of a test's own, which it may stop and start again.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const DEFAULT_KEY = `slm_${'k'.repeat(43)}`;

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

/** A stack that answers only with a key, and the keys that were made for it, by their owners' names. @param {Record<string, string[]>} owners with the limits of each */
export async function startWithKeys(owners, variables = {}) {
  const data = await mkdtemp(join(tmpdir(), 'keys-'));
  const { server, address } = await startServer(data, 0, { ACCESS_KEY_SHA256: createHash('sha256').update(DEFAULT_KEY).digest('hex'), ...variables });
  const run = async (...words) => (await promisify(execFile)(SERVER, [...words, '--data-dir', data], { env: { PATH: process.env.PATH, HOME: data } })).stdout.trim();
  const made = await Promise.all(Object.entries(owners).map(async ([name, limits]) => [name, await run('keys', 'create', '--name', name, ...limits)]));
  return {
    address,
    keys: { default: DEFAULT_KEY, ...Object.fromEntries(made) },
    run,
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
