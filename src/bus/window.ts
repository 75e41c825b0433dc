/**
 * The live end of a log in memory: every entry above a floor.
 *
 *     log      1 … 40 | 41 … 97 |
 *                floor^     tail^          answers any poll that stands at 40 or later
 *
 * `append`, `skip` and `expire` are its only reducers. They change the window in place, since a copy for each entry would
 * cost the window's length; a window has one owner.
 */
import { ChannelMap } from './channel-map.ts';
import type { Entry } from './entry.ts';
import type { Channel, Database, Instant, Sequence } from './names.ts';

export interface Window {
  /** Every entry of the log after this sequence, up to the tail, is here. */
  floor: Sequence;
  /** The last sequence that the log has shown. */
  tail: Sequence;
  /** Entries that the log took before this instant have left. */
  cutoff: Instant;
  readonly maxSize: number;
  /** What the entries hold, in UTF-16 units and a constant each. */
  size: number;
  readonly entries: Queue;
  readonly channels: ChannelMap<Queue>;
  /** For entries that left because of `maxSize`: the first of each instant, so that an age still has a sequence. */
  readonly trimmed: Array<Mark>;
}

interface Mark {
  readonly sequence: Sequence;
  readonly instant: Instant;
}

/** Entries in order; those before `head` have left, and their places are dropped when they are half of the array. */
interface Queue {
  head: number;
  items: Array<Entry | undefined>;
}

const ENTRY_SIZE = 256;
const MAX_SIZE = 64 * 1024 * 1024;

/** An empty window of a log whose last shown sequence is `floor`. */
export const emptyWindow = (floor: Sequence, maxSize: number = MAX_SIZE): Window => ({
  floor,
  tail: floor,
  cutoff: 0,
  maxSize,
  size: 0,
  entries: { head: 0, items: [] },
  channels: new ChannelMap(),
  trimmed: [],
});

/** Takes the log's next entry; its sequence is above the tail. */
export const append = (window: Window, entry: Entry): void => {
  window.tail = entry.sequence;
  window.entries.items.push(entry);
  window.size += sizeOf(entry);
  const { database, channel } = entry;
  const queue = window.channels.get(database, channel);
  if (queue === undefined) window.channels.set(database, channel, { head: 0, items: [entry] });
  else queue.items.push(entry);
  while (window.size > window.maxSize) trim(window);
};

/** Passes a sequence that holds nothing a client is shown. */
export const skip = (window: Window, sequence: Sequence): void => {
  window.tail = sequence;
};

/** Lets go of the entries that the log took before `cutoff`; an earlier one than the last brings none back. */
export const expire = (window: Window, cutoff: Instant, through: Sequence = window.tail): void => {
  window.cutoff = Math.max(window.cutoff, cutoff);
  if (window.trimmed.length > 0) {
    const kept = window.trimmed.findIndex(({ instant }) => instant >= cutoff);
    window.trimmed.splice(0, kept === -1 ? window.trimmed.length : kept);
    if (kept !== -1) return;
  }
  for (let oldest = first(window.entries); oldest !== undefined; oldest = first(window.entries)) {
    if (oldest.instant >= cutoff || oldest.sequence > through) return;
    drop(window, oldest);
  }
};

/** The sequence just before the oldest entry that the log took at `cutoff` or later. `expire` comes first. */
export const sequenceBefore = (window: Window): Sequence => {
  const oldest = window.trimmed[0] ?? first(window.entries);
  return oldest === undefined ? window.tail : oldest.sequence - 1;
};

/** The first entry on a channel after a sequence. */
export const firstAfter = (
  window: Window,
  database: Database,
  channel: Channel,
  after: Sequence,
): Entry | undefined => {
  const queue = window.channels.get(database, channel);
  return queue === undefined ? undefined : search(queue, after);
};

/** The last entry on a channel. */
export const lastOn = (window: Window, database: Database, channel: Channel): Entry | undefined =>
  window.channels.get(database, channel)?.items.at(-1);

/** The entry at a sequence. */
export const at = (window: Window, sequence: Sequence): Entry | undefined => {
  const entry = search(window.entries, sequence - 1);
  return entry?.sequence === sequence ? entry : undefined;
};

const trim = (window: Window): void => {
  const oldest = first(window.entries);
  if (oldest === undefined) return;
  const { sequence, instant } = oldest;
  if ((window.trimmed.at(-1)?.instant ?? 0) < instant) window.trimmed.push({ sequence, instant });
  drop(window, oldest);
};

const drop = (window: Window, oldest: Entry): void => {
  window.floor = oldest.sequence;
  window.size -= sizeOf(oldest);
  shift(window.entries);
  const { database, channel } = oldest;
  const queue = window.channels.get(database, channel);
  if (queue === undefined) return;
  shift(queue);
  if (first(queue) === undefined) window.channels.delete(database, channel);
};

const first = (queue: Queue): Entry | undefined => queue.items[queue.head];

const shift = (queue: Queue): void => {
  queue.items[queue.head] = undefined;
  queue.head += 1;
  if (queue.head * 2 < queue.items.length) return;
  queue.items = queue.items.slice(queue.head);
  queue.head = 0;
};

/** The first entry above a sequence, by halving. */
const search = ({ items, head }: Queue, after: Sequence): Entry | undefined => {
  let low = head;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.sequence ?? 0) > after) high = middle;
    else low = middle + 1;
  }
  return items[low];
};

const sizeOf = ({ message }: Entry): number => message.length + ENTRY_SIZE;
