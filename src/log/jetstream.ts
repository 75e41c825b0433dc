/**
 * The log on NATS JetStream: one stream for a deployment, and any number of nodes on it.
 */
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import type { Entry } from '../bus/entry.ts';
import { conflict, type LogUnavailable, logUnavailable, tooLarge } from '../bus/errors.ts';
import { check } from '../bus/message-id.ts';
import type { Channel, Database, Epoch, Instant, Sequence } from '../bus/names.ts';
import { E, O, TE } from '../fp.ts';
import type { NewId } from '../ports.ts';
import { JetStreamConnection, type JetStreamOptions, reasonOf } from './jetstream-connection.ts';
import { followStream } from './jetstream-following.ts';
import { readStream } from './jetstream-reading.ts';
import { streamSubject } from './jetstream-stream.ts';
import type { AppendError, Appended, Appending, Following, Head, Log } from './log.ts';
import { encodeSubject } from './subject.ts';

export interface JetStreamLogOptions extends JetStreamOptions {
  readonly newId: NewId;
}

/** After this a publisher is told that the log is unavailable: well within the duplicate window. */
const APPEND_MS = 5000;
const ATTEMPT_MS = 2000;
const PAUSE_MS = 100;
/** What the headers of a publish may take of the server's limit. */
const HEADER_BYTES = 8192;

/** A log on some servers. It connects by itself; what is asked of it before that is unavailable. */
export const jetstreamLog = (options: JetStreamLogOptions): Log => {
  const connection = new JetStreamConnection(options);
  const appender = new Appender(connection, options.newId);
  const followings = new Set<Following>();
  const stretches = new Map<string, Stretch>();
  const { subjectPrefix } = options;

  return {
    head: attempt(() => connection.head()),
    append: (appending) => () => appender.append(appending),
    at: (sequence) => attempt(async () => O.fromNullable(await connection.get({ seq: sequence }))),
    read: (after, limit) => attempt(() => readStream(connection, after, limit)),
    next: (database, channel, after) =>
      attempt(() => nextOn(connection, stretches, database, channel, after)),
    last: (database, channel) =>
      attempt(async () => {
        const subject = encodeSubject(subjectPrefix, database, channel);
        return O.fromNullable(await connection.get({ last_by_subj: subject }));
      }),
    before: (instant) => attempt(() => sequenceBefore(connection, instant)),
    now: () => connection.now(),
    first: () => connection.first,
    follow: (epoch, after, follower) => {
      const following = followStream(connection, epoch, after, follower);
      followings.add(following);
      const end = () => {
        followings.delete(following);
        following.end();
      };
      return { end };
    },
    close: async () => {
      for (const following of followings) following.end();
      await connection.close();
    },
  };
};

const attempt = <A>(ask: () => Promise<A>): TE.TaskEither<LogUnavailable, A> =>
  TE.tryCatch(ask, (error) => logUnavailable(reasonOf(error)));

/** A stretch of a channel that is known to hold nothing decodable: after one sequence, and through another. */
interface Stretch {
  readonly epoch: Epoch;
  readonly after: Sequence;
  readonly through: Sequence;
}

/** How many undecodable records one read passes over, and for how many channels it is remembered how far that came. */
const MAX_UNDECODABLE = 256;
const MAX_STRETCHES = 1000;

/**
 * Whoever may write to the stream may fill a channel with what is no message. A read passes over so many of those, and the
 * next one goes on from there, so that no poll takes long and no record is passed over twice.
 */
const nextOn = async (
  connection: JetStreamConnection,
  stretches: Map<string, Stretch>,
  database: Database,
  channel: Channel,
  after: Sequence,
): Promise<O.Option<Entry>> => {
  const subject = encodeSubject(connection.options.subjectPrefix, database, channel);
  const { epoch } = connection;
  const known = stretches.get(subject);
  const isWithin = known?.epoch === epoch && known.after <= after && after < known.through;
  const start = isWithin ? known.after : after;
  let through = isWithin ? known.through : after;
  for (let passed = 0; passed < MAX_UNDECODABLE; passed += 1) {
    const stored = await connection.get({ seq: through + 1, next_by_subj: subject });
    if (stored === undefined) return O.none;
    if (E.isRight(stored)) return O.some(stored.right);
    through = stored.left.sequence;
    if (stretches.size === MAX_STRETCHES) stretches.clear();
    stretches.set(subject, { epoch, after: start, through });
  }
  throw new Error('the channel is full of records that are no messages; reading goes on');
};

