/**
 * Numbers the records of a run, gathers them into batches, and writes those one after the other.
 *
 * It is never in the way. What cannot be written waits, up to a bound; beyond it records are counted and not kept, and their
 * numbers, which are not given again, show that they are missing.
 */
import { describe } from '../bus/errors.ts';
import { E } from '../fp.ts';
import type { Cancel, Clock, Logger } from '../ports.ts';
import type { Batch, JournalStore } from './journal.ts';
import { VERSION } from './record.ts';

/** How long records gather before they are written. */
const GATHER_MS = 200;
/** Sizes are in bytes: a batch that has come to so many is written at once … */
const BATCH_SIZE = 256 * 1024;
/** … and so many may wait in all. */
const MAX_WAITING = 16 * 1024 * 1024;
/** What a character may take in UTF-8. */
const MAX_BYTES = 3;
const RETRY_MS = 1000;
/** How long the last records may take when the journal is closed. */
const CLOSE_MS = 3000;

export interface WriterOptions {
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The run's name, which no other run has. */
  readonly run: string;
}

export interface WriterStatus {
  readonly run: string;
  /** Records that were not kept. */
  readonly lost: number;
  /** Why nothing can be written now. */
  readonly reason?: string;
}

type Gathered = Omit<Batch, 'run'>;

export class JournalWriter {
  readonly #options: WriterOptions;
  readonly #prefix: string;
  #n = 0;
  /** Records become bytes at once: as text each would be kept, piece by piece, until it is written. */
  readonly #buffer = Buffer.allocUnsafe(BATCH_SIZE);
  #gathered = 0;
  #records = 0;
  #gather: Cancel | undefined;
  /** Batches that wait, the one being written first. */
  readonly #waiting: Array<Gathered> = [];
  /** What was given and not written yet. */
  #size = 0;
  #writing: Promise<void> | undefined;
  #lost = 0;
  #reason: string | undefined;
  #isClosed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#prefix = `{"v":${VERSION},"run":"${options.run}","n":`;
  }

  get status(): WriterStatus {
    const status = { run: this.#options.run, lost: this.#lost };
    return this.#reason === undefined ? status : { ...status, reason: this.#reason };
  }

  /** Takes a record, given as what follows its number: `,"at":…}`. */
  add(rest: string): void {
    this.#n += 1;
    const line = `${this.#prefix}${this.#n}${rest}\n`;
    if (this.#isClosed || this.#size + line.length > MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    const most = line.length * MAX_BYTES;
    if (this.#gathered + most > BATCH_SIZE) this.#flush();
    if (most > BATCH_SIZE) {
      this.#wait({ bytes: Buffer.from(line), records: 1 });
      return;
    }
    const length = this.#buffer.write(line, this.#gathered);
    this.#gathered += length;
    this.#size += length;
    this.#records += 1;
    this.#gather ??= this.#options.clock.after(GATHER_MS, () => this.#flush());
  }

  /** Writes what waits, as far as it can be within a few seconds, and closes the store. */
  async close(): Promise<void> {
    const { clock, store, logger } = this.#options;
    this.#flush();
    let cancel: Cancel = () => {};
    const timeUp = new Promise<void>((resolve) => {
      cancel = clock.after(CLOSE_MS, resolve);
    });
    await Promise.race([this.#writing, timeUp]);
    cancel();
    this.#isClosed = true;
    for (const { records } of this.#waiting) this.#lost += records;
    if (this.#lost > 0) logger.warn(this.status, 'the journal is not whole');
    await store.close();
  }

  #flush(): void {
    this.#gather?.();
    this.#gather = undefined;
    if (this.#records === 0) return;
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#gathered));
    const records = this.#records;
    this.#size -= bytes.length;
    this.#gathered = 0;
    this.#records = 0;
    this.#wait({ bytes, records });
  }

  #wait(batch: Gathered): void {
    this.#size += batch.bytes.length;
    this.#waiting.push(batch);
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    const { store, run, clock } = this.#options;
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      const kept = await store.append({ run, ...batch })();
      if (this.#isClosed) return;
      if (E.isRight(kept)) {
        this.#written(batch);
      } else if (kept.left._tag === 'TooLarge') {
        this.#divide(batch);
      } else {
        this.#fail(describe(kept.left));
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
        if (this.#isClosed) return;
      }
    }
    this.#writing = undefined;
  }

  /** The batch being written is too large for the store: its halves may not be. */
  #divide(batch: Gathered): void {
    if (batch.records > 1) {
      this.#waiting.splice(0, 1, ...halvesOf(batch));
      return;
    }
    this.#lost += 1;
    this.#written(batch);
  }

  #written({ bytes }: Gathered): void {
    this.#waiting.shift();
    this.#size -= bytes.length;
    if (this.#reason === undefined) return;
    this.#reason = undefined;
    this.#options.logger.warn(this.status, 'the journal is written again');
  }

  #fail(reason: string): void {
    if (this.#reason === undefined) {
      this.#options.logger.warn({ reason }, 'the journal cannot be written; the bus goes on');
    }
    this.#reason = reason;
  }
}

const LINE_BREAK = 0x0a;

/** Half of the records each. */
const halvesOf = ({ bytes, records }: Gathered): readonly [Gathered, Gathered] => {
  const half = Math.ceil(records / 2);
  let end = 0;
  for (let line = 0; line < half; line += 1) end = bytes.indexOf(LINE_BREAK, end) + 1;
  return [
    { bytes: bytes.subarray(0, end), records: half },
    { bytes: bytes.subarray(end), records: records - half },
  ];
};
