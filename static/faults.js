// Faults of the page itself: they are told on the page, not in the console alone. It stands apart from the rest of the page, so
// that it also tells when a file of that could not be loaded.

import { text } from './strings.js';

const MESSAGE_CHARACTERS = 300;
// Not faults: the browser says that it will measure again in the next frame.
const MEASURED_AGAIN = /^ResizeObserver loop (completed with undelivered notifications|limit exceeded)/;

// What Chromium, Firefox and Safari say where a part that is loaded on need could not be, or is of a later version than the others.
const NOT_LOADED = /dynamically imported module|Importing a module script failed|provide an export named|Importing binding name/;

const line = /** @type {HTMLElement} */ (document.getElementById('fault'));
const [what, why] = line.querySelectorAll('strong, span');
line.querySelector('button')?.addEventListener('click', () => location.reload());

// Files that could not be loaded are told to their elements, which only capturing hears.
addEventListener('error', onError, true);
addEventListener('unhandledrejection', ({ reason }) => (NOT_LOADED.test(messageOf(reason)) ? tell(text.fault.notLoaded, '') : tell(text.fault.title, messageOf(reason))));

/** @param {Event} event */
function onError(event) {
  if (event.target instanceof HTMLScriptElement || event.target instanceof HTMLLinkElement) tell(text.fault.notLoaded, '');
  else if (event instanceof ErrorEvent && isOurs(event)) tell(text.fault.title, event.error ? messageOf(event.error) : event.message);
}

/** Extensions of the browser run on the page, too, and their faults are theirs. @param {ErrorEvent} event */
function isOurs({ error, message, filename }) {
  const isMeasuring = !error && MEASURED_AGAIN.test(message);
  return !isMeasuring && (filename === '' || filename.startsWith(location.origin));
}

/** The first of several stays: the others often follow from it. @param {string} title @param {string} message */
function tell(title, message) {
  if (!line.hidden) return;
  what.textContent = title;
  why.textContent = `${message.slice(0, MESSAGE_CHARACTERS)} ${text.fault.then}`.trim();
  line.className = 'banner danger';
  line.hidden = false;
}

/** @param {unknown} reason */
function messageOf(reason) {
  if (reason instanceof Error) return `${reason.name}: ${reason.message}.`;
  return typeof reason === 'string' ? reason : '';
}
