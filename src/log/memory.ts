/**
 * The log in one process's memory: the port's specification in code, and a log for trying things out.
 *
 * A store may have several handles, each with followers of its own, as the nodes of a deployment have on a real one.
 */
import { decodeEntry, type Stored, type Undecodable } from '../bus/entry.ts';
import { conflict, logUnavailable } from '../bus/errors.ts';
import { check } from '../bus/message-id.ts';
import type { Epoch, Instant, Sequence } from '../bus/names.ts';
import {
  append,
  at,
  emptyWindow,
  expire,
  firstAfter,
  lastOn,
  sequenceBefore,
  skip,
  type Window,
} from '../bus/window.ts';
import { E, O, TE } from '../fp.ts';
import type { Clock } from '../ports.ts';
import {
  type Appended,
  type Appending,
  DUPLICATE_WINDOW_MS,
  type Follower,
  type Log,
} from './log.ts';

export interface MemoryStore {
  readonly epoch: Epoch;
  readonly window: Window;
  readonly clock: Clock;
  readonly historyMs: number;
  readonly undecodable: Map<Sequence, Undecodable>;
  readonly keys: Map<string, Remembered>;
  readonly cursors: Set<Cursor>;
  lastInstant: Instant;
}

interface Remembered {
  readonly id: Appended;
  readonly instant: Instant;
  readonly bytes: Uint8Array;
}

interface Cursor {
  position: Sequence;
  readonly follower: Follower;
}

/** A store that keeps its entries for `historyMs`. `epoch` names its life. */
export const memoryStore = (clock: Clock, epoch: Epoch, historyMs: number): MemoryStore => ({
  epoch,
  window: emptyWindow(0, Number.POSITIVE_INFINITY),
  clock,
  historyMs,
  undecodable: new Map(),
  keys: new Map(),
  cursors: new Set(),
  lastInstant: 0,
});

/** A handle on a store. */
export const memoryLog = (store: MemoryStore): Log => {
  const own = new Set<Cursor>();
  let open = true;
  const read = <A>(look: () => A) =>
    TE.fromIOEither(() => (open ? E.right(look()) : E.left(logUnavailable('the log was closed'))));

  return {
    head: read(() => ({
      epoch: store.epoch,
      first: firstSequence(store),
      last: store.window.tail,
    })),
    append: (appending) => async () => {
      if (!open) return E.left(logUnavailable('the log was closed'));
      const known = recall(store, appending);
      if (known === undefined) return E.right(keep(store, appending));
      const same = Buffer.compare(known.bytes, appending.bytes) === 0;
      return same ? E.right(known.id) : E.left(conflict(known.id.sequence));
    },
    at: (sequence) => read(() => O.fromNullable(stored(store, sequence))),
    read: (after, limit) => read(() => storedAfter(store, after, limit)),
    next: (database, channel, after) =>
      read(() => O.fromNullable(firstAfter(store.window, database, channel, after))),
    last: (database, channel) =>
      read(() => {
        const entry = lastOn(store.window, database, channel);
        return entry === undefined ? O.none : O.some(E.right(entry));
      }),
    before: (instant) =>
      read(() => {
        let sequence = firstSequence(store) - 1;
        while (sequence < store.window.tail && instantAt(store, sequence + 1) < instant)
          sequence += 1;
        return sequence;
      }),
    now: () => Math.max(store.clock.now(), store.lastInstant),
    first: () => firstSequence(store),
    follow: (epoch, after, follower) => {
      const cursor: Cursor = { position: after, follower };
      own.add(cursor);
      queueMicrotask(() => {
        if (!own.has(cursor)) return;
        if (epoch !== store.epoch || after > store.window.tail) return follower.reset();
        store.cursors.add(cursor);
        pump(store, cursor);
        follower.caughtUp(store.window.tail);
      });
      return {
        end: () => {
          own.delete(cursor);
          store.cursors.delete(cursor);
        },
      };
    },
    close: async () => {
      open = false;
      for (const cursor of own) store.cursors.delete(cursor);
      own.clear();
    },
  };
};

const keep = (store: MemoryStore, { database, channel, bytes, key }: Appending): Appended => {
  const instant = Math.max(store.clock.now(), store.lastInstant);
  const sequence = store.window.tail + 1;
  store.lastInstant = instant;
  const decoded = decodeEntry(sequence, instant, database, channel, bytes);
  if (E.isRight(decoded)) append(store.window, decoded.right);
  else {
    store.undecodable.set(sequence, decoded.left);
    skip(store.window, sequence);
  }
  expire(store.window, instant - store.historyMs);
  for (const old of store.undecodable.keys())
    if (old <= store.window.floor) store.undecodable.delete(old);
  const ofBytes = E.isRight(decoded) ? decoded.right.check : check(database, channel, bytes);
  const id = { epoch: store.epoch, sequence, check: ofBytes };
  if (key !== undefined) {
    store.keys.set(keyOf(database, channel, key), { id, instant, bytes: bytes.slice() });
  }
  for (const cursor of [...store.cursors]) pump(store, cursor);
  return id;
};

const recall = (
  store: MemoryStore,
  { database, channel, key }: Appending,
): Remembered | undefined => {
  const oldest = store.clock.now() - DUPLICATE_WINDOW_MS;
  for (const [name, { instant }] of store.keys) {
    if (instant >= oldest) break;
    store.keys.delete(name);
  }
  return key === undefined ? undefined : store.keys.get(keyOf(database, channel, key));
};

const keyOf = (...parts: ReadonlyArray<string>): string => JSON.stringify(parts);

const pump = (store: MemoryStore, cursor: Cursor): void => {
  while (cursor.position < store.window.tail) {
    cursor.position += 1;
    const record = stored(store, cursor.position);
    if (record !== undefined) cursor.follower.show(record);
  }
};

const stored = (store: MemoryStore, sequence: Sequence): Stored | undefined => {
  const entry = at(store.window, sequence);
  if (entry !== undefined) return E.right(entry);
  const undecodable = store.undecodable.get(sequence);
  return undecodable === undefined ? undefined : E.left(undecodable);
};

const storedAfter = (store: MemoryStore, after: Sequence, limit: number): Array<Stored> => {
  const records: Array<Stored> = [];
  let sequence = Math.max(after, firstSequence(store) - 1);
  while (records.length < limit && sequence < store.window.tail) {
    sequence += 1;
    const record = stored(store, sequence);
    if (record !== undefined) records.push(record);
  }
  return records;
};

const instantAt = (store: MemoryStore, sequence: Sequence): Instant => {
  const record = stored(store, sequence);
  return record === undefined ? 0 : E.toUnion(record).instant;
};

const firstSequence = (store: MemoryStore): Sequence => sequenceBefore(store.window) + 1;