/** Finds an instant by halving: about twenty questions for a million entries. */
const sequenceBefore = async (
  connection: JetStreamConnection,
  instant: Instant,
): Promise<Sequence> => {
  const { first, last } = await connection.head();
  const next_by_subj = streamSubject(connection.options);
  let low = first;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const stored = await connection.get({ seq: middle, next_by_subj });
    const found = stored && E.toUnion(stored);
    if (found === undefined || found.instant >= instant) high = middle;
    else low = found.sequence + 1;
  }
  return low - 1;
};

type Attempt = E.Either<AppendError, Appended> | { readonly again: string };

/**
 * Publishes until the stream's leader has the message, or the time is over. The key goes along, so that what was kept
 * without an answer is not kept twice.
 */
class Appender {
  readonly #connection: JetStreamConnection;
  readonly #newId: NewId;
  #epoch: string | undefined;
  #asking: Promise<Head> | undefined;
  #askingNext: Promise<Head> | undefined;

  constructor(connection: JetStreamConnection, newId: NewId) {
    this.#connection = connection;
    this.#newId = newId;
  }

  async append(appending: Appending): Promise<E.Either<AppendError, Appended>> {
    const { clock } = this.#connection.options;
    const msgID = this.#messageKey(appending);
    const end = clock.elapsed() + APPEND_MS;
    for (;;) {
      const result = await this.#attempt(appending, msgID).catch(failed);
      if ('_tag' in result) return result;
      if (clock.elapsed() + PAUSE_MS >= end) return E.left(logUnavailable(result.again));
      await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
    }
  }

  /** The server's own key is the stream's, so it names the database and the channel too. */
  #messageKey({ database, channel, key }: Appending): string {
    return key === undefined ? this.#newId() : `${encodeSubject('', database, channel)} ${key}`;
  }

  async #attempt(appending: Appending, msgID: string): Promise<Attempt> {
    const { database, channel, bytes } = appending;
    const client = await this.#connection.client();
    const limit = this.#connection.maxPayload - HEADER_BYTES;
    if (bytes.length > limit) return E.left(tooLarge(limit));
    const before = this.#epoch ?? (await this.#head()).epoch;
    const { stream, subjectPrefix } = this.#connection.options;
    const ack = await client.publish(encodeSubject(subjectPrefix, database, channel), bytes, {
      msgID,
      timeout: ATTEMPT_MS,
      expect: { streamName: stream },
    });
    if (ack.seq === 0) return { again: 'the stream acknowledged nothing' };
    // An id belongs to the life that acknowledged it, and an acknowledgement does not say which that was.
    const { epoch } = await this.#head();
    this.#epoch = epoch;
    if (epoch === before && !ack.duplicate) return E.right({ epoch, sequence: ack.seq });
    const kept = await this.#connection.get({ seq: ack.seq });
    const ours = check(database, channel, bytes);
    if (kept !== undefined && E.isRight(kept) && kept.right.check === ours) {
      return E.right({ epoch, sequence: ack.seq });
    }
    if (epoch !== before) return { again: 'the life of the stream ended meanwhile' };
    const isGone = kept === undefined;
    return isGone ? E.right({ epoch, sequence: ack.seq }) : E.left(conflict(ack.seq));
  }

  /** Where the stream stands at some moment after this call; one question for all who ask until it is sent. */
  #head(): Promise<Head> {
    if (this.#asking === undefined) {
      this.#asking = this.#connection.head().finally(() => {
        this.#asking = undefined;
      });
      return this.#asking;
    }
    this.#askingNext ??= this.#asking
      .catch(() => {})
      .then(() => {
        this.#askingNext = undefined;
        return this.#head();
      });
    return this.#askingNext;
  }
}

const failed = (error: unknown): Attempt => {
  const reason = reasonOf(error);
  if (error instanceof JetStreamApiError && /message size exceeds/i.test(reason)) {
    return E.left(tooLarge(undefined));
  }
  return error instanceof errors.ClosedConnectionError
    ? E.left(logUnavailable(reason))
    : { again: reason };
};
