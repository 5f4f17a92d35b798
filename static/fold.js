// The run as the page knows it: one pure reducer over the server's events. No DOM, no clock, no network.

/**
 * @typedef {{input_tokens: number, output_tokens: number, estimated: boolean}} Usage
 * @typedef {{called: boolean, ok: boolean, result: unknown, durationMs: number, usage: Usage | null, costUsd: number | null}} Outcome
 * @typedef {{kind: 'call', key: string, round: number, tool: string, arguments: unknown, model: string | null,
 *   within: string | null, attempt: number, retryReason: string | null, ended: Attempt[], outcome: Outcome | null}} CallStep `ended`: attempts before the one that counts
 * @typedef {{kind: 'thinking', key: string, round: number, content: string}} ThinkingStep
 * @typedef {{kind: 'resumed', key: string, reason: string}} ResumedStep
 * @typedef {{kind: 'error', key: string, error: RunError}} ErrorStep
 * @typedef {CallStep | ThinkingStep | ResumedStep | ErrorStep} Step
 * @typedef {{code: string, message: string, remedy: string | null}} RunError
 * @typedef {{round: number, model: string, usage: Usage | null, costUsd: number | null, durationMs: number, ended: Attempt[]}} Decision
 * @typedef {{model: string | null, usage: Usage | null, costUsd: number | null}} Attempt what an attempt took that has ended and was not the last; `model` is null where it is not told
 * @typedef {{attempt: number, text: string, ahead: {offset: number, content: string}[]}} StreamedText
 * @typedef {{callId: string | null, content: string, model: string | null, sources: unknown[]}} FinalAnswer
 * @typedef {{status: string, total_rounds: number, duration_ms: number, usage: Usage, cost_usd: number}} Summary
 * @typedef {{name: 'starting'} | {name: 'running'} | {name: 'stopping'} | {name: 'suspended', reason: string}
 *   | {name: 'over', summary: Summary}} Phase
 * @typedef {{lastSeq: number, phase: Phase, runId: string | null, query: string, maxRounds: number, createdAt: string | null,
 *   round: number, steps: Step[], decisions: Decision[], attempts: Map<string, Attempt[]>, texts: Map<string, StreamedText>, final: FinalAnswer | null,
 *   fatal: RunError | null, ignored: number}} RunState
 * @typedef {{event: string, seq: number | null} & Record<string, any>} RunEvent
 */

// Pieces that wait for those before them. What is dropped comes again: stored chunks repeat all that was seen live.
const MOST_AHEAD = 256;

/** @type {RunState} */
export const emptyRun = {
  lastSeq: 0,
  phase: { name: 'starting' },
  runId: null,
  query: '',
  maxRounds: 0,
  createdAt: null,
  round: 0,
  steps: [],
  decisions: [],
  attempts: new Map(),
  texts: new Map(),
  final: null,
  fatal: null,
  ignored: 0,
};

/**
 * The state after one more event. `seq` is the frame's id, null for frames without one (live deltas, pings).
 * Events already seen change nothing; unknown ones are counted and otherwise passed by. Events are those of `events.js`:
 * every field has its type, but arguments, results and sources are any JSON.
 * @param {RunState} state
 * @param {RunEvent} event
 * @returns {RunState}
 */
export function fold(state, event) {
  if (event.seq !== null && event.seq <= state.lastSeq) return state;
  const apply = handlers.get(event.event);
  const next = apply ? apply(state, event) : passedBy(state, event);
  return event.seq === null ? next : { ...next, lastSeq: event.seq };
}

/** The state after an event that nothing is known of, or that cannot be taken: the log is not read again for it. @param {RunState} state @param {RunEvent} event @returns {RunState} */
export function passedBy(state, event) {
  return { ...state, ignored: state.ignored + 1, lastSeq: event.seq ?? state.lastSeq };
}

/** The call id under which the orchestrator's own text of a round streams. @param {number} round */
export function orchestratorCall(round) {
  return `r${round}.orchestrator`;
}

