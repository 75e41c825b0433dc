/**
 * A journal held against its log: whatever happened, all of it is verified, and what is not known is not taken for wrong.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { E, O, pipe, TE } from '../../../src/fp.ts';
import { flushed, pollOf, recordedBus, settle } from '../../support/bus-fixture.ts';
import { expired } from '../../support/expired-log.ts';
import { recordIn, verifyOn, WHOLE } from '../../support/journal.ts';
import { answer, appending } from '../../support/logs.ts';
import { acts, recordingOf } from '../../support/recording.ts';
import { killedAfter } from '../../support/records.ts';
import { busAfterPolls } from '../../support/tampering.ts';

describe('a journal that is as it was recorded', () => {
  test('is verified, every position and every answer', async () => {
    const bus = await busAfterPolls();
    const outcome = await bus.verify();
    expect(outcome).toMatchObject({ missing: 0, unreadable: 0, divergence: undefined });
    expect(outcome.positions).toMatchObject({ verified: 4, ...WHOLE });
    expect(outcome.answers).toMatchObject({ verified: 4, ...WHOLE });
  });

  test('is verified whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (happens) => {
        const { texts, log } = await recordingOf(happens);
        const outcome = await verifyOn(log, texts);
        expect(recordIn(outcome)).toBeUndefined();
        expect([outcome.positions, outcome.answers]).toMatchObject([WHOLE, WHOLE]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a log whose entries have expired', () => {
  test('makes what they decided uncheckable, and nothing diverge', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(40), async (happens, first) => {
        const { texts, log } = await recordingOf(happens);
        const whole = await verifyOn(log, texts);
        const outcome = await verifyOn(expired(log, first), texts);
        expect(recordIn(outcome)).toBeUndefined();
        for (const kind of ['positions', 'answers'] as const) {
          expect(outcome[kind].incomplete).toBe(0);
          expect(outcome[kind].verified + outcome[kind].uncheckable).toBe(whole[kind].verified);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('says so of an answer whose message has gone', async () => {
    const bus = await busAfterPolls();
    const { positions, answers, divergence } = await verifyOn(
      expired(bus.reader, 99),
      bus.journal.lines,
    );
    expect(recordIn({ divergence })).toBeUndefined();
    expect(positions).toMatchObject({ verified: 0, uncheckable: 4, incomplete: 0 });
    expect(answers.uncheckable).toBeGreaterThan(0);
  });

  test('says so of a log that is in another life', async () => {
    const bus = await busAfterPolls();
    const log = {
      ...bus.reader,
      head: pipe(
        bus.reader.head,
        TE.map((head) => ({ ...head, epoch: 'another' })),
      ),
    };
    const { positions, answers, divergence } = await verifyOn(log, bus.journal.lines);
    expect(recordIn({ divergence })).toBeUndefined();
    expect(positions).toMatchObject({ verified: 0, uncheckable: 4 });
    expect(answers).toMatchObject({ verified: 0, uncheckable: 4 });
  });
});

describe('a node that was killed', () => {
  test.each([
    ['a minute', 60_000],
    ['an hour', 3_600_000],
  ])(
    'is lost with the polls that it held, once another was heard of for %s longer',
    async (_, milliseconds) => {
      const bus = await recordedBus();
      const other = await bus.another();
      for (const channel of ['x', 'y']) await pollOf(bus.node, [channel]);
      const before = await flushed(bus);
      bus.clock.advance(milliseconds);
      await pollOf(other, ['a']);
      await bus.publish('a', { n: 1 });
      const outcome = await verifyOn(bus.reader, killedAfter(before)(await flushed(bus)));
      expect(recordIn(outcome)).toBeUndefined();
      expect(outcome).toMatchObject({
        lost: 1,
        missing: 0,
        positions: { verified: 3, ...WHOLE },
        answers: { verified: 1, incomplete: 2, uncheckable: 0 },
      });
    },
  );

  test('is not lost where no other was heard of for longer', async () => {
    const bus = await recordedBus();
    await bus.another();
    await pollOf(bus.node, ['x']);
    bus.clock.advance(60_000);
    const outcome = await verifyOn(bus.reader, await flushed(bus));
    expect(outcome).toMatchObject({ lost: 0, answers: { verified: 0, ...WHOLE } });
  });
});

test('an entry that no client is shown decides nothing', async () => {
  const bus = await recordedBus();
  await pollOf(bus.node, ['a']);
  await answer(bus.log.port.append(appending('db', 'a', '[]')));
  await settle();
  await bus.publish('a', { n: 1 });
  await flushed(bus);
  const stored = await answer(bus.reader.at(2));
  expect(O.isSome(stored) && E.isLeft(stored.value)).toBe(true);
  const { divergence, answers } = await bus.verify();
  expect(recordIn({ divergence })).toBeUndefined();
  expect(answers).toMatchObject({ verified: 1, ...WHOLE });
});
