/**
 * A journal held against its log: whatever is changed in a record is found, and whatever is missing is not taken for wrong.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/bus/entry.ts';
import { E, O, pipe, TE } from '../../../src/fp.ts';
import {
  type ConnectionRecord,
  isNodeRecord,
  type JournalRecord,
} from '../../../src/journal/record.ts';
import { HEARTBEAT_MS } from '../../../src/journal/recorder.ts';
import { type MemoryStore, memoryLog } from '../../../src/log/memory.ts';
import type { Outcome } from '../../../src/replay/verify.ts';
import {
  type BusFixture,
  busFixture,
  CACHE_TIMEOUT_MS,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  settle,
} from '../../support/bus-fixture.ts';
import { expired } from '../../support/expired-log.ts';
import { verifyOn } from '../../support/journal.ts';
import { answer, appending } from '../../support/logs.ts';
import {
  acts,
  answerOf,
  flushed,
  recordedNode,
  recordingOf,
  recordsOf,
  renumbered,
  storeAt,
  textsOf,
} from '../../support/recording.ts';

/** A hub after polls of every kind: answered from the window and from history, parked, timed out, hung up. */
const recorded = async (): Promise<BusFixture> => {
  const bus = await busFixture({ isRecorded: true });
  const first = await bus.publish('a', { n: 1 });
  await pollOf(bus.node, ['a'], first);
  await bus.publish('a', { n: 2 });
  await bus.publish('b', { n: 3 });
  bus.clock.advance(CACHE_TIMEOUT_MS + 100);
  await pollOf(bus.node, ['b'], bus.oldId);
  await pollOf(bus.node, ['a', 'b']);
  await bus.publish('b', { n: 4 });
  await pollOf(bus.node, ['a'], 'junk');
  bus.clock.advance(LONG_POLLING_TIMEOUT_MS);
  await settle();
  await flushed(bus);
  return bus;
};

type Change = (record: ConnectionRecord) => ConnectionRecord;

/** Changes the first record that such a one is, and answers which that was. */
const tampered = (
  lines: ReadonlyArray<string>,
  isTheOne: (record: ConnectionRecord) => boolean,
  change: Change,
): { readonly texts: ReadonlyArray<string>; readonly record: ConnectionRecord } => {
  const records = recordsOf(lines);
  const index = records.findIndex((record) => !isNodeRecord(record) && isTheOne(record));
  const record = records[index];
  if (record === undefined || isNodeRecord(record)) throw new Error('no such record');
  return { texts: textsOf(records.with(index, change(record))), record };
};

const answered = (change: (answer: NonNullable<ConnectionRecord['answer']>) => object): Change =>
  ((record: ConnectionRecord) =>
    record.answer === undefined
      ? record
      : { ...record, answer: { ...record.answer, ...change(record.answer) } }) as Change;

const placed = (change: (place: NonNullable<ConnectionRecord['place']>) => object): Change =>
  ((record: ConnectionRecord) =>
    record.place === undefined
      ? record
      : { ...record, place: { ...record.place, ...change(record.place) } }) as Change;

const hasMessage = ({ answer }: ConnectionRecord): boolean => typeof answer?.sequence === 'number';
const hasNothing = ({ answer }: ConnectionRecord): boolean => answer?.sequence === null;
const hasPlace =
  (resume: string) =>
  ({ place }: ConnectionRecord): boolean =>
    place?.resume === resume;

const flipped = (sha256: string): string => (sha256.startsWith('0') ? '1' : '0') + sha256.slice(1);

/** The record that a divergence is about. */
const recordIn = ({
  divergence,
}: Pick<Outcome, 'divergence'>): Pick<JournalRecord, 'run' | 'n'> | undefined =>
  divergence !== undefined && 'record' in divergence.happening
    ? divergence.happening.record
    : undefined;

const WHOLE = { incomplete: 0, uncheckable: 0 };

