// Which page this is: that of one run, by its share link, or that of whoever asks questions.

const address = new URLSearchParams(location.search);
// A link that was cut off is one, too: whoever followed it is asked for no key.
if (address.get('run') && address.has('share')) void import('./shared-page.js');
else void import('./app.js');
