import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artifactsIn, artifactsOf } from '../../../static/artifacts.js';
import { emptyRun, fold } from '../../../static/fold.js';
import * as run from '../runs.mjs';

const ORIGIN = 'https://page.example';
const at = (name) => `/api/runs/01JZZZZZZZZZZZZZZZZZZZZZZZ/artifacts/${name}`;
const given = (name, type, url = at(name)) => ({ name, media_type: type, bytes: 12, url });
const urlsOf = (...urls) => artifactsIn({ artifacts: urls.map((url) => ({ ...given('x', 'image/png'), url })) }, ORIGIN).map(({ url }) => url);

test('png, jpeg, gif and webp are pictures; everything else is only saved', () => {
  const types = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'Image/PNG; charset=x', 'image/svg+xml', 'text/html', 'application/pdf', 'image/pngx', undefined];
  const artifacts = artifactsIn({ artifacts: types.map((type) => given('x', type)) }, ORIGIN);
  assert.deepEqual(artifacts.map(({ image }) => image), ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/png', null, null, null, null, null]);
});

test('name, size and address are taken over', () => {
  assert.deepEqual(artifactsIn({ artifacts: [given('data.csv', 'text/csv', `${at('data.csv')}?version=r1.0-1`)] }, ORIGIN), [
    { name: 'data.csv', bytes: 12, url: `${at('data.csv')}?version=r1.0-1`, image: null },
  ]);
});

test('only addresses of artifacts of this very service are used', () => {
  assert.deepEqual(urlsOf(at('a.png'), at('a%20b.png?version=r1.0-1')), [at('a.png'), at('a%20b.png?version=r1.0-1')]);
  const foreign = [
    'https://foreign.example/api/runs/x/artifacts/a.png', '//foreign.example/api/runs/x/artifacts/a.png', `${ORIGIN}${at('a.png')}`, 'javascript:alert(1)',
    'data:image/png;base64,AA==', 'blob:https://page.example/1', '/api/runs/../../static/app.js', '/api/runs/x/artifacts/../../y', '/api/runs/x/artifacts/%2e%2e/cancel',
    '/api/runs/\\..\\..\\foreign', '/api/runs//foreign.example/artifacts/a', '/api/runs/x/artifacts/', '/api/runs/x/cancel', '/api/config', ' /api/runs/x/artifacts/a.png', '', null, 7, undefined,
  ];
  assert.deepEqual(urlsOf(...foreign), []);
});

test('a result without a list of files, or with nonsense in it, has none', () => {
  const lists = [undefined, null, 'x', {}, [null], [{}], [{ ...given('a', 'image/png'), name: 7 }]];
  assert.deepEqual(lists.map((artifacts) => artifactsIn({ artifacts }, ORIGIN)), lists.map(() => []));
});

test('a size that is none is left out', () => {
  const sizes = [0, -1, '12', null].map((bytes) => artifactsIn({ artifacts: [{ ...given('a', 'text/csv'), bytes }] }, ORIGIN)[0].bytes);
  assert.deepEqual(sizes, [0, null, null, null]);
});

test('of the files of a run that have one name the last counts, and a failed call has none', () => {
  const program = (callId, ok, ...artifacts) => [run.call(1, callId, 'code_interpreter', { code: '' }), run.result(1, callId, 'code_interpreter', { artifacts }, { ok })];
  const events = run.numbered([
    ...program('a', true, given('figure-1.png', 'image/png', at('figure-1.png?version=1')), given('data.csv', 'text/csv')),
    ...program('b', true, given('figure-1.png', 'image/png', at('figure-1.png?version=2'))),
    ...program('c', false, given('lost.png', 'image/png')),
  ]);
  assert.deepEqual(artifactsOf(events.reduce(fold, emptyRun), ORIGIN).map(({ url }) => url), [at('figure-1.png?version=2'), at('data.csv')]);
});
