// The browser that the tests and the picture use: Chromium of this machine, which talks to nobody but the page's server.

import { chromium } from 'playwright-core';

/** `CHROMIUM` names another binary than Debian's. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}
