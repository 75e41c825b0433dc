/**
 * Hubs that are recorded while anything happens to them, and their journals taken apart and put together again.
 */
import fc from 'fast-check';
import type { Entry } from '../../src/bus/entry.ts';
import { unauthorized } from '../../src/bus/errors.ts';
import { Database, UserId } from '../../src/bus/names.ts';
import { messageIdOf } from '../../src/bus/response.ts';
import { E } from '../../src/fp.ts';
import { type Node, startNode } from '../../src/hub/node.ts';
import { type Line, parseLine, parseRecord } from '../../src/journal/line.ts';
import { type AnswerRecord, isNodeRecord, type JournalRecord } from '../../src/journal/record.ts';
import { silentLogger } from '../../src/library/system.ts';
import type { Log } from '../../src/log/log.ts';
import { type MemoryStore, memoryLog, memoryStore } from '../../src/log/memory.ts';
import type { Session, Sessions } from '../../src/ports.ts';
import {
  type BusFixture,
  CACHE_TIMEOUT_MS,
  LONG_POLLING_TIMEOUT_MS,
  settle,
} from './bus-fixture.ts';
import { type TestClock, testClock } from './clock.ts';
import { session } from './http.ts';
import { memoryJournal, recorderOn, type TestJournal } from './journal.ts';
import { answer } from './logs.ts';

/** How long a writer gathers, and a little. */
const GATHER_MS = 200;

/** What the nodes of a fixture have recorded by now, every word of it. */
export const flushed = async ({ clock, journal }: BusFixture): Promise<ReadonlyArray<string>> => {
  clock.advance(GATHER_MS);
  await settle();
  return [...journal.lines];
};

export const linesIn = (texts: ReadonlyArray<string>): ReadonlyArray<Line> =>
  texts.map((text) => {
    const value = parseLine(text);
    return E.isLeft(value) ? value : parseRecord(value.right);
  });

/** The records of a journal that has nothing else. */
export const recordsOf = (texts: ReadonlyArray<string>): ReadonlyArray<JournalRecord> =>
  linesIn(texts).map((line) => {
    if (E.isLeft(line)) throw new Error(line.left);
    return line.right;
  });

export const textsOf = (records: ReadonlyArray<JournalRecord>): ReadonlyArray<string> =>
  records.map((record) => JSON.stringify(record));

/** The same records, numbered as if no others had ever been. */
export const renumbered = (records: ReadonlyArray<JournalRecord>): ReadonlyArray<JournalRecord> => {
  const given = new Map<string, number>();
  return records.map((record) => {
    const n = (given.get(record.run) ?? 0) + 1;
    given.set(record.run, n);
    return { ...record, n };
  });
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
      resetFollowers(former);
      await settle();
    },
  };
};

/** Ends the life of a store for all who follow it. */
const resetFollowers = ({ cursors }: MemoryStore): void => {
  const followers = [...cursors].map(({ follower }) => follower);
  cursors.clear();
  for (const follower of followers) follower.reset();
};

/** The answer of a record that has one. */
export const answerOf = (record: JournalRecord | undefined): AnswerRecord => {
  if (record === undefined || isNodeRecord(record) || record.answer === undefined) {
    throw new Error('no answer');
  }
  return record.answer;
};

const SETTINGS = {
  longPollingTimeoutMs: LONG_POLLING_TIMEOUT_MS,
  cacheTimeoutMs: CACHE_TIMEOUT_MS,
  allowSubscribe: true,
};

const CHANNELS = ['a', 'b'];
const NODES = 2;

/** Who polls: each in one database, with a login and a key that nobody else has. */
const CLIENTS = [
  { database: 'db', user: '1', login: 'login-ada', key: 'key-1c9', client: 'client:ada' },
  { database: 'db', user: '2', login: 'login-bob', key: 'key-2d8', client: 'client:bob' },
  { database: 'other', user: '703', login: 'login-eve', key: 'key-3e7', client: 'client:eve' },
] as const;

