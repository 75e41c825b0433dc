/**
 * `POST /<database>/bus/publish` and `/notify`: publishing over HTTP, for whoever has the token.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { decodeAuthorization } from '../auth/authorization.ts';
import { type BusError, badRequest } from '../bus/errors.ts';
import { decodeText } from '../bus/message.ts';
import { E, pipe, TE } from '../fp.ts';
import type { Node } from '../hub/node.ts';
import type { Published, Publisher } from '../hub/publisher.ts';
import { decodePublishBody } from './publish-body.ts';
import { failure, type HttpResponse, respondWithError } from './respond.ts';
import { moreOf, type Writer } from './writer.ts';

interface PublishOptions {
  readonly node: Node;
  readonly publishToken: string | undefined;
}

type Route = { Params: { database: string } };

/** What a route makes of a request's body, for a database and perhaps an idempotency key. */
type Publish = (
  publisher: Publisher,
  database: string,
  body: Uint8Array,
  key: string | undefined,
) => TE.TaskEither<BusError, Published>;

const publish: Publish = (publisher, database, body, key) => {
  const decoded = decodePublishBody(body);
  if (E.isLeft(decoded)) return TE.left(decoded.left);
  const { channel, message } = decoded.right;
  return publisher.publish(database, channel, message, key);
};

const notify: Publish = (publisher, database, body, key) =>
  pipe(
    decodeText(body),
    E.chain((text) =>
      E.tryCatch(
        () => JSON.parse(text) as unknown,
        (error) => badRequest('invalid_json', '', (error as SyntaxError).message),
      ),
    ),
    TE.fromEither,
    TE.chainW((notification) => publisher.notify(database, notification, undefined, key)),
  );

export const addPublishRoutes = (
  app: FastifyInstance,
  { node, publishToken }: PublishOptions,
  writer: Writer,
): void => {
  const mayPublish = tokenCheck(publishToken);
  const answer = (reply: FastifyReply, response: HttpResponse): FastifyReply => {
    reply.hijack();
    writer.write(reply.raw, response, moreOf(reply));
    return reply;
  };
  const handler =
    (route: Publish) =>
    async (request: FastifyRequest<Route>, reply: FastifyReply): Promise<FastifyReply> => {
      if (!mayPublish(request.headers.authorization)) return answer(reply, NO_TOKEN);
      const body = request.body instanceof Uint8Array ? request.body : Buffer.alloc(0);
      const key = request.headers['idempotency-key'];
      const result = await route(
        node.publisher,
        request.params.database,
        body,
        Array.isArray(key) ? key.join(', ') : key,
      )();
      return answer(
        reply,
        E.isLeft(result) ? respondWithError(result.left, true) : created(result.right),
      );
    };
  app.post<Route>('/:database/bus/publish', handler(publish));
  app.post<Route>('/:database/bus/notify', handler(notify));
};

const NO_TOKEN: HttpResponse = {
  ...failure(401, 'unauthorized', 'should bear the publish token'),
  headers: { 'WWW-Authenticate': 'Bearer realm="Jetbus"' },
};

const created = ({ channel, messageId }: Published): HttpResponse => ({
  status: 201,
  headers: {},
  body: Buffer.from(JSON.stringify({ channel, message_id: messageId })),
});

/** Compares digests, so that neither the token nor its length shows in the time taken. */
const tokenCheck = (token: string | undefined) => {
  if (token === undefined) return () => true;
  const expected = digest(token);
  return (authorization: string | undefined): boolean => {
    const credentials = decodeAuthorization(authorization);
    return credentials._tag === 'Bearer' && timingSafeEqual(digest(credentials.token), expected);
  };
};

const digest = (text: string): Buffer => Buffer.from(hash('sha256', text, 'hex'), 'hex');
