/**
 * A writer that is closed: it writes what waits, not for longer than its time, and counts the rest.
 */
import { describe, expect, test } from 'vitest';
import { settle } from '../../support/bus-fixture.ts';
import { GATHER_MS } from '../../support/journal.ts';
import { RETRY_MS, record, unavailable, upTo, writing } from '../../support/writing.ts';

const CLOSE_MS = 3000;

describe('closing', () => {
  test('writes what waits, and closes the store', async () => {
    const { writer, store, said, clock } = writing();
    writer.add(record());
    writer.add(record());
    await writer.close();
    expect(store.numbers).toEqual([1, 2]);
    expect(store.isClosed).toBe(true);
    expect(said).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  test('waits for what is being written, and for what came meanwhile', async () => {
    const { writer, store, pass } = writing();
    store.isHeld = true;
    writer.add(record());
    await pass(GATHER_MS);
    writer.add(record());
    const closed = writer.close();
    await settle();
    expect(store.isClosed).toBe(false);
    store.letThrough();
    await closed;
    expect(store.numbers).toEqual([1, 2]);
  });

  test.each(upTo(12, 0))(
    'writes what came while the batch before it was kept, %i turns after that',
    async (turns) => {
      const { writer, store, pass } = writing();
      store.isHeld = true;
      writer.add(record());
      await pass(GATHER_MS);
      writer.add(record());
      store.letThrough();
      for (let turn = 0; turn < turns; turn += 1) await undefined;
      await writer.close();
      expect(store.numbers).toEqual([1, 2]);
      expect(writer.status.lost).toBe(0);
    },
  );

  test('gives up after its time, and counts what it could not write', async () => {
    const { writer, store, said, clock } = writing();
    store.isHeld = true;
    for (let n = 0; n < 3; n += 1) writer.add(record());
    const closed = writer.close();
    clock.advance(CLOSE_MS - 1);
    await settle();
    expect(store.isClosed).toBe(false);
    clock.advance(1);
    await closed;
    expect(store.isClosed).toBe(true);
    expect(writer.status.lost).toBe(3);
    expect(said).toEqual(['the journal is not whole']);
  });

  test('gives up too when the store refuses all the while', async () => {
    const { writer, store, clock } = writing();
    store.refuses = unavailable;
    writer.add(record());
    const closed = writer.close();
    await settle();
    for (let second = 0; second < 4; second += 1) {
      clock.advance(RETRY_MS);
      await settle();
    }
    await closed;
    expect(writer.status.lost).toBe(1);
    const { asked } = store;
    clock.advance(10 * RETRY_MS);
    await settle();
    expect(store.asked).toBe(asked);
  });

  test('takes no more records: they are lost and counted', async () => {
    const { writer, store, pass } = writing();
    await writer.close();
    writer.add(record());
    await pass(GATHER_MS);
    expect(store.asked).toBe(0);
    expect(writer.status.lost).toBe(1);
  });
});
