/**
 * Publishing: decodes what somebody wants said, and answers with its id once the log has it.
 */
import { type BusError, badRequest } from '../bus/errors.ts';
import { decodeMessage } from '../bus/message.ts';
import { check, formatMessageId } from '../bus/message-id.ts';
import { Channel, Database, IdempotencyKey } from '../bus/names.ts';
import { type Context, notify } from '../bus/notify.ts';
import { E, pipe, TE } from '../fp.ts';
import type { Log } from '../log/log.ts';

export interface Published {
  readonly channel: Channel;
  readonly messageId: string;
}

type Publishing = TE.TaskEither<BusError, Published>;

export interface Publisher {
  /** Publishes a message, given as the bytes of its JSON. A repeat of `key` answers as the first did. */
  readonly publish: (
    database: string,
    channel: unknown,
    bytes: Uint8Array,
    key?: string,
  ) => Publishing;
  /** Publishes the notification of trytond's `notify`, whose arguments may be anything. */
  readonly notify: (
    database: string,
    notification: unknown,
    context?: Context,
    key?: string,
  ) => Publishing;
}

const NAME = 'should be 1 to 1,024 bytes of well-formed Unicode';
const KEY = 'should be 1 to 255 visible ASCII characters';

export const publisher = (log: Log): Publisher => {
  const publish: Publisher['publish'] = (database, channel, bytes, key) => {
    const appending = pipe(
      E.Do,
      E.bind('database', () => decode(Database.is, database, 'database', NAME)),
      E.bind('channel', () => decode(Channel.is, channel, 'channel', NAME)),
      E.bind('bytes', () => pipe(decodeMessage(bytes), E.mapLeft(within('message')), E.as(bytes))),
      E.bind('key', () =>
        key === undefined
          ? E.right(undefined)
          : decode(IdempotencyKey.is, key, 'Idempotency-Key', KEY),
      ),
    );
    if (E.isLeft(appending)) return TE.left(appending.left);
    const { key: decodedKey, ...record } = appending.right;
    return pipe(
      log.append(decodedKey === undefined ? record : { ...record, key: decodedKey }),
      TE.map(({ epoch, sequence }) => ({
        channel: record.channel,
        messageId: formatMessageId({
          epoch,
          sequence,
          check: check(record.database, record.channel, bytes),
        }),
      })),
    );
  };

  return {
    publish,
    notify: (database, notification, context, key) =>
      pipe(
        TE.fromEither(notify(notification, context)),
        TE.chainW(({ channel, notification }) =>
          publish(database, channel, Buffer.from(JSON.stringify(notification)), key),
        ),
      ),
  };
};

const decode = <A>(
  is: (value: unknown) => value is A,
  value: unknown,
  path: string,
  reason: string,
): E.Either<BusError, A> =>
  is(value) ? E.right(value) : E.left(badRequest('invalid_request', path, reason));

const within =
  (parent: string) =>
  (error: BusError): BusError =>
    error._tag === 'BadRequest'
      ? { ...error, path: error.path === '' ? parent : `${parent}.${error.path}` }
      : error;
