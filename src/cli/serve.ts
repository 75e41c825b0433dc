/**
 * `jetbus serve`: a bus node on an address, until it is told to stop.
 */
import { isIP } from 'node:net';
import type { Command } from 'commander';
import { trust } from '../auth/trust.ts';
import {
  DEFAULT_CACHE_TIMEOUT_MS,
  DEFAULT_HISTORY_MS,
  DEFAULT_LONG_POLLING_TIMEOUT_MS,
} from '../library/defaults.ts';
import { systemClock, systemRandom } from '../library/system.ts';
import type { Sessions } from '../ports.ts';
import { EXIT, Failure } from './exit.ts';
import { type LogSettings, openLog } from './open-log.ts';
import {
  type Address,
  collect,
  collectAddresses,
  option,
  parseAddress,
  parseDuration,
  parseLogTarget,
  parseReplicas,
  parseSeconds,
  parseToken,
} from './options.ts';
import { streamOptions } from './stream-options.ts';

interface ServeOptions extends Omit<LogSettings, 'create'> {
  readonly listen: Address;
  readonly sessions: 'trust';
  readonly insecure: boolean;
  readonly publishToken?: string;
  readonly longPollingTimeout: number;
  readonly cacheTimeout: number;
  readonly history: number;
  readonly allowSubscribe: boolean;
  readonly cors: ReadonlyArray<string>;
  readonly trustedProxy: ReadonlyArray<string>;
  readonly drain: number;
  readonly replicas: number;
}

export const addServe = (program: Command): void => {
  const command = program
    .command('serve')
    .description('Serve the bus over HTTP')
    .addOption(
      option('--listen <address>', 'the address to serve on')
        .argParser(parseAddress)
        .default(parseAddress('127.0.0.1:8100'), '127.0.0.1:8100'),
    )
    .addOption(
      option('--log <log>', 'memory:, file:DIR or nats://host:port,host:port')
        .argParser(parseLogTarget)
        .default(parseLogTarget('file:.jetbus'), 'file:.jetbus'),
    )
    .addOption(
      option('--sessions <sessions>', 'who may poll; trust believes any Session header')
        .choices(['trust'])
        .default('trust'),
    )
    .addOption(
      option(
        '--insecure',
        'let --sessions trust serve on an address that others can reach',
      ).default(false),
    )
    .addOption(
      option('--publish-token <token>', 'the token that publishers must present').argParser(
        parseToken,
      ),
    )
    .addOption(
      option('--long-polling-timeout <seconds>', 'how long a poll is held')
        .argParser(parseSeconds)
        .default(DEFAULT_LONG_POLLING_TIMEOUT_MS, '300'),
    )
    .addOption(
      option('--cache-timeout <seconds>', 'how far back a poll without a last message reaches')
        .argParser(parseSeconds)
        .default(DEFAULT_CACHE_TIMEOUT_MS, '300'),
    )
    .addOption(
      option('--history <duration>', 'how long the log keeps entries; at least the cache timeout')
        .argParser(parseDuration)
        .default(DEFAULT_HISTORY_MS, '24h'),
    )
    .addOption(option('--no-allow-subscribe', 'answer every poll with 501'))
    .addOption(
      option('--cors <origins...>', 'origins that browsers may poll from')
        .argParser(collect)
        .default([]),
    )
    .addOption(
      option('--trusted-proxy <addresses...>', 'proxies whose X-Forwarded headers are believed')
        .argParser(collectAddresses)
        .default([]),
    )
    .addOption(
      option(
        '--drain <seconds>',
        'how long to spread the ending of held polls over, when told to stop',
      )
        .argParser(parseSeconds)
        .default(10_000, '10'),
    )
    .addOption(
      option('--replicas <count>', 'the copies of the stream, when it is made: 1 or 3')
        .argParser(parseReplicas)
        .default(1),
    );
  for (const each of streamOptions()) command.addOption(each);
  command.action(serve);
};

const serve = async (options: ServeOptions): Promise<void> => {
  const { listen, publishToken } = options;
  const sessions = SESSIONS[options.sessions];
  refuseUnsafe(options, sessions);
  const stopping = stopSignal();
  const [{ startNode }, { createServer, stopServer }, { createLogger }] = await Promise.all([
    import('../hub/node.ts'),
    import('../http/server.ts'),
    import('./logger.ts'),
  ]);
  const logger = createLogger();
  const log = await openLog({ ...options, create: true }, logger);
  const node = startNode({
    log,
    logger,
    sessions,
    clock: systemClock,
    random: systemRandom,
    settings: {
      longPollingTimeoutMs: options.longPollingTimeout,
      cacheTimeoutMs: options.cacheTimeout,
      allowSubscribe: options.allowSubscribe,
    },
  });
  const server = createServer({
    node,
    publishToken,
    cors: options.cors,
    trustedProxies: options.trustedProxy,
  });
  const url = await server.listen(listen).catch(async (error: Error) => {
    await node.stop(0);
    throw new Failure(EXIT.unavailable, error.message);
  });
  process.stdout.write(welcome(url, publishToken));

  const signal = await stopping;
  logger.info({ signal, seconds: options.drain / 1000, held: node.hub.held }, 'draining');
  await stopServer(server, () => node.stop(options.drain));
};

/** The first signal to stop; a second one ends the process at once. */
const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    let isFirst = true;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (!isFirst) process.exit(EXIT.unavailable);
        isFirst = false;
        resolve(signal);
      });
    }
  });

const SESSIONS: Readonly<Record<ServeOptions['sessions'], Sessions>> = { trust };

const refuseUnsafe = (options: ServeOptions, { trusting }: Sessions): void => {
  const { listen, insecure, history, cacheTimeout, publishToken } = options;
  if (!trusting && publishToken === undefined) {
    throw new Failure(EXIT.usage, '--publish-token is needed, since others can reach the bus');
  }
  if (trusting && !insecure && !isLoopback(listen.host)) {
    throw new Failure(
      EXIT.usage,
      `--sessions trust believes anybody, so it serves on loopback only, not on ${listen.host}; --insecure lets it`,
    );
  }
  if (history < cacheTimeout) {
    throw new Failure(EXIT.usage, '--history should be at least as long as --cache-timeout');
  }
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

const welcome = (url: string, publishToken: string | undefined): string => {
  const token =
    publishToken === undefined ? '' : ` -H "Authorization: Bearer $JETBUS_PUBLISH_TOKEN"`;
  const json = `-H 'Content-Type: application/json'`;
  return `Jetbus serves on ${url}

Hold a poll:
  curl ${json} -H 'Authorization: Session ZGVtbzoxOmtleQ==' -d '{"channels":["hello"]}' ${url}/demo/bus

Answer it from another terminal:
  curl ${json}${token} -d '{"channel":"hello","message":{"type":"greeting"}}' ${url}/demo/bus/publish

`;
};