/** @type {Map<string, (state: RunState, event: RunEvent) => RunState>} */
const handlers = new Map([
  ['start', onStart],
  ['round_start', onRoundStart],
  ['orchestrator_thinking', onThinking],
  ['round_decided', onRoundDecided],
  ['tool_call', onToolCall],
  ['delta', onDelta],
  ['retry', onRetry],
  ['tool_result', onToolResult],
  ['final_answer', onFinalAnswer],
  ['error', onError],
  ['suspended', onSuspended],
  ['resumed', onResumed],
  ['cancel_requested', onCancelRequested],
  ['complete', onComplete],
  ['ping', (state) => state],
]);

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onStart(state, e) {
  return {
    ...state,
    phase: { name: 'running' },
    runId: e.run_id,
    query: e.query,
    maxRounds: e.max_rounds,
    createdAt: e.created_at,
  };
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onRoundStart(state, e) {
  return { ...goesOn(state), round: e.round ?? state.round + 1 };
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onThinking(state, e) {
  const round = e.round ?? state.round;
  const callId = orchestratorCall(round);
  const streamed = state.texts.get(callId)?.text.trim() ?? '';
  // Text beside a tool call streams like an answer first, and is stored here once the call is known.
  const texts = streamed !== '' && e.content.includes(streamed) ? without(state.texts, callId) : state.texts;
  const key = `thinking.${state.steps.length}`;
  return addStep({ ...goesOn(state), texts }, { kind: 'thinking', key, round, content: e.content });
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onRoundDecided(state, e) {
  const decision = { round: e.round ?? state.round, model: e.model, usage: e.usage, costUsd: e.cost_usd, durationMs: e.duration_ms, ended: state.attempts.get(orchestratorCall(e.round ?? state.round)) ?? [] };
  const attempts = without(state.attempts, orchestratorCall(decision.round));
  // One that is made again tells what both took.
  const decisions = [...state.decisions.filter(({ round }) => round !== decision.round), decision];
  return { ...goesOn(state), attempts, decisions };
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onToolCall(state, e) {
  const round = e.round ?? state.round;
  const texts = without(state.texts, orchestratorCall(round));
  return addStep({ ...goesOn(state), texts }, { ...newCall(e, round), arguments: e.arguments, model: e.model ?? null, within: e.within ?? null });
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onDelta(state, e) {
  const seen = state.texts.get(e.call_id);
  if (seen && e.attempt < seen.attempt) return state;
  const base = seen && seen.attempt === e.attempt ? seen : { attempt: e.attempt, text: '', ahead: [] };
  const text = join(base, { offset: e.offset, content: e.content });
  return text === seen ? state : { ...state, texts: new Map(state.texts).set(e.call_id, text) };
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onRetry(state, e) {
  const seen = state.texts.get(e.call_id);
  // Text of the new attempt may have come before this event: only older text is forgotten.
  const keep = seen && seen.attempt >= e.attempt;
  const texts = keep ? state.texts : new Map(state.texts).set(e.call_id, { attempt: e.attempt, text: '', ahead: [] });
  const asked = state.steps[placeOf(state, e.call_id)];
  const ended = { model: asked?.kind === 'call' ? asked.model : null, usage: e.usage, costUsd: e.cost_usd };
  const attempts = new Map(state.attempts).set(e.call_id, [...(state.attempts.get(e.call_id) ?? []), ended]);
  return changeCall({ ...goesOn(state), texts, attempts }, e.call_id, (step) => ({ ...step, attempt: e.attempt, retryReason: e.reason, model: e.model ?? step.model, ended: [...step.ended, ended] }));
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onToolResult(state, e) {
  const outcome = { called: e.called, ok: e.ok, result: e.result, durationMs: e.duration_ms, usage: e.usage, costUsd: e.cost_usd };
  const isKnown = state.steps.some((step) => step.kind === 'call' && step.key === e.call_id);
  // What a call that was never announced has brought is a step all the same.
  const known = isKnown ? state : addStep(state, newCall(e, e.round ?? state.round));
  // Its numbers are those of all attempts together.
  const attempts = without(state.attempts, e.call_id);
  return changeCall({ ...goesOn(known), attempts }, e.call_id, (step) => ({ ...step, outcome }));
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onFinalAnswer(state, e) {
  return { ...goesOn(state), final: { callId: e.call_id, content: e.content, model: e.model, sources: e.sources } };
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onError(state, e) {
  if (e.fatal) return { ...state, fatal: e.error };
  return addStep(goesOn(state), { kind: 'error', key: `error.${state.steps.length}`, error: e.error });
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onSuspended(state, e) {
  return { ...state, phase: { name: 'suspended', reason: e.reason } };
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onResumed(state, e) {
  return addStep(goesOn(state), { kind: 'resumed', key: `resumed.${state.steps.length}`, reason: e.reason });
}

/** @param {RunState} state @returns {RunState} */
function onCancelRequested(state) {
  return { ...state, phase: { name: 'stopping' } };
}

/** @param {RunState} state @param {RunEvent} e @returns {RunState} */
function onComplete(state, e) {
  return { ...state, phase: { name: 'over', summary: e.summary } };
}

/** A run that was suspended and sends further events is running again. @param {RunState} state @returns {RunState} */
function goesOn(state) {
  return state.phase.name === 'suspended' ? { ...state, phase: { name: 'running' } } : state;
}

/** @param {RunState} state @param {Step} step @returns {RunState} */
function addStep(state, step) {
  return { ...state, steps: [...state.steps, step] };
}

/** @param {RunEvent} e @param {number} round @returns {CallStep} */
function newCall(e, round) {
  return { kind: 'call', key: e.call_id, round, tool: e.tool, arguments: undefined, model: null, within: null, attempt: 1, retryReason: null, ended: [], outcome: null };
}

/**
 * Of several calls with one id, the first that has not ended is meant, else the last.
 * @param {RunState} state
 * @param {string} key
 * @param {(step: CallStep) => CallStep} change
 * @returns {RunState}
 */
function changeCall(state, key, change) {
  const at = placeOf(state, key);
  const step = state.steps[at];
  return step?.kind === 'call' ? { ...state, steps: state.steps.with(at, change(step)) } : state;
}

/** @param {RunState} state @param {string} key */
function placeOf(state, key) {
  const isMeant = (/** @type {Step} */ step) => step.kind === 'call' && step.key === key;
  const open = state.steps.findIndex((step) => isMeant(step) && step.kind === 'call' && step.outcome === null);
  return open === -1 ? state.steps.findLastIndex(isMeant) : open;
}

/** @template T @param {Map<string, T>} map @param {string} callId */
function without(map, callId) {
  if (!map.has(callId)) return map;
  const rest = new Map(map);
  rest.delete(callId);
  return rest;
}

/**
 * Adds one piece to a text. Offsets are UTF-16 code units, as JavaScript counts. What is already there is dropped;
 * a piece that begins further on waits until the stored chunk before it has come.
 * @param {StreamedText} base
 * @param {{offset: number, content: string}} piece
 * @returns {StreamedText}
 */
function join(base, piece) {
  if (piece.offset > base.text.length) return base.ahead.length < MOST_AHEAD ? { ...base, ahead: [...base.ahead, piece] } : base;
  if (piece.offset + piece.content.length <= base.text.length) return base;
  const text = base.text + piece.content.slice(base.text.length - piece.offset);
  return base.ahead.reduce(join, { attempt: base.attempt, text, ahead: [] });
}
