/**
 * The values of options: text from the command line or the environment, and what it means. Pure.
 */
import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import ms, { type StringValue } from 'ms';
import { isSubjectPrefix } from '../log/subject.ts';

/** Where a log is. */
export type LogTarget =
  | { readonly type: 'memory' }
  | { readonly type: 'file'; readonly directory: string }
  | NatsTarget;

interface NatsTarget {
  readonly type: 'nats';
  readonly servers: ReadonlyArray<string>;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An option with the environment variable of its name: `--long-polling-timeout` is `JETBUS_LONG_POLLING_TIMEOUT`. */
export const option = (flags: string, description: string): Option => {
  const made = new Option(flags, description);
  return made.env(`JETBUS_${made.name().replace(/^no-/, '').replaceAll('-', '_').toUpperCase()}`);
};

/**
 * Makes flags in the environment say what their value says: commander takes any value for the flag itself, so that
 * `JETBUS_INSECURE=false` would be as `--insecure`. A value that is neither yes nor no is as a wrong option.
 */
export const readFlags = (command: Command, environment: NodeJS.ProcessEnv): void => {
  for (const { envVar, negate } of command.options.filter(
    ({ required, optional }) => !required && !optional,
  )) {
    const value = envVar === undefined ? undefined : environment[envVar]?.toLowerCase();
    if (envVar === undefined || value === undefined) continue;
    const isOn = YES.has(value);
    if (!isOn && !NO.has(value)) command.error(`error: ${envVar} should be true or false`);
    if (isOn === negate) delete environment[envVar];
  }
};

const YES = new Set(['1', 'true', 'yes', 'on']);
const NO = new Set(['', '0', 'false', 'no', 'off']);

/** Where a command that reads finds a log: a history's file has one in it. */
export type ReadTarget = LogTarget | HistoryTarget;

interface HistoryTarget {
  readonly type: 'history';
  readonly path: string;
}

/** Where a journal is: beside its log, in a file of lines, or on servers of its own. */
export type JournalTarget =
  | { readonly type: 'beside' }
  | { readonly type: 'lines'; readonly path: string }
  | NatsTarget;

/** `file:DIR`, `nats://…`, or `history:FILE`. */
export const parseReadTarget = (text: string): ReadTarget => {
  const [, path] = /^history:(.+)$/.exec(text) ?? [];
  if (path !== undefined) return { type: 'history', path };
  if (!/^(?:memory:$|file:.|nats:)/.test(text)) {
    throw new InvalidArgumentError('should be file:DIR, nats://host:port,… or history:FILE');
  }
  return parseLogTarget(text);
};

/** `beside`, `FILE.jsonl`, or `nats://…`. */
export const parseJournalTarget = (text: string): JournalTarget => {
  if (text === 'beside') return { type: 'beside' };
  if (text.endsWith('.jsonl')) return { type: 'lines', path: text };
  const target = text.startsWith('nats://') ? parseLogTarget(text) : undefined;
  if (target?.type === 'nats') return target;
  throw new InvalidArgumentError('should be beside, FILE.jsonl or nats://host:port,host:port');
};

/** What a node is told of its journal: its environment may say yes or no too. */
export type JournalSwitch = JournalTarget | { readonly type: 'off' };

export const parseJournalSwitch = (text: string): JournalSwitch => {
  if (NO.has(text.toLowerCase())) return { type: 'off' };
  return YES.has(text.toLowerCase()) ? { type: 'beside' } : parseJournalTarget(text);
};

/** A share, from 0 to 1. */
export const parseShare = (text: string): number => {
  const share = Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1)) {
    throw new InvalidArgumentError('should be a number from 0 to 1');
  }
  return share;
};

/** `memory:`, `file:DIR`, or `nats://[user:password@|token@]host:port,host:port`. */
export const parseLogTarget = (text: string): LogTarget => {
  if (text === 'memory:') return { type: 'memory' };
  const [, directory] = /^file:(.+)$/.exec(text) ?? [];
  if (directory !== undefined) return { type: 'file', directory };
  const [, credentials, servers] = /^nats:\/\/(?:([^@]+)@)?([^@/]+)\/?$/.exec(text) ?? [];
  if (servers === undefined) {
    throw new InvalidArgumentError('should be memory:, file:DIR or nats://host:port,host:port');
  }
  const target = { type: 'nats', servers: servers.split(',') } as const;
  const [user, password] = (credentials ?? '').split(':').map(decodeURIComponent);
  if (user === undefined || user === '') return target;
  return password === undefined ? { ...target, token: user } : { ...target, user, password };
};

/** `host:port`; an IPv6 host in brackets. */
export const parseAddress = (text: string): Address => {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new InvalidArgumentError('should be host:port, with a port up to 65535');
  }
  return { host, port };
};

