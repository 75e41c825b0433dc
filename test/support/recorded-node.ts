/**
 * A recorded node on a store that a test has at hand, which may lose its end or be another one later.
 */
import type { Entry } from '../../src/bus/entry.ts';
import { unauthorized } from '../../src/bus/errors.ts';
import { UserId } from '../../src/bus/names.ts';
import { messageIdOf } from '../../src/bus/response.ts';
import { E } from '../../src/fp.ts';
import { startNode } from '../../src/hub/node.ts';
import { silentLogger } from '../../src/library/system.ts';
import type { Log } from '../../src/log/log.ts';
import { type MemoryStore, memoryLog, memoryStore } from '../../src/log/memory.ts';
import type { Session, SessionListener, Sessions } from '../../src/ports.ts';
import { CACHE_TIMEOUT_MS, LONG_POLLING_TIMEOUT_MS, rewind, settle } from './bus-fixture.ts';
import { type TestClock, testClock } from './clock.ts';
import { session } from './http.ts';
import { GATHER_MS, memoryJournal, recorderOn } from './journal.ts';
import { answer, appending } from './logs.ts';

export const SETTINGS = {
  longPollingTimeoutMs: LONG_POLLING_TIMEOUT_MS,
  longPollingJitter: 0,
  cacheTimeoutMs: CACHE_TIMEOUT_MS,
  allowSubscribe: true,
};

/** A recorded node on a store, which may be another one later. */
export interface RecordedNode {
  readonly clock: TestClock;
  /** Polls after an entry, or without a last message; what answers it is written at once. */
  readonly poll: (channels: ReadonlyArray<string>, last?: Entry) => Promise<void>;
  /** Sends it the body of a poll, and the value of a header. */
  readonly send: (body: object, authorization: string) => Promise<void>;
  /** What it has recorded by now. */
  readonly lines: () => Promise<ReadonlyArray<string>>;
  /** Puts another store in the place of its own, as a restored copy is. */
  readonly restore: (store: MemoryStore) => Promise<void>;
}

/** A store without entries, at some time. */
export const storeAt = (now: number): MemoryStore =>
  memoryStore(testClock(now), 'epoch', 86_400_000);

/** Appends a message, and lets whoever follows see it. */
export const append = async (
  store: MemoryStore,
  message: unknown,
  channel = 'a',
): Promise<void> => {
  await answer(memoryLog(store).append(appending('db', channel, message)));
  await settle();
};

export const entriesOf = ({ window }: MemoryStore): ReadonlyArray<Entry> =>
  window.entries.items.filter((entry) => entry !== undefined);

export const recordedNode = async (
  store: MemoryStore,
  run: string,
  sample = 1,
): Promise<RecordedNode> => {
  const clock = testClock(store.clock.now());
  const journal = memoryJournal();
  let present = store;
  let handle = memoryLog(store);
  const log: Log = {
    ...handle,
    head: () => handle.head(),
    at: (sequence) => () => handle.at(sequence)(),
    read: (after, limit) => () => handle.read(after, limit)(),
    next:
      (...names) =>
      () =>
        handle.next(...names)(),
    last:
      (...names) =>
      () =>
        handle.last(...names)(),
    before: (instant) => () => handle.before(instant)(),
    now: () => handle.now(),
    first: () => handle.first(),
    follow: (...following) => handle.follow(...following),
  };
  const node = startNode({
    log,
    clock,
    sessions: new EndingSessions(),
    settings: SETTINGS,
    journal: recorderOn(journal, { log, clock, settings: SETTINGS, run, sample }),
    logger: silentLogger,
    random: () => 0.5,
  });
  await settle();
  const send: RecordedNode['send'] = async (body, authorization) => {
    const connection = node.hub.open(
      { database: 'db', authorization, body: Buffer.from(JSON.stringify(body)) },
      () => queueMicrotask(() => node.hub.written(connection)),
    );
    await settle();
  };
  return {
    clock,
    poll: (channels, last) => {
      const last_message = last === undefined ? null : messageIdOf(last, store.epoch);
      return send({ channels, last_message }, session(1));
    },
    send,
    lines: async () => {
      clock.advance(GATHER_MS);
      await settle();
      return [...journal.lines];
    },
    restore: async (another) => {
      const former = present;
      present = another;
      handle = memoryLog(another);
      rewind(former);
      await settle();
    },
  };
};

/** Believes any session, until all are ended. */
export class EndingSessions implements Sessions {
  readonly trusting = true;
  readonly #listeners = new Set<SessionListener>();

  readonly check: Sessions['check'] = async (_database, authorization = '') => {
    const text = Buffer.from(authorization.replace('Session ', ''), 'base64').toString();
    const [, user] = text.split(':');
    return UserId.is(user) ? E.right(this.#session(user)) : E.left(unauthorized);
  };

  endAll(): void {
    for (const listener of [...this.#listeners]) listener.sessionEnded();
  }

  #session(user: UserId): Session {
    return {
      user,
      listen: (listener) => this.#listeners.add(listener),
      forget: (listener) => this.#listeners.delete(listener),
    };
  }
}
