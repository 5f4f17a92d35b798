// The page that tells what runs took, and how models and tools fare now. Loaded on need, with its own styles.

import { refusalOf, request, unreachable } from '../api.js';
import { field } from '../json.js';
import { text } from '../strings.js';
import { CHOICES, DEFAULT_DAYS, daysAskedFor, joined, readUse } from '../use.js';
import { useWords as words } from '../use-words.js';
import { byId, el, setText } from './dom.js';
import { withSheet } from './sheet.js';
import { createChecks } from './use-checks.js';
import { createLeft } from './use-left.js';
import { createSums } from './use-sums.js';

const OPENER = 'open-use';

/**
 * @typedef {import('../use.js').Use} Use
 * @typedef {{use: Use, limits: unknown} | {error: import('../api.js').Refusal}} Answer
 */

// What imports this shows it with its styles.
await withSheet('use.css');

/** @param {{newQuestion(): void}} page @returns {{show(): void, hide(): void, read(): void}} `read`: again, where it is shown */
export function createUse({ newQuestion }) {
  const opener = byId(OPENER);
  const leave = el('button', { type: 'button', class: 'quiet use-back' }, words.back);
  const title = el('h1', { id: 'use-title', tabindex: '-1' }, words.title);
  const lead = el('p', { class: 'lead' });
  const choice = createChoice((days) => choose(days));
  const state = createState({ retry: () => void reading.read(days), newQuestion });
  const sums = createSums();
  const left = createLeft();
  const checks = createChecks(({ models }) => sums.name(new Map(models.map(({ id, name, state: of }) => [id, of === 'rehearsal' ? text.rehearsalName : name]))));
  const node = el('section', { class: 'use', 'aria-labelledby': 'use-title', hidden: true }, leave, title, lead, left.node, choice.node, state.node, sums.node, checks.node);
  const reading = createReading({ node, title, lead, left, state, sums });
  byId('idle').before(node);
  // Where it was opened from here, the page that was left is the one before.
  leave.addEventListener('click', () => (history.state?.within ? history.back() : newQuestion()));
  let days = DEFAULT_DAYS;

  /** @param {number} chosen */
  function choose(chosen) {
    days = chosen;
    history.replaceState(history.state, '', `/orchestrator?view=use${days === DEFAULT_DAYS ? '' : `&days=${days}`}`);
    void reading.read(days);
  }

  /** @param {boolean} on */
  function setShown(on) {
    node.hidden = !on;
    byId('composer').hidden = on;
    byId('new').hidden = !on;
  }

  function read() {
    if (node.hidden) return;
    void reading.read(days);
    void checks.read();
  }

  return {
    show() {
      days = daysAskedFor(new URLSearchParams(location.search).get('days'));
      choice.show(days);
      setShown(true);
      opener.setAttribute('aria-current', 'page');
      document.title = text.tab('', words.title);
      if (document.activeElement === opener) title.focus({ preventScroll: true });
      read();
    },
    hide() {
      if (node.hidden) return;
      reading.drop();
      if (node.contains(document.activeElement)) opener.focus();
      setShown(false);
      opener.removeAttribute('aria-current');
      document.title = text.app;
    },
    read,
  };
}

/**
 * Reads the sums and shows them, or says why they are not there.
 * @param {{node: HTMLElement, title: HTMLElement, lead: HTMLElement, left: ReturnType<typeof createLeft>, state: ReturnType<typeof createState>, sums: ReturnType<typeof createSums>}} parts
 * @returns {{read(days: number): Promise<void>, drop(): void}} `drop`: what has been asked for is not shown any more
 */
