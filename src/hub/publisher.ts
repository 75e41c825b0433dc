/**
 * Publishing: decodes what somebody wants said, and answers with its id once the log has it.
 */
import { type BusError, badRequest } from '../bus/errors.ts';
import { decodeMessage } from '../bus/message.ts';
import { formatMessageId } from '../bus/message-id.ts';
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
    if (!Database.is(database)) return refuse('database', NAME);
    if (!Channel.is(channel)) return refuse('channel', NAME);
    const message = decodeMessage(bytes);
    if (E.isLeft(message)) return TE.left(within('message')(message.left));
    if (key !== undefined && !IdempotencyKey.is(key)) return refuse('Idempotency-Key', KEY);
    const record = { database, channel, bytes };
    const append = log.append(key === undefined ? record : { ...record, key });
    return async () => {
      const id = await append();
      return E.isLeft(id) ? id : E.right({ channel, messageId: formatMessageId(id.right) });
    };
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

const refuse = (path: string, reason: string): Publishing =>
  TE.left(badRequest('invalid_request', path, reason));

const within =
  (parent: string) =>
  (error: BusError): BusError =>
    error._tag === 'BadRequest'
      ? { ...error, path: error.path === '' ? parent : `${parent}.${error.path}` }
      : error;
