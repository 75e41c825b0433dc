/**
 * The port of the log: ordered, append-only, one for a deployment.
 *
 * What every adapter keeps, and `test/contract/log.contract.ts` runs over each:
 *
 * - Sequences rise strictly, and every handle on a log shows the same entries in the same order.
 * - An `append` that answered is there for every later read and follower, in the epoch that it answered with. One that
 *   failed may be there all the same: whoever repeats it gives it a key.
 * - Nothing is removed but by age, oldest first. What a follower has not been shown by then it is never shown.
 * - Nothing throws, and nothing waits for ever: a log that does not answer is `LogUnavailable` within seconds.
 */
import type { Entry, Stored } from '../bus/entry.ts';
import type { Conflict, LogUnavailable, TooLarge } from '../bus/errors.ts';
import type { MessageId } from '../bus/message-id.ts';
import type { Channel, Database, Epoch, IdempotencyKey, Instant, Sequence } from '../bus/names.ts';
import type { O, TE } from '../fp.ts';

/** Where a log stands, by its own word. */
export interface Head {
  readonly epoch: Epoch;
  /** The first sequence that it still has, or the one after the last when it has none. */
  readonly first: Sequence;
  /** The last sequence that it gave; 0 before any. */
  readonly last: Sequence;
}

export interface Appending {
  readonly database: Database;
  readonly channel: Channel;
  /** The JSON of a message, as `decodeMessage` took it. */
  readonly bytes: Uint8Array;
  /** Within two minutes a repeat in the same database and channel answers as the first did, if the bytes are the same. */
  readonly key?: IdempotencyKey;
}

/** What an entry is known by. */
export type Appended = MessageId;

export type AppendError = LogUnavailable | Conflict | TooLarge;

type Read<A> = TE.TaskEither<LogUnavailable, A>;

export interface Log {
  readonly head: Read<Head>;
  /** Keeps a message, or says why not. */
  readonly append: (appending: Appending) => TE.TaskEither<AppendError, Appended>;
  /** What the log holds at a sequence. */
  readonly at: (sequence: Sequence) => Read<O.Option<Stored>>;
  /**
   * Some of the records after a sequence, in order and without gap: at most `limit`, and fewer where they are long. None is
   * the log's own word.
   */
  readonly read: (after: Sequence, limit: number) => Read<ReadonlyArray<Stored>>;
  /** The first entry on a channel after a sequence, undecodable ones passed over. None is the log's own word. */
  readonly next: (database: Database, channel: Channel, after: Sequence) => Read<O.Option<Entry>>;
  /** What the log holds last on a channel. None is the log's own word. */
  readonly last: (database: Database, channel: Channel) => Read<O.Option<Stored>>;
  /** The sequence just before the first entry that the log took at `instant` or later. */
  readonly before: (instant: Instant) => Read<Sequence>;
  /** The log's clock, by which its entries are dated; as near as this handle knows. */
  readonly now: () => Instant;
  /** The first sequence that it still has; as near as this handle knows. */
  readonly first: () => Sequence;
  /** Shows a follower every record after a sequence, in order, until it is ended or the life of the log is. */
  readonly follow: (epoch: Epoch, after: Sequence, follower: Follower) => Following;
  /** Ends every follower without another word, and lets go of the store. */
  readonly close: () => Promise<void>;
}

/** Who follows a log. None of these may throw. */
export interface Follower {
  readonly show: (stored: Stored) => void;
  /** All that the log had when following began, or began again, was shown: it stands at `last`. */
  readonly caughtUp: (last: Sequence) => void;
  /** The log does not answer: records may come late. It goes on trying. */
  readonly stalled: (reason: string) => void;
  /** It answers again; `caughtUp` follows. */
  readonly resumed: () => void;
  /** The life that was followed has ended, or lost its end. Nothing comes after this. */
  readonly reset: () => void;
}

export interface Following {
  readonly end: () => void;
}

/** When one `read` has come to so many bytes of messages, it ends. */
export const READ_BYTES = 8 * 1024 * 1024;

/** How long a log remembers keys, as JetStream's own default has it. */
export const DUPLICATE_WINDOW_MS = 120_000;
