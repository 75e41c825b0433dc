/**
 * A journal that lacks records, held against its log: what is missing is told, and not taken for wrong.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS, isNodeRecord } from '../../../src/journal/record.ts';
import { flushed, pollOf, recordedBus } from '../../support/bus-fixture.ts';
import { recordIn, verifyOn } from '../../support/journal.ts';
import { acts, recordingOf } from '../../support/recording.ts';
import { isConnectionRecord, recordsOf, textsOf } from '../../support/records.ts';
import { busAfterPolls } from '../../support/tampering.ts';

describe('a journal that lacks records', () => {
  test('is incomplete and missing some, and never diverges', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.infiniteStream(fc.nat(5)), async (happens, whims) => {
        const { texts, log } = await recordingOf(happens);
        const whole = await verifyOn(log, texts);
        const records = recordsOf(texts);
        const kept = records.filter(() => whims.next().value !== 0);
        const outcome = await verifyOn(log, textsOf(kept));
        expect(recordIn(outcome)).toBeUndefined();
        for (const kind of ['positions', 'answers'] as const) {
          expect(outcome[kind].uncheckable).toBe(0);
          expect(outcome[kind].verified).toBeLessThanOrEqual(whole[kind].verified);
        }
        const inside = kept.reduce((sum, { run, n }, index) => {
          const before = kept.slice(0, index).findLast((record) => record.run === run);
          return before === undefined ? sum : sum + n - before.n - 1;
        }, 0);
        expect(outcome.missing).toBe(inside);
      }),
      { numRuns: 100 },
    );
  });

  test('counts what came after the gap of a poll that was open as incomplete', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { n: 1 });
    const records = recordsOf(await flushed(bus));
    const nothing = records.findIndex(
      (record) => isConnectionRecord(record) && record.event === 'NOTHING',
    );
    const outcome = await verifyOn(bus.reader, textsOf(records.toSpliced(nothing, 1)));
    expect(outcome).toMatchObject({
      missing: 1,
      positions: { verified: 0, incomplete: 0 },
      answers: { verified: 0, incomplete: 1, uncheckable: 0 },
      divergence: undefined,
    });
  });

  test('counts the polls after a gap as incomplete until the node is heard of', async () => {
    const bus = await recordedBus();
    for (const channel of ['x', 'y', 'z']) await pollOf(bus.node, [channel]);
    bus.clock.advance(HEARTBEAT_MS);
    await pollOf(bus.node, ['w']);
    const records = recordsOf(await flushed(bus));
    const kept = records.filter((record) => isNodeRecord(record) || record.connection !== 2);
    const { positions, missing, divergence } = await verifyOn(bus.reader, textsOf(kept));
    expect({ positions, missing }).toMatchObject({
      positions: { verified: 2, incomplete: 1, uncheckable: 0 },
      missing: 2,
    });
    expect(recordIn({ divergence })).toBeUndefined();
  });

  test('counts lines that are no records as unreadable', async () => {
    const bus = await busAfterPolls();
    const lines = ['', 'null', '{"v":2}', '{"v":1,"run":"x"', ...bus.journal.lines];
    const { unreadable, divergence } = await verifyOn(bus.reader, lines);
    expect(unreadable).toBe(4);
    expect(recordIn({ divergence })).toBeUndefined();
  });
});