/** What is a secret of each client, and no business of a journal. */
export const CREDENTIALS: ReadonlyArray<string> = CLIENTS.flatMap(({ user, login, key }) => [
  login,
  key,
  session(user, login, key).replace('Session ', ''),
]);

/** Whatever may happen to some nodes and their clients. */
export type Act =
  | { readonly type: 'publish'; readonly database: string; readonly channel: string }
  | {
      readonly type: 'poll';
      readonly client: number;
      readonly node: number;
      readonly channels: ReadonlyArray<string>;
      readonly last: 'own' | 'none' | 'oldest' | 'junk';
      /** Whether its answer is not written before the client is told to `write`. */
      readonly isSlow: boolean;
    }
  | { readonly type: 'write' | 'hangUp'; readonly client: number }
  | { readonly type: 'pass'; readonly milliseconds: number }
  | { readonly type: 'restart'; readonly node: number }
  | { readonly type: 'endSessions' }
  /** The life of the log ends and goes on by the same name, as after a doubt. */
  | { readonly type: 'rewind' };

const client = fc.nat(CLIENTS.length - 1);
const node = fc.nat(NODES - 1);
const channel = fc.constantFrom(...CHANNELS);

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(['db', 'a'], ['db', 'b'], ['other', 'a'], ['other', 'client:eve'])
      .map(([database = '', channel = '']) => ({ type: 'publish' as const, database, channel })),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      type: fc.constant('poll' as const),
      client,
      node,
      channels: fc.uniqueArray(channel, { minLength: 1 }),
      last: fc.constantFrom('own', 'own', 'own', 'none', 'oldest', 'junk'),
      isSlow: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('write' as const), client }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('hangUp' as const), client }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(1, 300, CACHE_TIMEOUT_MS + 100, LONG_POLLING_TIMEOUT_MS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const), node }) },
  { weight: 1, arbitrary: fc.constant({ type: 'endSessions' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'rewind' as const }) },
);

export const acts: fc.Arbitrary<ReadonlyArray<Act>> = fc.array(act, { maxLength: 40, size: 'max' });

export interface Recording {
  /** The journal, as text. */
  readonly texts: ReadonlyArray<string>;
  /** The log that it was recorded beside. */
  readonly log: Log;
  /** What of each published message nobody else knows, by database. */
  readonly bodies: ReadonlyMap<string, ReadonlyArray<string>>;
}

/** Lets all of it happen, one after the other, and stops. */
export const recordingOf = async (
  happens: ReadonlyArray<Act>,
  options: { readonly sample?: number } = {},
): Promise<Recording> => {
  const world = new World(options.sample ?? 1);
  await world.begin();
  for (const each of happens) await world.take(each);
  await world.end();
  const { texts, log, bodies } = world;
  return { texts, log, bodies };
};

interface HeldPoll {
  readonly isAnswered: boolean;
  readonly write: () => void;
  readonly hangUp: () => void;
}

class World {
  readonly bodies = new Map<string, Array<string>>();
  readonly #clock: TestClock = testClock();
  readonly #store: MemoryStore = memoryStore(this.#clock, 'epoch', 86_400_000);
  readonly #journal: TestJournal = memoryJournal();
  readonly #sample: number;
  #runs = 0;
  readonly #sessions = new EndingSessions();
  readonly #ids: Array<string> = [];
  readonly #nodes: Array<Node> = [];
  readonly #held = new Map<number, HeldPoll>();
  readonly #last = new Map<number, string>();

  constructor(sample: number) {
    this.#sample = sample;
  }

  get texts(): ReadonlyArray<string> {
    return this.#journal.lines;
  }

