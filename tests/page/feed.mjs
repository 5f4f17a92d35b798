// A page that gets the events of its run from the test, piece by piece.

/** From its next load on, the page reads what `window.feed(text)` is given in place of the server's stream. @param {import('playwright-core').Page} page */
export const feedable = (page) => page.addInitScript(fedByHand);

/** What does that, in the page, before any script of its own. */
export function fedByHand() {
  const original = window.fetch;
  let feed;
  const body = new ReadableStream({ start: (controller) => { feed = controller; } });
  window.fetch = (url, init) => (String(url).includes('/events') ? Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } })) : original(url, init));
  window.feed = (text) => feed.enqueue(new TextEncoder().encode(text));
}
