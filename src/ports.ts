/**
 * What the outside must provide besides the log (`log/log.ts`): time, randomness, a place to write to, and who is polling.
 */
import type { BusError } from './bus/errors.ts';
import type { Database, Instant, UserId } from './bus/names.ts';
import type { E } from './fp.ts';

export interface Clock {
  /** The wall clock. It may be wrong, and may jump. */
  readonly now: () => Instant;
  /** Milliseconds since some moment, which only rise. */
  readonly elapsed: () => number;
  /** Runs something once, later; the answer calls it off. */
  readonly after: (milliseconds: number, run: () => void) => Cancel;
}

export type Cancel = () => void;

/** Text that nobody else makes. */
export type NewId = () => string;

/** A share from 0 up to 1, evenly spread. */
export type Random = () => number;

export interface Logger {
  readonly info: (facts: object, text: string) => void;
  readonly warn: (facts: object, text: string) => void;
  readonly error: (facts: object, text: string) => void;
}

/** Who polls by a session: an object and no function, since there is one for each poll that is held. */
export interface SessionListener {
  readonly sessionEnded: () => void;
}

/** Somebody who may poll. */
export interface Session {
  readonly user: UserId;
  /** The only channels that it may listen to besides its user's; undefined: any that is nobody's. */
  readonly channels?: ReadonlySet<string>;
  /** Tells `listener` once when the session ends, at once if it has … */
  readonly listen: (listener: SessionListener) => void;
  /** … and no more from now on. */
  readonly forget: (listener: SessionListener) => void;
}

export type Checked = E.Either<BusError, Session>;

/**
 * Who polls: asked once for each poll, with the value of its Authorization header, and the client's address where one is known.
 * Refuses with `Unauthorized` what does not hold, `BasicAuthorization` where a session is needed and a password came, and
 * `SessionsUnavailable` where it could not find out; the last is never taken for the first.
 * What is known is answered at once, for most polls come from sessions that are.
 */
export interface Sessions {
  readonly check: (
    database: Database,
    authorization: string | undefined,
    address: string | undefined,
  ) => Checked | Promise<Checked>;
  /** Whether publishing is open to all: only where nobody but this machine can reach the bus. */
  readonly trusting: boolean;
}
