/**
 * The embedded log's store: tables in LMDB, and what is kept in them.
 *
 * | table    | key                    | value                                        |
 * | -------- | ---------------------- | -------------------------------------------- |
 * | entries  | sequence               | instant, database, channel, bytes, key's row, check |
 * | channels | channel's row, sequence | nothing: the index by channel               |
 * | keys     | key's row              | the sequence that the key was first used at  |
 * | meta     | `epoch`, `last`        |                                              |
 *
 * A row is a hash, since names may be longer than a key of LMDB.
 */
import { hash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { open, type RootDatabase, type Database as Table } from 'lmdb';
import type { Channel, Database, Epoch, Instant, Sequence } from '../bus/names.ts';

export interface Row {
  readonly instant: Instant;
  readonly database: Database;
  readonly channel: Channel;
  readonly bytes: Uint8Array;
  readonly key?: string;
  /** In a copy whose bytes are not the publisher's own, the check of those that were. */
  readonly check?: string;
}

export interface FileStore {
  readonly root: RootDatabase;
  readonly entries: Table<Row, Sequence>;
  readonly channels: Table<true, [row: string, sequence: Sequence]>;
  readonly keys: Table<Sequence, string>;
  readonly meta: Table<string | number, string>;
  readonly close: () => Promise<void>;
}

const FILE = 'log.mdb';

/** Another process has the directory. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/** Opens the store of a directory to write, making both when they are missing; throws `DirectoryInUse`. */
export const openToWrite = (directory: string): FileStore => {
  mkdirSync(directory, { recursive: true });
  const lock = openSync(join(directory, 'owner.lock'), 'a');
  if (!tryLock(lock)) {
    closeSync(lock);
    throw new DirectoryInUse(`${directory} is in use by another jetbus process`);
  }
  const store = openTables(directory, { readOnly: false }, () => closeSync(lock));
  if (store.meta.get('epoch') === undefined) {
    store.root.transactionSync(() => {
      void store.meta.put('last', 0);
      void store.meta.put('epoch', newEpoch());
    });
  }
  return store;
};

/** Opens the store of a directory to read; throws when there is none. */
export const openToRead = (directory: string): FileStore => {
  if (!existsSync(join(directory, FILE))) throw new Error(`${directory} holds no log`);
  const store = openTables(directory, { readOnly: true }, () => {});
  if (store.meta?.get('epoch') === undefined) throw new Error(`${directory} holds no log yet`);
  return store;
};

/** The row of some names: as short as a key must be, and as good as unique. */
export const rowOf = (...names: ReadonlyArray<string>): string =>
  hash('sha256', JSON.stringify(names), 'base64url').slice(0, 32);

/** Opens a new store for what may be lost: nothing is flushed to the disk. */
export const openForCopy = (directory: string): FileStore =>
  openTables(directory, { readOnly: false, noSync: true }, () => {});

const openTables = (
  directory: string,
  options: { readonly readOnly: boolean; readonly noSync?: boolean },
  unlock: () => void,
): FileStore => {
  const root = open({ path: join(directory, FILE), noSubdir: true, maxDbs: 4, ...options });
  return {
    root,
    entries: root.openDB('entries', {}),
    channels: root.openDB('channels', {}),
    keys: root.openDB('keys', {}),
    meta: root.openDB('meta', {}),
    close: async () => {
      await root.close();
      unlock();
    },
  };
};

const newEpoch = (): Epoch => Date.now().toString(36) + randomBytes(4).toString('hex');
