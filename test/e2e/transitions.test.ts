/**
 * Every transition of a connection as a client sees it over HTTP, while the test decides what happens to its poll.
 */
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createServer, stopServer } from '../../src/http/server.ts';
import { systemClock } from '../../src/library/system.ts';
import {
  type BusFixture,
  busFixture,
  LONG_POLLING_TIMEOUT_MS,
  RETRY_MS,
  settle,
} from '../support/bus-fixture.ts';
import { type Answer, type HeldPoll, poll, pollText, RawConnection } from '../support/http.ts';
import { answer, appending } from '../support/logs.ts';
import { TRANSITIONS, type Transition } from '../support/transitions.ts';

const DRAIN_MS = 1000;
const EMPTY = '{"message":null,"channel":null}';

let bus: BusFixture;
let url: string;
let server: ReturnType<typeof createServer>;

beforeEach(async () => {
  bus = await busFixture();
  server = createServer({
    node: bus.node,
    clock: systemClock,
    publishToken: undefined,
    cors: [],
    trustedProxies: [],
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
});

afterEach(() => stopServer(server, async () => {}));

const held = (count: number) => vi.waitUntil(() => bus.node.hub.held === count, { interval: 2 });

const body = () => ({ channels: ['c'], last_message: bus.oldId });

/** A poll under way: a promise within, or to await it would be to await its answer. */
interface Under {
  readonly polled: HeldPoll;
}

/** A poll whose session is still asked about. */
const idle = async (): Promise<Under> => {
  bus.log.hold('at');
  const polled = poll(url, 'db', body(), { Authorization: 'held' });
  await held(1);
  await settle();
  return { polled };
};

/** A poll whose place in the log is being read for, until the test lets it. */
const reading = async (): Promise<Under> => {
  const { polled } = await idle();
  bus.sessions.decide(true);
  await vi.waitUntil(() => bus.log.reads.includes('at'), { interval: 2 });
  return { polled };
};

const parked = async (): Promise<Under> => {
  const { polled } = await reading();
  bus.log.letThrough();
  await settle();
  return { polled };
};

/** A poll whose answer is longer than its client's socket takes in. */
const responding = async (): Promise<RawConnection> => {
  bus.log.hold();
  const connection = await RawConnection.open(url);
  connection.socket.pause();
  connection.write(pollText('db', { channels: ['c'] }, { Authorization: 'good' }));
  await held(1);
  await settle();
  const long = appending('db', 'c', { text: 'x'.repeat(16_000_000) });
  await answer(bus.log.port.append(long));
  return connection;
};

const expectMessage = async (polled: Promise<Answer>, n: number) => {
  expect(JSON.parse((await polled).body)).toMatchObject({ message: { n }, channel: 'c' });
  await held(0);
};

const expectNothing = async (polled: Promise<Answer>): Promise<Answer> => {
  const given = await polled;
  expect([given.status, given.body]).toEqual([200, EMPTY]);
  await held(0);
  return given;
};

const drain = () => {
  void bus.node.stop(DRAIN_MS);
  bus.clock.advance(DRAIN_MS);
};

const hangUp = async ({ polled }: Under) => {
  polled.destroy();
  await held(0);
  expect(bus.sessions.listening).toBe(0);
};

type Case = () => Promise<unknown>;

/** How each transition shows. */
const cases: Readonly<Record<string, Case>> = {
  'idle ADMITTED': async () => {
    const { polled } = await idle();
    await bus.publish('c', { n: 1 });
    bus.log.letThrough();
    bus.sessions.decide(true);
    await expectMessage(polled, 1);
  },
  'idle REFUSED': async () => {
    const { polled } = await idle();
    bus.sessions.decide(false);
    expect(await polled).toMatchObject({ status: 401, body: '' });
    await held(0);
  },
  'idle HANGUP': async () => hangUp(await idle()),
  'waiting.reading FOUND': async () => {
    const { polled } = await reading();
    await bus.publish('c', { n: 1 });
    bus.log.letThrough();
    await expectMessage(polled, 1);
  },
  'waiting.reading NOTHING': async () => {
    const { polled } = await reading();
    bus.log.letThrough();
    await settle();
    await bus.publish('c', { n: 1 });
    await expectMessage(polled, 1);
  },
  'waiting.reading FAILED': async () => {
    const { polled } = await reading();
    bus.log.fail();
    await settle();
    await bus.publish('c', { n: 1 });
    bus.log.letThrough();
    bus.clock.advance(RETRY_MS);
    await expectMessage(polled, 1);
  },
  'waiting.reading DEADLINE': async () => {
    const { polled } = await reading();
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS);
    await expectNothing(polled);
  },
  'waiting.reading DRAIN': async () => {
    const { polled } = await reading();
    drain();
    const { headers } = await expectNothing(polled);
    expect(headers.connection).toBe('close');
  },
  'waiting.reading SESSION_ENDED': async () => {
    const { polled } = await reading();
    bus.sessions.endAll();
    await expectNothing(polled);
  },
  'waiting.reading LOG_RESET': async () => {
    const { polled } = await reading();
    bus.rewind();
    await settle();
    await bus.publish('c', { n: 1 });
    bus.log.letThrough();
    await expectMessage(polled, 1);
  },
  'waiting.reading HANGUP': async () => hangUp(await reading()),
  'waiting.parked ARRIVED': async () => {
    const { polled } = await parked();
    await bus.publish('c', { n: 1 });
    await expectMessage(polled, 1);
  },
  'waiting.parked DEADLINE': async () => {
    const { polled } = await parked();
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS);
    const { headers } = await expectNothing(polled);
    expect(headers['bus-resume']).toBe('exact');
  },
  'waiting.parked DRAIN': async () => {
    const { polled } = await parked();
    drain();
    await expectNothing(polled);
  },
  'waiting.parked SESSION_ENDED': async () => {
    const { polled } = await parked();
    bus.sessions.endAll();
    await expectNothing(polled);
  },
  'waiting.parked LOG_RESET': async () => {
    const { polled } = await parked();
    bus.log.hold('head');
    bus.rewind();
    await bus.publish('c', { n: 1 });
    bus.log.letThrough();
    await expectMessage(polled, 1);
  },
  'waiting.parked HANGUP': async () => hangUp(await parked()),
  'responding WRITTEN': async () => {
    const connection = await responding();
    await settle();
    expect(bus.node.hub.held).toBe(1);
    connection.socket.resume();
    await held(0);
    connection.destroy();
  },
  'responding HANGUP': async () => {
    const connection = await responding();
    await settle();
    connection.destroy();
    await held(0);
    expect(bus.sessions.listening).toBe(0);
  },
};

const nameOf = ([from, event]: Transition) => `${from} ${event}`;

test('every transition has its case', () => {
  expect(Object.keys(cases).sort()).toEqual(TRANSITIONS.map(nameOf).sort());
});

test.each(Object.entries(cases))('%s shows in the answer', async (_, run) => {
  await run();
});
