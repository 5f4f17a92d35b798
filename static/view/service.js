// What the server is and has: its models, tools and examples, and whether the model that every run needs answers.

import { request } from '../api.js';
import { asText, field, listIn, textIn } from '../json.js';
import { shortened, text } from '../strings.js';
import { guardedNode } from './boundary.js';
import { byId, el } from './dom.js';
import { shortName } from './tools/names.js';

const DATE_HEADER_PRECISION_MS = 2_000;

/**
 * @typedef {{id: string, name: string, available: boolean, rehearsal: boolean}} Model
 * @typedef {{query: string, tools: string[]}} Example
 * @typedef {{orchestrator: string, calls: string, owner: string, limits: unknown, models: Model[], tools: import('./preferences.js').Choice[], examples: Example[]}} Config
 */

/**
 * @param {{banners: ReturnType<typeof import('./banners.js').createBanners>, onExample(query: string): void,
 *   onChoices(choices: import('./preferences.js').Choices): void, onRead(): void, onKey(): void}} page
 */
export function createService({ banners, onExample, onChoices, onRead, onKey }) {
  /** @type {Map<string, string>} */
  const names = new Map();
  let aheadMs = 0;
  let reads = 0;
  let endTelling = () => {};
  /** @type {unknown} */
  let limits = null;
  /** Loaded on need: most services bound nobody. @type {ReturnType<typeof import('./standing.js').createStanding> | null} */
  let standing = null;

  async function read() {
    reads += 1;
    endTelling();
    try {
      const response = await request('/api/config');
      // The person has been asked for a key, and gave none.
      if (response.status === 401) return;
      if (!response.ok) throw new Error(`config: status ${response.status}`);
      const ahead = Date.parse(response.headers.get('date') ?? '') - Date.now();
      if (Math.abs(ahead) > DATE_HEADER_PRECISION_MS) aheadMs = ahead;
      const body = await response.json();
      show(readConfig(body));
      void showStanding(body);
      banners.show('config', null);
    } catch {
      banners.show('config', { kind: 'warn', ...text.examplesMissing });
    }
  }

  /** @param {Config} config */
  function show(config) {
    const { models, tools, examples } = config;
    limits = config.limits;
    // The stand-in does not pass for what it stands in for.
    for (const { id, name, rehearsal } of models) names.set(id, rehearsal ? text.rehearsalName : name);
    showRehearsal(models);
    banners.show('calls', config.calls ? { kind: 'info', what: config.calls, then: text.callsThen } : null);
    void showDown(models.filter(({ id, available }) => id === config.orchestrator && !available));
    showExamples(examples, onExample);
    onChoices({
      models: models.map(({ id, name, available }) => ({ id, name: shortened(name), available })),
      tools,
      orchestrator: shortened(names.get(config.orchestrator) ?? config.orchestrator),
      limits,
      owner: config.owner,
    });
    onRead();
  }

  /** @param {Model[]} models */
  function showRehearsal(models) {
    const played = models.filter(({ rehearsal }) => rehearsal).map(({ name }) => name);
    const then = text.rehearsal(played.length < models.length ? played : []);
    banners.show('rehearsal', played.length > 0 ? { kind: 'info', what: text.rehearsalTitle, then } : null);
  }

  /** @param {Model[]} down */
  async function showDown(down) {
    const ofRead = reads;
    if (down.length === 0) return banners.show('down', null);
    const { tellDown } = await import('./down.js');
    if (ofRead !== reads) return;
    endTelling();
    endTelling = tellDown(banners, down.map(({ name }) => name), () => void read());
  }

  /** Whose key it is, what is left of its limits, and whether new runs begin at all. @param {unknown} body */
  async function showStanding(body) {
    const isPlain = !field(body, 'paused') && field(body, 'owner') !== 'visitor' && !['runs_per_minute', 'parallel', 'usd_per_day'].some((name) => field(limits, name));
    if (isPlain && !standing) return;
    standing ??= (await import('./standing.js')).createStanding(banners, onKey);
    standing.show(body);
  }

  return {
    read,
    /** A run has begun or ended. */
    changed: () => standing?.read(),
    limits: () => limits,
    /** @param {string} id */
    modelName: (id) => shortened(names.get(id) ?? id),
    aheadMs: () => aheadMs,
  };
}

/** @param {Example[]} examples @param {(query: string) => void} onExample */
function showExamples(examples, onExample) {
  const items = examples.map(({ query, tools }) => guardedNode(() => {
    const button = el('button', { type: 'button' }, el('span', {}, query), el('span', { class: 'tools' }, tools.map(shortName).join(' → ')));
    button.addEventListener('click', () => onExample(query));
    return el('li', {}, button);
  }, 'li'));
  const list = byId('examples');
  // Read again, they are the same: what has the focus keeps it.
  if (list.childElementCount !== items.length) list.replaceChildren(...items);
}

/** What the server says of itself, whatever its version. @param {unknown} body @returns {Config} */
function readConfig(body) {
  const models = listIn(body, 'models').filter((model) => textIn(model, 'id') !== '');
  const examples = listIn(body, 'examples').filter((example) => textIn(example, 'query') !== '');
  return {
    orchestrator: textIn(field(body, 'orchestrator'), 'model'),
    calls: textIn(field(body, 'orchestrator'), 'calls_reason'),
    owner: textIn(body, 'owner'),
    limits: field(body, 'limits'),
    models: models.map((model) => ({
      id: textIn(model, 'id'),
      name: asText(field(model, 'name')) || textIn(model, 'id'),
      available: field(model, 'available') !== false,
      rehearsal: field(model, 'rehearsal') === true,
    })),
    tools: listIn(body, 'tools').map((tool) => ({
      id: textIn(tool, 'name'),
      name: shortened(textIn(tool, 'name')),
      available: field(tool, 'available') !== false,
      problem: textIn(tool, 'problem'),
    })).filter(({ id }) => id),
    examples: examples.map((example) => ({ query: textIn(example, 'query'), tools: listIn(example, 'tools').map((tool) => asText(tool)) })),
  };
}
