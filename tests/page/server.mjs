// A stack of a test's own, which it may stop and start again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The stack that was built from this checkout. `SERVER` names another binary. */
const SERVER = process.env.SERVER ?? new URL('../../target/debug/serverless-llm', import.meta.url).pathname;

/** Starts a stack on a data folder, and says its address. */
export async function startServer(data, port) {
  const server = spawn(SERVER, ['--port', String(port), '--data-dir', data], { env: { PATH: process.env.PATH, HOME: data }, stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: server.stdout })) {
    const address = /is ready: (http:\/\/[^/]+)\//.exec(line)?.[1];
    if (address) {
      server.stdout.resume();
      return { server, address };
    }
  }
  throw new Error('the stack did not become ready');
}

export async function stopServer(server, signal = 'SIGINT') {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill(signal);
  await gone;
}