function createReading({ node, title, lead, left, state, sums }) {
  let asked = 0;

  /** @param {Answer} answer @param {number} days */
  function show(answer, days) {
    sums.node.hidden = true;
    if ('error' in answer) {
      setText(lead, '');
      return state.failed(answer.error);
    }
    const { use } = answer;
    left.show(answer.limits);
    const all = joined(use.days);
    setText(lead, words.lead(all));
    setText(byId('announcer'), words.read(days, all.runs));
    state.shown(all.runs, days, use.unreadable);
    // What is rated or charged without a run that is counted is told all the same.
    if (all.runs + all.good + all.bad + all.nanoUsd + all.tasks + all.repeats === 0) return;
    sums.show(use.days);
    sums.node.hidden = false;
  }

  return {
    async read(days) {
      asked += 1;
      const mine = asked;
      node.setAttribute('aria-busy', 'true');
      if (sums.node.hidden) state.loading();
      const answer = await statsOf(days);
      // Another time was chosen meanwhile.
      if (mine !== asked) return;
      node.setAttribute('aria-busy', 'false');
      const focused = document.activeElement;
      show(answer, days);
      // The button that was pressed is gone now.
      if (focused instanceof HTMLButtonElement && state.node.contains(focused) && focused.hidden) title.focus();
    },
    drop: () => {
      asked += 1;
    },
  };
}

/** @param {number} days @returns {Promise<Answer>} */
async function statsOf(days) {
  try {
    const response = await request(`/api/stats?days=${days}`);
    if (!response.ok) return { error: await refusalOf(response) };
    // The days are those of the server's clock; that of this device may be wrong.
    const now = Date.parse(response.headers.get('date') ?? '');
    const body = await response.json();
    return { use: readUse(body, days, Number.isNaN(now) ? Date.now() : now), limits: field(body, 'limits') };
  } catch {
    return { error: unreachable };
  }
}

/** @param {(days: number) => void} onChoice */
function createChoice(onChoice) {
  const options = el('div', { class: 'use-options' });
  const node = el('fieldset', { class: 'use-time' }, el('legend', {}, words.time), options);
  node.addEventListener('change', ({ target }) => onChoice(Number(/** @type {HTMLInputElement} */ (target).value)));
  return {
    node,
    /** Another time than those offered can stand in an address. @param {number} chosen */
    show(chosen) {
      const offered = [...new Set([...CHOICES, chosen])].sort((one, other) => one - other);
      options.replaceChildren(...offered.map((days) => {
        const radio = el('input', { type: 'radio', name: 'use-days', value: String(days), checked: days === chosen });
        return el('label', { class: 'use-option' }, radio, el('span', {}, words.days(days)));
      }));
    },
  };
}

/** What stands in place of the sums, or above them. @param {{retry(): void, newQuestion(): void}} page */
function createState({ retry, newQuestion }) {
  const told = el('p');
  const error = el('p', { class: 'field-error', role: 'alert' });
  const again = el('button', { type: 'button', class: 'secondary' }, text.again);
  const first = el('button', { type: 'button', class: 'secondary' }, words.firstQuestion);
  const node = el('div', { class: 'use-state' }, told, error, again, first);
  again.addEventListener('click', retry);
  first.addEventListener('click', newQuestion);
  /** @param {string} said @param {string} failed @param {{again?: boolean, first?: boolean}} buttons */
  const put = (said, failed, buttons) => {
    setText(told, said);
    setText(error, failed);
    again.hidden = !buttons.again;
    first.hidden = !buttons.first;
  };
  return {
    node,
    // The button that was pressed stays until the answer is there.
    loading: () => put(words.loading, '', { again: !again.hidden }),
    /** @param {import('../api.js').Refusal} refusal */
    failed: ({ code, message }) => (code === 'unauthorized' ? put(words.noKey, '', {}) : put('', `${words.failed} ${message}`, { again: true })),
    /** @param {number} runs @param {number} days @param {number} unreadable */
    shown: (runs, days, unreadable) => put(runs > 0 ? '' : `${words.none(days)} ${words.noneThen}`, unreadable > 0 ? text.history.unreadable(unreadable) : '', { first: runs === 0 }),
  };
}
