/**
 * The connection to the servers, and the questions that are asked of a stream over it.
 *
 * It connects by itself, for as long as it takes, and answers `LogUnavailable` meanwhile. "The leader" is whoever answers
 * the stream's own API: a replica may be behind, so that what it does not have proves nothing.
 */
import {
  type Consumer,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstreamManager,
  type StoredMsg,
} from '@nats-io/jetstream';
import { connect, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { decodeEntry, type Stored } from '../bus/entry.ts';
import type { Epoch, Instant, Sequence } from '../bus/names.ts';
import { E, O } from '../fp.ts';
import { type KeeperOptions, StreamKeeper } from './jetstream-keeper.ts';
import { headOf, streamSubject } from './jetstream-stream.ts';
import type { Head } from './log.ts';
import { decodeSubject } from './subject.ts';

export interface JetStreamOptions extends KeeperOptions {
  /** `host:port` of some servers of one cluster. */
  readonly servers: ReadonlyArray<string>;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

/** What one question may take before it counts as not answered. */
const ANSWER_MS = 2000;
/** A server that hangs is left after three of these. */
const PING_MS = 3000;
const RECONNECT_MS = 250;
/** How long the servers keep the consumer of a node that is gone. */
const CONSUMER_LEFT_MS = 30_000;

const NANOS = 1_000_000;

type Query =
  | { readonly seq: number; readonly next_by_subj?: string }
  | { readonly last_by_subj: string };

interface Connected {
  readonly nc: NatsConnection;
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
}

export class JetStreamConnection {
  readonly options: JetStreamOptions;
  readonly #keeper: StreamKeeper;
  readonly #connected: Promise<Connected>;
  #open: Connected | undefined;
  #closed = false;
  /** Why there is no connection yet. */
  #reason: string | undefined;
  /** The log's clock when it was last read, by this process's own. */
  #anchor: { readonly instant: Instant; readonly elapsed: number } | undefined;
  /** The first sequence of the stream, and its life, when its leader last told. */
  first: Sequence = 0;
  epoch: Epoch = '';
  /** Called when the connection is lost. */
  readonly onLost = new Set<() => void>();

  constructor(options: JetStreamOptions) {
    this.options = options;
    this.#keeper = new StreamKeeper(options);
    this.#connected = this.#connect();
    this.#connected.catch((error) => {
      if (!this.#closed)
        options.logger.error({ reason: reasonOf(error) }, 'cannot connect to NATS');
    });
  }

  /** The log's clock: the last instant that its servers told, and the time since. */
  now(): Instant {
    const { clock } = this.options;
    return this.#anchor === undefined
      ? clock.now()
      : this.#anchor.instant + Math.floor(clock.elapsed() - this.#anchor.elapsed);
  }

  /** Takes an instant that the log's clock showed just now. */
  observe(instant: Instant): void {
    this.#anchor = { instant, elapsed: this.options.clock.elapsed() };
  }

  /** The largest message that the servers take, headers included. */
  get maxPayload(): number {
    return this.#open?.nc.info?.max_payload ?? Number.POSITIVE_INFINITY;
  }

  /** The client, once there is a connection; fails when there is none for a while. */
  async client(): Promise<JetStreamClient> {
    return (await this.#ready()).client;
  }

  /** Sends a message and asks for no answer; whether there was a connection to send it on. */
  send(subject: string, bytes: Uint8Array, headers: MsgHdrs): boolean {
    const nc = this.#open?.nc;
    if (nc === undefined || nc.isClosed()) return false;
    nc.publish(subject, bytes, { headers });
    return true;
  }

  /** Where the stream stands, by its leader; made when it is missing. */
  async head(): Promise<Head> {
    const { manager } = await this.#ready();
    const info = await this.#keeper.info(manager);
    if (info.ts !== undefined) this.observe(Date.parse(info.ts));
    else if (this.#anchor === undefined) await this.#readClock();
    const head = headOf(info);
    this.first = head.first;
    this.epoch = head.epoch;
    return head;
  }

  /** What any replica has, else the leader, whose "none" is one. */
  async get(query: Query): Promise<Stored | undefined> {
    const { manager } = await this.#ready();
    const near = 'last_by_subj' in query ? null : await this.#direct(manager, query);
    return near === null ? this.ask(query) : this.#stored(near);
  }

  /** What the leader has. */
  async ask(query: Query): Promise<Stored | undefined> {
    const { manager } = await this.#ready();
    const message = await manager.streams.getMessage(this.options.stream, query);
    return message === null ? undefined : this.#stored(message);
  }

  /** The sequence of the last message that the leader has; 0 when it has none. */
  async lastSequence(): Promise<Sequence> {
    const stored = await this.ask({ last_by_subj: streamSubject(this.options) });
    return stored === undefined ? 0 : E.toUnion(stored).sequence;
  }

  /** A new consumer of everything from a sequence on. */
  async consumer(from: Sequence): Promise<Consumer> {
    const { client } = await this.#ready();
    const consumer = await client.consumers.get(this.options.stream, {
      opt_start_seq: from,
      filter_subjects: streamSubject(this.options),
      inactive_threshold: CONSUMER_LEFT_MS,
    });
    this.observe(Date.parse((await consumer.info(true)).created));
    return consumer;
  }

  /** nats-server 2.9 tells its time only where it makes something: a consumer that nobody needs. */
  async #readClock(): Promise<void> {
    const consumer = await this.consumer(1);
    await consumer.delete();
  }

  /** What a message of the stream is to the bus. */
  decode(subject: string, sequence: Sequence, instant: Instant, bytes: Uint8Array): Stored {
    const names = decodeSubject(this.options.subjectPrefix, subject);
    return O.isNone(names)
      ? E.left({ sequence, instant, reason: `subject: should be one that a channel encodes to` })
      : decodeEntry(sequence, instant, names.value.database, names.value.channel, bytes);
  }

  #stored({ subject, seq, time, data }: StoredMsg): Stored {
    return this.decode(subject, seq, time.getTime(), data);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#open?.nc.close();
  }

  async #connect(): Promise<Connected> {
    const nc = await this.#reach();
    const manager = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
    this.#open = { nc, manager, client: manager.jetstream() };
    if (this.#closed) await nc.close();
    else void this.#watch(nc);
    return this.#open;
  }

  /** Connects for as long as it takes, also where the servers know the credentials only later. */
  async #reach(): Promise<NatsConnection> {
    const { servers, user, password, token, clock, logger } = this.options;
    for (;;) {
      try {
        return await connect({
          servers: [...servers],
          ...(user === undefined ? {} : { user, pass: password ?? '' }),
          ...(token === undefined ? {} : { token }),
          name: 'jetbus',
          maxReconnectAttempts: -1,
          reconnectTimeWait: RECONNECT_MS,
          ignoreAuthErrorAbort: true,
          pingInterval: PING_MS,
          maxPingOut: 2,
          timeout: ANSWER_MS,
          // Each question would take the trace of its stack, for an error that it hardly ever is.
          noAsyncTraces: true,
        });
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== this.#reason) logger.warn({ servers, reason }, 'cannot connect to NATS');
        this.#reason = reason;
        if (this.#closed) throw error;
        await new Promise<void>((resolve) => clock.after(RECONNECT_MS, resolve));
      }
    }
  }

  async #watch(nc: NatsConnection): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect') for (const lost of this.onLost) lost();
    }
  }

  async #ready(): Promise<Connected> {
    if (this.#open !== undefined) return this.#open;
    const { clock, servers } = this.options;
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      const tell = () =>
        reject(new Error(`no connection to ${servers.join(', ')}: ${this.#reason ?? 'no answer'}`));
      cancel = clock.after(ANSWER_MS, tell);
    });
    return Promise.race([this.#connected, late]).finally(() => cancel());
  }

  async #direct(
    manager: JetStreamManager,
    query: Query & { seq: number },
  ): Promise<StoredMsg | null> {
    try {
      return await manager.direct.getMessage(this.options.stream, { ...query });
    } catch {
      return null;
    }
  }
}

/** When the stream took a message that a consumer brought. */
export const instantOf = ({ info }: JsMsg): Instant => Math.floor(info.timestampNanos / NANOS);

/** An error of the client's in words. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
};
