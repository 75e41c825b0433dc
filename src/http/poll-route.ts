/**
 * `POST /<database>/bus`: a poll. It is held without a word until its answer, which is written at once and with its length.
 */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { QUESTION_HEADER } from '../auth/trytond-verdict.ts';
import { added, each, type Few, removed } from '../few.ts';
import type { Connection } from '../hub/connection.ts';
import type { Hub } from '../hub/hub.ts';
import { failure, respondToPoll } from './respond.ts';
import { moreOf, type Writer } from './writer.ts';

const NO_BODY = Buffer.alloc(0);

/** RFC 5842, 7.2. */
const LOOP = failure(
  508,
  'loop',
  'a node asks trytond about a session, and its question came here',
);

/** What is held on a socket: a response that waits behind another one there is not told when it closes, the socket is. */
const HELD = Symbol('held');
type PollSocket = Socket & { [HELD]?: Few<Connection> };

export const addPollRoute = (app: FastifyInstance, hub: Hub, writer: Writer): void => {
  /** One for all sockets: each would hold its own else. */
  function hangUp(this: PollSocket): void {
    for (const held of each(this[HELD])) hub.hangUp(held);
  }

  const hold = (socket: PollSocket, connection: Connection): void => {
    if (!(HELD in socket)) socket.on('close', hangUp);
    socket[HELD] = added(socket[HELD], connection);
  };

  const written = (socket: PollSocket, connection: Connection): void => {
    // A response finishes on a broken socket too.
    if (socket.destroyed) return;
    socket[HELD] = removed(socket[HELD], connection);
    hub.written(connection);
  };

  app.post<{ Params: { database: string } }>('/:database/bus', (request, reply) => {
    reply.hijack();
    const { headers, socket } = request.raw;
    if (socket.destroyed) return;
    const { raw } = reply;
    const more = moreOf(reply);
    if (headers[QUESTION_HEADER] !== undefined) return writer.write(raw, LOOP, more);
    const isXhr = headers['x-requested-with'] === 'XMLHttpRequest';
    const connection = hub.open(
      {
        database: request.params.database,
        authorization: headers.authorization,
        address: request.ip,
        body: request.body instanceof Uint8Array ? request.body : NO_BODY,
      },
      (answer) =>
        writer.write(raw, respondToPoll(answer, isXhr), more, () => written(socket, connection)),
    );
    hold(socket, connection);
  });
};
