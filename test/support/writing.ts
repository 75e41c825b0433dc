/**
 * A writer of a journal, on a store that keeps, refuses or keeps waiting as a test says.
 */
import { logUnavailable } from '../../src/bus/errors.ts';
import { E } from '../../src/fp.ts';
import type { Batch, JournalStore } from '../../src/journal/journal.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import type { AppendError } from '../../src/log/log.ts';
import type { Logger } from '../../src/ports.ts';
import { settle } from './bus-fixture.ts';
import { testClock } from './clock.ts';
import { textsIn } from './journal.ts';

/** How long a writer waits before it tries again. */
export const RETRY_MS = 1000;

export type Verdict = (batch: Batch) => AppendError | undefined;

/** A store that keeps, refuses or keeps waiting, as the test says. */
class TestStore implements JournalStore {
  readonly batches: Array<Batch> = [];
  /** How often it was asked. */
  asked = 0;
  isClosed = false;
  refuses: Verdict = () => undefined;
  isHeld = false;
  #held: Array<() => void> = [];

  readonly append: JournalStore['append'] = (batch) => async () => {
    this.asked += 1;
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
    const error = this.refuses(batch);
    if (error !== undefined) return E.left(error);
    this.batches.push(batch);
    return E.right(undefined);
  };

  async close(): Promise<void> {
    this.isClosed = true;
  }

  letThrough(): void {
    this.isHeld = false;
    for (const each of this.#held.splice(0)) each();
  }

  /** The numbers of the records that it has. */
  get numbers(): ReadonlyArray<number> {
    return this.batches.flatMap((batch) => textsIn(batch).map((line) => JSON.parse(line).n));
  }
}

export const writing = () => {
  const clock = testClock();
  const store = new TestStore();
  const said: Array<string> = [];
  const warn: Logger['warn'] = (_, text) => said.push(text);
  const logger = { info: () => {}, warn, error: () => {} };
  const writer = new JournalWriter({ store, clock, logger, run: 'run1' });
  const pass = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    await settle();
  };
  return { clock, store, said, writer, pass };
};

/** A record of at least a length. */
export const record = (length = 0): string => `,"at":1,"text":"${'x'.repeat(length)}"}`;

/** So many numbers, one after the other. */
export const upTo = (count: number, from = 1): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => from + index);

export const unavailable = () => logUnavailable('the disk is full');
