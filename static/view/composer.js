// The box a question is typed in. It gives the text away only when the run has started.

import { text } from '../strings.js';
import { byId, setText } from './dom.js';

const DRAFT = 'draft';

/**
 * @param {(query: string) => void} onAsk
 * @returns {{busy(on: boolean): void, fail(message: string): void, put(query: string): void, clear(): void}}
 */
export function createComposer(onAsk) {
  const form = /** @type {HTMLFormElement} */ (byId('composer'));
  const field = /** @type {HTMLTextAreaElement} */ (byId('query'));
  const button = /** @type {HTMLButtonElement} */ (byId('ask'));
  const error = byId('composer-error');
  let waiting = false;

  /** @param {string} message */
  function say(message) {
    error.hidden = message === '';
    setText(error, message);
    if (message === '') field.removeAttribute('aria-invalid');
    else field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', message === '' ? 'composer-hint' : 'composer-error');
  }

  function submit() {
    if (waiting) return;
    if (field.value.trim() === '') {
      say(text.blank);
      field.focus();
    } else onAsk(field.value);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  field.addEventListener('input', () => {
    say('');
    keepDraft(field.value);
  });
  field.value = draft();

  new ResizeObserver(() => {
    document.documentElement.style.setProperty('--dock', `${form.offsetHeight}px`);
  }).observe(form);

  /** @param {string} query */
  function put(query) {
    field.value = query;
    keepDraft(query);
  }

  return {
    busy(on) {
      waiting = on;
      button.setAttribute('aria-disabled', String(on));
      setText(button, on ? text.asking : text.ask);
      if (on) say('');
    },
    fail: say,
    put,
    clear: () => put(''),
  };
}

/** What was typed before the page was reloaded. A browser that refuses storage keeps no draft. */
function draft() {
  try {
    return sessionStorage.getItem(DRAFT) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} query */
function keepDraft(query) {
  try {
    sessionStorage.setItem(DRAFT, query);
  } catch {
    // The text is still in the field.
  }
}
