/**
 * Spans of recordings: any of them, cut out as records, and exported into a file that is verified.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openReadable, openRecords } from '../../src/cli/open-history.ts';
import type { JournalRecord } from '../../src/journal/record.ts';
import { Judge } from '../../src/replay/judge.ts';
import { recordsOf as recordsOfSpan, type Span } from '../../src/replay/span.ts';
import { type Outcome, verify } from '../../src/replay/verify.ts';
import { linesOf } from './journal.ts';
import { answer, database as databaseNamed } from './logs.ts';
import { recordsOf } from './records.ts';

const EVERYTHING: Span = { from: 0, to: Number.POSITIVE_INFINITY, database: undefined };

export const cutOut = async (
  texts: ReadonlyArray<string>,
  span: Partial<Span>,
): Promise<ReadonlyArray<JournalRecord>> => {
  const records: Array<JournalRecord> = [];
  for await (const record of recordsOfSpan(linesOf(texts), { ...EVERYTHING, ...span })) {
    records.push(record);
  }
  return records;
};

/** Writes a history into a file, and verifies that. */
export const verifyHistory = async (lines: ReadonlyArray<string>): Promise<Outcome> => {
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

/** A span by shares of a recording’s time. */
interface Share {
  readonly begin: number;
  readonly length: number;
  readonly database: string | undefined;
}

export const span: fc.Arbitrary<Share> = fc.record({
  begin: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.double({ min: 0, max: 1, noNaN: true }),
  database: fc.constantFrom(undefined, 'db', 'other'),
});

export const spanIn = (texts: ReadonlyArray<string>, { begin, length, database }: Share): Span => {
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
