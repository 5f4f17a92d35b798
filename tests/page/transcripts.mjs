// The transcripts of the server: one of each kind of run, as its own tests have recorded it. After a change of the wire they are
// written anew by `TRANSCRIPTS=write cargo test --workspace --test transcripts`.

import { readFileSync, readdirSync } from 'node:fs';
import { readEvent } from '../../static/events.js';
import { createParser } from '../../static/sse.js';

const folder = new URL('../fixtures/transcripts/', import.meta.url);
const NEXT_CONNECTION = ': the next connection\n\n';

export const kinds = readdirSync(folder).filter((name) => name.endsWith('.sse')).map((name) => name.slice(0, -'.sse'.length)).sort();

/** The bytes of each connection over which a client has followed the run, as text. */
export const connectionsOf = (kind) => readFileSync(new URL(`${kind}.sse`, folder), 'utf8').split(NEXT_CONNECTION);

/** The bytes of the whole run, as text. */
export const textOf = (kind) => connectionsOf(kind).join('');

/** What stands in each frame, with its id; null for a frame without one. */
export function framesOf(kind) {
  const frames = createParser().push(new TextEncoder().encode(textOf(kind)));
  return frames.map(({ id, data }) => ({ seq: id === null ? null : Number(id), data: JSON.parse(data) }));
}

/** The events as the page reads them. */
export const eventsOf = (kind) => framesOf(kind).map(({ seq, data }) => readEvent(data, seq));

/** The first frame of a transcript that is this event and has these fields. */
export function sample(kind, event, fields = {}) {
  const fits = ({ data }) => data.event === event && Object.entries(fields).every(([name, value]) => data[name] === value);
  const found = framesOf(kind).find(fits);
  if (!found) throw new Error(`the transcript ${kind} has no ${event} with ${JSON.stringify(fields)}`);
  return structuredClone(found.data);
}
