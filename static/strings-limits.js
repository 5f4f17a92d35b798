// The texts of limits, share links and visitors. Loaded on need.

import { LANGUAGE, cost, count, limit as usd, whole } from './numbers.js';
import { shortened } from './strings.js';

const time = new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const second = new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat(LANGUAGE, { weekday: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** A moment by the clock of the device; with the day where that is another one. @param {number} atMs @param {number} nowMs */
function clockOf(atMs, nowMs) {
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  if (!isToday) return weekday.format(atMs);
  return (atMs - nowMs < 3_600_000 ? second : time).format(atMs);
}

/** A wait, as it is counted down: `42 s`, `9:59` minutes, `3:59:59` hours. @param {number} seconds */
export function countdown(seconds) {
  if (seconds < 120) return `${seconds} s`;
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.slice(parts[0] === 0 ? 1 : 0).map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

export const limitWords = {
  title: 'What is left',
  minute: 'Runs this minute',
  parallel: 'Runs at once',
  day: 'Dollars today',
  /** @param {{limit: number, left: number}} of */
  leftOf: ({ limit, left }) => `${whole.format(left)} of ${whole.format(limit)} left`,
  /** @param {{limit: number, left: number}} of */
  usdLeftOf: ({ limit, left }) => `${cost(left)} of ${usd(limit)} left`,
  minuteNote: 'Each place is free again one minute after its run began.',
  parallelNote: 'A place is free again when its run ends.',
  /** @param {import('./limits.js').Dollars} day @param {number} nowMs */
  dayNote: ({ used, reserved, resetsAt }, nowMs) =>
    `${cost(used)} spent${reserved > 0 ? `, ${cost(reserved)} set aside for runs that go on` : ''}. ${resetsAt === null ? 'All of it comes back at midnight UTC.' : `All of it comes back at ${clockOf(resetsAt, nowMs)}, midnight UTC.`}`,
  /** All on one line. @param {import('./limits.js').Limits} limits */
  short: ({ minute, parallel, day }) =>
    [
      ...(minute ? [`${whole.format(minute.left)} of ${count(minute.limit, 'run', 'runs')} left this minute`] : []),
      ...(parallel ? [`${whole.format(parallel.left)} of ${whole.format(parallel.limit)} at once`] : []),
      ...(day ? [`${cost(day.left)} left today`] : []),
    ].join(' · '),
  /** Which limit was met. @param {import('./limits.js').Limits} limits */
  met: (limits) => ({
    /** @type {string} */
    runs_per_minute: `${limits.minute ? `All ${count(limits.minute.limit, 'run', 'runs')} of this minute` : 'The runs of this minute'} are used.`,
    parallel: limits.parallel ? `As many runs are going on as may at once: ${whole.format(limits.parallel.limit)}.` : 'As many runs are going on as may at once.',
    usd_per_day: `${limits.day ? `Today’s ${usd(limits.day.limit)}` : 'The dollars of this day'} are spent, or set aside for runs that go on.`,
  }),
  /** When to come back. @type {Record<string, (at: string) => string>} */
  then: {
    runs_per_minute: (at) => `You can ask again at ${at}. Your question is kept.`,
    parallel: (at) => `You can ask again when one of them has ended; try at ${at}. Your question is kept.`,
    usd_per_day: (at) => `They come back at ${at}, midnight UTC. Your question is kept.`,
    other: (at) => `Try again at ${at}. Your question is kept.`,
  },
  /** @param {number} atMs @param {number} nowMs */
  clock: clockOf,
  /** @param {number} seconds */
  until: (seconds) => ` in ${countdown(seconds)}`,
  now: 'You can ask again now.',
  pausedTitle: 'New runs are paused.',
  /** @param {string} reason */
  paused: (reason) => `${reason.slice(0, 600)}${/[.!?…]\s*$/.test(reason) ? '' : '.'} Runs that are going on end as they would.`,
};

export const visitorWords = {
  title: 'You are a visitor here.',
  then: 'This browser alone can show your runs again, and visitors share what may be spent.',
  give: 'Give a key',
  kept: 'You are a visitor here, without an access key. Your runs are known by a token that this browser keeps.',
  forget: 'Forget this visitor',
  /** @param {string} owner */
  key: (owner) => `This browser keeps the access key of ${shortened(owner)}.`,
};

export const shareWords = {
  title: 'Share this run',
  /** @param {boolean} isLive */
  what: (isLive) => `Whoever has the link can read the question, the steps, the answer and the files${isLive ? ', and watch the run go on until it ends' : ''}. Nobody needs a key for it.`,
  not: 'They do not see your instructions or who you are, and can change nothing.',
  looking: 'Looking whether it is shared…',
  none: 'There is no link to this run yet.',
  make: 'Make a link',
  making: 'Making the link…',
  made: 'The link works now, until you revoke it.',
  link: 'Link',
  copy: 'Copy link',
  copied: 'The link is copied.',
  notCopied: 'It could not be copied. It is selected: copy it by hand.',
  revoke: 'Revoke the link',
  revoking: 'Revoking the link…',
  revoked: 'The link works no longer. Another one that you make will be a new one.',
  local: 'This address leads to this machine: elsewhere the link does not work.',
  failed: 'That did not work.',
  again: 'Try again',
  close: 'Close',
};

export const sharedWords = {
  heading: 'A shared run',
  title: 'Shared run, read only.',
  then: 'Somebody gave you this link. You can read and save what is here, and change nothing.',
  export: 'Export',
  copy: 'Copy answer',
};
