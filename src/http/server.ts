/**
 * The HTTP edge: the routes of the bus on fastify, and what is true of every request.
 */
import { Server as NetServer } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Node } from '../hub/node.ts';
import type { Clock } from '../ports.ts';
import { addHealthRoutes } from './health-routes.ts';
import { inflate } from './inflate.ts';
import { corsHeaders, judgeOrigin, preflightHeaders } from './origin.ts';
import { addPollRoute } from './poll-route.ts';
import { addPublishRoutes } from './publish-routes.ts';
import type { Readiness } from './readiness.ts';
import { failure } from './respond.ts';
import { send } from './send.ts';
import { Writer } from './writer.ts';

export interface ServerOptions {
  readonly node: Node;
  readonly clock: Clock;
  /** Who has it may publish; undefined: everybody may. */
  readonly publishToken: string | undefined;
  /** The origins that browsers may call from, besides the bus's own. */
  readonly cors: ReadonlyArray<string>;
  /** The proxies whose X-Forwarded headers are believed. */
  readonly trustedProxies: ReadonlyArray<string>;
  /** What `/-/readyz` answers, where more than this node serves on the address; undefined: how the node is. */
  readonly readiness?: () => Promise<Readiness>;
}

/** The most that a request's body may be, after inflation. */
const BODY_LIMIT = 1024 * 1024;
/** Longer than a proxy keeps an idle connection: whoever closes first must not be us, or it answers 502. */
const KEEP_ALIVE_MS = 95_000;
/** A request must have come in whole by then; a held poll is not bounded by it. */
const REQUEST_MS = 60_000;
/** How long after the drain the last answers may take. */
const LAST_ANSWER_MS = 1000;
/** A database's name of 1,024 bytes, each percent-encoded. */
const MAX_PARAM_LENGTH = 3 * 1024;

export const createServer = (options: ServerOptions): FastifyInstance => {
  const { node, trustedProxies } = options;
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    return503OnClosing: false,
    frameworkErrors: ({ message }, _request, reply) =>
      void send(reply, failure(400, 'invalid_request', shortened(message))),
    // Tryton 7.0's desktop client polls /<database>//bus.
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreDuplicateSlashes: true },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
  });
  // A client may send many polls at once on one connection, and each looks whether it closes.
  app.server.on('connection', (socket) => socket.setMaxListeners(0));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    ({ headers }, body, done) => inflate(body, headers['content-encoding'], BODY_LIMIT, done),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const { status, code, message } = errorOf(error);
    send(reply, failure(status, code, message));
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(request.url);
    if (allowed === undefined) return send(reply, failure(404, 'not_found', 'no such route'));
    reply.header('Allow', allowed);
    if (request.method === 'OPTIONS') {
      return reply.code(204).headers(preflightHeaders(request.headers)).send();
    }
    return send(reply, failure(405, 'method_not_allowed', `should be ${allowed}`));
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (node.hub.isDraining) reply.header('Connection', 'close');
    done();
  });
  guardOrigins(app, options.cors);
  const { keepAliveTimeout: keepAliveMs } = app.server;
  const { hub } = node;
  const writer = new Writer({ clock: options.clock, keepAliveMs, isLast: () => hub.isDraining });
  void app.register((routes, _options, done) => {
    addPollRoute(routes, hub, writer);
    addPublishRoutes(routes, options, writer);
    addHealthRoutes(routes, options);
    done();
  });
  return app;
};

/**
 * Takes no more connections, lets `drain` end what is held, and closes what is left.
 *
 * A server's own `close` of Node would cut idle connections at once, and takes one whose answer is still being written for
 * idle: a client would get half an answer, and Tryton's desktop client would never poll again.
 */
export const stopServer = async (
  app: FastifyInstance,
  drain: () => Promise<void>,
): Promise<void> => {
  const ended = new Promise<void>((resolve) => {
    NetServer.prototype.close.call(app.server, () => resolve());
  });
  await drain();
  app.server.closeIdleConnections();
  const late = setTimeout(() => app.server.closeAllConnections(), LAST_ANSWER_MS);
  await ended;
  clearTimeout(late);
  await app.close();
};

const guardOrigins = (app: FastifyInstance, listed: ReadonlyArray<string>): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined) return done();
    const verdict = judgeOrigin(origin, request.host, listed);
    if (verdict === 'foreign') {
      send(reply, failure(403, 'foreign_origin', 'this origin is not listed in cors'));
      return;
    }
    if (verdict === 'listed') reply.headers(corsHeaders(origin));
    done();
  });
};

const BUS = /^\/+[^/]+\/+bus(?:\/+publish|\/+notify)?$/;
const HEALTH = /^\/-\/(?:healthz|readyz)$/;

const allowedMethods = (url: string): string | undefined => {
  const [path = ''] = url.split('?');
  if (BUS.test(path)) return 'POST, OPTIONS';
  return HEALTH.test(path) ? 'GET, HEAD' : undefined;
};

const CODES: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  413: 'too_large',
  415: 'unsupported_media_type',
};

const MAX_WORDS = 200;

const shortened = (text: string): string =>
  text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text;

/** An error of the framework's, in our words where it is the client's. */
const errorOf = ({ statusCode = 500, message }: FastifyError) =>
  statusCode < 500
    ? { status: statusCode, code: CODES[statusCode] ?? 'invalid_request', message }
    : { status: 500, code: 'internal_error', message: 'this is a defect of the bus' };
