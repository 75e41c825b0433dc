/**
 * The nodes' lives of the log: for each a window, folded from the log as far as the node's own tail was.
 */
import type { Epoch, Instant, Sequence } from '../bus/names.ts';
import { emptyWindow, type Window } from '../bus/window.ts';
import { E } from '../fp.ts';
import type { ConnectionRecord, NodeRecord } from '../journal/record.ts';
import type { HistoryLog, LogNow } from './log-now.ts';
import { Tape } from './tape.ts';
import { incomplete, uncheckable, type Verdict } from './verdict.ts';

export interface Life {
  readonly number: number;
  readonly epoch: Epoch;
  readonly window: Window;
  readonly cacheTimeoutMs: number;
  /** Where its window began: it was folded from the entries above. */
  readonly begin: Sequence;
  /** When the log took what the window has seen last. */
  newest: Instant;
  /** Why what follows from the log now need not be what followed then. */
  doubt: string | undefined;
  /** False after a gap, until the node says that it is still in this life. */
  isSure: boolean;
}

/** How much the clock of a record may be behind that of the log. */
const LATE_MS = 15_000;

export class Lives {
  readonly #now: LogNow;
  readonly #tape: Tape;
  readonly #lives = new Map<string, Life>();

  constructor(log: HistoryLog, now: LogNow) {
    this.#now = now;
    this.#tape = new Tape(log);
  }

  /** Takes a node's word of where it is. */
  take({ run, node, life, settings }: NodeRecord): void {
    if (node === 'stopped') this.end(run);
    if (life === null || node === 'stopped') return;
    const { number, epoch, floor } = life;
    const known = this.#lives.get(run);
    if (known?.number === number) {
      known.isSure = true;
      return;
    }
    this.#lives.set(run, {
      number,
      epoch,
      window: emptyWindow(floor),
      cacheTimeoutMs: settings.cache_timeout * 1000,
      begin: floor,
      newest: 0,
      doubt: undefined,
      isSure: true,
    });
  }

  /** Records of the run are missing: what it says next decides whether it is still in this life. */
  miss(run: string): void {
    const life = this.#lives.get(run);
    if (life !== undefined) life.isSure = false;
  }

  end(run: string): void {
    this.#lives.delete(run);
  }

  /** Why the log need not be what it was in a run's life; undefined where it is. */
  doubt(run: string): string | undefined {
    return this.#lives.get(run)?.doubt;
  }

  /** The life that a record belongs to, its window as far as the node's tail was, or why it cannot be told. */
  async of({ run, tail, at }: ConnectionRecord): Promise<E.Either<Verdict, Life>> {
    const life = this.#lives.get(run);
    if (life === undefined || !life.isSure) return E.left(incomplete('the node was not heard of'));
    const { epoch } = this.#now.head;
    if (life.epoch !== epoch) {
      return E.left(uncheckable(`the log is in another life now, ${epoch}`));
    }
    if (!(await this.#now.reaches(tail))) life.doubt ??= 'the log has lost its end since';
    if (life.window.tail < tail) {
      const newest = await this.#tape.advance(life.window, tail, life.cacheTimeoutMs);
      life.newest = Math.max(life.newest, newest);
    }
    if (life.newest > at + LATE_MS) {
      life.doubt ??= 'the log has other entries there now: it was cut back since';
    }
    return E.right(life);
  }
}
