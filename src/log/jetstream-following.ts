/**
 * One ordered tail of the stream.
 *
 * The client library's ordered consumer mends itself, and thereby survives the stream's own end: it would go on silently in
 * another life. So whenever anything is the matter with it, it is given up, the leader is asked where the stream stands, and
 * another one begins after the last record shown. The leader is asked every few seconds too, when nothing is the matter. What one
 * consumer brings is of one life.
 */
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Stored } from '../bus/entry.ts';
import type { Epoch, Sequence } from '../bus/names.ts';
import { E } from '../fp.ts';
import { instantOf, type JetStreamConnection, reasonOf } from './jetstream-connection.ts';
import type { Follower, Following, Head } from './log.ts';

const HEARTBEAT_MS = 1000;
const CHECK_MS = 2000;
const RETRY_MS = 250;
/** Messages that a consumer may have on their way: each may be a megabyte. */
const BATCH = 200;

/** What of a consumer's own news is no trouble. */
const HARMLESS: ReadonlySet<string> = new Set([
  'next',
  'heartbeat',
  'debug',
  'discard',
  'flow_control',
]);

/** What of a connection following needs. */
export type Source = Pick<
  JetStreamConnection,
  'head' | 'ask' | 'lastSequence' | 'consumer' | 'now' | 'observe' | 'decode' | 'onLost'
> & { readonly options: Pick<JetStreamConnection['options'], 'clock'> };

/** Who sees what a tail shows besides its follower. */
export interface Witness {
  /** The tail has caught up: what the stream takes from now on it shows soon, until its `end`. */
  readonly begin: (tail: object) => void;
  /** It showed this, in the life of `epoch` and no other. */
  readonly saw: (tail: object, epoch: Epoch, message: JsMsg, stored: Stored) => void;
  readonly end: (tail: object) => void;
}

export const followStream = (
  connection: Source,
  epoch: Epoch,
  after: Sequence,
  follower: Follower,
  witness: Witness,
): Following => {
  const following = new StreamFollowing(connection, epoch, after, follower, witness);
  void following.run();
  return following;
};

class StreamFollowing implements Following {
  readonly #connection: Source;
  readonly #epoch: Epoch;
  readonly #follower: Follower;
  readonly #witness: Witness;
  #position: Sequence;
  #lastShown: readonly [Sequence, string] | undefined;
  #behindAt: Sequence | undefined;
  #ended = false;
  #isStalled = false;
  /** The name of the one whose messages are shown. */
  #consumer: string | undefined;
  #giveUp: ((reason: string) => void) | undefined;
  /** What ends each pause that is being made. */
  readonly #pauses = new Set<() => void>();

  constructor(
    connection: Source,
    epoch: Epoch,
    after: Sequence,
    follower: Follower,
    witness: Witness,
  ) {
    this.#connection = connection;
    this.#epoch = epoch;
    this.#position = after;
    this.#follower = follower;
    this.#witness = witness;
  }

