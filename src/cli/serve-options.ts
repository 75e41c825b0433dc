/**
 * What a node can be told, and what it refuses to be told together.
 */
import { isIP } from 'node:net';
import {
  DEFAULT_CACHE_TIMEOUT_MS,
  DEFAULT_HISTORY_MS,
  DEFAULT_LONG_POLLING_TIMEOUT_MS,
} from '../library/defaults.ts';
import { EXIT, Failure } from './exit.ts';
import type { LogSettings } from './open-log.ts';
import type { RecordSettings } from './open-recorder.ts';
import {
  type Address,
  collect,
  collectAddresses,
  option,
  parseAddress,
  parseDuration,
  parseJournalSwitch,
  parseLogTarget,
  parseReplicas,
  parseSeconds,
  parseShare,
  parseToken,
} from './options.ts';
import { type SessionOptions, sessionOptions } from './session-options.ts';
import { streamOptions } from './stream-options.ts';
import { refuseWorkers, type WorkerOptions, workerOptions } from './worker-options.ts';

export interface ServeOptions
  extends Omit<LogSettings, 'create'>,
    RecordSettings,
    SessionOptions,
    WorkerOptions {
  readonly listen: Address;
  readonly insecure: boolean;
  readonly publishToken?: string;
  readonly longPollingTimeout: number;
  readonly longPollingJitter: number;
  readonly cacheTimeout: number;
  readonly history: number;
  readonly allowSubscribe: boolean;
  readonly cors: ReadonlyArray<string>;
  readonly trustedProxy: ReadonlyArray<string>;
  readonly drain: number;
  readonly replicas: number;
}

export const serveOptions = () => [
  option('--listen <address>', 'the address to serve on')
    .argParser(parseAddress)
    .default(parseAddress('127.0.0.1:8100'), '127.0.0.1:8100'),
  option('--log <log>', 'memory:, file:DIR or nats://host:port,host:port')
    .argParser(parseLogTarget)
    .default(parseLogTarget('file:.jetbus'), 'file:.jetbus'),
  ...sessionOptions(),
  option('--insecure', 'let --sessions trust serve on an address that others can reach').default(
    false,
  ),
  option('--publish-token <token>', 'the token that publishers must present').argParser(parseToken),
  option('--long-polling-timeout <seconds>', 'how long a poll is held')
    .argParser(parseSeconds)
    .default(DEFAULT_LONG_POLLING_TIMEOUT_MS, '300'),
  option('--long-polling-jitter <share>', 'the share of that by which a hold may be shorter')
    .argParser(parseShare)
    .default(0.1),
  option('--cache-timeout <seconds>', 'how far back a poll without a last message reaches')
    .argParser(parseSeconds)
    .default(DEFAULT_CACHE_TIMEOUT_MS, '300'),
  option('--history <duration>', 'how long the log keeps entries; at least the cache timeout')
    .argParser(parseDuration)
    .default(DEFAULT_HISTORY_MS, '24h'),
  option('--no-allow-subscribe', 'answer every poll with 501'),
  option('--cors <origins...>', 'origins that browsers may poll from')
    .argParser(collect)
    .default([]),
  option('--trusted-proxy <addresses...>', 'proxies whose X-Forwarded headers are believed')
    .argParser(collectAddresses)
    .default([]),
  option('--drain <seconds>', 'how long to spread the ending of held polls over, when told to stop')
    .argParser(parseSeconds)
    .default(10_000, '10'),
  ...workerOptions(),
  option('--replicas <count>', 'the copies of the stream, when it is made: 1 or 3')
    .argParser(parseReplicas)
    .default(1),
  option(
    '--journal [target]',
    'record what connections see: beside the log, in FILE.jsonl or on nats://…',
  )
    .preset('beside')
    .argParser(parseJournalSwitch),
  option('--journal-history <duration>', 'how long a journal that is no file is kept')
    .argParser(parseDuration)
    .default(DEFAULT_HISTORY_MS, '24h'),
  option('--journal-sample <share>', 'record this share of users only, from 0 to 1')
    .argParser(parseShare)
    .default(1),
  ...streamOptions(),
];

/** Refuses what would let strangers in, or cannot be. */
export const refuseUnsafe = (options: ServeOptions): void => {
  const { listen, insecure, history, cacheTimeout, publishToken, sessions } = options;
  const trusting = sessions.type === 'trust';
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
  refuseWorkers(options);
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
