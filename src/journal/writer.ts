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
import { LINE_VERSION, parseText } from './line.ts';

/** How long records gather before they are written. */
const GATHER_MS = 200;
/** Sizes are in bytes: a batch that has come to so many is written at once … */
const BATCH_SIZE = 256 * 1024;
/** … and so many may wait in all. */
const MAX_WAITING = 16 * 1024 * 1024;
/** A list that has come to so many characters ends: a line that is cut short, or too large for a store, should not be all there is. */
const MAX_LIST = 8 * 1024;
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
  /** Lines become bytes at once: as text each would be kept, piece by piece, until it is written. */
  readonly #buffer = Buffer.allocUnsafe(BATCH_SIZE);
  #gathered = 0;
  #records = 0;
  /** The line that lists connections and has not ended. */
  #list: { text: string; records: number } | undefined;
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
    this.#prefix = `{"v":${LINE_VERSION},"run":"${options.run}","n":`;
  }

  get status(): WriterStatus {
    const status = { run: this.#options.run, lost: this.#lost };
    return this.#reason === undefined ? status : { ...status, reason: this.#reason };
  }

  /** Takes a record, given as what follows its number: `,"at":…}`. */
  add(rest: string): void {
    this.#endList();
    this.#gatherLine(`${this.#numbered(1)}${rest}\n`, 1);
  }

  /** Begins a line that lists connections: what follows its number up to the list, the first item, and how many records that is. */
  list(rest: string, item: string, records: number): void {
    this.#endList();
    this.#list = { text: `${this.#numbered(records)}${rest}[${item}`, records };
    this.#flushLater();
  }

  /** Adds an item to the line that was begun last; false if that has ended, so that another has to be begun. */
  more(item: string, records: number): boolean {
    const list = this.#list;
    if (list === undefined || list.text.length > MAX_LIST) return false;
    this.#n += records;
    list.text += `,${item}`;
    list.records += records;
    return true;
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

  /** The beginning of a line, with the number of its first record. */
  #numbered(records: number): string {
    const head = `${this.#prefix}${this.#n + 1}`;
    this.#n += records;
    return head;
  }

  #endList(): void {
    if (this.#list === undefined) return;
    const { text, records } = this.#list;
    this.#list = undefined;
    this.#gatherLine(`${text}]}\n`, records);
  }

  #gatherLine(line: string, records: number): void {
    if (this.#isClosed || this.#size + line.length > MAX_WAITING) {
      this.#lost += records;
      return;
    }
    const most = line.length * MAX_BYTES;
    if (this.#gathered + most > BATCH_SIZE) this.#send();
    if (most > BATCH_SIZE) {
      this.#wait({ bytes: Buffer.from(line), records });
      return;
    }
    const length = this.#buffer.write(line, this.#gathered);
    this.#gathered += length;
    this.#size += length;
    this.#records += records;
    this.#flushLater();
  }

  #flushLater(): void {
    if (this.#isClosed) return;
    this.#gather ??= this.#options.clock.after(GATHER_MS, () => this.#flush());
  }

  #flush(): void {
    this.#endList();
    this.#send();
  }

  /** Hands the lines over that have gathered. */
  #send(): void {
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
    const halves = halvesOf(batch);
    if (halves !== undefined) {
      this.#waiting.splice(0, 1, ...halves);
      return;
    }
    this.#lost += batch.records;
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

/** Half of the bytes each, or as near to that as lines end; none if there is but one line. */
const halvesOf = ({ bytes, records }: Gathered): readonly [Gathered, Gathered] | undefined => {
  const { length } = bytes;
  let end = bytes.indexOf(LINE_BREAK, length >>> 1) + 1;
  if (end === length) end = bytes.lastIndexOf(LINE_BREAK, length - 2) + 1;
  if (end === 0) return undefined;
  const [before, behind] = [bytes.subarray(0, end), bytes.subarray(end)];
  const first = linesOf(before).length;
  return [
    { bytes: before, records: first },
    { bytes: behind, records: records - first },
  ];
};

/** The records of some lines, each parsed. */
const linesOf = (bytes: Uint8Array) =>
  Buffer.from(bytes).toString().split('\n').slice(0, -1).flatMap(parseText);
