/**
 * What a node records of its connections and of itself.
 */
import { describe, expect, test } from 'vitest';
import { EMPTY_RESPONSE } from '../../../src/bus/response.ts';
import {
  type ConnectionRecord,
  HEARTBEAT_MS,
  isNodeRecord,
  type JournalRecord,
} from '../../../src/journal/record.ts';
import {
  type BusFixture,
  CACHE_TIMEOUT_MS,
  flushed,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  RETRY_MS,
  recordedBus,
  settle,
} from '../../support/bus-fixture.ts';
import { append, entriesOf, recordedNode, storeAt } from '../../support/recorded-node.ts';
import { digest, isConnectionRecord, recordsOf } from '../../support/records.ts';

const recordsIn = async (bus: BusFixture): Promise<ReadonlyArray<JournalRecord>> =>
  recordsOf(await flushed(bus));

const connectionsIn = async (bus: BusFixture): Promise<ReadonlyArray<ConnectionRecord>> =>
  (await recordsIn(bus)).filter(isConnectionRecord);

describe('a connection’s records', () => {
  test('tell who polled for what, where it stood, and what it was answered with', async () => {
    const bus = await recordedBus();
    const opened = bus.clock.now();
    const { answers } = await pollOf(bus.node, ['a', 'client:c'], bus.oldId);
    bus.clock.advance(1500);
    await bus.publish('a', { n: 1 });
    const [answer] = answers;
    const body = answer?._tag === 'Entry' ? Buffer.from(answer.body).toString() : '';
    const stamp = { v: 1, run: 'node1', connection: 1 };
    expect(await connectionsIn(bus)).toEqual([
      {
        ...{ ...stamp, n: 4, at: opened, tail: 1, event: 'ADMITTED' },
        opening: {
          ...{ at: opened, database: 'db', user: '1' },
          channels: ['a', 'client:c', 'user:1'],
          last_message: bus.oldId,
        },
      },
      {
        ...{ ...stamp, n: 5, at: opened, tail: 1, event: 'NOTHING' },
        place: {
          after: 1,
          resume: 'exact',
          first: 1,
          floor: 1,
          cutoff: opened - CACHE_TIMEOUT_MS,
        },
      },
      {
        ...{ ...stamp, n: 6, at: opened + 1500, tail: 2, event: 'ARRIVED' },
        answer: { sequence: 2, length: Buffer.byteLength(body), sha256: digest(body) },
      },
      { ...stamp, n: 7, at: opened + 1500, tail: 2, event: 'WRITTEN' },
    ]);
  });

  test.each([
    ['DEADLINE', (bus: BusFixture) => bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100)],
    ['SESSION_ENDED', (bus: BusFixture) => bus.sessions.endAll()],
    [
      'DRAIN',
      (bus: BusFixture) => {
        void bus.node.hub.drain(0);
        bus.clock.advance(100);
      },
    ],
  ])('tell of an answer with nothing at %s', async (event, happen) => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    happen(bus);
    await settle();
    expect(await connectionsIn(bus)).toContainEqual(
      expect.objectContaining({
        event,
        answer: { sequence: null, length: EMPTY_RESPONSE.length, sha256: digest(EMPTY_RESPONSE) },
      }),
    );
  });

  test('tell of a poll that was refused, and why, without its words', async () => {
    const bus = await recordedBus();
    const { hub } = bus.node;
    const opened = hub.open({ database: 'db', authorization: 'bad', body: Buffer.from('{}') }, () =>
      queueMicrotask(() => hub.written(opened)),
    );
    await settle();
    expect(await connectionsIn(bus)).toMatchObject([
      { event: 'REFUSED', error: 'Unauthorized', opening: { user: null, channels: [] } },
      { event: 'WRITTEN' },
    ]);
  });

  test('tell of a log that could not be read, and why', async () => {
    const bus = await recordedBus();
    bus.log.hold('at');
    await pollOf(bus.node, ['a'], bus.oldId);
    bus.log.fail();
    await settle();
    bus.clock.advance(RETRY_MS);
    bus.log.letThrough();
    await settle();
    expect((await connectionsIn(bus)).map(({ event, reason }) => [event, reason])).toEqual([
      ['ADMITTED', undefined],
      ['FAILED', 'test'],
      ['NOTHING', undefined],
    ]);
  });

  test('tell of its place before history is read for it', async () => {
    const bus = await recordedBus();
    await bus.publish('a', {});
    bus.clock.advance(CACHE_TIMEOUT_MS + 100);
    await pollOf(bus.node, ['z']);
    bus.log.hold('last', 'next');
    await pollOf(bus.node, ['a'], bus.oldId);
    const place = (await connectionsIn(bus)).find(({ connection }) => connection === 2);
    expect((await connectionsIn(bus)).at(-1)).toMatchObject({
      connection: 2,
      place: { after: 1, resume: 'exact' },
    });
    expect((await connectionsIn(bus)).at(-1)).not.toHaveProperty('event');
    expect(place).toHaveProperty('opening');
    bus.log.letThrough();
    await settle();
    expect((await connectionsIn(bus)).find(({ event }) => event === 'FOUND')).not.toHaveProperty(
      'place',
    );
  });

  test('tell of its place after its opening, where it is known at once', async () => {
    const bus = await recordedBus();
    await bus.publish('a', {});
    bus.clock.advance(CACHE_TIMEOUT_MS + 100);
    await pollOf(bus.node, ['z'], bus.oldId);
    bus.log.hold('last', 'next');
    await pollOf(bus.node, ['a'], bus.oldId);
    const records = await connectionsIn(bus);
    expect(records.filter(({ connection }) => connection === 2)).toMatchObject([
      { event: 'ADMITTED', opening: { last_message: bus.oldId } },
      { place: { after: 1, resume: 'exact' } },
    ]);
  });

  test('have their opening once, and their place once for each life of the log', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    bus.rewind();
    await settle();
    await bus.publish('a', {});
    const records = await connectionsIn(bus);
    expect(records.map(({ event }) => event)).toEqual([
      ...['ADMITTED', 'NOTHING', 'LOG_RESET', 'NOTHING', 'ARRIVED', 'WRITTEN'],
    ]);
    expect(records.filter(({ opening }) => opening !== undefined)).toHaveLength(1);
    expect(records.filter(({ place }) => place !== undefined)).toHaveLength(2);
  });
});

