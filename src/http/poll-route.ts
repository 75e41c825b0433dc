/**
 * `POST /<database>/bus`: a poll. It is held without a word until its answer, which is written at once and with its length.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { QUESTION_HEADER } from '../auth/trytond-question.ts';
import type { Node } from '../hub/node.ts';
import { failure, type HttpResponse, respondToPoll } from './respond.ts';

const NO_BODY = Buffer.alloc(0);

/** RFC 5842, 7.2. */
const LOOP = failure(
  508,
  'loop',
  'a node asks trytond about a session, and its question came here',
);

export const addPollRoute = (app: FastifyInstance, { hub }: Node): void => {
  app.post<{ Params: { database: string } }>('/:database/bus', (request, reply) => {
    reply.hijack();
    const { socket } = request.raw;
    if (socket.destroyed) return;
    if (request.headers[QUESTION_HEADER] !== undefined) return write(reply, false, LOOP);
    const isXhr = request.headers['x-requested-with'] === 'XMLHttpRequest';
    const connection = hub.open(
      {
        database: request.params.database,
        authorization: request.headers.authorization,
        address: request.ip,
        body: request.body instanceof Uint8Array ? request.body : NO_BODY,
      },
      (answer) => write(reply, hub.isDraining, respondToPoll(answer, isXhr)),
    );
    // A response that waits behind another on its socket is not told when the socket closes: the socket is.
    const hangUp = () => hub.hangUp(connection);
    socket.once('close', hangUp);
    // First among the listeners, for Node's own may end the socket. A response finishes on a broken socket too.
    reply.raw.prependOnceListener('finish', () => {
      if (socket.destroyed) return;
      socket.off('close', hangUp);
      hub.written(connection);
    });
  });
};

const write = (reply: FastifyReply, isLast: boolean, response: HttpResponse): void => {
  const { status, headers, body } = response;
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  raw.writeHead(status, {
    ...(body.length === 0 ? {} : { 'Content-Type': 'application/json' }),
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
    ...(isLast ? { Connection: 'close' } : {}),
    ...headers,
  });
  raw.end(body);
};
