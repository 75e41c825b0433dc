/**
 * The log, read in stretches from wherever a window stands. The few stretches read last are kept, since the windows of several
 * nodes move along the log side by side; what is kept does not grow with the log.
 */
import type { Stored } from '../bus/entry.ts';
import type { Instant, Sequence } from '../bus/names.ts';
import { append, expire, skip, type Window } from '../bus/window.ts';
import { E } from '../fp.ts';
import { ask } from '../log/ask.ts';
import type { Log } from '../log/log.ts';

const STRETCH = 500;
const KEPT = 8;

interface Stretch {
  readonly after: Sequence;
  readonly through: Sequence;
  readonly records: ReadonlyArray<Stored>;
}

export class Tape {
  readonly #log: Pick<Log, 'read'>;
  readonly #kept: Array<Stretch> = [];

  constructor(log: Pick<Log, 'read'>) {
    this.#log = log;
  }

  /** Moves a window on to `tail`, as a node's own moved; entries older than `cacheTimeoutMs` leave it on the way. */
  async advance(window: Window, tail: Sequence, cacheTimeoutMs: number): Promise<Instant> {
    let newest = 0;
    while (window.tail < tail) {
      const { records } = await this.#stretchAfter(window.tail);
      const before = window.tail;
      for (let index = indexAfter(records, before); index < records.length; index += 1) {
        const record = records[index];
        if (record === undefined || sequenceOf(record) > tail) {
          skip(window, tail);
          return newest;
        }
        newest = E.toUnion(record).instant;
        if (E.isRight(record)) append(window, record.right);
        else skip(window, sequenceOf(record));
        expire(window, E.toUnion(record).instant - cacheTimeoutMs);
      }
      if (window.tail === before) skip(window, tail);
    }
    return newest;
  }

  async #stretchAfter(sequence: Sequence): Promise<Stretch> {
    const kept = this.#kept.find(({ after, through }) => after <= sequence && sequence < through);
    if (kept !== undefined) return kept;
    const records = await ask(this.#log.read(sequence, STRETCH));
    const last = records.at(-1);
    const through = last === undefined ? sequence : sequenceOf(last);
    const stretch = { after: sequence, through, records };
    if (records.length > 0) this.#kept.unshift(stretch);
    this.#kept.length = Math.min(this.#kept.length, KEPT);
    return stretch;
  }
}

const sequenceOf = (stored: Stored): Sequence => E.toUnion(stored).sequence;

/** Where the records after a sequence begin, by halving. */
const indexAfter = (records: ReadonlyArray<Stored>, sequence: Sequence): number => {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record !== undefined && sequenceOf(record) <= sequence) low = middle + 1;
    else high = middle;
  }
  return low;
};
