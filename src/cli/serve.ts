/**
 * `jetbus serve`: a bus node on an address, until it is told to stop.
 */
import type { Command } from 'commander';
import type { NodeOptions } from '../hub/node.ts';
import { systemClock, systemRandom } from '../library/system.ts';
import type { Log } from '../log/log.ts';
import type { Logger } from '../ports.ts';
import { EXIT, Failure } from './exit.ts';
import { openLog } from './open-log.ts';
import { openSessions } from './open-sessions.ts';
import { refuseUnsafe, type ServeOptions, serveOptions } from './serve-options.ts';

export const addServe = (program: Command): void => {
  const command = program.command('serve').description('Serve the bus over HTTP');
  for (const each of serveOptions()) command.addOption(each);
  command.action(serve);
};

const serve = async (options: ServeOptions): Promise<void> => {
  const { listen, publishToken } = options;
  refuseUnsafe(options);
  const stopping = stopSignal();
  const [{ startNode }, { createServer, stopServer }, { createLogger }] = await Promise.all([
    import('../hub/node.ts'),
    import('../http/server.ts'),
    import('./logger.ts'),
  ]);
  const logger = createLogger();
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
    publishToken,
    cors: options.cors,
    trustedProxies: options.trustedProxy,
  });
  const url = await server.listen({ ...listen, backlog: BACKLOG }).catch(async (error: Error) => {
    await node.stop(0);
    throw new Failure(EXIT.unavailable, error.message);
  });
  process.stdout.write(sessions.trusting ? welcome(url, publishToken) : serving(url));

  const signal = await stopping;
  logger.info({ signal, seconds: options.drain / 1000, held: node.hub.held }, 'draining');
  await stopServer(server, () => node.stop(options.drain));
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

/** npm passes a Ctrl-C on that the terminal has given to the node already: they come within so long. */
const CTRL_C_MS = 1000;

/** The first signal to stop; another one ends the process at once. */
const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        const now = systemClock.elapsed();
        const isEcho = signal === 'SIGINT' && first !== undefined && now - first < CTRL_C_MS;
        if (first !== undefined && !isEcho) process.exit(EXIT.unavailable);
        first ??= now;
        resolve(signal);
      });
    }
  });

const serving = (url: string): string => `Jetbus serves on ${url}\n`;

/** For whoever tries it out: nobody has to log in. */
const welcome = (url: string, publishToken: string | undefined): string => {
  const token =
    publishToken === undefined ? '' : ` -H "Authorization: Bearer $JETBUS_PUBLISH_TOKEN"`;
  const json = `-H 'Content-Type: application/json'`;
  return `${serving(url)}
Hold a poll:
  curl ${json} -H 'Authorization: Session ZGVtbzoxOmtleQ==' -d '{"channels":["hello"]}' ${url}/demo/bus

Answer it from another terminal:
  curl ${json}${token} -d '{"channel":"hello","message":{"type":"greeting"}}' ${url}/demo/bus/publish

`;
};
