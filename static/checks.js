// What the server said when it last looked at its models and tools, and how it asks for tool calls: by `GET /api/config`, whatever its version.

import { asText, field, listIn, textIn } from './json.js';

/**
 * @typedef {'works' | 'rehearsal' | 'down' | 'neededDown'} ModelState `neededDown`: every run needs it
 * @typedef {'native' | 'schema' | 'text' | 'unknown'} Calls
 * @typedef {{models: {id: string, name: string, state: ModelState}[], tools: {name: string, isDown: boolean, problem: string}[], calls: Calls, reason: string}} Checks
 */

/** @param {unknown} body @returns {Checks} */
export function readChecks(body) {
  const orchestrator = field(body, 'orchestrator');
  const needed = textIn(orchestrator, 'model');
  const calls = textIn(orchestrator, 'calls');
  return {
    models: listIn(body, 'models').filter((model) => textIn(model, 'id') !== '').map((model) => {
      const id = textIn(model, 'id');
      return { id, name: asText(field(model, 'name')) || id, state: stateOf(model, id === needed) };
    }),
    tools: listIn(body, 'tools').filter((tool) => textIn(tool, 'name') !== '').map((tool) => ({
      name: textIn(tool, 'name'),
      isDown: field(tool, 'available') === false,
      problem: textIn(tool, 'problem'),
    })),
    calls: calls === 'native' || calls === 'schema' || calls === 'text' ? calls : 'unknown',
    reason: textIn(orchestrator, 'calls_reason'),
  };
}

/** @param {unknown} model @param {boolean} isNeeded @returns {ModelState} */
function stateOf(model, isNeeded) {
  if (field(model, 'available') === false) return isNeeded ? 'neededDown' : 'down';
  return field(model, 'rehearsal') === true ? 'rehearsal' : 'works';
}

/** What works not, or is a stand-in, before what works. @param {Checks} checks */
export function downIn({ models, tools }) {
  return {
    models: models.filter(({ state }) => state === 'down' || state === 'neededDown'),
    tools: tools.filter(({ isDown }) => isDown),
  };
}
