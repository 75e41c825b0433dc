/**
 * Whatever is published, polled for, hung up and ended, in whatever order the log answers, tells late, fails, is followed
 * late or begins again: the nodes' own account of it follows from the log, and so it does whatever of the account is lost,
 * comes twice, or is put together from several files.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LogUnavailable, logUnavailable } from '../../src/bus/errors.ts';
import { formatMessageId } from '../../src/bus/message-id.ts';
import { E, type TE } from '../../src/fp.ts';
import type { Connection } from '../../src/hub/connection.ts';
import { type Node, startNode } from '../../src/hub/node.ts';
import { silentLogger } from '../../src/library/system.ts';
import type { Head, Log } from '../../src/log/log.ts';
import { type MemoryStore, memoryLog, memoryStore } from '../../src/log/memory.ts';
import { CACHE_TIMEOUT_MS, settle, TestSessions } from '../support/bus-fixture.ts';
import { type TestClock, testClock } from '../support/clock.ts';
import { memoryJournal, recorderOn, type TestJournal, verifyOn } from '../support/journal.ts';
import { answer, appending } from '../support/logs.ts';

const CHANNELS = ['a', 'b', 'c', 'd', 'e', 'f'];
const CLIENTS = 4;
const NODES = 2;
const SETTINGS = {
  longPollingTimeoutMs: 3 * CACHE_TIMEOUT_MS,
  cacheTimeoutMs: CACHE_TIMEOUT_MS,
  allowSubscribe: true,
};
const DAY_MS = 86_400_000;
const LEAVES_SOON_MS = 2 * CACHE_TIMEOUT_MS;

/** How a question that was held ends: answered as the log is by now, as it was when it was asked, or not. */
type End = 'now' | 'then' | 'failed';

/** A log that answers, and shows its entries, when the test says so. */
class SlowLog {
  readonly port: Log;
  isHolding = false;
  /** How often it tells of another life than the followers know. */
  otherLives = 0;
  readonly #held: Array<(end: End) => void> = [];
  #unshown: Array<() => void> | undefined;

