/**
 * The embedded log, on LMDB in a directory: durable, with one writer and any number of readers.
 *
 * An append is answered once LMDB has flushed it. A handle opened to write holds the operating system's lock on a file beside
 * the store, which ends with its process however that ends. A handle opened to read looks for news a few times a second.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Stored } from '../bus/entry.ts';
import { type LogUnavailable, logUnavailable } from '../bus/errors.ts';
import type { Channel, Database, Epoch, Instant, Sequence } from '../bus/names.ts';
import { E, O, type TE } from '../fp.ts';
import type { Cancel, Clock } from '../ports.ts';
import { keep, REMOVED_AT_ONCE, remove, storedOf } from './file-rows.ts';
import { type FileStore, openToRead, openToWrite, rowOf } from './file-store.ts';
import {
  type AppendError,
  type Appended,
  type Appending,
  type Follower,
  type Following,
  type Log,
  READ_BYTES,
} from './log.ts';

export interface FileLogOptions {
  readonly directory: string;
  readonly clock: Clock;
}

/** How often a reader looks for what another process wrote. */
const LOOK_MS = 100;
/** How often a writer removes what is too old. */
const TRIM_MS = 10_000;

interface Waiting {
  readonly appending: Appending;
  readonly resolve: (result: E.Either<AppendError, Appended>) => void;
}

interface Cursor {
  position: Sequence;
  readonly follower: Follower;
}

/** The log of a directory, which this process alone writes to. Throws `DirectoryInUse`. */
export const fileLog = (options: FileLogOptions & { readonly historyMs: number }): Log =>
  new FileLog(openToWrite(options.directory), options.clock, (log) => log.trim(options.historyMs));

/** The log of a directory that another process may write to. Throws when there is none. */
export const fileLogReader = (options: FileLogOptions): Log =>
  new FileLog(openToRead(options.directory), options.clock, (log) => log.look());

class FileLog implements Log {
  readonly #store: FileStore;
  readonly #clock: Clock;
  readonly #cursors = new Set<Cursor>();
  #waiting: Array<Waiting> = [];
  #cancel: Cancel = () => {};
  #isOpen = true;
  /** As it was when it was looked at last, for reading the store for every poll would cost more than the poll: the first sequence … */
  #firstKnown: Sequence = 0;
  /** … and the last one, with the instant when it was taken, before which the log's clock does not go back. */
  #newest = { sequence: 0, instant: 0 };

  constructor(store: FileStore, clock: Clock, begin: (log: FileLog) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#notice();
    begin(this);
  }

  get head() {
    return this.#read(() => ({ epoch: this.#epoch, first: this.#first, last: this.#last }));
  }

