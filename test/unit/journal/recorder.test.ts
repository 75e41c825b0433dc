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
