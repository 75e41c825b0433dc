/**
 * A span of a journal as a history of its own: what is cut out of any recording verifies as the whole did, and tells of
 * nothing that was not asked for.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openReadable, openRecords } from '../../../src/cli/open-history.ts';
import {
  type AnswerRecord,
  isNodeRecord,
  type JournalRecord,
} from '../../../src/journal/record.ts';
import { HEARTBEAT_MS } from '../../../src/journal/recorder.ts';
import { type Export, exportHistory } from '../../../src/replay/export.ts';
import { Judge } from '../../../src/replay/judge.ts';
import { recordsOf as recordsOfSpan, type Span } from '../../../src/replay/span.ts';
import { type Outcome, verify } from '../../../src/replay/verify.ts';
import { busFixture, pollOf } from '../../support/bus-fixture.ts';
import { linesOf, verifyOn } from '../../support/journal.ts';
import { answer } from '../../support/logs.ts';
import {
  acts,
  answerOf,
  databaseNamed,
  flushed,
  type Recording,
  recordingOf,
  recordsOf,
  renumbered,
  textsOf,
} from '../../support/recording.ts';

const EVERYTHING: Span = { from: 0, to: Number.POSITIVE_INFINITY, database: undefined };

const cutOut = async (
  texts: ReadonlyArray<string>,
  span: Partial<Span>,
): Promise<ReadonlyArray<JournalRecord>> => {
  const records: Array<JournalRecord> = [];
  for await (const record of recordsOfSpan(linesOf(texts), { ...EVERYTHING, ...span })) {
    records.push(record);
  }
  return records;
};

const exported = async (
  { texts, log }: Pick<Recording, 'texts' | 'log'>,
  options: Partial<Export> = {},
): Promise<ReadonlyArray<string>> => {
  const history = exportHistory({
    ...EVERYTHING,
    log,
    records: () => linesOf(texts),
    isRedacted: false,
    isRecomputed: false,
    version: '0.0.0',
    ...options,
  });
  const lines: Array<string> = [];
  for await (const line of history) lines.push(line);
  return lines;
};

/** Writes a history into a file, and verifies that. */
const verifyHistory = async (lines: ReadonlyArray<string>): Promise<Outcome> => {
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-test-'));
  const path = join(directory, 'history.jsonl');
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  const settings = { log: { type: 'history', path }, stream: '', subjectPrefix: '' } as const;
  const { log, close } = await openReadable(settings);
  try {
    const { lines: records } = await openRecords(settings);
    return await verify(new Judge(log, await answer(log.head)), records(0));
  } finally {
    await close();
    await rm(directory, { recursive: true });
  }
};

/** The record that a divergence is about. */
const recordIn = ({ divergence }: Outcome): JournalRecord | undefined =>
  divergence !== undefined && 'record' in divergence.happening
    ? divergence.happening.record
    : undefined;

const WHOLE = { incomplete: 0, uncheckable: 0 };

/** A span by shares of a recording’s time. */
interface Share {
  readonly begin: number;
  readonly length: number;
  readonly database: string | undefined;
}

const span: fc.Arbitrary<Share> = fc.record({
  begin: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.double({ min: 0, max: 1, noNaN: true }),
  database: fc.constantFrom(undefined, 'db', 'other'),
});

const spanIn = (texts: ReadonlyArray<string>, { begin, length, database }: Share): Span => {
  const instants = recordsOf(texts).map(({ at }) => at);
  const first = Math.min(...instants);
  const whole = Math.max(...instants) - first;
  const from = first + Math.floor(begin * whole);
  return {
    from,
    to: from + Math.ceil(length * whole),
    database: database === undefined ? undefined : databaseNamed(database),
  };
};

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
    const bus = await busFixture({ isRecorded: true });
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
    const bus = await busFixture({ isRecorded: true });
    await pollOf(bus.node, ['a']);
    await bus.publish('a', {});
    bus.clock.advance(7 * HEARTBEAT_MS);
    const cut = await cutOut(await flushed(bus), { from: bus.clock.now() });
    expect(cut.every(isNodeRecord)).toBe(true);
  });
});

