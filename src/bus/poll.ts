/**
 * A poll: what a client listens to, and the last message it has seen.
 *
 * Only a wrong type, or a list that no client has, refuses a poll: an old client would back off or stop. A channel that cannot exist is dropped, somebody's
 * `user:` channel and one that the session may not listen to are too, and a last message that is not an id of ours is junk: answered as if there were none, and told.
 */
import { hash } from 'node:crypto';
import * as t from 'io-ts';
import { E, O, pipe } from '../fp.ts';
import { type BadRequest, badRequest, invalidRequest } from './errors.ts';
import { type MessageId, parseMessageId } from './message-id.ts';
import { Channel, isUserChannel, type UserId, userChannel } from './names.ts';

const MAX_CHANNELS = 1000;

/** Where a client says it is. */
export type LastMessage =
  | { readonly _tag: 'None' }
  | { readonly _tag: 'Id'; readonly id: MessageId }
  /** No id of ours: the SHA-256 of the text, or of the JSON that was none, is all that is kept of it. */
  | { readonly _tag: 'Junk'; readonly sha256: string };

export interface Poll {
  readonly channels: ReadonlyArray<Channel>;
  readonly lastMessage: LastMessage;
}

const PollBody = t.partial(
  { channels: t.array(t.string, 'list of strings'), last_message: t.unknown },
  'object',
);
type PollBody = t.TypeOf<typeof PollBody>;

const NONE: LastMessage = { _tag: 'None' };

/** Where a client is by the `last_message` that it sent. */
export const decodeLastMessage = (value: unknown): LastMessage => {
  if (value === undefined || value === null) return NONE;
  const id = typeof value === 'string' ? parseMessageId(value) : O.none;
  if (O.isSome(id)) return { _tag: 'Id', id: id.value };
  return { _tag: 'Junk', sha256: hash('sha256', textOf(value), 'hex') };
};

const textOf = (junk: unknown): string => {
  if (typeof junk === 'string') return junk;
  try {
    return JSON.stringify(junk);
  } catch {
    return 'nested too deep';
  }
};

/**
 * The channels that a user who asks for these listens to: those that can exist, are nobody's own and are among the `allowed`
 * if only some are, and the user's.
 */
export const decodeChannels = (
  names: ReadonlyArray<string>,
  user: UserId,
  allowed?: ReadonlySet<string>,
): ReadonlyArray<Channel> => {
  const mayListen = (name: string): name is Channel =>
    Channel.is(name) && !isUserChannel(name) && allowed?.has(name) !== false;
  const isRight = names.length <= FEW && names.every(mayListen) && names.every(isFirst);
  const asked = isRight ? names : [...new Set(names.filter(mayListen))];
  // Of just this length: it is held as long as the poll, and what is spread or pushed to has room to grow.
  return asked.concat(userChannel(user));
};

/** A client of Tryton's has two or three, which are looked at without a set. */
const FEW = 8;

const isFirst = (name: string, index: number, all: ReadonlyArray<string>): boolean =>
  all.indexOf(name) === index;

/** Decodes the body of a poll by a user, who may listen to the `allowed` channels alone if they are given. */
export const decodePoll = (
  body: string,
  user: UserId,
  allowed?: ReadonlySet<string>,
): E.Either<BadRequest, Poll> => {
  const decoded = decodeBody(body);
  if (E.isLeft(decoded)) return decoded;
  const { channels = [], last_message } = decoded.right;
  return channels.length > MAX_CHANNELS
    ? E.left(badRequest('too_many_channels', 'channels', `should be at most ${MAX_CHANNELS}`))
    : E.right({
        channels: decodeChannels(channels, user, allowed),
        lastMessage: decodeLastMessage(last_message),
      });
};

/** Asked first whether it is right, which is cheap: only what is wrong is decoded, to say where. */
const decodeBody = (body: string): E.Either<BadRequest, PollBody> => {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    return E.left(badRequest('invalid_json', '', (error as SyntaxError).message));
  }
  return PollBody.is(json) ? E.right(json) : pipe(PollBody.decode(json), E.mapLeft(invalidRequest));
};
