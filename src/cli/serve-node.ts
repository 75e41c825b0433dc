/**
 * A bus node in this process: it serves until it is told to stop.
 */
import { createServer, type ServerOptions, stopServer } from '../http/server.ts';
import { type Node, type NodeOptions, startNode } from '../hub/node.ts';
import { systemClock, systemRandom } from '../library/system.ts';
import type { Log } from '../log/log.ts';
import type { Logger } from '../ports.ts';
import { EXIT, Failure } from './exit.ts';
import { openLog } from './open-log.ts';
import { openSessions } from './open-sessions.ts';
import type { ServeOptions } from './serve-options.ts';
import { whenAborted } from './stop-signal.ts';

interface Surroundings extends Pick<ServerOptions, 'readiness'> {
  readonly logger: Logger;
  /** Its abort tells the node to stop; the reason is what the log says of it. */
  readonly stop: AbortSignal;
  /** Is told when clients can connect. */
  readonly listening: (url: string, node: Node) => void;
}

/** Done when everything is closed. */
export const serveNode = async (
  options: ServeOptions,
  { logger, stop, listening, ...health }: Surroundings,
): Promise<void> => {
  const outside = { logger, clock: systemClock, random: systemRandom };
  const { sessions, close } = await openSessions(options, outside);
  const log = await openLog({ ...options, create: true }, logger);
  const node = startNode({
    ...outside,
    log,
    sessions,
    settings: {
      longPollingTimeoutMs: options.longPollingTimeout,
      longPollingJitter: options.longPollingJitter,
      cacheTimeoutMs: options.cacheTimeout,
      allowSubscribe: options.allowSubscribe,
    },
    ...(await recorderOf(options, log, logger)),
  });
  const server = createServer({
    node,
    clock: systemClock,
    publishToken: options.publishToken,
    cors: options.cors,
    trustedProxies: options.trustedProxy,
    ...health,
  });
  const url = await server
    .listen({ ...options.listen, backlog: BACKLOG })
    .catch(async (error: Error) => {
      await node.stop(0);
      throw new Failure(EXIT.unavailable, error.message);
    });
  listening(url, node);
  // In the moment of the abort: no connection may be taken after it.
  await whenAborted(stop, (signal) => {
    logger.info({ signal, seconds: options.drain / 1000, held: node.hub.held }, 'draining');
    return stopServer(server, () => node.stop(options.drain));
  });
  await close();
};

const recorderOf = async (
  options: ServeOptions,
  log: Log,
  logger: Logger,
): Promise<Pick<NodeOptions, 'journal'>> => {
  const { journal } = options;
  if (journal === undefined || journal.type === 'off') return {};
  const { openRecorder } = await import('./open-recorder.ts');
  try {
    return { journal: await openRecorder(journal, options, log, logger) };
  } catch (error) {
    await log.close();
    throw error;
  }
};

/** How many connections wait to be taken: the clients of a node that died come all at once, to those that are left. */
const BACKLOG = 4096;