  end(): void {
    this.#ended = true;
    this.#leave('ended');
    for (const end of this.#pauses) end();
  }

  async run(): Promise<void> {
    while (!this.#ended) {
      try {
        const head = await this.#connection.head();
        if (this.#ended) return;
        if (this.#isOver(head, this.#position) || (await this.#isReplaced()))
          return this.#follower.reset();
        if (this.#ended) return;
        const reason = await this.#consume(head);
        this.#stall(reason);
      } catch (error) {
        this.#stall(reasonOf(error));
        await this.#pause(RETRY_MS);
      }
    }
  }

  #isOver({ epoch, last }: Head, position: Sequence): boolean {
    return epoch !== this.#epoch || last < position;
  }

  /** Whether the record shown last is another one now: a store restored from a copy uses its sequences again. */
  async #isReplaced(): Promise<boolean> {
    if (this.#lastShown === undefined) return false;
    const [sequence, identity] = this.#lastShown;
    const stored = await this.#connection.ask({ seq: sequence });
    return stored !== undefined && identityOf(stored) !== identity;
  }

  #stall(reason: string): void {
    if (this.#ended) return;
    this.#isStalled = true;
    this.#follower.stalled(reason);
  }

  /** Shows what one consumer brings until something is the matter; answers with what it was. */
  async #consume({ last }: Head): Promise<string> {
    const target = await this.#connection.lastSequence();
    const consumer = await this.#connection.consumer(this.#position + 1);
    try {
      // A consumer ends with its stream: one that there was in this life brings nothing of another.
      const head = await this.#connection.head();
      if (this.#isOver(head, this.#position)) return 'the life of the stream has ended';
      return await this.#showAll(consumer, target, last);
    } finally {
      void consumer.delete().catch(() => {});
    }
  }

  async #showAll(consumer: Consumer, target: Sequence, last: Sequence): Promise<string> {
    const { name } = await consumer.info(true);
    const look = this.#lookout(target, last);
    const messages = await consumer.consume({
      max_messages: BATCH,
      idle_heartbeat: HEARTBEAT_MS,
      callback: (message) => {
        if (message.info.consumer !== this.#consumer) return this.#leave('the consumer is another');
        this.#take(message);
        look();
      },
    });
    const trouble = new Promise<string>((resolve) => {
      this.#giveUp = resolve;
    });
    this.#consumer = name;
    if (this.#ended) this.#leave('ended');
    else if (this.#isStalled) this.#follower.resumed();
    this.#isStalled = false;
    const lost = () => this.#leave('the connection was lost');
    this.#connection.onLost.add(lost);
    void this.#watch(name, messages);
    void this.#check(name);
    look();
    const reason = await trouble;
    this.#connection.onLost.delete(lost);
    this.#witness.end(this);
    messages.stop();
    return reason;
  }

  /** Takes nothing more of the present consumer: what it still has queued is the next one's to bring. */
  #leave(reason: string): void {
    this.#consumer = undefined;
    this.#giveUp?.(reason);
  }

  /**
   * Says so once it has caught up: it has reached `target`, the last message by the leader's word, and so stands at `last`. The
   * consumer's own word is not asked, since its server may be behind.
   */
  #lookout(target: Sequence, last: Sequence): () => void {
    let isBehind = true;
    return () => {
      if (!isBehind || this.#position < target || this.#ended) return;
      isBehind = false;
      this.#position = Math.max(this.#position, last);
      this.#follower.caughtUp(this.#position);
      this.#witness.begin(this);
    };
  }

  #take(message: JsMsg): void {
    const instant = instantOf(message);
    this.#position = message.seq;
    if (instant > this.#connection.now()) this.#connection.observe(instant);
    const stored = this.#connection.decode(message.subject, message.seq, instant, message.data);
    this.#lastShown = [message.seq, identityOf(stored)];
    this.#follower.show(stored);
    this.#witness.saw(this, this.#epoch, message, stored);
  }

  async #watch(consumer: string, messages: ConsumerMessages): Promise<void> {
    const isOn = () => consumer === this.#consumer;
    void messages.closed().then((error) => isOn() && this.#leave(reasonOf(error ?? 'it ended')));
    for await (const { type } of messages.status()) {
      if (isOn() && !HARMLESS.has(type)) this.#leave(type.replaceAll('_', ' '));
    }
  }

  /** Compares the tail with the stream, also when idle: a silent consumer, or another life, is found within two checks. */
  async #check(consumer: string): Promise<void> {
    const isOn = () => consumer === this.#consumer;
    for (await this.#pause(CHECK_MS); isOn(); await this.#pause(CHECK_MS)) {
      const trouble = await this.#trouble();
      if (isOn() && trouble !== undefined) this.#leave(trouble);
    }
  }

  /** What is the matter, if anything. A tail that is behind where the check before saw it behind is stuck. */
  async #trouble(): Promise<string | undefined> {
    try {
      const position = this.#position;
      const head = await this.#connection.head();
      if (this.#isOver(head, position)) return 'the life of the stream has ended';
      const isBehind = head.last > this.#position;
      const isStuck = isBehind && this.#behindAt === this.#position;
      this.#behindAt = isBehind ? this.#position : undefined;
      return isStuck ? 'the consumer is behind and silent' : undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  #pause(milliseconds: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#connection.options.clock.after(milliseconds, end);
      this.#pauses.add(end);
    });
  }
}

const identityOf = (stored: Stored): string =>
  E.isRight(stored) ? `${stored.right.instant} ${stored.right.check}` : `${stored.left.instant}`;