  append(appending: Appending): TE.TaskEither<AppendError, Appended> {
    return () =>
      new Promise((resolve) => {
        this.#waiting.push({ appending, resolve });
        if (this.#waiting.length === 1) setImmediate(() => this.#commit());
      });
  }

  at(sequence: Sequence) {
    return this.#read(() => O.fromNullable(this.#stored(sequence)));
  }

  /**
   * Takes a turn of the event loop for each stretch. Reads are done at once, so that whoever goes through a whole log would
   * let nothing else run; and what LMDB holds by weak references is only let go of between turns.
   */
  read(after: Sequence, limit: number) {
    const stretch = this.#read(() => {
      const records: Array<Stored> = [];
      let bytes = 0;
      for (const { key, value } of this.#store.entries.getRange({ start: after + 1, limit })) {
        records.push(storedOf(key, value));
        bytes += value.bytes.length;
        if (bytes >= READ_BYTES) break;
      }
      return records;
    });
    return async () => {
      await turn();
      return stretch();
    };
  }

  next(database: Database, channel: Channel, after: Sequence) {
    return this.#read(() => {
      for (const sequence of this.#on(database, channel, after + 1, Number.MAX_SAFE_INTEGER)) {
        const stored = this.#stored(sequence);
        if (stored !== undefined && E.isRight(stored)) return O.some(stored.right);
      }
      return O.none;
    });
  }

  last(database: Database, channel: Channel) {
    return this.#read(() => {
      const [sequence = 0] = this.#on(database, channel, Number.MAX_SAFE_INTEGER, 0);
      return O.fromNullable(this.#stored(sequence));
    });
  }

  before(instant: Instant) {
    return this.#read(() => {
      let low = this.#first;
      let high = this.#last + 1;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const row = this.#store.entries.get(middle);
        if (row === undefined || row.instant >= instant) high = middle;
        else low = middle + 1;
      }
      return low - 1;
    });
  }

  now(): Instant {
    return Math.max(this.#clock.now(), this.#newest.instant);
  }

  first(): Sequence {
    return this.#firstKnown;
  }

  follow(epoch: Epoch, after: Sequence, follower: Follower): Following {
    const cursor: Cursor = { position: after, follower };
    this.#cursors.add(cursor);
    queueMicrotask(() => {
      if (!this.#cursors.has(cursor)) return;
      if (epoch !== this.#epoch || after > this.#last) {
        this.#cursors.delete(cursor);
        follower.reset();
        return;
      }
      this.#show();
      follower.caughtUp(this.#last);
    });
    return { end: () => void this.#cursors.delete(cursor) };
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#commit();
    this.#isOpen = false;
    this.#cancel();
    this.#cursors.clear();
    await this.#store.close();
  }

  /** Removes what is older than `historyMs`, now and for as long as the log is open. */
  trim(historyMs: number): void {
    const removed = this.#write(() => remove(this.#store, this.now() - historyMs));
    if (E.isRight(removed)) this.#notice();
    const isMore = E.isRight(removed) && removed.right === REMOVED_AT_ONCE;
    this.#cancel = this.#clock.after(isMore ? 0 : TRIM_MS, () => this.trim(historyMs));
  }

  /** Shows followers what another process wrote, for as long as the log is open. */
  look(): void {
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      this.#show();
      this.look();
    });
  }

  /** Keeps all that waits, in one transaction, which is flushed to the disk when it is done. */
  #commit(): void {
    const batch = this.#waiting.splice(0);
    if (batch.length === 0) return;
    const instant = this.now();
    const results = this.#write(() =>
      batch.map(({ appending }) => keep(this.#store, appending, instant)),
    );
    for (const [index, { resolve }] of batch.entries()) {
      resolve(E.isLeft(results) ? results : (results.right[index] ?? E.left(this.#unavailable())));
    }
    this.#show();
  }

  /** One transaction, or why there was none: a full disk ends nothing but the transaction. */
  #write<A>(action: () => A): E.Either<LogUnavailable, A> {
    try {
      if (!this.#isOpen) return E.left(this.#unavailable());
      return E.right(this.#store.root.transactionSync(action));
    } catch (error) {
      return E.left(this.#unavailable(error));
    }
  }

  get #epoch(): Epoch {
    return String(this.#store.meta.get('epoch'));
  }

  get #last(): Sequence {
    return Number(this.#store.meta.get('last') ?? 0);
  }

  get #first(): Sequence {
    const [first = this.#last + 1] = this.#store.entries.getKeys({ limit: 1 });
    return first;
  }

  #read<A>(look: () => A): TE.TaskEither<LogUnavailable, A> {
    return async () => {
      try {
        if (!this.#isOpen) return E.left(this.#unavailable());
        this.#store.root.resetReadTxn();
        return E.right(look());
      } catch (error) {
        return E.left(this.#unavailable(error));
      }
    };
  }

  #unavailable(error?: unknown): LogUnavailable {
    return logUnavailable(this.#isOpen ? String(error) : 'the log was closed');
  }

  /** The sequences of a channel from one to another; downwards when the other is lower. */
  #on(database: Database, channel: Channel, from: Sequence, to: Sequence): Iterable<Sequence> {
    const row = rowOf(database, channel);
    return this.#store.channels
      .getKeys({ start: [row, from], end: [row, to], reverse: from > to })
      .map(([, sequence]) => sequence);
  }

  #stored(sequence: Sequence): Stored | undefined {
    const row = this.#store.entries.get(sequence);
    return row && storedOf(sequence, row);
  }

  #show(): void {
    if (!this.#isOpen) return;
    this.#store.root.resetReadTxn();
    this.#notice();
    const [first, last] = [this.#firstKnown, this.#newest.sequence];
    for (const cursor of this.#cursors) {
      cursor.position = Math.max(cursor.position, first - 1);
      while (cursor.position < last) {
        cursor.position += 1;
        const stored = this.#stored(cursor.position);
        if (stored !== undefined) cursor.follower.show(stored);
      }
    }
  }

  #notice(): void {
    this.#firstKnown = this.#first;
    const sequence = this.#last;
    if (sequence === this.#newest.sequence) return;
    const instant = this.#store.entries.get(sequence)?.instant ?? this.#newest.instant;
    this.#newest = { sequence, instant };
  }
}