  get log(): Log {
    return memoryLog(this.#store);
  }

  async begin(): Promise<void> {
    for (let index = 0; index < NODES; index += 1) this.#nodes.push(this.#start());
    await settle();
  }

  async end(): Promise<void> {
    for (const each of this.#nodes) await this.#stop(each);
  }

  async take(each: Act): Promise<void> {
    switch (each.type) {
      case 'publish':
        await this.#publish(each);
        break;
      case 'poll':
        this.#poll(each);
        break;
      case 'write':
        this.#held.get(each.client)?.write();
        break;
      case 'hangUp':
        this.#held.get(each.client)?.hangUp();
        break;
      case 'pass':
        this.#clock.advance(each.milliseconds);
        break;
      case 'restart':
        await this.#stop(this.#nodes[each.node]);
        this.#nodes[each.node] = this.#start();
        break;
      case 'endSessions':
        this.#sessions.endAll();
        break;
      case 'rewind':
        resetFollowers(this.#store);
        break;
    }
    await settle();
  }

  #start(): Node {
    const { log } = this;
    const settings = SETTINGS;
    const clock = this.#clock;
    this.#runs += 1;
    const journal = recorderOn(this.#journal, {
      log,
      clock,
      settings,
      run: `node${this.#runs}`,
      sample: this.#sample,
    });
    const sessions = this.#sessions;
    const logger = silentLogger;
    return startNode({ log, clock, sessions, settings, journal, logger, random: () => 0.5 });
  }

  async #stop(stopping: Node | undefined): Promise<void> {
    const stopped = stopping?.stop(0);
    await settle();
    this.#clock.advance(100);
    await settle();
    this.#clock.advance(5000);
    await stopped;
  }

  async #publish({ database, channel }: Extract<Act, { type: 'publish' }>): Promise<void> {
    const body = `body-${database}-${this.#ids.length}-of`;
    this.bodies.set(database, [...(this.bodies.get(database) ?? []), body]);
    const publishing = this.#nodes[0]?.publisher.publish(
      database,
      channel,
      Buffer.from(JSON.stringify({ body })),
    );
    if (publishing !== undefined) this.#ids.push((await answer(publishing)).messageId);
  }

  #poll({ client: index, node, channels, last, isSlow }: Extract<Act, { type: 'poll' }>): void {
    const polling = CLIENTS[index];
    const hub = this.#nodes[node]?.hub;
    if (polling === undefined || hub === undefined || this.#held.has(index)) return;
    const lasts = { own: this.#last.get(index), none: null, oldest: this.#ids[0], junk: 'junk' };
    const body = { channels: [...channels, polling.client], last_message: lasts[last] };
    let brought: string | undefined;
    const done = (isWritten: boolean): void => {
      this.#held.delete(index);
      if (isWritten && brought !== undefined) this.#last.set(index, brought);
    };
    const connection = hub.open(
      {
        database: polling.database,
        authorization: session(polling.user, polling.login, polling.key),
        body: Buffer.from(JSON.stringify(body)),
      },
      (given) => {
        held.isAnswered = true;
        if (given._tag === 'Entry') {
          brought = JSON.parse(Buffer.from(given.body).toString()).message.message_id;
        }
        if (!isSlow) queueMicrotask(held.write);
      },
    );
    const held = {
      isAnswered: false,
      write: () => {
        if (!held.isAnswered) return;
        hub.written(connection);
        done(true);
      },
      hangUp: () => {
        hub.hangUp(connection);
        done(false);
      },
    };
    this.#held.set(index, held);
  }
}

/** Believes any session, until all are ended. */
class EndingSessions implements Sessions {
  readonly trusting = true;
  readonly #listeners = new Set<() => void>();

  readonly check: Sessions['check'] =
    (_database, authorization = '') =>
    async () => {
      const text = Buffer.from(authorization.replace('Session ', ''), 'base64').toString();
      const [, user] = text.split(':');
      return UserId.is(user) ? E.right(this.#session(user)) : E.left(unauthorized);
    };

  endAll(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #session(user: UserId): Session {
    return {
      user,
      onEnd: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }
}

/** A database by its name. */
export const databaseNamed = (name: string): Database => {
  if (!Database.is(name)) throw new Error(`${name} is no database`);
  return name;
};
