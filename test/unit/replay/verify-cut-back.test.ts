/**
 * A journal held against a log that lost its end after it was recorded: what the log has no more is no divergence, and hides
 * none.
 */
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS } from '../../../src/journal/record.ts';
import { type MemoryStore, memoryLog } from '../../../src/log/memory.ts';
import { recordIn, verifyOn } from '../../support/journal.ts';
import { append, entriesOf, recordedNode, storeAt } from '../../support/recorded-node.ts';
import { hasMessage, tampered, withOtherDigest } from '../../support/tampering.ts';

describe('a log that was cut back afterwards', () => {
  const NOW = 1_800_000_000_000;
  const LATER = NOW + 60_000;

  /** A log of such entries, at some time. */
  const storeOf = async (now: number, ...names: ReadonlyArray<string>): Promise<MemoryStore> => {
    const store = storeAt(now);
    for (const n of names) await append(store, { n });
    return store;
  };

  /** What a node records that answers its clients with every entry of a log. */
  const served = async (store: MemoryStore, run: string) => {
    const node = await recordedNode(store, run);
    for (const last of [undefined, ...entriesOf(store)]) await node.poll(['a'], last);
    return node.lines();
  };

  test('is no divergence, once a node has begun where the log ends now', async () => {
    const before = await served(await storeOf(NOW, '1', '2', '3', '4'), 'one');
    const cutBack = await storeOf(LATER, '1', '2');
    const after = await served(cutBack, 'two');
    const { divergence, answers } = await verifyOn(memoryLog(cutBack), [...before, ...after]);
    expect(recordIn({ divergence })).toBeUndefined();
    // The first node is lost, with the poll that it held.
    expect(answers).toMatchObject({ verified: 4, uncheckable: 2, incomplete: 1 });
  });

  test('is no divergence, also when other entries have the sequences again', async () => {
    const before = await served(await storeOf(NOW, '1', '2', '3', '4'), 'one');
    const cutBack = await storeOf(LATER, '1', '2');
    const after = await served(cutBack, 'two');
    for (const n of ['3b', '4b', '5b']) await append(cutBack, { n });
    const { divergence, answers } = await verifyOn(memoryLog(cutBack), [...before, ...after]);
    expect(recordIn({ divergence })).toBeUndefined();
    // The first node is lost, with the poll that it held.
    expect(answers).toMatchObject({ verified: 4, uncheckable: 2, incomplete: 1 });
  });

  test('is no divergence, also when a node notices it at once', async () => {
    const store = await storeOf(NOW, '1', '2', '3', '4');
    const node = await recordedNode(store, 'one');
    for (const last of [undefined, ...entriesOf(store)]) await node.poll(['a'], last);
    const cutBack = await storeOf(NOW, '1', '2');
    await node.restore(cutBack);
    await append(cutBack, { n: '3b' });
    const outcome = await verifyOn(memoryLog(cutBack), await node.lines());
    expect(recordIn(outcome)).toBeUndefined();
    expect(outcome.answers.uncheckable).toBe(2);
  });

  test('is no divergence, also when it lost only what came after the last heartbeat', async () => {
    const store = await storeOf(NOW, '1');
    const node = await recordedNode(store, 'one');
    for (const n of ['2', '3']) {
      await node.poll(['a'], entriesOf(store).at(-1));
      await append(store, { n });
    }
    const before = await node.lines();
    const cutBack = await storeOf(LATER, '1', '2');
    const after = await served(cutBack, 'two');
    const { divergence, answers } = await verifyOn(memoryLog(cutBack), [...before, ...after]);
    expect(recordIn({ divergence })).toBeUndefined();
    expect(answers.uncheckable).toBe(1);
  });

  test('does not excuse what diverges after it', async () => {
    const before = await served(await storeOf(NOW, '1', '2', '3', '4'), 'one');
    const cutBack = await storeOf(LATER, '1', '2');
    const { texts, record } = tampered(await served(cutBack, 'two'), hasMessage, withOtherDigest);
    const outcome = await verifyOn(memoryLog(cutBack), [...before, ...texts]);
    expect(recordIn(outcome)).toMatchObject({ run: record.run, n: record.n });
  });

  test('is not what two nodes tell whose records stand one after the other', async () => {
    const store = await storeOf(NOW, '1', '2');
    const one = await recordedNode(store, 'one');
    const two = await served(store, 'two');
    await one.poll(['a']);
    for (const n of ['3', '4']) await append(store, { n });
    one.clock.advance(HEARTBEAT_MS);
    const { texts, record } = tampered(await one.lines(), hasMessage, withOtherDigest);
    const outcome = await verifyOn(memoryLog(store), [...texts, ...two]);
    expect(recordIn(outcome)).toMatchObject({ run: record.run, n: record.n });
  });
});
