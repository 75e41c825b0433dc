/**
 * Who waits for what: the parked connections of each channel.
 */
import { ChannelMap } from '../bus/channel-map.ts';
import type { Channel, Database } from '../bus/names.ts';

export interface Waiter {
  readonly database: Database;
  readonly channels: ReadonlyArray<Channel>;
}

const NOBODY: ReadonlySet<never> = new Set();

export class Waiters<W extends Waiter> {
  readonly #waiting = new ChannelMap<Set<W>>();

  add(waiter: W): void {
    for (const channel of waiter.channels) {
      const waiting = this.#waiting.get(waiter.database, channel);
      if (waiting === undefined) this.#waiting.set(waiter.database, channel, new Set([waiter]));
      else waiting.add(waiter);
    }
  }

  delete(waiter: W): void {
    for (const channel of waiter.channels) {
      const waiting = this.#waiting.get(waiter.database, channel);
      waiting?.delete(waiter);
      if (waiting?.size === 0) this.#waiting.delete(waiter.database, channel);
    }
  }

  /** Those who wait on a channel; one may leave while they are gone through. */
  on(database: Database, channel: Channel): ReadonlySet<W> {
    return this.#waiting.get(database, channel) ?? NOBODY;
  }
}
