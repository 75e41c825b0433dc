/**
 * Who waits for what: the parked connections of each channel.
 */
import { ChannelMap } from '../bus/channel-map.ts';
import type { Channel, Database } from '../bus/names.ts';

export interface Waiter {
  readonly database: Database;
  readonly channels: ReadonlyArray<Channel>;
}

const NOBODY: ReadonlyArray<never> = [];

export class Waiters<W extends Waiter> {
  /** A channel that one waits on, as most are, has no set of its own. */
  readonly #waiting = new ChannelMap<W | Set<W>>();

  add(waiter: W): void {
    const { database } = waiter;
    for (const channel of waiter.channels) {
      const waiting = this.#waiting.get(database, channel);
      if (waiting === undefined) this.#waiting.set(database, channel, waiter);
      else if (waiting instanceof Set) waiting.add(waiter);
      else this.#waiting.set(database, channel, new Set([waiting, waiter]));
    }
  }

  delete(waiter: W): void {
    const { database } = waiter;
    for (const channel of waiter.channels) {
      const waiting = this.#waiting.get(database, channel);
      if (waiting instanceof Set) waiting.delete(waiter);
      if (waiting === waiter || (waiting instanceof Set && waiting.size === 0)) {
        this.#waiting.delete(database, channel);
      }
    }
  }

  /** Those who wait on a channel; one may leave while they are gone through. */
  on(database: Database, channel: Channel): Iterable<W> {
    const waiting = this.#waiting.get(database, channel);
    if (waiting === undefined) return NOBODY;
    return waiting instanceof Set ? waiting : [waiting];
  }
}
