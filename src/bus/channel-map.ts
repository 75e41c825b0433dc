/**
 * A map by database and channel: two levels, so that no two pairs can meet in one key.
 */
import type { Channel, Database } from './names.ts';

export class ChannelMap<A> {
  readonly #databases = new Map<Database, Map<Channel, A>>();

  get(database: Database, channel: Channel): A | undefined {
    return this.#databases.get(database)?.get(channel);
  }

  set(database: Database, channel: Channel, value: A): void {
    const channels = this.#databases.get(database);
    if (channels === undefined) this.#databases.set(database, new Map([[channel, value]]));
    else channels.set(channel, value);
  }

  delete(database: Database, channel: Channel): void {
    const channels = this.#databases.get(database);
    channels?.delete(channel);
    if (channels?.size === 0) this.#databases.delete(database);
  }

  clear(): void {
    this.#databases.clear();
  }
}
