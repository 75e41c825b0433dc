/**
 * What the embedded log does to its tables, within a transaction, and what it reads from a row.
 */
import { decodeEntry, type Stored } from '../bus/entry.ts';
import { conflict } from '../bus/errors.ts';
import { check } from '../bus/message-id.ts';
import type { Instant, Sequence } from '../bus/names.ts';
import { E } from '../fp.ts';
import { type FileStore, type Row, rowOf } from './file-store.ts';
import { type AppendError, type Appended, type Appending, DUPLICATE_WINDOW_MS } from './log.ts';

/** How many entries one transaction removes. */
export const REMOVED_AT_ONCE = 1000;

/** The entry that the key was used for, or a new one that is taken at `instant`. */
export const keep = (
  { entries, channels, keys, meta }: FileStore,
  { database, channel, bytes, key }: Appending,
  instant: Instant,
): E.Either<AppendError, Appended> => {
  const epoch = String(meta.get('epoch'));
  const appended = (sequence: Sequence) =>
    E.right({ epoch, sequence, check: check(database, channel, bytes) });
  const keyRow = key === undefined ? undefined : rowOf(database, channel, key);
  const known = keyRow === undefined ? undefined : keys.get(keyRow);
  const first = known === undefined ? undefined : entries.get(known);
  if (known !== undefined && first !== undefined && isRecent(first, instant)) {
    const same = Buffer.compare(first.bytes, bytes) === 0;
    return same ? appended(known) : E.left(conflict(known));
  }
  const sequence = Number(meta.get('last') ?? 0) + 1;
  const row = { instant, database, channel, bytes };
  void entries.put(sequence, keyRow === undefined ? row : { ...row, key: keyRow });
  void channels.put([rowOf(database, channel), sequence], true);
  if (keyRow !== undefined) void keys.put(keyRow, sequence);
  void meta.put('last', sequence);
  return appended(sequence);
};

/** Lets go of some of the oldest entries that are older than `cutoff`, and answers how many. */
export const remove = ({ entries, channels, keys }: FileStore, cutoff: Instant): number => {
  let removed = 0;
  for (const { key: sequence, value } of entries.getRange({ limit: REMOVED_AT_ONCE })) {
    if (value.instant >= cutoff) break;
    void entries.remove(sequence);
    void channels.remove([rowOf(value.database, value.channel), sequence]);
    if (value.key !== undefined && keys.get(value.key) === sequence) void keys.remove(value.key);
    removed += 1;
  }
  return removed;
};

export const storedOf = (sequence: Sequence, row: Row): Stored => {
  const { instant, database, channel, bytes, check } = row;
  const stored = decodeEntry(sequence, instant, database, channel, bytes);
  return check === undefined || E.isLeft(stored) ? stored : E.right({ ...stored.right, check });
};

const isRecent = (row: Row, instant: Instant): boolean =>
  row.instant > instant - DUPLICATE_WINDOW_MS;
