/**
 * Opens what knows the sessions.
 */
import type { Clock, Logger, Random, Sessions } from '../ports.ts';
import { EXIT, Failure } from './exit.ts';
import type { SessionOptions } from './session-options.ts';

interface OpenedSessions {
  readonly sessions: Sessions;
  readonly close: () => Promise<void>;
}

interface Outside {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const nothing = async () => {};

export const openSessions = async (
  options: SessionOptions,
  outside: Outside,
): Promise<OpenedSessions> => {
  const target = options.sessions;
  switch (target.type) {
    case 'trust':
      return { sessions: (await import('../auth/trust.ts')).trust, close: nothing };
    case 'trytond':
      return openTrytond(target.url, options, outside);
    case 'jwt':
      return { sessions: await openJwt(target.path, outside), close: nothing };
  }
};

const openTrytond = async (
  url: string,
  { sessionTtl, sessionNegativeTtl, sessionGrace }: SessionOptions,
  outside: Outside,
): Promise<OpenedSessions> => {
  const [{ trytondAt }, { trytondSessions }] = await Promise.all([
    import('../auth/trytond-question.ts'),
    import('../auth/trytond.ts'),
  ]);
  const settings = {
    ttlMs: sessionTtl,
    negativeTtlMs: sessionNegativeTtl,
    graceMs: sessionGrace,
  };
  const sessions = trytondSessions({ trytond: trytondAt(url), settings, ...outside });
  return { sessions, close: sessions.close };
};

const openJwt = async (path: string, { clock, logger }: Outside): Promise<Sessions> => {
  const [{ openJwksFile }, { jwtSessions }] = await Promise.all([
    import('../auth/jwks-file.ts'),
    import('../auth/jwt.ts'),
  ]);
  try {
    return jwtSessions({ keys: await openJwksFile(path, clock, logger), clock });
  } catch (error) {
    throw new Failure(EXIT.usage, `--sessions jwt:${path}: ${(error as Error).message}`);
  }
};
