/**
 * Who waits for what: the parked connections of each channel.
 */
import { ChannelMap } from '../bus/channel-map.ts';
import type { Channel, Database } from '../bus/names.ts';
import { added, each, type Few, removed } from '../few.ts';

export interface Waiter {
  readonly database: Database;
  readonly channels: ReadonlyArray<Channel>;
}

export class Waiters<W extends Waiter> {
  readonly #waiting = new ChannelMap<Few<W>>();

  add(waiter: W): void {
    const { database } = waiter;
    for (const channel of waiter.channels) {
      const waiting = this.#waiting.get(database, channel);
      const more = added(waiting, waiter);
      if (more !== waiting) this.#waiting.set(database, channel, more);
    }
  }

  delete(waiter: W): void {
    const { database } = waiter;
    for (const channel of waiter.channels) {
      const waiting = this.#waiting.get(database, channel);
      if (waiting !== undefined && removed(waiting, waiter) === undefined) {
        this.#waiting.delete(database, channel);
      }
    }
  }

  /** Those who wait on a channel; one may leave while they are gone through. */
  on(database: Database, channel: Channel): Iterable<W> {
    return each(this.#waiting.get(database, channel));
  }
}
