/**
 * A subscription of this very program: one poll after the other, as a client would, turned into an async iterator.
 */
import type { Channel, Database } from '../bus/names.ts';
import { decodeLastMessage, type LastMessage } from '../bus/poll.ts';
import { messageIdOf } from '../bus/response.ts';
import type { Resume } from '../bus/resume.ts';
import type { Answer, Connection, EntryAnswer } from '../hub/connection.ts';
import type { Hub } from '../hub/hub.ts';

/** One message as a subscription brings it. */
export interface Delivery {
  readonly channel: string;
  readonly messageId: string;
  /** The message as `JSON.parse` reads it: integers beyond 2^53 lose digits. `raw` does not. */
  readonly message: Readonly<Record<string, unknown>>;
  /** The response's JSON in UTF-8, to the byte: `{"message":…,"channel":…}`. */
  readonly raw: Uint8Array;
  /** Whether it follows the last message that was given, or the delivery before. */
  readonly resume: Resume;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class Subscription implements AsyncIterableIterator<Delivery, undefined> {
  readonly #hub: Hub;
  readonly #database: Database;
  readonly #channels: ReadonlyArray<Channel>;
  #lastMessage: LastMessage;
  readonly #onEnd: () => void;
  #isOver = false;
  /** The poll under way, and who waits for its answer. */
  #connection: Connection | undefined;
  #settle: ((answer: Answer | undefined) => void) | undefined;
  /** Those who asked for a delivery get them in turn. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    hub: Hub,
    database: Database,
    channels: ReadonlyArray<Channel>,
    lastMessage: string | null,
    onEnd: () => void,
  ) {
    this.#hub = hub;
    this.#database = database;
    this.#channels = channels;
    this.#lastMessage = decodeLastMessage(lastMessage);
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Delivery, undefined>> {
    const result = this.#turn.then(() => this.#advance());
    this.#turn = result;
    return result;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.end();
    return DONE;
  }

  /** Ends it: whoever waits is told that there is nothing more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    if (this.#connection !== undefined) this.#hub.hangUp(this.#connection);
    this.#settle?.(undefined);
  }

  async #advance(): Promise<IteratorResult<Delivery, undefined>> {
    while (!this.#isOver) {
      const answer = await this.#poll();
      if (answer?._tag !== 'Entry') continue;
      const delivery = deliveryOf(answer);
      this.#lastMessage = decodeLastMessage(delivery.messageId);
      return { done: false, value: delivery };
    }
    return DONE;
  }

  async #poll(): Promise<Answer | undefined> {
    const answered = new Promise<Answer | undefined>((resolve) => {
      this.#settle = resolve;
    });
    const connection = this.#hub.openTrusted(
      this.#database,
      { channels: this.#channels, lastMessage: this.#lastMessage },
      (answer) => this.#settle?.(answer),
    );
    this.#connection = connection;
    const answer = await answered;
    this.#connection = undefined;
    this.#hub.written(connection);
    return answer;
  }
}

const deliveryOf = ({ entry, epoch, body, resume }: EntryAnswer): Delivery => ({
  channel: entry.channel,
  messageId: messageIdOf(entry, epoch),
  message: JSON.parse(Buffer.from(body).toString()).message,
  raw: body,
  resume,
});
