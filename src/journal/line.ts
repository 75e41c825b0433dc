/**
 * A line of a journal, read: a record, or why it is none.
 */
import type * as t from 'io-ts';
import { describe, invalidRequest } from '../bus/errors.ts';
import { E, pipe } from '../fp.ts';
import { ConnectionRecord, type JournalRecord, NodeRecord, VERSION } from './record.ts';

export type Line = E.Either<string, JournalRecord>;

/** A record from the value of a line. */
export const parseRecord = (value: unknown): Line => {
  if (typeof value !== 'object' || value === null) return E.left('no record');
  if ('v' in value && value.v !== VERSION) {
    return E.left(`a record of version ${JSON.stringify(value.v)}; this Jetbus reads ${VERSION}`);
  }
  const codec: t.Decoder<unknown, JournalRecord> = 'node' in value ? NodeRecord : ConnectionRecord;
  return decodeWith(codec)(value);
};

/** What a codec makes of a value, or its first failure in words. */
export const decodeWith =
  <A>(codec: t.Decoder<unknown, A>) =>
  (value: unknown): E.Either<string, A> =>
    pipe(
      codec.decode(value),
      E.mapLeft((errors) => describe(invalidRequest(errors))),
    );

/** The value of a line of JSON. */
export const parseLine = (text: string): E.Either<string, unknown> =>
  E.tryCatch(
    () => JSON.parse(text) as unknown,
    () => 'no JSON: a line that was cut short, perhaps',
  );
