/**
 * Who may poll, as a node is told it.
 */
import { InvalidArgumentError } from 'commander';
import type { TrytondSettings } from '../auth/trytond.ts';
import { option, parseSeconds, parseUrl } from './options.ts';

export type SessionsTarget =
  | { readonly type: 'trust' }
  | { readonly type: 'trytond'; readonly url: string }
  | { readonly type: 'jwt'; readonly path: string };

export interface SessionOptions {
  readonly sessions: SessionsTarget;
  readonly sessionTtl: TrytondSettings['ttlMs'];
  readonly sessionNegativeTtl: TrytondSettings['negativeTtlMs'];
  readonly sessionGrace: TrytondSettings['graceMs'];
}

export const sessionOptions = () => [
  option('--sessions <sessions>', 'who may poll: trytond:URL, jwt:FILE, or trust: whoever says so')
    .argParser(parseSessionsTarget)
    .default({ type: 'trust' }, 'trust'),
  option('--session-ttl <seconds>', 'how long trytond is believed that a session holds')
    .argParser(parseTtl)
    .default(60_000, '60'),
  option('--session-negative-ttl <seconds>', 'how long trytond is believed that one does not')
    .argParser(parseTtl)
    .default(5000, '5'),
  option('--session-grace <seconds>', 'how long known sessions go on without trytond')
    .argParser(parseSeconds)
    .default(600_000, '600'),
];

/** `trust`, `trytond:URL` or `jwt:FILE`. */
const parseSessionsTarget = (text: string): SessionsTarget => {
  const [, type, place = ''] = /^(trust$|trytond:|jwt:)(.*)$/.exec(text) ?? [];
  if (type === 'trust') return { type };
  if (type === 'trytond:' && isPlain(parseUrl(place)))
    return { type: 'trytond', url: parseUrl(place) };
  if (type === 'jwt:' && place !== '') return { type: 'jwt', path: place };
  throw new InvalidArgumentError('should be trytond:URL, jwt:FILE or trust');
};

/** Whether a URL has a host and a path alone: nothing else of it would be sent. */
const isPlain = (url: string): boolean => {
  const { origin, pathname, href } = new URL(url);
  return href === origin + pathname;
};

/** A time in which a session may be asked about again; none at all would ask without end. */
const parseTtl = (text: string): number => {
  const milliseconds = parseSeconds(text);
  if (milliseconds < 100) throw new InvalidArgumentError('should be at least 0.1 seconds');
  return milliseconds;
};
