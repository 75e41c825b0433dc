/**
 * Journals taken apart and put together again.
 */
import { createHash } from 'node:crypto';
import { E } from '../../src/fp.ts';
import { type Line, parseText } from '../../src/journal/line.ts';
import {
  type AnswerRecord,
  type ConnectionRecord,
  isNodeRecord,
  type JournalRecord,
} from '../../src/journal/record.ts';

export const linesIn = (texts: ReadonlyArray<string>): ReadonlyArray<Line> =>
  texts.flatMap(parseText);

/** The records of a journal that has nothing else. */
export const recordsOf = (texts: ReadonlyArray<string>): ReadonlyArray<JournalRecord> =>
  linesIn(texts).map((line) => {
    if (E.isLeft(line)) throw new Error(line.left);
    return line.right;
  });

export const textsOf = (records: ReadonlyArray<JournalRecord>): ReadonlyArray<string> =>
  records.map((record) => JSON.stringify(record));

/** The same records, numbered as if no others had ever been. */
export const renumbered = (records: ReadonlyArray<JournalRecord>): ReadonlyArray<JournalRecord> => {
  const given = new Map<string, number>();
  return records.map((record) => {
    const n = (given.get(record.run) ?? 0) + 1;
    given.set(record.run, n);
    return { ...record, n };
  });
};

export const isConnectionRecord = (record: JournalRecord): record is ConnectionRecord =>
  !isNodeRecord(record);

/** The answer of a record that has one. */
export const answerOf = (record: JournalRecord | undefined): AnswerRecord => {
  if (record === undefined || isNodeRecord(record) || record.answer === undefined) {
    throw new Error('no answer');
  }
  return record.answer;
};

/** The digest of a text, as records have it. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Whether a line is of this run. */
export const isOfRun =
  (run: string | undefined) =>
  (line: string): boolean =>
    recordsOf([line])[0]?.run === run;

/** What is there of a journal whose first node was killed: of what that recorded, no more than these lines. */
export const killedAfter =
  (known: ReadonlyArray<string>) =>
  (all: ReadonlyArray<string>): ReadonlyArray<string> => {
    const isOfKilled = isOfRun(recordsOf(known)[0]?.run);
    return all.filter((line, index) => index < known.length || !isOfKilled(line));
  };