describe('a line', () => {
  /** The lines of connections, without those of their node. */
  const linesOf = async (bus: BusFixture): Promise<ReadonlyArray<Record<string, unknown>>> =>
    (await flushed(bus)).map((line) => JSON.parse(line)).filter((line) => !('node' in line));

  test('tells of all who take the same at once', async () => {
    const bus = await recordedBus();
    await bus.publish('z', {});
    for (const channel of ['x', 'y', 'z']) await pollOf(bus.node, ['a', channel]);
    await bus.publish('a', {});
    expect(await linesOf(bus)).toMatchObject([
      {
        ...{ v: 2, n: 4, event: 'NOTHING', opening: { database: 'db', last_message: null } },
        polls: [
          [1, '1', ['a', 'x', 'user:1']],
          [2, '1', ['a', 'y', 'user:1']],
        ],
      },
      { n: 8, event: 'FOUND', answer: { sequence: 2 }, polls: [[3, '1', ['a', 'z', 'user:1']]] },
      { n: 10, event: 'WRITTEN', connections: [3] },
      { n: 11, event: 'ARRIVED', answer: { sequence: 3 }, connections: [1, 2] },
      { n: 13, event: 'WRITTEN', connections: [1, 2] },
    ]);
  });

  test.each([
    { what: 'instant', happen: async (bus: BusFixture) => bus.clock.advance(1), other: {} },
    { what: 'tail', happen: (bus: BusFixture) => bus.publish('z', {}), other: {} },
    { what: 'database', happen: settle, other: { database: 'other' } },
    { what: 'last message', happen: settle, other: { last_message: 'former-2-00000000' } },
    { what: 'junk', happen: settle, other: { last_message: 'junk' } },
  ])('tells of no poll whose $what is another', async ({ happen, other }) => {
    const bus = await recordedBus();
    const poll = { database: 'db', last_message: 'former-1-00000000' };
    for (const { database, last_message } of [poll, { ...poll, ...other }]) {
      const body = Buffer.from(JSON.stringify({ channels: ['a'], last_message }));
      bus.node.hub.open({ database, authorization: 'good', body }, () => {});
      await settle();
      await happen(bus);
    }
    expect(await linesOf(bus)).toMatchObject([
      { n: 4, polls: [[1, '1', ['a', 'user:1']]] },
      { polls: [[2, '1', ['a', 'user:1']]] },
    ]);
  });

  test('tells of no poll that came in at another time, and was admitted with it', async () => {
    const bus = await recordedBus();
    const opened = bus.clock.now();
    for (const _ of [1, 2]) {
      const poll = { database: 'db', authorization: 'held', body: Buffer.from('{}') };
      bus.node.hub.open(poll, () => {});
      bus.clock.advance(1);
    }
    bus.sessions.decide(true);
    await settle();
    expect(await linesOf(bus)).toMatchObject([
      { at: opened + 2, opening: { at: opened }, polls: [[1, '1', ['user:1']]] },
      { at: opened + 2, opening: { at: opened + 1 }, polls: [[2, '1', ['user:1']]] },
    ]);
  });

  test('tells of nobody to whom the same came at another instant', async () => {
    const bus = await recordedBus();
    const poll = { database: 'db', authorization: 'good', body: Buffer.from('{}') };
    const opened = [1, 2].map(() => bus.node.hub.open(poll, () => {}));
    await settle();
    for (const connection of opened) {
      bus.clock.advance(1);
      bus.node.hub.hangUp(connection);
    }
    expect((await linesOf(bus)).slice(1)).toMatchObject([
      { n: 8, event: 'HANGUP', connections: [1] },
      { n: 9, event: 'HANGUP', connections: [2] },
    ]);
  });

  test('tells of no poll that stood elsewhere, and of no other answer', async () => {
    const [store, other] = [storeAt(0), storeAt(0)];
    await append(store, { n: 1 });
    await append(store, { n: 2 }, 'b');
    await append(other, { n: 3 }, 'b');
    const [one] = entriesOf(store);
    const node = await recordedNode(store, 'one');
    await node.poll(['a']);
    await node.poll(['b']);
    await node.poll(['b'], one);
    await node.poll(['a'], one);
    await node.restore(other);
    await node.poll(['a'], one);
    const lines = (await node.lines()).map((line) => JSON.parse(line));
    expect(lines.filter(({ polls }) => polls)).toMatchObject([
      { place: { resume: 'start' }, answer: { sequence: 1 }, polls: [[1, '1', ['a', 'user:1']]] },
      { place: { resume: 'start' }, answer: { sequence: 2 }, polls: [[2, '1', ['b', 'user:1']]] },
      { place: { resume: 'exact' }, answer: { sequence: 2 }, polls: [[3, '1', ['b', 'user:1']]] },
      { place: { resume: 'exact' }, event: 'NOTHING' },
      { place: { resume: 'reset' }, event: 'NOTHING' },
    ]);
  });

  test('ends where the node is heard of', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    bus.rewind();
    await settle();
    await pollOf(bus.node, ['a']);
    const numbers = (await linesOf(bus)).flatMap(({ polls }) => (polls ? [polls] : []));
    expect(numbers).toHaveLength(2);
  });

  test('of a poll that waits for the log is not kept back until the log has answered', async () => {
    const bus = await recordedBus();
    bus.log.hold('at');
    await pollOf(bus.node, ['a'], bus.oldId);
    expect(await linesOf(bus)).toMatchObject([
      { event: 'ADMITTED', opening: { last_message: bus.oldId }, connections: [1] },
    ]);
  });
});