  constructor(log: Log) {
    this.port = {
      ...log,
      head: () =>
        this.#hold(async () => {
          this.otherLives -= 1;
          const isOther = this.otherLives >= 0;
          return E.map((head: Head) => (isOther ? { ...head, epoch: 'another' } : head))(
            await log.head(),
          );
        }),
      before: (instant) => () => this.#hold(log.before(instant)),
      at: (sequence) => () => this.#hold(log.at(sequence)),
      next:
        (...asked) =>
        () =>
          this.#hold(log.next(...asked)),
      last:
        (...asked) =>
        () =>
          this.#hold(log.last(...asked)),
      follow: (epoch, after, follower) =>
        log.follow(epoch, after, {
          ...follower,
          show: (stored) => this.#tell(() => follower.show(stored)),
          caughtUp: (last) => this.#tell(() => follower.caughtUp(last)),
          reset: () => {
            if (this.#unshown !== undefined) this.#unshown = [];
            follower.reset();
          },
        }),
    };
  }

  end(index: number, end: End): void {
    const [held] = this.#held.splice(index % Math.max(1, this.#held.length), 1);
    held?.(end);
  }

  letThrough(): void {
    this.isHolding = false;
    for (const held of this.#held.splice(0)) held('now');
  }

  holdTail(): void {
    this.#unshown ??= [];
  }

  /** Shows some of what is held, or all and what comes. */
  letTailThrough(count = Number.POSITIVE_INFINITY): void {
    for (const show of this.#unshown?.splice(0, count) ?? []) show();
    if (count === Number.POSITIVE_INFINITY) this.#unshown = undefined;
  }

  #tell(tell: () => void): void {
    if (this.#unshown === undefined) tell();
    else this.#unshown.push(tell);
  }

  async #hold<A>(read: TE.TaskEither<LogUnavailable, A>): Promise<E.Either<LogUnavailable, A>> {
    if (!this.isHolding) return read();
    const then = read();
    const end = await new Promise<End>((resolve) => this.#held.push(resolve));
    if (end === 'failed') return E.left(logUnavailable('test'));
    return end === 'then' ? then : read();
  }
}

interface Served {
  readonly log: SlowLog;
  readonly node: Node;
}

interface Client {
  connection: Connection;
  node: Node;
}

class World {
  readonly clock: TestClock = testClock();
  readonly store: MemoryStore;
  readonly journal: TestJournal = memoryJournal();
  readonly sessions = new TestSessions();
  readonly nodes: Array<Served> = [];
  readonly clients: Array<Client | undefined> = [];
  readonly #stopping: Array<Promise<void>> = [];
  #runs = 0;

  constructor(historyMs: number) {
    this.store = memoryStore(this.clock, 'epoch', historyMs);
  }

  get log(): Log {
    return memoryLog(this.store);
  }

  start(): Served {
    const log = new SlowLog(this.log);
    const { clock, sessions } = this;
    const { port } = log;
    this.#runs += 1;
    const run = `run${this.#runs}`;
    const journal = recorderOn(this.journal, { log: port, clock, settings: SETTINGS, run });
    const node = startNode({
      log: port,
      sessions,
      clock,
      random: () => 0.5,
      logger: silentLogger,
      settings: SETTINGS,
      journal,
    });
    return { log, node };
  }

  served(index: number): Served {
    const served = this.nodes[index];
    if (served === undefined) throw new Error('no node');
    return served;
  }

  /** Polls; the answer is written at once if the client reads it at once. */
  poll(index: number, { node }: Served, body: object, isReading: boolean): void {
    const client = this.clients[index];
    if (client !== undefined) client.node.hub.hangUp(client.connection);
    const request = {
      database: 'db',
      authorization: 'good',
      body: Buffer.from(JSON.stringify(body)),
    };
    const connection = node.hub.open(request, () => {
      if (isReading) queueMicrotask(() => node.hub.written(connection));
    });
    this.clients[index] = { connection, node };
  }

  stop({ node, log }: Served): void {
    log.letThrough();
    log.letTailThrough();
    this.#stopping.push(node.stop(CACHE_TIMEOUT_MS / 10));
  }

  async end(): Promise<void> {
    for (const served of this.nodes) {
      served.log.otherLives = 0;
      this.stop(served);
    }
    for (let turn = 0; turn < 10; turn += 1) {
      this.clock.advance(500);
      await settle();
    }
    await Promise.all(this.#stopping);
  }
}

/** Something that happens to a world; its name is the counterexample's. */
interface Action {
  readonly run: (world: World) => unknown;
  readonly toString: () => string;
}

const action = (name: string, run: Action['run']): Action => ({ run, toString: () => name });

/** What a client says that it saw last: nothing, the entry at a share of the log, that one changed, or one to come. */
const lastMessage = (kind: string, share: number, { store }: World): unknown => {
  const { items, head } = store.window.entries;
  const entries = items.slice(head);
  const entry = entries[Math.floor(share * entries.length)];
  if (kind === 'none' || entry === undefined) return null;
  const id = { epoch: 'epoch', sequence: entry.sequence, check: entry.check };
  switch (kind) {
    case 'other entry':
      return formatMessageId({ ...id, check: '00000000' });
    case 'other life':
      return formatMessageId({ ...id, epoch: 'another' });
    case 'ahead':
      return formatMessageId({ ...id, sequence: store.window.tail + 1 + Math.floor(share * 3) });
    case 'gone':
      return formatMessageId({ ...id, sequence: 1 });
    case 'junk':
      return { junk: [share] };
    default:
      return formatMessageId(id);
  }
};

const node = fc.nat(NODES - 1);
const client = fc.nat(CLIENTS - 1);
const channel = fc.constantFrom(...CHANNELS);

const pollAt = (node: fc.Arbitrary<number>) =>
  fc
    .record({
      client,
      node,
      channels: fc.uniqueArray(channel, { minLength: 1, maxLength: 2 }),
      kind: fc.constantFrom(
        ...['id', 'id', 'id', 'id', 'id', 'id', 'none', 'none'],
        ...['other entry', 'other life', 'ahead', 'gone', 'junk'],
      ),
      share: fc.nat(9).map((tenths) => tenths / 10),
      isReading: fc.boolean(),
    })
    .map(({ client, node, channels, kind, share, isReading }) =>
      action(
        `poll(${client} at ${node}, ${channels}, ${kind} ${share}${isReading ? '' : ', unread'})`,
        (world) => {
          const body = { channels, last_message: lastMessage(kind, share, world) };
          world.poll(client, world.served(node), body, isReading);
        },
      ),
    );

const publish = channel.map((name) =>
  action(`publish(${name})`, ({ log, store }) =>
    answer(log.append(appending('db', name, { n: store.window.tail }))),
  ),
);

const garbage = channel.map((name) =>
  action(`garbage(${name})`, ({ log }) => answer(log.append(appending('db', name, '[]')))),
);

const hangUp = client.map((index) =>
  action(`hangUp(${index})`, ({ clients }) => {
    const held = clients[index];
    held?.node.hub.hangUp(held.connection);
  }),
);

const written = client.map((index) =>
  action(`written(${index})`, ({ clients }) => {
    const held = clients[index];
    if (held?.connection.state.name === 'responding') held.node.hub.written(held.connection);
  }),
);

const pass = fc
  .constantFrom(50, 700, 700, CACHE_TIMEOUT_MS / 2, CACHE_TIMEOUT_MS + 100, 3 * CACHE_TIMEOUT_MS)
  .map((milliseconds) =>
    action(`pass(${milliseconds})`, (world) => {
      // A tail may be late, but not by so much that what it shows has left the log.
      if (world.store.historyMs < DAY_MS) for (const { log } of world.nodes) log.letTailThrough();
      world.clock.advance(milliseconds);
    }),
  );

const onLog =
  (name: string, run: (log: SlowLog) => void) =>
  (index: number): Action =>
    action(`${name}(${index})`, (world) => run(world.served(index).log));

const hold = onLog('hold', (log) => {
  log.isHolding = true;
});
const letThrough = onLog('letThrough', (log) => log.letThrough());
const holdTail = onLog('holdTail', (log) => log.holdTail());
const showOne = onLog('showOne', (log) => log.letTailThrough(1));
const letTailThrough = onLog('letTailThrough', (log) => log.letTailThrough());
const otherLife = onLog('otherLife', (log) => {
  log.otherLives = 1;
});

const endAt = (node: fc.Arbitrary<number>) =>
  fc
    .tuple(node, fc.nat(5), fc.constantFrom<End>('now', 'then', 'then', 'failed'))
    .map(([index, which, how]) =>
      action(`end(${index}, ${which}, ${how})`, (world) => world.served(index).log.end(which, how)),
    );

const rewind = fc.constant(
  action('rewind()', ({ store }) => {
    const cursors = [...store.cursors];
    store.cursors.clear();
    for (const { follower } of cursors) follower.reset();
  }),
);

const restart = node.map((index) =>
  action(`restart(${index})`, async (world) => {
    world.stop(world.served(index));
    world.nodes[index] = world.start();
  }),
);

const endSessions = fc.constant(action('endSessions()', ({ sessions }) => sessions.endAll()));

const single = fc.oneof(
  { weight: 6, arbitrary: pollAt(node) },
  { weight: 5, arbitrary: publish },
  { weight: 1, arbitrary: garbage },
  { weight: 1, arbitrary: hangUp },
  { weight: 1, arbitrary: written },
  { weight: 3, arbitrary: pass },
  { weight: 2, arbitrary: node.map(hold) },
  { weight: 3, arbitrary: endAt(node) },
  { weight: 1, arbitrary: node.map(letThrough) },
  { weight: 1, arbitrary: node.map(holdTail) },
  { weight: 2, arbitrary: node.map(showOne) },
  { weight: 1, arbitrary: node.map(letTailThrough) },
  { weight: 1, arbitrary: node.map(otherLife) },
  { weight: 1, arbitrary: rewind },
  { weight: 1, arbitrary: restart },
  { weight: 1, arbitrary: endSessions },
);

/** A poll on a log that is slow to answer, and what happens meanwhile. */
const slowPoll = node.chain((index) => {
  const same = fc.constant(index);
  const meanwhile = fc.oneof(
    { weight: 6, arbitrary: endAt(same) },
    { weight: 3, arbitrary: publish },
    { weight: 2, arbitrary: pass },
    { weight: 1, arbitrary: fc.oneof(garbage, hangUp, rewind, pollAt(same)) },
  );
  return fc
    .tuple(pollAt(same), fc.array(meanwhile, { minLength: 1, maxLength: 12, size: 'max' }))
    .map(([poll, meanwhile]) => [
      letTailThrough(index),
      hold(index),
      poll,
      ...meanwhile,
      letThrough(index),
    ]);
});

const history = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: single.map((each) => [each]) },
      { weight: 1, arbitrary: slowPoll },
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((scenes) => scenes.flat());

/** What is in the log before the nodes begin, below their windows. */
const OLD = ['a', 'b', 'a', 'c', 'other', 'other', 'other'];

/** Lets all of it happen on two nodes, and everybody come to an end. */
const happen = async (
  happening: ReadonlyArray<Action>,
  historyMs: number = DAY_MS,
): Promise<World> => {
  const world = new World(historyMs);
  for (const name of OLD) await answer(world.log.append(appending('db', name, { old: true })));
  world.clock.advance(CACHE_TIMEOUT_MS + 100);
  for (let index = 0; index < NODES; index += 1) world.nodes.push(world.start());
  await settle();
  for (const each of happening) {
    await each.run(world);
    await settle();
  }
  await world.end();
  return world;
};

/** Nothing is missing from the nodes' own account, and all of it follows from the log. */
const WHOLE = {
  missing: 0,
  unreadable: 0,
  positions: { incomplete: 0, uncheckable: 0 },
  answers: { incomplete: 0, uncheckable: 0 },
  divergence: undefined,
};

const RUNS = { numRuns: 250 };

test('every position and answer follows from the log, in whatever order the log answers', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (happening) => {
      const { log, journal } = await happen(happening);
      expect(await verifyOn(log, journal.lines)).toMatchObject(WHOLE);
    }),
    RUNS,
  );
});