test('an export reaches back to what a poll named, also below the window of its node', async () => {
  const bus = await busFixture({ isRecorded: true });
  await bus.publish('b', {});
  bus.clock.advance(7 * HEARTBEAT_MS);
  const from = bus.clock.now();
  const { answers } = await pollOf(bus.node, ['b'], bus.oldId);
  expect(answers).toHaveLength(1);
  const recording = { texts: await flushed(bus), log: bus.reader };
  expect(await verifyHistory(await exported(recording, { from }))).toMatchObject({
    positions: { verified: 1, ...WHOLE },
    answers: { verified: 1, ...WHOLE },
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
    const bus = await busFixture({ isRecorded: true });
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
    const bus = await busFixture({ isRecorded: true });
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

describe('an export of one database', () => {
  test('names no other database, nor a channel, a user or a message of it', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.boolean(), async (happens, isRedacted) => {
        const recording = await recordingOf(happens);
        const database = databaseNamed('db');
        const text = (await exported(recording, { database, isRedacted })).join('\n');
        for (const body of recording.bodies.get('other') ?? []) expect(text).not.toContain(body);
        for (const foreign of ['other', 'client:eve', 'user:703', '"703"']) {
          expect(text).not.toContain(foreign);
        }
        for (const body of recording.bodies.get('db') ?? []) {
          if (isRedacted) expect(text).not.toContain(body);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('has the messages of its own', async () => {
    const bus = await busFixture({ isRecorded: true });
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { body: 'what it says' });
    const recording = { texts: await flushed(bus), log: bus.reader };
    const text = (await exported(recording, { database: databaseNamed('db') })).join('\n');
    expect(text).toContain('what it says');
  });
});

/** A record’s answer, otherwise. */
const OTHERWISE = {
  sha256: ({ sha256 }: AnswerRecord) => ({
    sha256: sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  }),
  length: ({ length }: AnswerRecord) => ({ length: length + 1 }),
  sequence: ({ sequence }: AnswerRecord) => ({ sequence: sequence === null ? 1 : null }),
};

describe('a redacted export', () => {
  test('verifies as the whole did, and holds no message', async () => {
    await fc.assert(
      fc.asyncProperty(acts, span, async (happens, share) => {
        const recording = await recordingOf(happens);
        const chosen = spanIn(recording.texts, share);
        const lines = await exported(recording, { ...chosen, isRedacted: true });
        const outcome = await verifyHistory(lines);
        expect(recordIn(outcome)).toBeUndefined();
        expect(outcome).toMatchObject({ positions: WHOLE, answers: WHOLE });
        const text = lines.join('\n');
        for (const body of [...recording.bodies.values()].flat()) expect(text).not.toContain(body);
      }),
      { numRuns: 60 },
    );
  });

  test.each(['sha256', 'length', 'sequence'] as const)(
    'still diverges where the %s of an answer did',
    async (what) => {
      await fc.assert(
        fc.asyncProperty(acts, fc.nat(99), async (happens, which) => {
          const recording = await recordingOf(happens);
          const records = recordsOf(recording.texts);
          const answers = records.filter((record) => !isNodeRecord(record) && record.answer);
          fc.pre(answers.length > 0);
          const wrong = answers[which % answers.length];
          if (wrong === undefined) return;
          const answer = { ...answerOf(wrong), ...OTHERWISE[what](answerOf(wrong)) };
          const texts = textsOf(records.with(records.indexOf(wrong), { ...wrong, answer }));
          const redacted = await exported({ ...recording, texts }, { isRedacted: true });
          const { run, n } = wrong;
          expect(recordIn(await verifyHistory(redacted))).toMatchObject({ run, n });
        }),
        { numRuns: 60 },
      );
    },
  );

  test('says how long a message was, and on which channel', async () => {
    const bus = await busFixture({ isRecorded: true });
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { body: 'x'.repeat(100) });
    const recording = { texts: await flushed(bus), log: bus.reader };
    const lines = await exported(recording, { isRedacted: true });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ jetbus: 'history', redacted: true });
    expect(lines.map((line) => JSON.parse(line).entry)).toContainEqual(
      expect.objectContaining({ channel: 'a', message: '{"redacted":109}' }),
    );
  });
});
