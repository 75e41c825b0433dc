/**
 * Moments at which something is due, for many things at once: one timer for each tenth of a second that has any, so that
 * holding a poll costs no timer.
 */
import { Chain, type Link } from './chain.ts';
import type { Cancel, Clock } from './ports.ts';

const TICK_MS = 100;

/** What is due, and can be called off. */
export type Due<A> = Link<A>;

class Bucket<A> extends Chain<A> {
  readonly tick: number;
  readonly cancel: Cancel;

  constructor(tick: number, cancel: Cancel) {
    super();
    this.tick = tick;
    this.cancel = cancel;
  }
}

export class Deadlines<A> {
  readonly #clock: Clock;
  readonly #run: (item: A) => void;
  readonly #buckets = new Map<number, Bucket<A>>();

  constructor(clock: Clock, run: (item: A) => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Makes an item due once, `milliseconds` from now or up to a tick later. */
  add(item: A, milliseconds: number): Due<A> {
    const now = this.#clock.elapsed();
    const tick = Math.ceil((now + milliseconds) / TICK_MS);
    const bucket = this.#buckets.get(tick) ?? this.#open(tick, tick * TICK_MS - now);
    return bucket.add(item);
  }

  /** Calls off what is due; what was due already, or called off, needs none. */
  delete(due: Due<A> | undefined): void {
    const bucket = due?.chain;
    if (due === undefined || !(bucket instanceof Bucket)) return;
    bucket.remove(due);
    if (bucket.size > 0) return;
    bucket.cancel();
    this.#buckets.delete(bucket.tick);
  }

  clear(): void {
    for (const { cancel } of this.#buckets.values()) cancel();
    this.#buckets.clear();
  }

  #open(tick: number, wait: number): Bucket<A> {
    const bucket = new Bucket<A>(
      tick,
      this.#clock.after(wait, () => this.#fire(bucket)),
    );
    this.#buckets.set(tick, bucket);
    return bucket;
  }

  #fire(bucket: Bucket<A>): void {
    for (let due = bucket.first; due !== undefined; due = bucket.first) {
      this.delete(due);
      this.#run(due.item);
    }
  }
}