test('entries that have left the log meanwhile are told as uncheckable, not as wrong', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (happening) => {
      const world = await happen(happening, LEAVES_SOON_MS);
      for (let left = 0; left < 4; left += 1) {
        const { missing, unreadable, divergence } = await verifyOn(world.log, world.journal.lines);
        expect({ missing, unreadable, divergence }).toMatchObject({ missing: 0, unreadable: 0 });
        expect(divergence).toBeUndefined();
        world.clock.advance(CACHE_TIMEOUT_MS);
        await answer(world.log.append(appending('db', 'other', {})));
      }
    }),
    RUNS,
  );
});

/** What may become of a journal on its way: each line by its index, and whether it is there, and how often. */
const fates = fc.infiniteStream(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant('kept' as const) },
    { weight: 1, arbitrary: fc.constant('lost' as const) },
    { weight: 1, arbitrary: fc.constant('twice' as const) },
    { weight: 1, arbitrary: fc.constant('torn' as const) },
  ),
);

test('whatever of a journal is lost, torn or kept twice is told, and nothing follows from it', async () => {
  await fc.assert(
    fc.asyncProperty(history, fates, fc.nat(200), async (happening, stream, begin) => {
      const { log, journal } = await happen(happening);
      const lines = journal.lines
        .slice(begin % Math.max(1, journal.lines.length))
        .flatMap((line) => {
          const fate = stream.next().value;
          if (fate === 'lost') return [];
          if (fate === 'torn') return [line.slice(0, line.length / 2)];
          return fate === 'twice' ? [line, line] : [line];
        });
      expect((await verifyOn(log, lines)).divergence).toBeUndefined();
    }),
    RUNS,
  );
});

test('the nodes’ files in any order, or one after the other, say the same', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async (happening, stream) => {
      const { log, journal } = await happen(happening);
      const files = [...byRun(journal.lines).values()].sort(() => (stream.next().value % 3) - 1);
      const told = await verifyOn(log, journal.lines);
      expect(await verifyOn(log, files.flat())).toEqual(told);
      const mixed: Array<string> = [];
      const left = files.map((file) => [...file]);
      while (left.some(({ length }) => length > 0)) {
        const from = left[stream.next().value % left.length];
        mixed.push(...(from?.splice(0, 1 + (stream.next().value % 5)) ?? []));
      }
      expect(await verifyOn(log, mixed)).toEqual(told);
    }),
    RUNS,
  );
});

const byRun = (lines: ReadonlyArray<string>): Map<string, Array<string>> => {
  const files = new Map<string, Array<string>>();
  for (const line of lines) {
    const { run } = JSON.parse(line);
    files.set(run, [...(files.get(run) ?? []), line]);
  }
  return files;
};