describe('a node’s records', () => {
  test('tell of each state that it comes into', async () => {
    const bus = await recordedBus();
    const stopped = bus.node.stop(0);
    bus.clock.advance(100);
    await stopped;
    const states = (await recordsIn(bus)).flatMap((each) => (isNodeRecord(each) ? each.node : []));
    expect(states).toEqual(['starting', 'starting', 'serving', 'draining', 'stopped']);
  });

  test('tell every few seconds that it lives, and how far its window reaches', async () => {
    const bus = await recordedBus();
    await bus.publish('a', {});
    const before = (await recordsIn(bus)).length;
    bus.clock.advance(3 * HEARTBEAT_MS);
    const beats = (await recordsIn(bus)).slice(before);
    expect(beats).toHaveLength(3);
    for (const beat of beats) {
      expect(beat).toMatchObject({
        node: 'serving',
        settings: { long_polling_timeout: 300, cache_timeout: 10, allow_subscribe: true },
        life: { number: 1, epoch: 'epoch', tail: 2 },
      });
    }
  });

  test('tell of each life of the log, by a number of its own', async () => {
    const bus = await recordedBus();
    bus.rewind();
    await settle();
    const lives = (await recordsIn(bus)).flatMap((each) =>
      isNodeRecord(each) ? [each.life?.number] : [],
    );
    expect(lives).toEqual([undefined, 1, 1, 2]);
  });

  test('stop when it has stopped', async () => {
    const bus = await recordedBus();
    const stopped = bus.node.stop(0);
    bus.clock.advance(100);
    await stopped;
    const { length } = bus.journal.lines;
    bus.clock.advance(5 * HEARTBEAT_MS);
    expect(await flushed(bus)).toHaveLength(length);
  });
});
