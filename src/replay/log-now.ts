/**
 * The log as it is now, which may have less than it had: what a judge asks of it, and where it stood when last it told.
 */
import type { Entry, Stored } from '../bus/entry.ts';
import type { Channel, Database, Instant, Sequence } from '../bus/names.ts';
import { E, O } from '../fp.ts';
import { ask } from '../log/ask.ts';
import type { Head, Log } from '../log/log.ts';

export type HistoryLog = Pick<Log, 'head' | 'read' | 'at' | 'next'>;

/** A channel full of records that are no messages is read on with each question: for so many. */
const MAX_TRIES = 20;

/** Whatever it asks throws `LogFailure` when the log does not answer. */
export class LogNow {
  readonly #log: HistoryLog;
  #head: Head;
  #oldest: Instant | undefined;

  constructor(log: HistoryLog, head: Head) {
    this.#log = log;
    this.#head = head;
  }

  get head(): Head {
    return this.#head;
  }

  /** Whether entries have left the log since it was looked at, so that what follows from it may be something else now. */
  async hasMoved(): Promise<boolean> {
    const { epoch, first } = this.#head;
    this.#head = await ask(this.#log.head);
    const hasMoved = this.#head.epoch !== epoch || this.#head.first !== first;
    if (hasMoved) this.#oldest = undefined;
    return hasMoved;
  }

  /** Whether the log has given a sequence. */
  async reaches(sequence: Sequence): Promise<boolean> {
    if (sequence <= this.#head.last) return true;
    const { last } = await ask(this.#log.head);
    this.#head = { ...this.#head, last };
    return sequence <= last;
  }

  /** When the log took the first record that it has. */
  async oldest(): Promise<Instant> {
    if (this.#oldest === undefined) {
      const stored = await this.at(this.#head.first);
      this.#oldest = O.isNone(stored) ? Number.POSITIVE_INFINITY : E.toUnion(stored.value).instant;
    }
    return this.#oldest;
  }

  at(sequence: Sequence): Promise<O.Option<Stored>> {
    return ask(this.#log.at(sequence));
  }

  /** The first entry on some channels after a sequence and up to another. */
  async first(
    database: Database,
    channels: ReadonlyArray<Channel>,
    after: Sequence,
    through: Sequence,
  ): Promise<Entry | undefined> {
    let found: Entry | undefined;
    for (const channel of channels) {
      const entry = await this.#next(database, channel, after);
      if (O.isSome(entry) && entry.value.sequence <= (found?.sequence ?? through))
        found = entry.value;
    }
    return found;
  }

  async #next(database: Database, channel: Channel, after: Sequence): Promise<O.Option<Entry>> {
    for (let tries = 1; tries < MAX_TRIES; tries += 1) {
      const entry = await this.#log.next(database, channel, after)();
      if (E.isRight(entry)) return entry.right;
    }
    return ask(this.#log.next(database, channel, after));
  }
}
