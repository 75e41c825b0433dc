/**
 * Hubs that are recorded while anything happens to them.
 */
import fc from 'fast-check';
import { type Node, startNode } from '../../src/hub/node.ts';
import { silentLogger } from '../../src/library/system.ts';
import type { Log } from '../../src/log/log.ts';
import { type MemoryStore, memoryLog, memoryStore } from '../../src/log/memory.ts';
import { CACHE_TIMEOUT_MS, LONG_POLLING_TIMEOUT_MS, rewind, settle } from './bus-fixture.ts';
import { type TestClock, testClock } from './clock.ts';
import { session } from './http.ts';
import { memoryJournal, recorderOn, type TestJournal } from './journal.ts';
import { answer } from './logs.ts';
import { EndingSessions, SETTINGS } from './recorded-node.ts';

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
        rewind(this.#store);
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
