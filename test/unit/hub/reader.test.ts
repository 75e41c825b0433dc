import { beforeEach, describe, expect, test } from 'vitest';
import {
  type BusFixture,
  busFixture,
  CACHE_TIMEOUT_MS,
  type Held,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  RETRY_MS,
  settle,
} from '../../support/bus-fixture.ts';

let bus: BusFixture;

beforeEach(async () => {
  bus = await busFixture();
});

const poll = (channels: ReadonlyArray<string>, lastMessage?: unknown) =>
  pollOf(bus.node, channels, lastMessage);

/** What a poll was answered with: the message and how it was resumed. */
const told = ({ answers }: Held) =>
  answers.map((answer) => {
    if (answer._tag !== 'Entry') return answer;
    const { message } = JSON.parse(Buffer.from(answer.body).toString());
    return { message, resume: answer.resume };
  });

const letTime = (milliseconds: number) => bus.clock.advance(milliseconds);

describe('where a poll stands', () => {
  test('without a last message it begins with the oldest entry of the cache time', async () => {
    await bus.publish('c', { n: 1 });
    letTime(CACHE_TIMEOUT_MS + 1);
    await bus.publish('c', { n: 2 });
    letTime(CACHE_TIMEOUT_MS);
    await bus.publish('c', { n: 3 });
    expect(told(await poll(['c']))).toMatchObject([{ message: { n: 2 }, resume: 'start' }]);
  });

  test('with an id it gets exactly what comes after, however old', async () => {
    const ids = [];
    for (let n = 1; n <= 3; n += 1) ids.push(await bus.publish('c', { n }));
    letTime(20 * CACHE_TIMEOUT_MS);
    expect(told(await poll(['c'], ids[0]))).toMatchObject([{ message: { n: 2 }, resume: 'exact' }]);
    expect(told(await poll(['c'], ids[1]))).toMatchObject([{ message: { n: 3 }, resume: 'exact' }]);
    expect((await poll(['c'], ids[2])).state()).toBe('waiting.parked');
  });

  test.each([
    ['of another life', 'another-1-00000000'],
    ['of another entry', 'epoch-1-00000000'],
    ['of no entry yet', 'epoch-99-00000000'],
    ['that is no id', 'junk'],
    ['that is no text', { a: [1] }],
  ])('an id %s stands as none, and says so', async (_, lastMessage) => {
    await bus.publish('c', { n: 1 });
    const held = await poll(['c'], lastMessage);
    expect(told(held)).toMatchObject([{ message: { n: 1 }, resume: 'reset' }]);
  });

  test('an id whose entry has left the log is told that more may have', async () => {
    const id = await bus.publish('c', { n: 1 });
    await bus.publish('c', { n: 2 });
    letTime(86_400_001);
    await bus.publish('c', { n: 3 });
    const other = await bus.another();
    expect(told(await pollOf(other, ['c'], id))).toMatchObject([
      { message: { n: 3 }, resume: 'truncated' },
    ]);
  });

  test('so it is by a node that remembers the entry, as by one that does not', async () => {
    const id = await bus.publish('c', { n: 1 });
    await bus.publish('c', { n: 2 });
    letTime(86_400_001);
    await bus.publish('c', { n: 3 });
    expect(told(await poll(['c'], id))).toMatchObject([{ message: { n: 3 }, resume: 'truncated' }]);
  });

  test('an id that the tail has not reached waits for the tail', async () => {
    bus.log.holdTail();
    const id = await bus.publish('c', { n: 1 });
    await bus.publish('c', { n: 2 });
    const held = await poll(['c'], id);
    expect(held.state()).toBe('waiting.reading');
    bus.log.letTailThrough();
    await settle();
    expect(told(held)).toMatchObject([{ message: { n: 2 }, resume: 'exact' }]);
  });

  test('an id that is newer than an answer which is on its way is no reset', async () => {
    bus.log.holdTail();
    bus.log.holdAnswers('head');
    await poll(['c'], bus.oldId);
    const id = await bus.publish('c', { n: 1 });
    const held = await poll(['c'], id);
    bus.log.letThrough();
    await settle();
    bus.log.letTailThrough();
    await settle();
    expect([told(held), held.state()]).toEqual([[], 'waiting.parked']);
  });

  test('no poll is answered before the tail has caught up', async () => {
    bus.log.hold('head');
    bus.rewind();
    await bus.publish('c', { n: 1 });
    const held = await poll(['c']);
    expect(held.state()).toBe('waiting.reading');
    bus.log.letThrough();
    await settle();
    expect(told(held)).toMatchObject([{ message: { n: 1 } }]);
  });
});

