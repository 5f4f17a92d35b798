// What the server said of its models, its tools and its tool calls, each with the next step where one is to be done.

import { ask } from '../api.js';
import { downIn, readChecks } from '../checks.js';
import { shortened, text } from '../strings.js';
import { checkWords as words } from '../use-words.js';
import { el, setText } from './dom.js';

const PROBLEM_CHARACTERS = 600;

/** @typedef {import('../checks.js').Checks} Checks */

/**
 * @param {(checks: Checks) => void} onRead
 * @returns {{node: HTMLElement, read(): Promise<void>}}
 */
export function createChecks(onRead) {
  const told = el('p', { class: 'use-told' });
  const error = el('p', { class: 'field-error', role: 'alert' });
  const list = el('div', { class: 'use-checks' });
  const at = el('p', { class: 'muted' });
  const again = el('button', { type: 'button', class: 'secondary' }, words.again);
  const node = el('section', { 'aria-labelledby': 'use-checks-title' }, el('h2', { id: 'use-checks-title' }, words.title), told, error, list, at, again);
  let asked = 0;
  again.addEventListener('click', () => void read());

  async function read() {
    asked += 1;
    const mine = asked;
    node.setAttribute('aria-busy', 'true');
    setText(error, '');
    if (list.childElementCount === 0) setText(told, words.loading);
    const answer = await ask('/api/config');
    if (mine !== asked) return;
    node.setAttribute('aria-busy', 'false');
    if (!answer.ok) {
      setText(told, '');
      list.replaceChildren();
      setText(at, '');
      // That a key is needed is told once, for all of the page.
      setText(error, answer.error.code === 'unauthorized' ? text.keyNeeded : `${words.failed} ${answer.error.message}`);
      return;
    }
    const checks = readChecks(answer.body);
    show(checks);
    onRead(checks);
  }

  /** @param {Checks} checks */
  function show(checks) {
    const down = downIn(checks);
    const isDown = down.models.length + down.tools.length > 0;
    setText(told, isDown ? words.someDown(down.models.length, down.tools.length) : words.allWork(checks.models.length, checks.tools.length));
    list.replaceChildren(
      group(words.models, checks.models.map(modelLine)),
      group(words.tools, checks.tools.map(toolLine)),
      group(words.calls, [callsLine(checks)]),
    );
    setText(at, words.at(Date.now()));
  }

  return { node, read };
}

/** What is wrong first. @param {string} title @param {Line[]} lines */
function group(title, lines) {
  if (lines.length === 0) return el('div');
  const sorted = [...lines].sort((one, other) => Number(other.isDown) - Number(one.isDown));
  // What several lines lack alike is told below the last of them.
  const told = sorted.map((line, at) => ({ ...line, next: !line.isDown && sorted[at + 1]?.next === line.next ? '' : line.next }));
  return el('div', {}, el('h3', {}, title), el('ul', {}, ...told.map(lineOf)));
}

/** @typedef {{name: string, said: string, next: string, isDown: boolean}} Line */

/** @param {Line} line */
function lineOf({ name, said, next, isDown }) {
  return el(
    'li',
    { class: isDown ? 'down' : false },
    ...(name ? [el('bdi', { class: 'use-check-name' }, shortened(name)), ' '] : []),
    el('span', { dir: 'auto' }, said),
    ...(next ? [el('p', { class: 'use-next' }, el('strong', {}, words.next), ' ', next)] : []),
  );
}

/** @param {Checks['models'][number]} model @returns {Line} */
function modelLine({ id, name, state }) {
  return { name: name === id ? id : `${name} (${id})`, ...words.model[state], isDown: state === 'down' || state === 'neededDown' };
}

/** @param {Checks['tools'][number]} tool @returns {Line} */
function toolLine({ name, isDown, problem }) {
  if (!isDown) return { name, said: words.tool.works, next: '', isDown };
  return problem
    ? { name, said: words.tool.down(problem.slice(0, PROBLEM_CHARACTERS)), next: words.tool.nextKnown, isDown }
    : { name, said: words.tool.noReason, next: words.tool.nextUnknown, isDown };
}

/** @param {Checks} checks @returns {Line} */
function callsLine({ calls, reason }) {
  const next = calls === 'unknown' ? 'unknown' : calls === 'native' ? 'usual' : reason ? 'otherwise' : 'chosen';
  return { name: '', said: `${words.callsBy[calls]}${reason ? ` ${reason.slice(0, PROBLEM_CHARACTERS)}` : ''}`, next: words.callsNext[next], isDown: false };
}
