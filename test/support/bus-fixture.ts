/**
 * A node whose every circumstance a test decides: the time, the session's word, what the log can be read for, its life.
 *
 * Its log has one old entry, which is below the window. A poll that names it as its last message has to ask the log, and the
 * log answers when the test says so: `reading` is a state that can be held.
 */

import { unauthorized } from '../../src/bus/errors.ts';
import { formatMessageId } from '../../src/bus/message-id.ts';
import type { UserId } from '../../src/bus/names.ts';
import { E, O } from '../../src/fp.ts';
import type { Answer } from '../../src/hub/connection.ts';
import { type Node, startNode } from '../../src/hub/node.ts';
import { silentLogger } from '../../src/library/system.ts';
import type { Log } from '../../src/log/log.ts';
import { type MemoryStore, memoryLog, memoryStore } from '../../src/log/memory.ts';
import type { Session, SessionListener, Sessions } from '../../src/ports.ts';
import type { Outcome } from '../../src/replay/verify.ts';
import { type TestClock, testClock } from './clock.ts';
import { GatedLog } from './gated-log.ts';
import { GATHER_MS, memoryJournal, recorderOn, type TestJournal, verifyOn } from './journal.ts';
import { answer, appending } from './logs.ts';

export const LONG_POLLING_TIMEOUT_MS = 300_000;
export const CACHE_TIMEOUT_MS = 10_000;
/** A reader tries again after half a second; a tick of the deadlines later it has. */
export const RETRY_MS = 700;

export interface BusFixture {
  readonly node: Node;
  readonly clock: TestClock;
  readonly log: GatedLog;
  readonly sessions: TestSessions;
  /** The id of the entry below the window. */
  readonly oldId: string;
  readonly publish: (channel: string, message: object) => Promise<string>;
  /** Another node on the same store, which has seen nothing of it yet. */
  readonly another: () => Promise<Node>;
  /** Ends the life of the log as a store does that lost its end: its name and what is left stay. */
  readonly rewind: () => void;
  /** What its nodes recorded, if they did. */
  readonly journal: TestJournal;
  /** A handle on the log that no node closes. */
  readonly reader: Log;
  /** Holds what was recorded against the log. */
  readonly verify: () => Promise<Outcome>;
}

export interface BusFixtureOptions {
  readonly isRecorded?: boolean;
  /** How long the log keeps entries; a day if not given. */
  readonly historyMs?: number;
}

/** What has been set going is done, as far as nothing from outside is waited for. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

export const busFixture = async ({
  isRecorded = false,
  historyMs = 86_400_000,
}: BusFixtureOptions = {}): Promise<BusFixture> => {
  const clock = testClock();
  const store = memoryStore(clock, 'epoch', historyMs);
  await answer(memoryLog(store).append(appending('db', 'old', { old: true })));
  const stored = await answer(memoryLog(store).at(1));
  if (O.isNone(stored) || E.isLeft(stored.value)) throw new Error('no entry');
  const oldId = formatMessageId({ epoch: 'epoch', sequence: 1, check: stored.value.right.check });
  clock.advance(CACHE_TIMEOUT_MS + 100);

  const log = new GatedLog(memoryLog(store));
  const sessions = new TestSessions();
  const journal = memoryJournal();
  const settings = {
    longPollingTimeoutMs: LONG_POLLING_TIMEOUT_MS,
    longPollingJitter: 0,
    cacheTimeoutMs: CACHE_TIMEOUT_MS,
    allowSubscribe: true,
  };
  let runs = 0;
  const recorded = (port: Log) => {
    runs += 1;
    return { journal: recorderOn(journal, { log: port, clock, settings, run: `node${runs}` }) };
  };
  const start = (port: Log): Node =>
    startNode({
      log: port,
      sessions,
      clock,
      random: () => 0.5,
      logger: silentLogger,
      settings,
      ...(isRecorded ? recorded(port) : {}),
    });
  const node = start(log.port);
  await settle();
  return {
    node,
    clock,
    log,
    sessions,
    oldId,
    publish: async (channel, message) => {
      const bytes = Buffer.from(JSON.stringify(message));
      return (await answer(node.publisher.publish('db', channel, bytes))).messageId;
    },
    another: async () => {
      const other = start(memoryLog(store));
      await settle();
      return other;
    },
    rewind: () => rewind(store),
    journal,
    reader: memoryLog(store),
    verify: () => verifyOn(memoryLog(store), journal.lines),
  };
};

/** A hub of which everything is recorded. */
export const recordedBus = (): Promise<BusFixture> => busFixture({ isRecorded: true });

