/**
 * Moments at which something is due, for many things at once: one timer for each tenth of a second that has any, so that
 * holding a poll costs no timer.
 */
import type { Cancel, Clock } from './ports.ts';

const TICK_MS = 100;

interface Bucket<A> {
  readonly due: Set<A>;
  readonly cancel: Cancel;
}

export class Deadlines<A> {
  readonly #clock: Clock;
  readonly #run: (item: A) => void;
  readonly #ticks = new Map<A, number>();
  readonly #buckets = new Map<number, Bucket<A>>();

  constructor(clock: Clock, run: (item: A) => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Makes an item due once, `milliseconds` from now or up to a tick later. */
  add(item: A, milliseconds: number): void {
    this.delete(item);
    const tick = Math.ceil((this.#clock.elapsed() + milliseconds) / TICK_MS);
    this.#ticks.set(item, tick);
    const bucket = this.#buckets.get(tick);
    if (bucket !== undefined) {
      bucket.due.add(item);
      return;
    }
    const wait = tick * TICK_MS - this.#clock.elapsed();
    const cancel = this.#clock.after(wait, () => this.#fire(tick));
    this.#buckets.set(tick, { due: new Set([item]), cancel });
  }

  delete(item: A): void {
    const tick = this.#ticks.get(item);
    if (tick === undefined) return;
    this.#ticks.delete(item);
    const bucket = this.#buckets.get(tick);
    bucket?.due.delete(item);
    if (bucket?.due.size !== 0) return;
    bucket.cancel();
    this.#buckets.delete(tick);
  }

  clear(): void {
    for (const { cancel } of this.#buckets.values()) cancel();
    this.#buckets.clear();
    this.#ticks.clear();
  }

  #fire(tick: number): void {
    for (const item of this.#buckets.get(tick)?.due ?? []) {
      this.delete(item);
      this.#run(item);
    }
  }
}
