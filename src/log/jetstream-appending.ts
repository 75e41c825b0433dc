/**
 * Appends to the stream.
 *
 * While this handle follows the stream, its own tail acknowledges: an entry that it shows is in the log, in the life that it
 * follows, and is shown anyway. So a message goes out and asks for no answer. Where nothing follows, or the tail does not show
 * the message in time, the stream's leader is asked to acknowledge it, under the same key, so that it is not kept twice
 * (docs/decisions/0013-the-tail-acknowledges.md).
 */
import { JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import { errors, headers } from '@nats-io/transport-node';
import type { Stored } from '../bus/entry.ts';
import { conflict, logUnavailable, tooLarge } from '../bus/errors.ts';
import { type Check, check } from '../bus/message-id.ts';
import type { Epoch } from '../bus/names.ts';
import { Deadlines, type Due } from '../deadlines.ts';
import { E } from '../fp.ts';
import type { NewId } from '../ports.ts';
import { askingAnew } from './ask.ts';
import { type JetStreamConnection, reasonOf } from './jetstream-connection.ts';
import type { Witness } from './jetstream-following.ts';
import type { AppendError, Appended, Appending, Head } from './log.ts';
import { encodeSubject } from './subject.ts';

/** After this a publisher is told that the log is unavailable: well within the duplicate window. */
const APPEND_MS = 5000;
const ATTEMPT_MS = 2000;
const PAUSE_MS = 100;
/** After so long the tail is not waited for: it brings an entry within milliseconds, and a repeat never. */
const SHOWN_MS = 500;
/** What the headers of a publish may take of the server's limit. */
const HEADER_BYTES = 8192;
const KEY_HEADER = 'Nats-Msg-Id';

type Result = E.Either<AppendError, Appended>;
type Attempt = Result | { readonly again: string };

/** A message that was sent, and that the tail is to show. */
interface Sent {
  readonly key: string;
  /** The check that its entry has to have, where another message may have its key. */
  readonly check: Check | undefined;
  readonly settle: (result: Result | undefined) => void;
  due: Due<Sent> | undefined;
}

/** What of a connection appending needs. */
export type Target = Pick<
  JetStreamConnection,
  'send' | 'client' | 'head' | 'get' | 'maxPayload'
> & {
  readonly options: Pick<JetStreamConnection['options'], 'clock' | 'stream' | 'subjectPrefix'>;
};

export class Appender implements Witness {
  readonly #connection: Target;
  readonly #newId: NewId;
  readonly #tails = new Set<object>();
  readonly #sent = new Map<string, Sent>();
  readonly #late: Deadlines<Sent>;
  /** The life that the leader told last: one that is over by now costs a question more. */
  #epoch: Epoch | undefined;
  readonly #head: () => Promise<Head>;

  constructor(connection: Target, newId: NewId) {
    this.#connection = connection;
    this.#newId = newId;
    this.#head = askingAnew(() => connection.head());
    this.#late = new Deadlines(connection.options.clock, (sent) => this.#settle(sent, undefined));
  }

  begin(tail: object): void {
    this.#tails.add(tail);
  }

  end(tail: object): void {
    this.#tails.delete(tail);
    if (this.#tails.size > 0) return;
    for (const sent of this.#sent.values()) this.#settle(sent, undefined);
  }

  saw(tail: object, epoch: Epoch, message: JsMsg, stored: Stored): void {
    if (this.#sent.size === 0 || !this.#tails.has(tail) || E.isLeft(stored)) return;
    const sent = this.#sent.get(keyOf(message));
    if (sent === undefined) return;
    const { sequence, check } = stored.right;
    const isOurs = sent.check === undefined || sent.check === check;
    this.#settle(sent, isOurs ? E.right({ epoch, sequence, check }) : E.left(conflict(sequence)));
  }

  /** Publishes until the log has the message, or the time is over. */
  async append(appending: Appending): Promise<Result> {
    const { clock } = this.#connection.options;
    const key = this.#keyOf(appending);
    const end = clock.elapsed() + APPEND_MS;
    const shown = await this.#send(appending, key);
    if (shown !== undefined) return shown;
    for (;;) {
      const result = await this.#attempt(appending, key).catch(failed);
      if ('_tag' in result) return result;
      if (clock.elapsed() + PAUSE_MS >= end) return E.left(logUnavailable(result.again));
      await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
    }
  }

  /** The server's own key is the stream's, so it names the database and the channel too. */
  #keyOf({ database, channel, key }: Appending): string {
    return key === undefined ? this.#newId() : `${encodeSubject('', database, channel)} ${key}`;
  }

  #subjectOf({ database, channel }: Appending): string {
    return encodeSubject(this.#connection.options.subjectPrefix, database, channel);
  }

  /** The most that a message may be. */
  get #limit(): number {
    return this.#connection.maxPayload - HEADER_BYTES;
  }

  /** Sends a message for the tail to show; answers nothing where it does not. */
  #send(appending: Appending, key: string): Promise<Result | undefined> | undefined {
    const { database, channel, bytes } = appending;
    if (this.#tails.size === 0 || this.#sent.has(key) || bytes.length > this.#limit) return;
    const head = headers();
    head.append(KEY_HEADER, key);
    if (!this.#connection.send(this.#subjectOf(appending), bytes, head)) return;
    return new Promise((settle) => {
      const ours = appending.key === undefined ? undefined : check(database, channel, bytes);
      const sent: Sent = { key, check: ours, settle, due: undefined };
      sent.due = this.#late.add(sent, SHOWN_MS);
      this.#sent.set(key, sent);
    });
  }

  #settle(sent: Sent, result: Result | undefined): void {
    this.#sent.delete(sent.key);
    this.#late.delete(sent.due);
    sent.settle(result);
  }

  /** Publishes, and has the stream's leader acknowledge it. */
  async #attempt(appending: Appending, msgID: string): Promise<Attempt> {
    const { database, channel, bytes } = appending;
    const client = await this.#connection.client();
    const limit = this.#limit;
    if (bytes.length > limit) return E.left(tooLarge(limit));
    const before = this.#epoch ?? (await this.#head()).epoch;
    const ack = await client.publish(this.#subjectOf(appending), bytes, {
      msgID,
      timeout: ATTEMPT_MS,
      expect: { streamName: this.#connection.options.stream },
    });
    if (ack.seq === 0) return { again: 'the stream acknowledged nothing' };
    // An id belongs to the life that acknowledged it, and an acknowledgement does not say which that was.
    const { epoch } = await this.#head();
    this.#epoch = epoch;
    const ours = check(database, channel, bytes);
    const appended = E.right({ epoch, sequence: ack.seq, check: ours });
    const mayBeAnother = ack.duplicate && appending.key !== undefined;
    if (epoch === before && !mayBeAnother) return appended;
    const kept = await this.#connection.get({ seq: ack.seq });
    if (kept !== undefined && E.isRight(kept) && kept.right.check === ours) return appended;
    if (epoch !== before) return { again: 'the life of the stream ended meanwhile' };
    return kept === undefined ? appended : E.left(conflict(ack.seq));
  }
}

/** The key of a record, if it has one. The client reads headers here, and fails at some that anybody may have written. */
const keyOf = (message: JsMsg): string => {
  try {
    return message.headers?.get(KEY_HEADER) ?? '';
  } catch {
    return '';
  }
};

const failed = (error: unknown): Attempt => {
  const reason = reasonOf(error);
  if (error instanceof JetStreamApiError && /message size exceeds/i.test(reason)) {
    return E.left(tooLarge(undefined));
  }
  return error instanceof errors.ClosedConnectionError
    ? E.left(logUnavailable(reason))
    : { again: reason };
};
