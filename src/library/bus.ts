/**
 * The bus for a program that embeds it: promises and async iterators over a node of its own.
 */
import { type BusError, badRequest, closed, describe, unauthorized } from '../bus/errors.ts';
import { Channel, Database } from '../bus/names.ts';
import { E, type TE } from '../fp.ts';
import { type Node, startNode } from '../hub/node.ts';
import type { Published } from '../hub/publisher.ts';
import type { Log } from '../log/log.ts';
import type { Logger, Sessions } from '../ports.ts';
import { DEFAULT_CACHE_TIMEOUT_MS, DEFAULT_LONG_POLLING_TIMEOUT_MS } from './defaults.ts';
import { type Delivery, Subscription } from './subscription.ts';
import { silentLogger, systemClock, systemRandom } from './system.ts';

export interface BusOptions {
  readonly log: Log;
  /** trytond's `cache_timeout` in seconds: how far back a subscription without a last message reaches; 300 if not given. */
  readonly cacheTimeout?: number;
  /** Where the bus writes what an operator should know; nowhere if not given. */
  readonly logger?: Logger;
}

export interface Notification {
  readonly title: string;
  readonly body?: string | null;
  /** 0 to 3; 1 if not given. */
  readonly priority?: number;
  readonly user?: number | string;
  readonly client?: string;
}

export interface PublishOptions {
  /** Within two minutes a repeat of it in the same database and channel is not published again. */
  readonly idempotencyKey?: string;
}

export interface SubscribeOptions {
  /** Ends the subscription; the iterator is then done. */
  readonly signal?: AbortSignal;
}

export interface Bus {
  /** Publishes a message and answers with its id, once the log has it. Text and bytes are taken as the message's JSON. */
  readonly publish: (
    database: string,
    channel: string,
    message: object | string | Uint8Array,
    options?: PublishOptions,
  ) => Promise<Published>;
  /** trytond's `notify`. */
  readonly notify: (
    database: string,
    notification: Notification,
    options?: PublishOptions,
  ) => Promise<Published>;
  /** The messages on some channels after a last message, in the log's order, until it is ended or the bus is closed. */
  readonly subscribe: (
    database: string,
    channels: ReadonlyArray<string>,
    lastMessage?: string | null,
    options?: SubscribeOptions,
  ) => AsyncIterableIterator<Delivery>;
  /** Ends every subscription and closes the log. */
  readonly close: () => Promise<void>;
}

/** A `BusError` as an exception: what a promise of the bus is rejected with. */
export class BusFailure extends Error {
  override readonly name = 'BusFailure';
  readonly error: BusError;

  constructor(error: BusError) {
    super(describe(error));
    this.error = error;
  }
}

/** A bus on a log; it owns the log from now on. */
export const createBus = ({
  log,
  cacheTimeout = DEFAULT_CACHE_TIMEOUT_MS / 1000,
  logger = silentLogger,
}: BusOptions): Bus => {
  const node = startNode({
    log,
    logger,
    clock: systemClock,
    random: systemRandom,
    sessions: nobody,
    settings: {
      longPollingTimeoutMs: DEFAULT_LONG_POLLING_TIMEOUT_MS,
      longPollingJitter: 0,
      cacheTimeoutMs: cacheTimeout * 1000,
      allowSubscribe: true,
    },
  });
  const subscriptions = new Set<Subscription>();
  let isClosed = false;
  const run = async (publishing: TE.TaskEither<BusError, Published>): Promise<Published> => {
    const result = isClosed ? E.left(closed) : await publishing();
    if (E.isLeft(result)) throw new BusFailure(result.left);
    return result.right;
  };
  return {
    publish: async (database, channel, message, { idempotencyKey } = {}) =>
      run(node.publisher.publish(database, channel, bytesOf(message), idempotencyKey)),
    notify: (database, notification, { idempotencyKey } = {}) =>
      run(node.publisher.notify(database, notification, {}, idempotencyKey)),
    subscribe: (database, channels, lastMessage = null, { signal } = {}) => {
      if (isClosed) throw new BusFailure(closed);
      const made = subscription(node, database, channels, lastMessage, () => {
        subscriptions.delete(made);
        signal?.removeEventListener('abort', end);
      });
      const end = () => made.end();
      subscriptions.add(made);
      signal?.addEventListener('abort', end);
      if (signal?.aborted) end();
      return made;
    },
    close: () => {
      isClosed = true;
      for (const made of subscriptions) made.end();
      return node.stop(0);
    },
  };
};

const subscription = (
  { hub }: Node,
  database: string,
  names: ReadonlyArray<string>,
  lastMessage: string | null,
  onEnd: () => void,
): Subscription => {
  if (!Database.is(database)) throw new BusFailure(badName('database'));
  const channels = names.map((name, index) => {
    if (Channel.is(name)) return name;
    throw new BusFailure(badName(`channels.${index}`));
  });
  return new Subscription(hub, database, channels, lastMessage, onEnd);
};

const bytesOf = (message: object | string | Uint8Array): Uint8Array => {
  if (message instanceof Uint8Array) return message;
  return Buffer.from(typeof message === 'string' ? message : stringify(message));
};

const stringify = (message: object): string => {
  try {
    return JSON.stringify(message) ?? '';
  } catch (error) {
    throw new BusFailure(badRequest('invalid_message', 'message', (error as Error).message));
  }
};

const badName = (path: string): BusError =>
  badRequest('invalid_request', path, 'should be 1 to 1,024 bytes of well-formed Unicode');

/** A program that embeds the bus is asked for no session, and nobody else can poll it. */
const nobody: Sessions = { trusting: false, check: () => E.left(unauthorized) };