describe('nothing falls between', () => {
  test('what arrives while history is read is found when the read finds nothing', async () => {
    const id = await bus.publish('other', { n: 1 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 2 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 3 });
    bus.log.hold('last');
    const held = await poll(['c'], id);
    await bus.publish('c', { n: 4 });
    expect(held.state()).toBe('waiting.reading');
    bus.log.letThrough();
    await settle();
    expect(told(held)).toMatchObject([{ message: { n: 4 }, resume: 'exact' }]);
  });

  test('a read goes on from its bound when the window has passed it meanwhile', async () => {
    const id = await bus.publish('other', { n: 1 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 2 });
    bus.log.hold('last');
    const held = await poll(['c'], id);
    await bus.publish('c', { n: 3 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 4 });
    bus.log.letThrough();
    await settle();
    expect(told(held)).toMatchObject([{ message: { n: 3 }, resume: 'exact' }]);
  });

  test('what came after a channel was asked for, and left the window before the answer, is found', async () => {
    await bus.publish('other', { n: 2 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 3 });
    bus.log.holdAnswers('last');
    const held = await poll(['c'], bus.oldId);
    expect(held.state()).toBe('waiting.reading');
    await bus.publish('c', { n: 4 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 5 });
    bus.log.letThrough();
    await settle();
    expect(told(held)).toMatchObject([{ message: { n: 4 }, resume: 'exact' }]);
  });

  test('nor is it lost where all that the channel had before has left the log', async () => {
    bus = await busFixture({ historyMs: 4 * CACHE_TIMEOUT_MS });
    await bus.publish('c', { n: 2 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 3 });
    expect(told(await poll(['c'], bus.oldId))).toMatchObject([{ message: { n: 2 } }]);
    letTime(5 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 4 });
    bus.log.holdAnswers('next');
    const held = await poll(['c'], bus.oldId);
    expect(held.state()).toBe('waiting.reading');
    await bus.publish('c', { n: 5 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 6 });
    bus.log.letThrough();
    await settle();
    expect(told(held)).toMatchObject([{ message: { n: 5 }, resume: 'truncated' }]);
  });

  test('a client that hangs up before its answer was written gets it by its next poll', async () => {
    const id = await bus.publish('c', { n: 1 });
    const held = await poll(['c'], id);
    held.hangUp();
    await bus.publish('c', { n: 2 });
    expect(held.answers).toEqual([]);
    expect(told(await poll(['c'], id))).toMatchObject([{ message: { n: 2 }, resume: 'exact' }]);
  });

  test('a log that cannot be read is read again until it can', async () => {
    bus.log.hold('at');
    const held = await poll(['c'], bus.oldId);
    for (let failures = 0; failures < 3; failures += 1) {
      bus.log.fail();
      await settle();
      letTime(RETRY_MS);
    }
    await bus.publish('c', { n: 1 });
    bus.log.letThrough();
    await settle();
    expect(told(held)).toMatchObject([{ message: { n: 1 }, resume: 'exact' }]);
  });

  test('what was read while another life had begun is not believed', async () => {
    const id = await bus.publish('c', { n: 1 });
    await bus.publish('c', { n: 2 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 3 });
    bus.log.epoch = 'another';
    const held = await poll(['c'], id);
    expect(held.state()).toBe('waiting.reading');
    bus.log.epoch = undefined;
    letTime(RETRY_MS);
    await settle();
    expect(told(held)).toMatchObject([{ message: { n: 2 }, resume: 'exact' }]);
  });

  test('an answer of the life before is not taken for one of the next', async () => {
    bus.log.hold('at');
    const held = await poll(['c'], bus.oldId);
    bus.rewind();
    await settle();
    bus.log.fail();
    await settle();
    expect(held.state()).toBe('waiting.reading');
    letTime(RETRY_MS);
    bus.log.letThrough();
    await settle();
    expect(held.state()).toBe('waiting.parked');
  });
});

describe('what reading costs', () => {
  const reads = async (polls: () => Promise<unknown>): Promise<number> => {
    const before = bus.log.reads.length;
    await polls();
    return bus.log.reads.length - before;
  };

  test('a thousand clients that come back to a quiet channel with old ids cost a read in all', async () => {
    const ids: Array<string> = [];
    for (let n = 0; n < 1000; n += 1) ids.push(await bus.publish('busy', { n }));
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('busy', { last: true });
    const cost = await reads(() => Promise.all(ids.map((id) => poll(['quiet'], id))));
    expect(bus.node.hub.held).toBe(1000);
    // The last entry on `quiet`, and the last on the user's own channel, are asked for once each.
    expect(cost).toBe(2);
    letTime(LONG_POLLING_TIMEOUT_MS + 100);
    await settle();
    const again = await reads(() => Promise.all(ids.map((id) => poll(['quiet'], id))));
    expect(again).toBe(0);
  });

  test('a client that is answered from the window costs no read', async () => {
    const id = await bus.publish('c', { n: 1 });
    await bus.publish('c', { n: 2 });
    expect(await reads(() => poll(['c'], id))).toBe(0);
  });

  test('those who ask the same at once are one question', async () => {
    const id = await bus.publish('c', { n: 1 });
    await bus.publish('c', { n: 2 });
    letTime(2 * CACHE_TIMEOUT_MS);
    await bus.publish('other', { n: 3 });
    bus.log.hold('next');
    const held = await Promise.all(Array.from({ length: 100 }, () => poll(['c'], id)));
    const cost = await reads(async () => bus.log.letThrough());
    await settle();
    expect(held.map((each) => told(each)[0])).toEqual(
      held.map(() => expect.objectContaining({ message: expect.objectContaining({ n: 2 }) })),
    );
    expect(cost).toBe(0);
    expect(bus.log.reads.filter((read) => read === 'next')).toHaveLength(1);
  });
});
