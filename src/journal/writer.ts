/**
 * Numbers the records of a run, gathers them into batches, and writes those one after the other.
 *
 * It is never in the way. What cannot be written waits, up to a bound; beyond it records are counted and not kept, and their
 * numbers, which are not given again, show that they are missing.
 */
import { describe } from '../bus/errors.ts';
import { E } from '../fp.ts';
import type { Cancel, Clock, Logger } from '../ports.ts';
import type { JournalStore } from './journal.ts';
import { VERSION } from './record.ts';

/** How long records gather before they are written. */
const GATHER_MS = 200;
/** Sizes are in characters: a batch that has come to so many is written at once … */
const BATCH_SIZE = 256 * 1024;
/** … and so many may wait in all. */
const MAX_WAITING = 16 * 1024 * 1024;
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

export class JournalWriter {
  readonly #options: WriterOptions;
  readonly #prefix: string;
  #n = 0;
  #gathering: Array<string> = [];
  #gatheringSize = 0;
  #gather: Cancel | undefined;
  /** Batches that wait, the one being written first. */
  readonly #waiting: Array<ReadonlyArray<string>> = [];
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
    const line = `${this.#prefix}${this.#n}${rest}`;
    if (this.#isClosed || this.#size + line.length > MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#gathering.push(line);
    this.#gatheringSize += line.length;
    this.#size += line.length;
    if (this.#gatheringSize >= BATCH_SIZE) this.#flush();
    else this.#gather ??= this.#options.clock.after(GATHER_MS, () => this.#flush());
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
    for (const batch of this.#waiting) this.#lost += batch.length;
    if (this.#lost > 0) logger.warn(this.status, 'the journal is not whole');
    await store.close();
  }

  #flush(): void {
    this.#gather?.();
    this.#gather = undefined;
    if (this.#gathering.length > 0) this.#waiting.push(this.#gathering);
    this.#gathering = [];
    this.#gatheringSize = 0;
    if (this.#waiting.length > 0) this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    const { store, run, clock } = this.#options;
    for (let lines = this.#waiting[0]; lines !== undefined; lines = this.#waiting[0]) {
      const kept = await store.append({ run, lines })();
      if (this.#isClosed) return;
      if (E.isRight(kept)) {
        this.#waiting.shift();
        this.#written(lines);
      } else if (kept.left._tag === 'TooLarge') {
        this.#divide(lines);
      } else {
        this.#fail(describe(kept.left));
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
        if (this.#isClosed) return;
      }
    }
    this.#writing = undefined;
  }

  /** The batch being written is too large for the store: its halves may not be. */
  #divide(lines: ReadonlyArray<string>): void {
    const middle = Math.ceil(lines.length / 2);
    if (lines.length > 1) {
      this.#waiting.splice(0, 1, lines.slice(0, middle), lines.slice(middle));
      return;
    }
    this.#waiting.shift();
    this.#lost += 1;
    this.#written(lines);
  }

  #written(lines: ReadonlyArray<string>): void {
    for (const line of lines) this.#size -= line.length;
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
