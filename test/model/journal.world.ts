/**
 * Two nodes and their clients on slow logs of one store, recorded.
 */
import type { Connection } from '../../src/hub/connection.ts';
import { type Node, startNode } from '../../src/hub/node.ts';
import { silentLogger } from '../../src/library/system.ts';
import type { Log } from '../../src/log/log.ts';
import { type MemoryStore, memoryLog, memoryStore } from '../../src/log/memory.ts';
import { CACHE_TIMEOUT_MS, settle, TestSessions } from '../support/bus-fixture.ts';
import { type TestClock, testClock } from '../support/clock.ts';
import { memoryJournal, recorderOn, type TestJournal } from '../support/journal.ts';
import { answer, appending } from '../support/logs.ts';
import { SlowLog } from '../support/slow-log.ts';

export const NODES = 2;
const SETTINGS = {
  longPollingTimeoutMs: 3 * CACHE_TIMEOUT_MS,
  longPollingJitter: 0,
  cacheTimeoutMs: CACHE_TIMEOUT_MS,
  allowSubscribe: true,
};
export const DAY_MS = 86_400_000;

interface Served {
  readonly log: SlowLog;
  readonly node: Node;
}

interface Client {
  connection: Connection;
  node: Node;
}

export class World {
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
export interface Action {
  readonly run: (world: World) => unknown;
  readonly toString: () => string;
}

/** What is in the log before the nodes begin, below their windows. */
const OLD = ['a', 'b', 'a', 'c', 'other', 'other', 'other'];

/** Lets all of it happen on two nodes, and everybody come to an end. */
export const happen = async (
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
