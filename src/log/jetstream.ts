/**
 * The log on NATS JetStream: one stream for a deployment, and any number of nodes on it.
 */
import type { Entry } from '../bus/entry.ts';
import { type LogUnavailable, logUnavailable } from '../bus/errors.ts';
import type { Channel, Database, Epoch, Instant, Sequence } from '../bus/names.ts';
import { E, O, TE } from '../fp.ts';
import type { NewId } from '../ports.ts';
import { Appender } from './jetstream-appending.ts';
import { JetStreamConnection, type JetStreamOptions, reasonOf } from './jetstream-connection.ts';
import { followStream } from './jetstream-following.ts';
import { readStream } from './jetstream-reading.ts';
import { streamSubject } from './jetstream-stream.ts';
import type { Following, Log } from './log.ts';
import { encodeSubject } from './subject.ts';

export interface JetStreamLogOptions extends JetStreamOptions {
  readonly newId: NewId;
}

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
      const following = followStream(connection, epoch, after, follower, appender);
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
