/**
 * trytond's `notify`: a notification for one client, or for all clients of a user.
 *
 * `client` given: to that client alone. Else `user` given: to that user. Neither: to the caller's context, its client first;
 * a context that has neither is an error, for trytond's own silence there hides that nobody was told.
 */
import * as t from 'io-ts';
import { E, pipe } from '../fp.ts';
import { type BadRequest, badRequest, invalidRequest } from './errors.ts';
import { type Channel, ClientId, clientChannel, UserId, userChannel } from './names.ts';

/** Who the caller is, where it is known. */
export interface Context {
  readonly client?: ClientId;
  readonly user?: UserId;
}

/** The message that Tryton's clients show: they read `type`, the specification lists `kind`. */
interface Notification {
  readonly type: 'notification';
  readonly kind: 'notification';
  readonly title: string;
  readonly body: string | null;
  readonly priority: number;
}

export interface Notify {
  readonly channel: Channel;
  readonly notification: Notification;
}

const Title = t.refinement(
  t.string,
  (title) => title.trim() !== '' && !/[\n\r\u2028\u2029]/.test(title),
  'one line of text',
);
const Priority = t.refinement(t.Integer, (n) => n >= 0 && n <= 3, 'whole number from 0 to 3');
/** A user's id as Tryton has it, a number, or as text. */
const User = t.union(
  [UserId, t.refinement(t.number, (id) => Number.isSafeInteger(id) && id >= 0)],
  'user id',
);
const Nullable = <C extends t.Mixed>(codec: C, name: string) => t.union([codec, t.null], name);

const NotifyArguments = t.intersection(
  [
    t.type({ title: Title }),
    t.partial({
      body: Nullable(t.string, 'text or null'),
      priority: Priority,
      user: Nullable(User, 'user id'),
      client: Nullable(ClientId, 'client id'),
    }),
  ],
  'object',
);

const DEFAULT_PRIORITY = 1;

/** The channel and the message of `notify`'s arguments, which may be anything. */
export const notify = (value: unknown, context: Context = {}): E.Either<BadRequest, Notify> =>
  pipe(
    NotifyArguments.decode(value),
    E.mapLeft(invalidRequest),
    E.chain(({ title, body = null, priority = DEFAULT_PRIORITY, user, client }) => {
      const channel = channelOf(client ?? undefined, user ?? undefined, context);
      return channel === undefined
        ? E.left(badRequest('invalid_request', 'user', 'should be given, or client'))
        : E.right({
            channel,
            notification: { type: 'notification', kind: 'notification', title, body, priority },
          });
    }),
  );

const channelOf = (
  client: ClientId | undefined,
  user: UserId | number | undefined,
  context: Context,
): Channel | undefined => {
  if (client !== undefined) return clientChannel(client);
  if (user !== undefined) return userChannel(String(user) as UserId);
  if (context.client !== undefined) return clientChannel(context.client);
  return context.user === undefined ? undefined : userChannel(context.user);
};
