/**
 * JSON Web Tokens (RFC 7519) as sessions, for those who poll without Tryton: `Authorization: Bearer <token>`.
 *
 * The subject is the user. `exp` is needed, and ends what is held. `channels` lists the channels that the bearer may listen to
 * besides the user's own; without it, any that is nobody's. `aud`, where it is there, names the databases that may be polled.
 */
import * as t from 'io-ts';
import {
  type JWTPayload,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  errors as joseErrors,
  jwtVerify,
} from 'jose';
import { type BusError, invalidToken, unauthorized } from '../bus/errors.ts';
import { type Database, UserId } from '../bus/names.ts';
import { Deadlines, type Due } from '../deadlines.ts';
import { E, pipe, TE } from '../fp.ts';
import type { Clock, Session, SessionListener, Sessions } from '../ports.ts';
import { decodeAuthorization } from './authorization.ts';
import type { Keys } from './jwks-file.ts';

interface JwtSessionsOptions {
  readonly keys: Keys;
  readonly clock: Clock;
}

/** No poll is held so long: the end of a session that is farther away ends none. */
const FAR_MS = 2 * 86_400_000;

const Claims = t.intersection([
  t.type({ sub: UserId, exp: t.number }),
  t.partial({ aud: t.union([t.string, t.array(t.string)]), channels: t.array(t.string) }),
]);
type Claims = t.TypeOf<typeof Claims>;

export const jwtSessions = ({ keys, clock }: JwtSessionsOptions): Sessions => {
  const endings = new Deadlines<SessionListener>(clock, (listener) => listener.sessionEnded());
  const dues = new WeakMap<SessionListener, Due<SessionListener>>();

  const sessionOf = ({ sub, exp, channels }: Claims): Session => ({
    user: sub,
    ...(channels === undefined ? {} : { channels: new Set(channels) }),
    listen: (listener) => {
      const left = exp * 1000 - clock.now();
      if (left <= FAR_MS) dues.set(listener, endings.add(listener, Math.max(0, left)));
    },
    forget: (listener) => endings.delete(dues.get(listener)),
  });

  const verify = (token: string): TE.TaskEither<BusError, JWTPayload> =>
    TE.tryCatch(async () => {
      const options = { currentDate: new Date(clock.now()) };
      const found = jwtVerify(token, await keys.current(), options);
      return (await found.catch((error) => withEach(error, token, options))).payload;
    }, reasonOf);

  return {
    trusting: false,
    check: (database, authorization) => {
      const credentials = decodeAuthorization(authorization);
      if (credentials._tag !== 'Bearer') return E.left(unauthorized);
      return pipe(
        verify(credentials.token),
        TE.chainEitherK((payload) => claimsFor(database, payload)),
        TE.map(sessionOf),
      )();
    },
  };
};

/** A token need not name its key (RFC 7515, 4.1.4): each that may be meant is tried. */
const withEach = async (
  error: unknown,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> => {
  if (!(error instanceof joseErrors.JWKSMultipleMatchingKeys)) throw error;
  let reason: unknown = error;
  for await (const key of error) {
    try {
      return await jwtVerify(token, key, options);
    } catch (failure) {
      if (!(failure instanceof joseErrors.JWSSignatureVerificationFailed)) throw failure;
      reason = failure;
    }
  }
  throw reason;
};

const claimsFor = (database: Database, payload: JWTPayload): E.Either<BusError, Claims> => {
  const claims = Claims.decode(payload);
  if (E.isLeft(claims))
    return E.left(invalidToken('sub, exp, aud or channels is not as it should be'));
  const { aud } = claims.right;
  return aud === undefined || [aud].flat().includes(database)
    ? E.right(claims.right)
    : E.left(invalidToken('aud does not name this database'));
};

const reasonOf = (error: unknown): BusError =>
  invalidToken(error instanceof joseErrors.JOSEError ? error.message : 'it cannot be read');
