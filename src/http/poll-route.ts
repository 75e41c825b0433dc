/**
 * `POST /<database>/bus`: a poll. It is held without a word until its answer, which is written at once and with its length.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { QUESTION_HEADER } from '../auth/trytond-verdict.ts';
import type { Connection } from '../hub/connection.ts';
import type { Node } from '../hub/node.ts';
import { failure, type HttpResponse, respondToPoll } from './respond.ts';

const NO_BODY = Buffer.alloc(0);
const NO_HEADERS = {};

/** RFC 5842, 7.2. */
const LOOP = failure(
  508,
  'loop',
  'a node asks trytond about a session, and its question came here',
);

/** What is held on a socket: a response that waits behind another one there is not told when it closes, the socket is. */
const HELD = Symbol('held');
type PollSocket = Socket & { [HELD]?: Set<Connection> };

export const addPollRoute = (app: FastifyInstance, { hub }: Node): void => {
  const heldOn = (socket: PollSocket): Set<Connection> => {
    if (socket[HELD] !== undefined) return socket[HELD];
    const held = new Set<Connection>();
    socket[HELD] = held;
    socket.once('close', () => {
      for (const connection of held) hub.hangUp(connection);
    });
    return held;
  };

  app.post<{ Params: { database: string } }>('/:database/bus', (request, reply) => {
    reply.hijack();
    const { headers, socket } = request.raw;
    if (socket.destroyed) return;
    const { raw } = reply;
    const cors = headers.origin === undefined ? NO_HEADERS : reply.getHeaders();
    if (headers[QUESTION_HEADER] !== undefined) {
      write(raw, LOOP, cors, hub.isDraining);
      return;
    }
    const isXhr = headers['x-requested-with'] === 'XMLHttpRequest';
    const held = heldOn(socket);
    const connection = hub.open(
      {
        database: request.params.database,
        authorization: headers.authorization,
        address: request.ip,
        body: request.body instanceof Uint8Array ? request.body : NO_BODY,
      },
      (answer) => write(raw, respondToPoll(answer, isXhr), cors, hub.isDraining),
    );
    held.add(connection);
    // First among the listeners, for Node's own may end the socket. A response finishes on a broken socket too.
    raw.prependListener('finish', () => {
      if (socket.destroyed) return;
      held.delete(connection);
      hub.written(connection);
    });
  });
};

const write = (
  raw: ServerResponse,
  { status, headers, body }: HttpResponse,
  cors: Readonly<Record<string, unknown>>,
  isLast: boolean,
): void => {
  const lines = ['Content-Length', String(body.length), ...ALWAYS];
  if (body.length > 0) lines.push('Content-Type', 'application/json');
  for (const name in headers) lines.push(name, headers[name] as string);
  for (const name in cors) lines.push(name, String(cors[name]));
  if (isLast) lines.push('Connection', 'close');
  raw.writeHead(status, lines);
  raw.end(body);
};

/** Neither kept nor collected on the way. */
const ALWAYS = ['Cache-Control', 'no-store', 'X-Accel-Buffering', 'no'];
