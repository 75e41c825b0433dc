/**
 * What a judge says of a recorded position or answer, and how a wrong one is told.
 */
import type { Entry } from '../bus/entry.ts';
import type { Epoch } from '../bus/names.ts';
import { EMPTY_RESPONSE, encodeResponse } from '../bus/response.ts';
import type { Position } from '../bus/resume.ts';
import type { AnswerRecord, ConnectionRecord } from '../journal/record.ts';
import { answerRecord } from '../journal/record.ts';
import type { Stepped } from './fold.ts';

/** What of a connection was judged. */
export type Subject = 'position' | 'answer' | 'transition';

export type Verdict =
  | { readonly _tag: 'Verified' }
  | { readonly _tag: 'Incomplete'; readonly reason: string }
  | { readonly _tag: 'Uncheckable'; readonly reason: string }
  | Diverged;

export interface Diverged {
  readonly _tag: 'Diverged';
  /** What follows from the log and the journal … */
  readonly expected: string;
  /** … and what was recorded. */
  readonly actual: string;
  /** The entry that should have been the answer. */
  readonly entry: Entry | undefined;
  /** What of the record should be otherwise; missing where another event should have been, or none. */
  readonly right: Pick<ConnectionRecord, 'place' | 'answer'> | undefined;
}

export interface Judgement {
  readonly subject: Subject;
  readonly verdict: Verdict;
}

export const VERIFIED: Verdict = { _tag: 'Verified' };
export const uncheckable = (reason: string): Verdict => ({ _tag: 'Uncheckable', reason });
export const incomplete = (reason: string): Verdict => ({ _tag: 'Incomplete', reason });

/** What is recorded of a connection whose beginning is missing cannot be judged. */
export const orphan = ({ place, answer }: ConnectionRecord): ReadonlyArray<Judgement> => {
  const verdict = incomplete('its beginning is not in the journal');
  const judgements: Array<Judgement> = [];
  if (place !== undefined) judgements.push({ subject: 'position', verdict });
  if (answer !== undefined) judgements.push({ subject: 'answer', verdict });
  return judgements;
};

export const impossible = ({ from, record }: Stepped): Verdict => ({
  _tag: 'Diverged',
  expected: `no ${record.event} in ${from.name}`,
  actual: record.event,
  entry: undefined,
  right: undefined,
});

export const answerOf = (entry: Entry, epoch: Epoch): AnswerRecord =>
  answerRecord(entry.sequence, Buffer.from(encodeResponse(entry, epoch)));

export const EMPTY = answerRecord(null, Buffer.from(EMPTY_RESPONSE));

/** Whether a record has the answer that it should have. */
export const compare = (
  record: ConnectionRecord,
  expected: AnswerRecord,
  entry?: Entry,
): Verdict => {
  const { answer } = record;
  const isSame =
    answer?.sequence === expected.sequence &&
    answer.length === expected.length &&
    answer.sha256 === expected.sha256;
  if (isSame) return VERIFIED;
  return { ...wrong(record, expected, entry), right: { answer: expected } };
};

/** A record that should have been another. */
export const wrong = (
  { answer }: ConnectionRecord,
  expected: AnswerRecord,
  entry?: Entry,
): Diverged => ({
  _tag: 'Diverged',
  expected: answerInWords(expected),
  actual: answer === undefined ? 'nothing was found' : answerInWords(answer),
  entry,
  right: undefined,
});

const answerInWords = ({ sequence, length, sha256 }: AnswerRecord): string =>
  `${sequence === null ? 'no message' : `the message at ${sequence}`}, ${length} bytes, SHA-256 ${sha256}`;

export const inWords = ({ after, resume }: Position): string => `${resume}, after ${after}`;
