// The box a question is typed in. It gives the text away only when the run has started. While a run is going on, Stop stands
// in place of Ask.

import { text } from '../strings.js';
import { byId, setText } from './dom.js';

const DRAFT = 'draft';

/** @typedef {'none' | 'live' | 'stopping'} Going whether a run is going on, on this page */

/** @param {{ask(query: string): void, stop(): void, endReply(): void}} page */
export function createComposer(page) {
  const form = /** @type {HTMLFormElement} */ (byId('composer'));
  const field = /** @type {HTMLTextAreaElement} */ (byId('query'));
  const button = /** @type {HTMLButtonElement} */ (byId('ask'));
  const stop = /** @type {HTMLButtonElement} */ (byId('stop'));
  const error = byId('composer-error');
  const say = errorLine(error, field);
  const replyTo = replyLine(field, page.endReply);
  let waiting = false;
  let held = '';
  /** @type {Going} */
  let going = 'none';

  function submit() {
    if (waiting) return;
    const why = going === 'none' ? held : text.stillGoingOn;
    if (why) {
      say(why, false);
      setText(byId('announcer'), why);
    } else if (field.value.trim() === '') {
      say(text.blank);
      field.focus();
    } else page.ask(field.value);
  }

  listenForSubmit(form, field, submit);
  field.addEventListener('input', () => {
    say('');
    keepDraft(field.value);
  });
  stop.addEventListener('click', () => {
    if (going === 'live') page.stop();
  });
  field.value = draft();

  tellHeight(form);

  /** @param {string} query */
  function put(query) {
    field.value = query;
    keepDraft(query);
  }

  return {
    /** @param {boolean} on */
    busy(on) {
      waiting = on;
      button.setAttribute('aria-disabled', String(on));
      setText(button, on ? text.asking : text.ask);
      if (on) say('');
    },
    /** @param {Going} now */
    going(now) {
      if (now === going) return;
      if ((now === 'none') !== (going === 'none')) {
        if (now === 'none') swap(stop, button, field);
        else swap(button, stop, field);
        if (now === 'none' && error.textContent === text.stillGoingOn) say('');
      }
      going = now;
      byId('composer-hint').hidden = now !== 'none';
      stop.setAttribute('aria-disabled', String(now === 'stopping'));
      setText(stop, now === 'stopping' ? text.stopping : text.stop);
    },
    /** @param {string} why nothing can be asked now, '' where it can */
    hold(why) {
      held = why;
      button.setAttribute('aria-disabled', String(why !== ''));
      setText(button, text.ask);
    },
    fail: say,
    put,
    clear: () => put(''),
    typed: () => field.value,
    focus: () => field.focus(),
    replyTo,
  };
}

/** @param {HTMLElement} form @param {HTMLElement} field @param {() => void} submit */
function listenForSubmit(form, field, submit) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
}

/** How high the box is, for what must not lie behind it. @param {HTMLElement} form */
function tellHeight(form) {
  new ResizeObserver(() => document.documentElement.style.setProperty('--dock', `${form.offsetHeight}px`)).observe(form);
}

/** Puts one button in place of the other. The focus does not fall to the page, nor on the other button. @param {HTMLElement} from @param {HTMLElement} to @param {HTMLElement} field */
function swap(from, to, field) {
  const hadFocus = document.activeElement === from;
  from.hidden = true;
  to.hidden = false;
  if (hadFocus) field.focus({ preventScroll: true });
}

/** The line that says what is wrong. @param {HTMLElement} line @param {HTMLTextAreaElement} field */
function errorLine(line, field) {
  /** @param {string} message @param {boolean} [isWrong] whether it is the text that is refused */
  return (message, isWrong = message !== '') => {
    line.hidden = message === '';
    setText(line, message);
    if (isWrong) field.setAttribute('aria-invalid', 'true');
    else field.removeAttribute('aria-invalid');
    field.setAttribute('aria-describedby', message === '' ? 'composer-hint' : 'composer-error');
  };
}

/** The line that says which run the next question follows up, or is asked in place of. @param {HTMLTextAreaElement} field @param {() => void} end */
function replyLine(field, end) {
  const line = byId('follow-up');
  line.querySelector('button')?.addEventListener('click', () => {
    end();
    field.focus();
  });
  /** @param {import('../current.js').Reply} reply */
  return ({ followUp, instead }) => {
    line.hidden = !followUp && !instead;
    setText(/** @type {HTMLElement} */ (line.firstElementChild), text.reply(followUp?.title, instead?.title));
    field.placeholder = followUp ? text.followUpPlaceholder : byId('new').hidden ? text.question : text.newQuestion;
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
