// Which page this is: that of one run, by its share link, or that of whoever asks questions, which comes after this.

const address = new URLSearchParams(location.search);
// A link that was cut off is one, too: whoever followed it is asked for no key.
if (address.get('run') && address.has('share')) {
  void import('./shared-page.js');
  // What imports this waits for it, and so never begins.
  await new Promise(() => {});
}

export {};
