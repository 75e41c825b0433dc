/**
 * What the window should say, by the slowest means there is: plain lists that are scanned from their front. Written from the
 * rules of docs/protocol.md and design law L3, and never from `window.ts`.
 */
import type { Entry } from '../../src/bus/entry.ts';
import type { Channel, Database, Instant, Sequence } from '../../src/bus/names.ts';
import type { Next } from '../../src/bus/next.ts';
import { append, emptyWindow, expire, skip, type Window } from '../../src/bus/window.ts';
import type { History, Step } from './arbitrary.ts';

export interface Oracle {
  /** Every entry that there ever was. */
  readonly all: ReadonlyArray<Entry>;
  /** Those that are not too old; some may have left for want of room. */
  readonly recent: ReadonlyArray<Entry>;
  /** Those that are there. */
  readonly held: ReadonlyArray<Entry>;
  /** The last sequence that has left. */
  readonly floor: Sequence;
  readonly tail: Sequence;
}

/** The window after a history. */
export const play = ({ floor, maxSize, steps }: History): Window => {
  const window = emptyWindow(floor, maxSize);
  for (const step of steps) take(window, step);
  return window;
};

const take = (window: Window, step: Step): void => {
  if (step.type === 'append') append(window, step.entry);
  else if (step.type === 'skip') skip(window, step.sequence);
  else expire(window, step.cutoff);
};

/** What a window should hold after a history. */
export const recall = ({ floor, maxSize, steps }: History): Oracle => {
  let oracle: Oracle = { all: [], recent: [], held: [], floor, tail: floor };
  for (const step of steps) {
    if (step.type === 'append') oracle = appended(oracle, step.entry, maxSize);
    else if (step.type === 'skip') oracle = { ...oracle, tail: step.sequence };
    else oracle = expired(oracle, step.cutoff);
  }
  return oracle;
};

const appended = (oracle: Oracle, entry: Entry, maxSize: number): Oracle => {
  let { floor } = oracle;
  let held = [...oracle.held, entry];
  while (held.map(sizeOf).reduce((sum, size) => sum + size, 0) > maxSize) {
    floor = held[0]?.sequence ?? floor;
    held = held.slice(1);
  }
  return {
    all: [...oracle.all, entry],
    recent: [...oracle.recent, entry],
    held,
    floor,
    tail: entry.sequence,
  };
};

/** Nothing leaves from behind an entry that is recent enough, however old it is itself. */
const expired = (oracle: Oracle, cutoff: Instant): Oracle => {
  const stay = oracle.recent.findIndex(({ instant }) => instant >= cutoff);
  const recent = stay === -1 ? [] : oracle.recent.slice(stay);
  const first = recent[0]?.sequence ?? Number.POSITIVE_INFINITY;
  const gone = oracle.held.filter(({ sequence }) => sequence < first);
  return {
    ...oracle,
    recent,
    held: oracle.held.slice(gone.length),
    floor: gone.at(-1)?.sequence ?? oracle.floor,
  };
};

/** What one entry takes, by the window's own word. */
export const sizeOf = (entry: Entry): number => {
  const window = emptyWindow(0);
  append(window, entry);
  return window.size;
};

/** The first entry of a list on one of some channels after a sequence. */
export const scan = (
  entries: ReadonlyArray<Entry>,
  database: Database,
  channels: ReadonlyArray<Channel>,
  after: Sequence,
): Entry | undefined =>
  entries.find(
    (entry) =>
      entry.sequence > after && entry.database === database && channels.includes(entry.channel),
  );

/** The answer to a poll. */
export const answer = (
  oracle: Oracle,
  database: Database,
  channels: ReadonlyArray<Channel>,
  after: Sequence,
): Next => {
  if (after < oracle.floor) return { _tag: 'Behind' };
  const entry = scan(oracle.held, database, channels, after);
  return entry === undefined ? { _tag: 'Nothing' } : { _tag: 'Found', entry };
};

/** Where a poll without a last message stands. */
export const start = ({ recent, tail }: Oracle): Sequence => {
  const [oldest] = recent;
  return oldest === undefined ? tail : oldest.sequence - 1;
};