/** What the nodes of a fixture have recorded by now, every word of it. */
export const flushed = async ({ clock, journal }: BusFixture): Promise<ReadonlyArray<string>> => {
  clock.advance(GATHER_MS);
  await settle();
  return [...journal.lines];
};

/** Ends the life of a store for all who follow it. */
export const rewind = ({ cursors }: MemoryStore): void => {
  const followers = [...cursors].map(({ follower }) => follower);
  cursors.clear();
  for (const follower of followers) follower.reset();
};

/** Sessions by the word of the header: `good`, `bad`, or `held` until the test decides. */
export class TestSessions implements Sessions {
  readonly trusting = false;
  readonly #listeners = new Set<SessionListener>();
  #held: Array<(isGood: boolean) => void> = [];

  readonly check: Sessions['check'] = async (_database, authorization) => {
    const isGood =
      authorization === 'held'
        ? await new Promise<boolean>((resolve) => this.#held.push(resolve))
        : authorization === 'good';
    return isGood ? E.right(this.#session()) : E.left(unauthorized);
  };

  /** Those who hear when a session ends. */
  get listening(): number {
    return this.#listeners.size;
  }

  decide(isGood: boolean): void {
    const held = this.#held;
    this.#held = [];
    for (const decide of held) decide(isGood);
  }

  endAll(): void {
    for (const listener of [...this.#listeners]) listener.sessionEnded();
  }

  #session(): Session {
    return {
      user: '1' as UserId,
      listen: (listener) => this.#listeners.add(listener),
      forget: (listener) => this.#listeners.delete(listener),
    };
  }
}

/** A poll in a hub, and what became of it. Its answers count as written at once. */
export interface Held {
  readonly answers: ReadonlyArray<Answer>;
  readonly state: () => string;
  readonly hangUp: () => void;
}

export const pollOf = async (
  { hub }: Node,
  channels: ReadonlyArray<string>,
  lastMessage?: unknown,
): Promise<Held> => {
  const answers: Array<Answer> = [];
  const connection = hub.open(
    {
      database: 'db',
      authorization: 'good',
      body: Buffer.from(JSON.stringify({ channels, last_message: lastMessage })),
    },
    (given) => {
      answers.push(given);
      queueMicrotask(() => hub.written(connection));
    },
  );
  await settle();
  return {
    answers,
    state: () => connection.state.name,
    hangUp: () => hub.hangUp(connection),
  };
};

/** A poll whose answer is written when the test says so. */
export interface SlowHeld {
  readonly answers: ReadonlyArray<Answer>;
  readonly write: () => void;
  readonly hangUp: () => void;
}

export const slowPollOf = async (
  { hub }: Node,
  channels: ReadonlyArray<string>,
  lastMessage?: unknown,
): Promise<SlowHeld> => {
  const answers: Array<Answer> = [];
  const body = Buffer.from(JSON.stringify({ channels, last_message: lastMessage }));
  const request = { database: 'db', authorization: 'good', body };
  const connection = hub.open(request, (given) => answers.push(given));
  await settle();
  return {
    answers,
    write: () => hub.written(connection),
    hangUp: () => hub.hangUp(connection),
  };
};
