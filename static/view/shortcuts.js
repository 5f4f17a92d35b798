// The keys that work everywhere on the page. Those of a field or a dialog are their own affair.

import { isDialogOpen } from './dialogs.js';

/** @param {{help(): void, history(): void, stop(): void}} page `stop` asks first, and does nothing where no run is going on */
export function listenForKeys({ help, history, stop }) {
  addEventListener('keydown', (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      // Else the browser's own search takes the key where a dialog is open.
      event.preventDefault();
      history();
    } else if (isDialogOpen()) {
      return;
    } else if (event.key === 'Escape') {
      // Else the same press would close the dialog that it opens.
      event.preventDefault();
      stop();
    } else if (event.key === '?' && !event.ctrlKey && !event.metaKey && !isTypedInto(event.target)) {
      event.preventDefault();
      help();
    }
  });
}

/** @param {EventTarget | null} target */
function isTypedInto(target) {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target instanceof HTMLInputElement;
}