describe('a journal that is as it was recorded', () => {
  test('is verified, every position and every answer', async () => {
    const bus = await recorded();
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

test('nothing is judged behind the first divergence', async () => {
  const { journal, reader } = await recorded();
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
    [
      'an answer with another digest',
      'answer',
      hasMessage,
      answered(({ sha256 }) => ({ sha256: flipped(sha256) })),
    ],
    [
      'an answer with nothing that has other bytes',
      'answer',
      hasNothing,
      answered(({ sha256 }) => ({ sha256: flipped(sha256) })),
    ],
    ['a message where there was none', 'answer', hasNothing, answered(() => ({ sequence: 2 }))],
    ['no message where there was one', 'answer', hasMessage, answered(() => ({ sequence: null }))],
  ])('%s', async (_what, subject, isTheOne, change) => {
    const bus = await recorded();
    const { texts, record } = tampered(bus.journal.lines, isTheOne, change);
    const outcome = await verifyOn(bus.reader, texts);
    expect(outcome.divergence).toMatchObject({ subject, verdict: { _tag: 'Diverged' } });
    expect(recordIn(outcome)).toMatchObject({ run: record.run, n: record.n });
  });

  test('nothing, at the end of a poll for which a message had come', async () => {
    const bus = await busFixture({ isRecorded: true });
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { n: 1 });
    await pollOf(bus.node, ['z']);
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100);
    await settle();
    const records = recordsOf(await flushed(bus));
    const nothing = records.find((record) => !isNodeRecord(record) && hasNothing(record));
    const deaf = records.map((record) =>
      !isNodeRecord(record) && record.event === 'ARRIVED' && !isNodeRecord(nothing ?? record)
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
    const bus = await busFixture({ isRecorded: true });
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
    const bus = await busFixture({ isRecorded: true });
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
        const answers = records.filter((record) => !isNodeRecord(record) && record.answer);
        fc.pre(answers.length > 0);
        const from = answers[which % answers.length];
        const isLater = (record: JournalRecord) =>
          records.indexOf(record) >= (from === undefined ? 0 : records.indexOf(from));
        const changed = records.map((record) =>
          isNodeRecord(record) || !isLater(record)
            ? record
            : answered(({ sha256 }) => ({ sha256: flipped(sha256) }))(record),
        );
        const outcome = await verifyOn(log, textsOf(changed));
        expect(recordIn(outcome)).toMatchObject({ run: from?.run, n: from?.n });
      }),
      { numRuns: 100 },
    );
  });
});

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
    const bus = await busFixture({ isRecorded: true });
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { n: 1 });
    const lines = await flushed(bus);
    const nothing = recordsOf(lines).findIndex(
      (record) => !isNodeRecord(record) && record.event === 'NOTHING',
    );
    const outcome = await verifyOn(bus.reader, lines.toSpliced(nothing, 1));
    expect(outcome).toMatchObject({
      missing: 1,
      positions: { verified: 0, incomplete: 0 },
      answers: { verified: 0, incomplete: 1, uncheckable: 0 },
      divergence: undefined,
    });
  });

  test('counts the polls after a gap as incomplete until the node is heard of', async () => {
    const bus = await busFixture({ isRecorded: true });
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
    const bus = await recorded();
    const lines = ['', 'null', '{"v":2}', '{"v":1,"run":"x"', ...bus.journal.lines];
    const { unreadable, divergence } = await verifyOn(bus.reader, lines);
    expect(unreadable).toBe(4);
    expect(recordIn({ divergence })).toBeUndefined();
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
    const bus = await recorded();
    const { positions, answers, divergence } = await verifyOn(
      expired(bus.reader, 99),
      bus.journal.lines,
    );
    expect(recordIn({ divergence })).toBeUndefined();
    expect(positions).toMatchObject({ verified: 0, uncheckable: 4, incomplete: 0 });
    expect(answers.uncheckable).toBeGreaterThan(0);
  });

  test('says so of a log that is in another life', async () => {
    const bus = await recorded();
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

describe('a log that was cut back afterwards', () => {
  const NOW = 1_800_000_000_000;
  const LATER = NOW + 60_000;

  /** A log of such entries, at some time. */
  const storeOf = async (now: number, ...names: ReadonlyArray<string>): Promise<MemoryStore> => {
    const store = storeAt(now);
    for (const n of names) await append(store, n);
    return store;
  };

  const append = async (store: MemoryStore, n: string): Promise<void> => {
    await answer(memoryLog(store).append(appending('db', 'a', { n })));
    await settle();
  };

  const entriesOf = ({ window }: MemoryStore): ReadonlyArray<Entry> =>
    window.entries.items.filter((entry) => entry !== undefined);

  /** What a node records that answers its clients with every entry of a log. */
  const served = async (store: MemoryStore, run: string) => {
    const node = await recordedNode(store, run);
    for (const last of [undefined, ...entriesOf(store)]) await node.poll(['a'], last);
    return [...(await node.lines())];
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
    for (const n of ['3b', '4b', '5b']) await append(cutBack, n);
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
    await append(cutBack, '3b');
    const outcome = await verifyOn(memoryLog(cutBack), await node.lines());
    expect(recordIn(outcome)).toBeUndefined();
    expect(outcome.answers.uncheckable).toBe(2);
  });

  test('is no divergence, also when it lost only what came after the last heartbeat', async () => {
    const store = await storeOf(NOW, '1');
    const node = await recordedNode(store, 'one');
    for (const n of ['2', '3']) {
      await node.poll(['a'], entriesOf(store).at(-1));
      await append(store, n);
    }
    const before = [...(await node.lines())];
    const cutBack = await storeOf(LATER, '1', '2');
    const after = await served(cutBack, 'two');
    const { divergence, answers } = await verifyOn(memoryLog(cutBack), [...before, ...after]);
    expect(recordIn({ divergence })).toBeUndefined();
    expect(answers.uncheckable).toBe(1);
  });

  test('does not excuse what diverges after it', async () => {
    const before = await served(await storeOf(NOW, '1', '2', '3', '4'), 'one');
    const cutBack = await storeOf(LATER, '1', '2');
    const { texts, record } = tampered(
      await served(cutBack, 'two'),
      hasMessage,
      answered(({ sha256 }) => ({ sha256: flipped(sha256) })),
    );
    const outcome = await verifyOn(memoryLog(cutBack), [...before, ...texts]);
    expect(recordIn(outcome)).toMatchObject({ run: record.run, n: record.n });
  });

  test('is not what two nodes tell whose records stand one after the other', async () => {
    const store = await storeOf(NOW, '1', '2');
    const one = await recordedNode(store, 'one');
    const two = await served(store, 'two');
    await one.poll(['a']);
    for (const n of ['3', '4']) await append(store, n);
    one.clock.advance(HEARTBEAT_MS);
    const { texts, record } = tampered(
      await one.lines(),
      hasMessage,
      answered(({ sha256 }) => ({ sha256: flipped(sha256) })),
    );
    const outcome = await verifyOn(memoryLog(store), [...texts, ...two]);
    expect(recordIn(outcome)).toMatchObject({ run: record.run, n: record.n });
  });
});

describe('a node that was killed', () => {
  test.each([
    ['a minute', 60_000],
    ['an hour', 3_600_000],
  ])(
    'is lost with the polls that it held, once another was heard of for %s longer',
    async (_, milliseconds) => {
      const bus = await busFixture({ isRecorded: true });
      const other = await bus.another();
      for (const channel of ['x', 'y']) await pollOf(bus.node, [channel]);
      const before = await flushed(bus);
      bus.clock.advance(milliseconds);
      await pollOf(other, ['a']);
      await bus.publish('a', { n: 1 });
      const after = (await flushed(bus)).slice(before.length);
      const ofTheOther = after.filter((line) => recordsOf([line])[0]?.run === 'node2');
      const outcome = await verifyOn(bus.reader, [...before, ...ofTheOther]);
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
    const bus = await busFixture({ isRecorded: true });
    await bus.another();
    await pollOf(bus.node, ['x']);
    bus.clock.advance(60_000);
    const outcome = await verifyOn(bus.reader, await flushed(bus));
    expect(outcome).toMatchObject({ lost: 0, answers: { verified: 0, ...WHOLE } });
  });
});

test('an entry that no client is shown decides nothing', async () => {
  const bus = await busFixture({ isRecorded: true });
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
