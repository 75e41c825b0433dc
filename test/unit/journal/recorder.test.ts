/**
 * What a node records of its connections: all that they took, of whom it should, and nothing that is nobody's business.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_RESPONSE } from '../../../src/bus/response.ts';
import {
  type ConnectionRecord,
  isNodeRecord,
  type JournalRecord,
} from '../../../src/journal/record.ts';
import { HEARTBEAT_MS } from '../../../src/journal/recorder.ts';
import { isSampled } from '../../../src/journal/sample.ts';
import {
  type BusFixture,
  busFixture,
  CACHE_TIMEOUT_MS,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  RETRY_MS,
  settle,
} from '../../support/bus-fixture.ts';
import { session } from '../../support/http.ts';
import {
  acts,
  CREDENTIALS,
  flushed,
  recordedNode,
  recordingOf,
  recordsOf,
  renumbered,
  storeAt,
} from '../../support/recording.ts';

const recorded = (): Promise<BusFixture> => busFixture({ isRecorded: true });

const recordsIn = async (bus: BusFixture): Promise<ReadonlyArray<JournalRecord>> =>
  recordsOf(await flushed(bus));

const isConnectionRecord = (record: JournalRecord): record is ConnectionRecord =>
  !isNodeRecord(record);

const connectionsIn = async (bus: BusFixture): Promise<ReadonlyArray<ConnectionRecord>> =>
  (await recordsIn(bus)).filter(isConnectionRecord);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('a connection’s records', () => {
  test('tell who polled for what, where it stood, and what it was answered with', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
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
    const bus = await recorded();
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
    const bus = await recorded();
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
    const bus = await recorded();
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
    const bus = await recorded();
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
    const bus = await recorded();
    const stopped = bus.node.stop(0);
    bus.clock.advance(100);
    await stopped;
    const states = (await recordsIn(bus)).flatMap((each) => (isNodeRecord(each) ? each.node : []));
    expect(states).toEqual(['starting', 'starting', 'serving', 'draining', 'stopped']);
  });

  test('tell every few seconds that it lives, and how far its window reaches', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
    bus.rewind();
    await settle();
    const lives = (await recordsIn(bus)).flatMap((each) =>
      isNodeRecord(each) ? [each.life?.number] : [],
    );
    expect(lives).toEqual([undefined, 1, 1, 2]);
  });

  test('stop when it has stopped', async () => {
    const bus = await recorded();
    const stopped = bus.node.stop(0);
    bus.clock.advance(100);
    await stopped;
    const { length } = bus.journal.lines;
    bus.clock.advance(5 * HEARTBEAT_MS);
    expect(await flushed(bus)).toHaveLength(length);
  });
});

describe('whatever happens', () => {
  test('every line is a record, and their numbers have no gap', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (happens) => {
        const records = recordsOf((await recordingOf(happens)).texts);
        expect(records).toEqual(renumbered(records));
      }),
      { numRuns: 60 },
    );
  });

  test('no session, no login and no body of a message is in any line', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (happens) => {
        const { texts, bodies } = await recordingOf(happens);
        const text = texts.join('\n');
        for (const secret of [...CREDENTIALS, ...[...bodies.values()].flat()]) {
          expect(text).not.toContain(secret);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a last message that is no id of ours is in no line, but its digest is', async () => {
    const node = await recordedNode(storeAt(0), 'one');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ minLength: 6 }), fc.json()), async (junk) => {
        const before = (await node.lines()).length;
        await node.send({ channels: [], last_message: `junk ${junk}` }, session(1));
        const [opening] = recordsOf((await node.lines()).slice(before));
        expect(opening).toMatchObject({
          opening: { last_message: { sha256: digest(`junk ${junk}`) } },
        });
      }),
      { numRuns: 60 },
    );
    expect((await node.lines()).join()).not.toContain('junk');
  });

  test.each([
    { value: { secret: 1 }, text: '{"secret":1}' },
    { value: ['secret'], text: '["secret"]' },
    { value: 7, text: '7' },
    { value: true, text: 'true' },
  ])('a last message that is $text is known by the digest of that', async ({ value, text }) => {
    const node = await recordedNode(storeAt(0), 'one');
    await node.send({ channels: [], last_message: value }, session(1));
    const lines = await node.lines();
    expect(recordsOf(lines)).toContainEqual(
      expect.objectContaining({
        opening: expect.objectContaining({ last_message: { sha256: digest(text) } }),
      }),
    );
    expect(lines.join()).not.toContain('secret');
  });
});

/** What is recorded of each connection, in the order of the runs and of when they were recorded first; without numbers. */
const storiesOf = (records: ReadonlyArray<JournalRecord>) => {
  const stories = new Map<string, { readonly user: string; readonly told: Array<object> }>();
  for (const record of records.filter(isConnectionRecord)) {
    const { n: _, connection, ...rest } = record;
    const name = `${record.run} ${connection}`;
    const user = record.opening?.user ?? '';
    const story = stories.get(name) ?? { user, told: [] };
    story.told.push(rest);
    stories.set(name, story);
  }
  return [...stories]
    .sort(([a], [b]) => runOf(a).localeCompare(runOf(b)))
    .map(([, story]) => story);
};

const runOf = (name: string): string => name.split(' ')[0] ?? '';

describe('of a share of users', () => {
  const USERS = Array.from({ length: 300 }, (_, index) => String(index));

  /** Whom a node records that each of these polls twice. */
  const keptBy = async (run: string, sample: number): Promise<ReadonlyArray<string>> => {
    const node = await recordedNode(storeAt(0), run, sample);
    for (const _ of [1, 2]) {
      for (const user of USERS) await node.send({ channels: [] }, session(user));
    }
    return recordsOf(await node.lines()).flatMap((record) =>
      isNodeRecord(record) || record.opening === undefined ? [] : [String(record.opening.user)],
    );
  };

  test('all is recorded or nothing, and the same ones at every node', async () => {
    const one = await keptBy('one', 0.5);
    const two = await keptBy('two', 0.5);
    expect(one).toEqual(two);
    const counts = new Map(one.map((user) => [user, one.filter((each) => each === user).length]));
    expect(new Set(counts.values())).toEqual(new Set([2]));
    expect(counts.size).toBeGreaterThan(100);
    expect(counts.size).toBeLessThan(200);
  });

  test('everything is recorded that its connections took', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (happens) => {
        const all = recordsOf((await recordingOf(happens)).texts);
        const some = recordsOf((await recordingOf(happens, { sample: 0.5 })).texts);
        expect(storiesOf(some)).toEqual(storiesOf(all).filter(({ user }) => isSampled(user, 0.5)));
        expect(some).toEqual(renumbered(some));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    { sample: 0, kept: 0 },
    { sample: 1, kept: USERS.length },
  ])('$sample it is $kept', async ({ sample, kept }) => {
    expect(new Set(await keptBy('one', sample)).size).toBe(kept);
  });

  test('a larger one has all that a smaller one has', () => {
    fc.assert(
      fc.property(fc.string(), fc.float({ min: 0, max: 1, noNaN: true }), (user, share) => {
        if (isSampled(user, share)) expect(isSampled(user, Math.min(1, share * 2))).toBe(true);
      }),
    );
  });
});
