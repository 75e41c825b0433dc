/**
 * A journal held against its log: whatever is changed in a record is found, and the record is named.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConnectionRecord,
  isNodeRecord,
  type JournalRecord,
} from '../../../src/journal/record.ts';
import {
  flushed,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  recordedBus,
  settle,
} from '../../support/bus-fixture.ts';
import { recordIn, verifyOn } from '../../support/journal.ts';
import { acts, recordingOf } from '../../support/recording.ts';
import {
  answerOf,
  isConnectionRecord,
  recordsOf,
  renumbered,
  textsOf,
} from '../../support/records.ts';
import {
  answered,
  busAfterPolls,
  type Change,
  hasMessage,
  hasNothing,
  hasPlace,
  placed,
  tampered,
  withOtherDigest,
} from '../../support/tampering.ts';

describe('a record diverges, and is named, when it tells of', () => {
  test.each<[string, string, (record: ConnectionRecord) => boolean, Change]>([
    [
      'another place at the start',
      'position',
      hasPlace('start'),
      placed(({ after }) => ({ after: after + 1 })),
    ],
    [
      'another place after an id',
      'position',
      hasPlace('exact'),
      placed(({ after }) => ({ after: after - 1 })),
    ],
    [
      'a place that is only said to be exact',
      'position',
      hasPlace('reset'),
      placed(() => ({ resume: 'exact' })),
    ],
    [
      'a place that is said to be truncated',
      'position',
      hasPlace('exact'),
      placed(() => ({ resume: 'truncated' })),
    ],
    [
      'an id that is said to be unknown',
      'position',
      hasPlace('exact'),
      placed(() => ({ resume: 'reset' })),
    ],
    [
      'an answer with another sequence',
      'answer',
      hasMessage,
      answered(({ sequence }) => ({ sequence: Number(sequence) + 1 })),
    ],
    [
      'an answer with another length',
      'answer',
      hasMessage,
      answered(({ length }) => ({ length: length + 1 })),
    ],
    ['an answer with another digest', 'answer', hasMessage, withOtherDigest],
    ['an answer with nothing that has other bytes', 'answer', hasNothing, withOtherDigest],
    ['a message where there was none', 'answer', hasNothing, answered(() => ({ sequence: 2 }))],
    ['no message where there was one', 'answer', hasMessage, answered(() => ({ sequence: null }))],
  ])('%s', async (_what, subject, isTheOne, change) => {
    const bus = await busAfterPolls();
    const { texts, record } = tampered(bus.journal.lines, isTheOne, change);
    const outcome = await verifyOn(bus.reader, texts);
    expect(outcome.divergence).toMatchObject({ subject, verdict: { _tag: 'Diverged' } });
    expect(recordIn(outcome)).toMatchObject({ run: record.run, n: record.n });
  });

  test('nothing, at the end of a poll for which a message had come', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { n: 1 });
    await pollOf(bus.node, ['z']);
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100);
    await settle();
    const records = recordsOf(await flushed(bus));
    const nothing = records.find((record) => isConnectionRecord(record) && hasNothing(record));
    const deaf = records.map((record) =>
      isConnectionRecord(record) && record.event === 'ARRIVED' && !isNodeRecord(nothing ?? record)
        ? { ...record, event: 'DEADLINE' as const, answer: answerOf(nothing) }
        : record,
    );
    const outcome = await verifyOn(bus.reader, textsOf(deaf));
    expect(outcome.divergence).toMatchObject({
      subject: 'answer',
      happening: { record: { event: 'DEADLINE', connection: 1 } },
      verdict: { entry: { sequence: 2, channel: 'a' } },
    });
  });

  test('nothing found, where the log had something', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { n: 1 });
    await pollOf(bus.node, ['a']);
    const records = recordsOf(await flushed(bus)).map((record) => {
      if (isNodeRecord(record) || record.event !== 'FOUND') return record;
      const { answer: _, ...rest } = record;
      return { ...rest, event: 'NOTHING' as const };
    });
    const kept = renumbered(
      records.filter(
        (record) => isNodeRecord(record) || record.connection === 1 || record.event !== 'WRITTEN',
      ),
    );
    const outcome = await verifyOn(bus.reader, textsOf(kept));
    expect(outcome.divergence).toMatchObject({
      subject: 'transition',
      happening: { record: { event: 'NOTHING', connection: 2 } },
    });
  });

  test.each([
    ['NOTHING', 'ARRIVED', 'waiting.reading'],
    ['ARRIVED', 'REFUSED', 'waiting.parked'],
    ['WRITTEN', 'ADMITTED', 'responding'],
    ['ADMITTED', 'WRITTEN', 'idle'],
  ] as const)('no %s, but %s, which cannot come then', async (event, instead, state) => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { n: 1 });
    const { texts, record } = tampered(
      await flushed(bus),
      (each) => each.event === event,
      (each) => ({ ...each, event: instead }),
    );
    const outcome = await verifyOn(bus.reader, texts);
    expect(outcome.divergence).toMatchObject({
      subject: 'transition',
      verdict: { expected: `no ${instead} in ${state}`, actual: instead },
    });
    expect(recordIn(outcome)).toMatchObject({ run: record.run, n: record.n });
  });

  test('any other answer, whichever of any journal it is, and the first of several is named', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(99), async (happens, which) => {
        const { texts, log } = await recordingOf(happens);
        const records = recordsOf(texts);
        const answers = records.filter((record) => isConnectionRecord(record) && record.answer);
        fc.pre(answers.length > 0);
        const from = answers[which % answers.length];
        const isLater = (record: JournalRecord) =>
          records.indexOf(record) >= (from === undefined ? 0 : records.indexOf(from));
        const changed = records.map((record) =>
          isNodeRecord(record) || !isLater(record) ? record : withOtherDigest(record),
        );
        const outcome = await verifyOn(log, textsOf(changed));
        expect(recordIn(outcome)).toMatchObject({ run: from?.run, n: from?.n });
      }),
      { numRuns: 100 },
    );
  });
});

test('nothing is judged behind the first divergence', async () => {
  const { journal, reader } = await busAfterPolls();
  const { texts } = tampered(
    journal.lines,
    hasMessage,
    answered(() => ({ length: 7 })),
  );
  const { answers, positions, records } = await verifyOn(reader, texts);
  expect(records).toBe(texts.length);
  expect(answers.verified).toBe(0);
  expect(positions.verified).toBe(1);
});
