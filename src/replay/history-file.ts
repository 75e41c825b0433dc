/**
 * A history in a file of its own: the stretch of the log that decided a span of a journal, and the journal's records of it.
 *
 * Lines of JSON: what the file is, the entries, the records. An entry's message stands as text, so that no byte of it changes;
 * one of another database holds its place without a name or a message.
 */
import * as t from 'io-ts';
import type { Channel, Database } from '../bus/names.ts';
import { E, pipe } from '../fp.ts';
import { readLines } from '../journal/file-journal.ts';
import type { Progress } from '../journal/journal.ts';
import { decodeWith, type Line, parseRecords } from '../journal/line.ts';

export const HISTORY_VERSION = 1;

const Header = t.type(
  {
    jetbus: t.literal('history'),
    v: t.literal(HISTORY_VERSION),
    /** Of Jetbus. */
    version: t.string,
    epoch: t.string,
    first: t.number,
    last: t.number,
    /** Whether messages were replaced, and the answers' lengths and digests with them. */
    redacted: t.boolean,
  },
  'header of a history',
);
export type Header = t.TypeOf<typeof Header>;

const EntryLine = t.type(
  {
    entry: t.type({
      sequence: t.number,
      instant: t.number,
      database: t.string,
      channel: t.string,
      /** Null where it was no message. */
      message: t.union([t.string, t.null]),
      check: t.string,
    }),
  },
  'entry of a history',
);
export type EntryLine = t.TypeOf<typeof EntryLine>;

/** An entry with its message's bytes; empty ones where it was no message. */
export type HistoryEntry = ReturnType<typeof withBytes>;

/** What a file says that it is; throws when it is no history that this Jetbus reads. */
export const readHeader = async (path: string): Promise<Header> => {
  for await (const line of readLines(path)) {
    const header = pipe(line, E.chain(decodeWith(Header)));
    if (E.isLeft(header)) throw new Error(`${path} is no history: ${header.left}`);
    return header.right;
  }
  throw new Error(`${path} is empty`);
};

/** The entries of a file; throws at a line that is damaged. */
export async function* readEntries(path: string): AsyncGenerator<HistoryEntry> {
  for await (const line of readLines(path)) {
    if (E.isLeft(line)) throw new Error(`${path}: ${line.left}`);
    if (!has(line.right, 'entry')) continue;
    const entry = decodeWith(EntryLine)(line.right);
    if (E.isLeft(entry)) throw new Error(`${path}: ${entry.left}`);
    yield withBytes(entry.right);
  }
}

/** The records of a file. */
export async function* readRecords(path: string, progress?: Progress): AsyncGenerator<Line> {
  for await (const line of readLines(path, progress)) {
    if (E.isLeft(line)) yield line;
    else if (has(line.right, 'run')) yield* parseRecords(line.right);
  }
}

const withBytes = ({ entry }: EntryLine) => ({
  ...entry,
  database: entry.database as Database,
  channel: entry.channel as Channel,
  bytes: Buffer.from(entry.message ?? ''),
});

const has = (value: unknown, key: string): boolean =>
  typeof value === 'object' && value !== null && key in value;
