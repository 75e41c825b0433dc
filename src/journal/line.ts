/**
 * A line of a journal, read: the records that it stands for, or why it is none.
 *
 * A line of version 1 is a record. One of version 2 is short for some, numbered on from its own number:
 *
 *     {"v":2,"run":…,"n":8,"at":…,"tail":…,"event":…,"connections":[3,4]}    the same of each connection
 *     {"v":2,"run":…,"n":4,"at":…,"tail":…,"opening":{"at":…,"database":…,"last_message":…},"event":…,"place":…,
 *      "polls":[[3,"1",["c","user:1"]],[4,null,[],1000]]}                    each poll was admitted, and took the event at once
 *
 * Of a poll there are its number, its user and its channels, or how many there were.
 */
import type * as t from 'io-ts';
import { describe, invalidRequest } from '../bus/errors.ts';
import { E, pipe } from '../fp.ts';
import { ConnectionRecord, type JournalRecord, NodeRecord, VERSION } from './record.ts';

/** The version of the lines that are written. */
export const LINE_VERSION = 2;

/** A record of a line, or why there is none. */
export type Line = E.Either<string, JournalRecord>;

/** The records that the value of a line stands for, in order. */
export const parseRecords = (value: unknown): ReadonlyArray<Line> => {
  if (!isObject(value)) return [E.left('no record')];
  const { v } = value;
  if (v === LINE_VERSION) return recordsOf(value).map(parseRecord);
  return v === undefined || v === VERSION
    ? [parseRecord(value)]
    : [E.left(`a record of version ${JSON.stringify(v)}; this Jetbus reads ${LINE_VERSION}`)];
};

/** The records that a line of text stands for. */
export const parseText = (text: string): ReadonlyArray<Line> => {
  const value = parseLine(text);
  return E.isLeft(value) ? [value] : parseRecords(value.right);
};

type Members = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const parseRecord = (value: Members): Line => {
  const codec: t.Decoder<unknown, JournalRecord> = 'node' in value ? NodeRecord : ConnectionRecord;
  return decodeWith(codec)(value);
};

/** What a line of version 2 is short for. */
const recordsOf = (line: Members): ReadonlyArray<Members> => {
  if (Array.isArray(line['connections'])) return connectionsOf(line, line['connections']);
  if (Array.isArray(line['polls'])) return pollsOf(line, line['polls']);
  return [{ ...line, v: VERSION }];
};

const connectionsOf = (line: Members, connections: ReadonlyArray<unknown>) => {
  const { v: _, run, n, at, tail, connections: __, ...facts } = line;
  return connections.map((connection, index) => ({
    ...{ v: VERSION, run, n: plus(n, index), at, connection, tail },
    ...facts,
  }));
};

const pollsOf = (line: Members, polls: ReadonlyArray<unknown>) => {
  const { v: _, run, n, at, tail, polls: __, opening, ...facts } = line;
  const { at: opened, database, last_message } = isObject(opening) ? opening : {};
  return polls.flatMap((poll, index) => {
    const [connection, user, channels, omitted] = Array.isArray(poll) ? poll : [];
    const asked = { channels, ...(omitted === undefined ? {} : { omitted }), last_message };
    const admitted = { event: 'ADMITTED', opening: { at: opened, database, user, ...asked } };
    return [admitted, facts].map((told, step) => ({
      ...{ v: VERSION, run, n: plus(n, 2 * index + step), at, connection, tail },
      ...told,
    }));
  });
};

const plus = (n: unknown, more: number): unknown => (typeof n === 'number' ? n + more : n);

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
