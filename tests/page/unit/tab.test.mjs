import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRun, fold } from '../../../static/fold.js';
import { tabTitle } from '../../../static/view/tab.js';
import * as run from '../runs.mjs';

const after = (...events) => run.numbered(events).reduce(fold, emptyRun);
const current = (state, fields = {}) => ({ state, asked: '', link: { name: 'open' }, stopping: false, ...fields });
const title = (state, fields, lost = false) => tabTitle(current(state, fields), lost);

test('a tab tells the state and the question', () => {
  const asked = run.start();
  const running = after(asked, run.round(1));
  const over = (status) => after(asked, run.round(1), run.complete({ status }));
  const cases = [
    [tabTitle(null, false), 'Orchestrator'],
    [title(emptyRun), 'Orchestrator'],
    [title(emptyRun, { asked: 'Why?' }), 'Starting: Why? – Orchestrator'],
    [title(running), 'Running: Did solar pass coal? – Orchestrator'],
    [title(running, { stopping: true }), 'Stopping: Did solar pass coal? – Orchestrator'],
    [title(running, {}, true), 'Connection lost: Did solar pass coal? – Orchestrator'],
    [title(after(asked, run.round(1), run.suspended())), 'Paused: Did solar pass coal? – Orchestrator'],
    [title(over('completed')), 'Complete: Did solar pass coal? – Orchestrator'],
    [title(over('completed'), { stopping: true }), 'Complete: Did solar pass coal? – Orchestrator'],
    [title(over('failed')), 'Failed: Did solar pass coal? – Orchestrator'],
    [title(after(asked, run.round(1), run.failure(true))), 'Failed: Did solar pass coal? – Orchestrator'],
    [title(over('cancelled')), 'Stopped: Did solar pass coal? – Orchestrator'],
    [title(over('out_of_rounds')), 'Out of rounds: Did solar pass coal? – Orchestrator'],
    [title(emptyRun, { link: { name: 'refused', error: {} } }), 'Not shown – Orchestrator'],
    [title(running, { link: { name: 'refused', error: {} } }), 'Not shown: Did solar pass coal? – Orchestrator'],
  ];
  for (const [told, expected] of cases) assert.equal(told, expected);
});

test('a long question is cut between characters, on one line', () => {
  assert.equal(title(after(run.start(`  Why\n\n ${'🦀'.repeat(80)}`))), `Running: Why ${'🦀'.repeat(56)}… – Orchestrator`);
  assert.equal(title(after(run.start('x'.repeat(60)))), `Running: ${'x'.repeat(60)} – Orchestrator`);
  assert.equal(title(after(run.start('x'.repeat(61)))), `Running: ${'x'.repeat(60)}… – Orchestrator`);
});
