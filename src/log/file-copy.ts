/**
 * A stretch of some log, copied into a directory for a while: to read by position, by channel and in order what otherwise is
 * a text, without holding it in memory.
 */
import type { Epoch, Sequence } from '../bus/names.ts';
import { type FileStore, openForCopy, type Row, rowOf } from './file-store.ts';

/** An entry by its row; its check is of the publisher's bytes, also where these were replaced. */
export type CopiedEntry = Row & { readonly sequence: Sequence };

const BATCH = 1000;

/** Writes the copy into an empty directory; `fileLogReader` reads it. */
export const copyLog = async (
  directory: string,
  life: { readonly epoch: Epoch; readonly last: Sequence },
  entries: AsyncIterable<CopiedEntry>,
): Promise<void> => {
  const store = openForCopy(directory);
  let batch: Array<CopiedEntry> = [];
  const keep = (): void => {
    store.root.transactionSync(() => {
      for (const entry of batch) put(store, entry);
    });
    batch = [];
  };
  try {
    for await (const entry of entries) {
      batch.push(entry);
      if (batch.length === BATCH) keep();
    }
    keep();
    store.root.transactionSync(() => {
      void store.meta.put('last', life.last);
      void store.meta.put('epoch', life.epoch);
    });
  } finally {
    await store.close();
  }
};

const put = ({ entries, channels }: FileStore, { sequence, ...row }: CopiedEntry): void => {
  void entries.put(sequence, row);
  void channels.put([rowOf(row.database, row.channel), sequence], true);
};
