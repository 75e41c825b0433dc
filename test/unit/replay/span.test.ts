/**
 * A span of a journal as a history of its own: what is cut out of any recording verifies as the whole did, and as much is
 * missing in it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS, isNodeRecord, type JournalRecord } from '../../../src/journal/record.ts';
import { flushed, pollOf, recordedBus } from '../../support/bus-fixture.ts';
import { exported, recordIn, verifyOn, WHOLE } from '../../support/journal.ts';
import { acts, recordingOf } from '../../support/recording.ts';
import { recordsOf, renumbered, textsOf } from '../../support/records.ts';
import { cutOut, span, spanIn, verifyHistory } from '../../support/spans.ts';

describe('whatever span is cut out of a recording', () => {
  test('verifies as the whole did', async () => {
    await fc.assert(
      fc.asyncProperty(acts, span, async (happens, share) => {
        const recording = await recordingOf(happens);
        const chosen = spanIn(recording.texts, share);
        const outcome = await verifyHistory(await exported(recording, chosen));
        expect(recordIn(outcome)).toBeUndefined();
        expect(outcome).toMatchObject({
          missing: 0,
          unreadable: 0,
          positions: WHOLE,
          answers: WHOLE,
        });
      }),
      { numRuns: 60 },
    );
  });

  test('has every record of the span, and those alone but for what led up to it', async () => {
    await fc.assert(
      fc.asyncProperty(acts, span, async (happens, share) => {
        const { texts } = await recordingOf(happens);
        const { from, to, database } = spanIn(texts, share);
        const records = recordsOf(texts);
        const databases = new Map<string, string | null>();
        for (const record of records) {
          if (isNodeRecord(record) || record.opening === undefined) continue;
          databases.set(`${record.run} ${record.connection}`, record.opening.database);
        }
        const isChosen = (record: JournalRecord): boolean =>
          isNodeRecord(record) ||
          database === undefined ||
          databases.get(`${record.run} ${record.connection}`) === database;
        const unnumbered = ({ n: _, ...rest }: JournalRecord): object => rest;
        const cut = await cutOut(texts, { from, to, database });
        expect(cut.filter(({ at }) => at >= from).map(unnumbered)).toEqual(
          records
            .filter((each) => each.at >= from && each.at <= to && isChosen(each))
            .map(unnumbered),
        );
        expect(cut.every(isChosen)).toBe(true);
        expect(cut).toEqual(renumbered(cut));
      }),
      { numRuns: 60 },
    );
  });

  test('has every poll from its beginning that was open when the span began', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    bus.clock.advance(7 * HEARTBEAT_MS);
    const from = bus.clock.now();
    await bus.publish('a', {});
    const cut = await cutOut(await flushed(bus), { from });
    expect(cut.map((record) => (isNodeRecord(record) ? record.node : record.event))).toEqual([
      ...['serving', 'ADMITTED', 'NOTHING'],
      ...Array.from({ length: 7 }, () => 'serving'),
      ...['ARRIVED', 'WRITTEN'],
    ]);
  });

  test('has nothing of the polls that had ended before', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    await bus.publish('a', {});
    bus.clock.advance(7 * HEARTBEAT_MS);
    const cut = await cutOut(await flushed(bus), { from: bus.clock.now() });
    expect(cut.every(isNodeRecord)).toBe(true);
  });
});

describe('where records were missing', () => {
  test('as many are missing within the span', async () => {
    await fc.assert(
      fc.asyncProperty(acts, span, fc.infiniteStream(fc.nat(9)), async (happens, share, whims) => {
        const { texts } = await recordingOf(happens);
        const all = recordsOf(texts).map((record) => ({ ...record, was: record.n }));
        const isLost = new Map(all.map((record) => [record, whims.next().value === 0]));
        const kept = all.filter((record) => !isLost.get(record));
        const chosen = spanIn(texts, share);
        const cut = (await cutOut(textsOf(kept), chosen)) as ReadonlyArray<(typeof all)[number]>;
        for (const [index, { run, n, was }] of cut.entries()) {
          const before = cut.slice(0, index).findLast((record) => record.run === run);
          if (before === undefined || before.at < chosen.from) continue;
          const lost = all.filter(
            (each) => each.run === run && each.n > before.was && each.n < was && isLost.get(each),
          );
          expect(n - before.n - 1).toBe(lost.length);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('nothing diverges for that, and no more is incomplete than was', async () => {
    await fc.assert(
      fc.asyncProperty(acts, span, fc.infiniteStream(fc.nat(9)), async (happens, share, whims) => {
        const { log, texts } = await recordingOf(happens);
        const kept = textsOf(recordsOf(texts).filter(() => whims.next().value !== 0));
        fc.pre(kept.length > 0);
        const whole = await verifyOn(log, kept);
        const cut = await verifyHistory(await exported({ texts: kept, log }, spanIn(kept, share)));
        expect([recordIn(whole), recordIn(cut)]).toEqual([undefined, undefined]);
        expect(cut.positions.incomplete).toBeLessThanOrEqual(whole.positions.incomplete);
        expect(cut.answers.incomplete).toBeLessThanOrEqual(whole.answers.incomplete);
      }),
      { numRuns: 100 },
    );
  });

  test('between what led up to the span and the span itself, they still are', async () => {
    const bus = await recordedBus();
    bus.rewind();
    bus.clock.advance(1);
    const from = bus.clock.now() + 200;
    const texts = await flushed(bus);
    await pollOf(bus.node, ['a']);
    const records = recordsOf(await flushed(bus));
    expect(texts.length).toBeLessThan(records.length);
    const life = records.findIndex((record) => isNodeRecord(record) && record.life?.number === 2);
    const kept = textsOf(records.toSpliced(life, 1));
    const recording = { texts: kept, log: bus.reader };
    expect(await verifyOn(bus.reader, kept)).toMatchObject({ positions: { incomplete: 1 } });
    expect(await verifyHistory(await exported(recording, { from }))).toMatchObject({
      positions: { verified: 0, incomplete: 1 },
    });
  });

  test('but none are where only the clock of the log went back a little, at the end of the span', async () => {
    const bus = await recordedBus();
    for (const channel of ['a', 'b', 'c']) await pollOf(bus.node, [channel]);
    const records = recordsOf(await flushed(bus));
    const to = Math.max(...records.map(({ at }) => at));
    const slewed = textsOf(
      records.map((record, index) =>
        index === records.length - 2 ? { ...record, at: to + 1 } : record,
      ),
    );
    const cut = await cutOut(slewed, { to });
    expect(cut).toEqual(renumbered(cut));
  });
});