/** Seconds, as trytond's settings are. In milliseconds. */
export const parseSeconds = (text: string): number => {
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 0 && seconds <= 86_400)) {
    throw new InvalidArgumentError('should be a number of seconds, up to 86400');
  }
  return seconds * 1000;
};

/** `24h`, `10m`, `90s`. In milliseconds. */
export const parseDuration = (text: string): number => {
  const milliseconds = /[a-z]$/i.test(text) ? ms(text as StringValue) : undefined;
  if (milliseconds === undefined || !(milliseconds > 0)) {
    throw new InvalidArgumentError('should be a duration such as 24h, 10m or 90s');
  }
  return milliseconds;
};

const INSTANT =
  /^(?:(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:?\d{2})?)?|(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))$/;

/**
 * `2026-11-25T10:03:58Z`, a day, a time of today, or `10m` for so long ago; in UTC where no zone is given, as instants are
 * printed. In milliseconds since 1970.
 */
export const parseInstant = (text: string): number => {
  const [matched, day, time, zone = 'Z', today] = INSTANT.exec(text) ?? [];
  if (matched === undefined) {
    const ago = /[a-z]$/i.test(text) ? ms(text as StringValue) : undefined;
    if (ago === undefined || !(ago >= 0)) throw new InvalidArgumentError(INSTANT_FORM);
    return Date.now() - ago;
  }
  const date = day ?? new Date().toISOString().slice(0, 10);
  if (!isDay(date)) throw new InvalidArgumentError(INSTANT_FORM);
  const instant = Date.parse(`${date}T${today ?? time ?? '00:00'}${zone}`);
  if (Number.isNaN(instant)) throw new InvalidArgumentError(INSTANT_FORM);
  return instant;
};

/** Whether a date is in the calendar: 31 November would be taken for 1 December. */
const isDay = (date: string): boolean => {
  const midnight = new Date(`${date}T00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
};

const INSTANT_FORM = 'should be an instant such as 2026-11-25T10:03:58Z, 10:03 or 10m';

export const parseCount = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('should be a whole number above 0');
  return Number(text);
};

export const parseReplicas = (text: string): number => {
  if (text !== '1' && text !== '3') throw new InvalidArgumentError('should be 1 or 3');
  return Number(text);
};

export const parsePriority = (text: string): number => {
  if (!/^[0-3]$/.test(text)) throw new InvalidArgumentError('should be 0, 1, 2 or 3');
  return Number(text);
};

export const parseStream = (text: string): string => {
  if (!/^[\w-]{1,200}$/.test(text)) {
    throw new InvalidArgumentError('should be letters, digits, - and _');
  }
  return text;
};

export const parseSubjectPrefix = (text: string): string => {
  if (!isSubjectPrefix(text) || text.length > 100) {
    throw new InvalidArgumentError('should be letters, digits, - and _, with dots between');
  }
  return text;
};

/** A bearer token by RFC 6750, 2.1: what an Authorization header can carry. */
export const parseToken = (text: string): string => {
  if (!/^[\w.~+/-]+=*$/.test(text)) {
    throw new InvalidArgumentError('should be letters, digits and -._~+/');
  }
  return text;
};

export const parseUrl = (text: string): string => {
  if (!/^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : '')) {
    throw new InvalidArgumentError('should be a URL such as http://127.0.0.1:8100');
  }
  return text.replace(/\/+$/, '');
};

/** `login:id:key`, as the value of an Authorization header. */
export const parseSession = (text: string): string => {
  if (!/^[^:]*:\d+:.+$/su.test(text)) throw new InvalidArgumentError('should be login:id:key');
  return `Session ${Buffer.from(text).toString('base64')}`;
};

/** Several values: an option given again, or one text with commas, as the environment has it. */
export const collect = (text: string, before: ReadonlyArray<string> | undefined) => [
  ...(before ?? []),
  ...text.split(',').filter((part) => part !== ''),
];

/** Addresses or networks, such as 10.0.0.1 and 10.0.0.0/8. */
export const collectAddresses = (text: string, before: ReadonlyArray<string> | undefined) => {
  const addresses = collect(text, before);
  for (const address of addresses) {
    const [, host = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(address) ?? [];
    const limit = isIP(host) === 6 ? 128 : 32;
    if (isIP(host) === 0 || Number(bits) > limit) {
      throw new InvalidArgumentError(`${address} should be an IP address or a network`);
    }
  }
  return addresses;
};

/** Several values, each whole. */
export const collectWhole = (text: string, before: ReadonlyArray<string> | undefined) => [
  ...(before ?? []),
  text,
];
