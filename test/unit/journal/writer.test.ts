/**
 * The writer numbers what it is given and is never in the way: what cannot be written waits, and what cannot wait is counted.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tooLarge } from '../../../src/bus/errors.ts';
import { settle } from '../../support/bus-fixture.ts';
import { GATHER_MS, textsIn } from '../../support/journal.ts';
import {
  RETRY_MS,
  record,
  unavailable,
  upTo,
  type Verdict,
  writing,
} from '../../support/writing.ts';

const BATCH_SIZE = 256 * 1024;
const MAX_WAITING = 16 * 1024 * 1024;

/** A record of a length is given, time passes, or the store refuses from now on, or does no more. */
const happening = fc.oneof(
  fc.record({
    type: fc.constant('add' as const),
    value: fc.constantFrom(0, 100, BATCH_SIZE / 2, BATCH_SIZE),
  }),
  fc.record({ type: fc.constant('pass' as const), value: fc.constantFrom(1, GATHER_MS, RETRY_MS) }),
  fc.record({ type: fc.constant('refuse' as const), value: fc.nat(1) }),
);

describe('records are numbered', () => {
  test('from 1, without gap, and bear their run and the version', async () => {
    const { writer, store, pass } = writing();
    for (let n = 0; n < 3; n += 1) writer.add(record());
    await pass(GATHER_MS);
    expect(
      store.batches.flatMap((batch) => textsIn(batch).map((line) => JSON.parse(line))),
    ).toEqual(upTo(3).map((n) => ({ v: 2, run: 'run1', n, at: 1, text: '' })));
    expect(store.batches.every(({ run }) => run === 'run1')).toBe(true);
  });

  test('in the order that they came, however they are gathered, and kept once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (happens) => {
        const { writer, store, pass } = writing();
        const doings = {
          add: async (length: number) => writer.add(record(length)),
          pass,
          refuse: async (isDown: number) => {
            store.refuses = isDown === 1 ? unavailable : () => undefined;
          },
        };
        for (const { type, value } of happens) await doings[type](value);
        const count = happens.filter(({ type }) => type === 'add').length;
        store.refuses = () => undefined;
        await pass(GATHER_MS);
        await pass(RETRY_MS);
        expect(store.numbers).toEqual(upTo(count));
        expect(writer.status).toEqual({ run: 'run1', lost: 0 });
      }),
      { numRuns: 100 },
    );
  });
});

describe('a line that lists', () => {
  const textOf = ({ store }: Pick<ReturnType<typeof writing>, 'store'>): ReadonlyArray<string> =>
    store.batches.flatMap(textsIn);

  test('takes items until another record comes, and numbers go on behind it', async () => {
    const { writer, store, pass } = writing();
    expect(writer.more('1', 1)).toBe(false);
    writer.list(',"polls":', '1', 2);
    expect(writer.more('2', 2)).toBe(true);
    writer.add(',"text":""}');
    expect(writer.more('3', 2)).toBe(false);
    writer.list(',"polls":', '3', 2);
    writer.list(',"polls":', '4', 1);
    await pass(GATHER_MS);
    expect(textOf({ store })).toEqual([
      '{"v":2,"run":"run1","n":1,"polls":[1,2]}',
      '{"v":2,"run":"run1","n":5,"text":""}',
      '{"v":2,"run":"run1","n":6,"polls":[3]}',
      '{"v":2,"run":"run1","n":8,"polls":[4]}',
    ]);
    expect(store.batches.map(({ records }) => records)).toEqual([8]);
  });

  test('is written after a while, and takes no more', async () => {
    const { writer, store, pass } = writing();
    writer.list(',"polls":', '1', 1);
    await pass(GATHER_MS);
    expect(textOf({ store })).toHaveLength(1);
    expect(writer.more('2', 1)).toBe(false);
  });

  test('does not grow without end', async () => {
    const { writer, store, pass } = writing();
    let items = 0;
    writer.list(',"polls":', '0', 1);
    while (writer.more('1'.repeat(100), 1)) items += 1;
    expect(items).toBeGreaterThan(50);
    expect(items).toBeLessThan(1000);
    await pass(GATHER_MS);
    expect(textOf({ store })).toHaveLength(1);
  });

  test('is written when the writer is closed, and lost with all its records after that', async () => {
    const { writer, store, clock } = writing();
    writer.list(',"polls":', '1', 2);
    writer.more('2', 2);
    await writer.close();
    expect(store.batches.map(({ records }) => records)).toEqual([4]);
    writer.list(',"polls":', '3', 2);
    writer.list(',"polls":', '4', 2);
    expect(writer.status.lost).toBe(2);
    expect(clock.pending()).toBe(0);
  });
});

describe('records gather', () => {
  test('until a while is over, and are one batch', async () => {
    const { writer, store, pass } = writing();
    writer.add(record());
    await pass(GATHER_MS - 1);
    writer.add(record());
    expect(store.asked).toBe(0);
    await pass(1);
    expect(store.numbers).toEqual([1, 2]);
    expect(store.batches).toHaveLength(1);
  });

  test('until they are many', async () => {
    const { writer, store } = writing();
    writer.add(record(BATCH_SIZE));
    await settle();
    expect(store.numbers).toEqual([1]);
  });

  test('without any timer while there are none', async () => {
    const { writer, clock, pass } = writing();
    expect(clock.pending()).toBe(0);
    writer.add(record());
    await pass(GATHER_MS);
    expect(clock.pending()).toBe(0);
  });
});

describe('what cannot be written', () => {
  test('waits, and is written in order when it can be, and both are said once', async () => {
    const { writer, store, said, pass } = writing();
    store.refuses = unavailable;
    writer.add(record());
    await pass(GATHER_MS);
    expect(writer.status).toMatchObject({
      lost: 0,
      reason: expect.stringContaining('the disk is full'),
    });
    writer.add(record());
    await pass(3 * RETRY_MS);
    expect(said).toEqual(['the journal cannot be written; the bus goes on']);
    store.refuses = () => undefined;
    await pass(RETRY_MS);
    expect(store.numbers).toEqual([1, 2]);
    expect(writer.status).toEqual({ run: 'run1', lost: 0 });
    expect(said).toEqual([
      'the journal cannot be written; the bus goes on',
      'the journal is written again',
    ]);
  });

  test('is tried again once a second, however much comes', async () => {
    const { writer, store, pass } = writing();
    store.refuses = unavailable;
    for (let second = 0; second < 5; second += 1) {
      writer.add(record());
      await pass(GATHER_MS);
      writer.add(record(BATCH_SIZE));
      await pass(RETRY_MS - GATHER_MS);
    }
    expect(store.asked).toBeLessThanOrEqual(6);
  });

  test('is bounded: beyond it records are lost, counted, and their numbers show it', async () => {
    const { writer, store, pass } = writing();
    store.isHeld = true;
    const size = 1024 * 1024;
    for (let n = 0; n < 20; n += 1) writer.add(record(size));
    const { lost } = writer.status;
    expect(lost).toBe(20 - Math.floor(MAX_WAITING / (size + 100)));
    store.letThrough();
    await pass(GATHER_MS);
    writer.add(record());
    await pass(GATHER_MS);
    expect(store.numbers).toEqual([...upTo(20 - lost), 21]);
    expect(writer.status.lost).toBe(lost);
  });

  test('leaves room again for as much as was written', async () => {
    const { writer, store, pass } = writing();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 15; n += 1) writer.add(record(1024 * 1024));
      await pass(GATHER_MS);
    }
    expect(writer.status.lost).toBe(0);
    expect(store.numbers).toEqual(upTo(45));
  });
});

describe('a batch that is too large for the store', () => {
  const tooMany =
    (limit: number): Verdict =>
    ({ records }) =>
      records > limit ? tooLarge(limit) : undefined;

  test.each([1, 2, 3, 5])(
    'is divided until each part has at most %i records, in order',
    async (limit) => {
      const { writer, store, pass } = writing();
      store.refuses = tooMany(limit);
      for (let n = 0; n < 10; n += 1) writer.add(record());
      await pass(GATHER_MS);
      expect(store.numbers).toEqual(upTo(10));
      expect(Math.max(...store.batches.map(({ records }) => records))).toBeLessThanOrEqual(limit);
      expect(writer.status).toEqual({ run: 'run1', lost: 0 });
    },
  );

  test('is divided where lines end, and loses all the records of one that is too large', async () => {
    const { writer, store, pass } = writing();
    store.refuses = ({ bytes }) => (bytes.length > 2000 ? tooLarge(2000) : undefined);
    for (const length of [1, 100, 5000, 100, 1]) {
      writer.list(',"connections":', '1', 1);
      for (let n = 0; n < length / 10; n += 1) writer.more('123456789', 1);
    }
    await pass(GATHER_MS);
    expect(store.numbers).toEqual([1, 3, 515, 526]);
    expect(store.batches.map(({ records }) => records).reduce((a, b) => a + b)).toBe(26);
    expect(writer.status.lost).toBe(501);
  });

  test('loses no more than the one record that is too large by itself', async () => {
    const { writer, store, pass } = writing();
    store.refuses = ({ bytes }) => (bytes.length > 2000 ? tooLarge(2000) : undefined);
    for (const length of [0, 0, 5000, 0]) writer.add(record(length));
    await pass(GATHER_MS);
    expect(store.numbers).toEqual([1, 2, 4]);
    expect(writer.status.lost).toBe(1);
  });
});
