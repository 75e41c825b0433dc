/**
 * Asks a trytond about a session, over HTTP.
 *
 * A server that answers everybody as trytond answers a session that holds, such as a proxy that redirects to https, must not
 * open the bus: of each database a session that cannot be is asked about too, and has to be refused.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { errors, Pool } from 'undici';
import type { UserId } from '../bus/names.ts';
import { type SessionCredentials, sessionHeader } from './authorization.ts';
import {
  QUESTION_HEADER,
  SESSION_HEADER,
  unknown,
  type Verdict,
  verdictOf,
} from './trytond-verdict.ts';

/** Whoever asks: `address` is of the client whose session it is, where that is known. */
export interface Question {
  readonly database: string;
  readonly credentials: SessionCredentials;
  readonly address: string | undefined;
}

export interface Trytond {
  /** Never rejects. */
  readonly ask: (question: Question) => Promise<Verdict>;
  readonly close: () => Promise<void>;
}

const MAX_IN_FLIGHT = 16;
const QUESTION_MS = 10_000;
/** How long a database counts as one whose sessions trytond does check. */
const CONTROL_MS = 60_000;
const MAX_DATABASES = 1000;
const MAX_BODY = 16 * 1024;
const BODY = '{"channels":[]}';

/** The trytond at a URL, which has so many milliseconds to answer. */
export const trytondAt = (url: string, questionMs = QUESTION_MS): Trytond => {
  const { origin, pathname } = new URL(url);
  const kept = new Pool(origin, { connections: MAX_IN_FLIGHT, pipelining: 1 });
  /** A connection for each question. */
  const fresh = new Pool(origin, { connections: MAX_IN_FLIGHT, pipelining: 0 });
  const controls = new LRUCache<string, Promise<Verdict>>({ max: MAX_DATABASES, ttl: CONTROL_MS });

  const send = async (
    pool: Pool,
    { database, credentials, address }: Question,
    signal: AbortSignal,
  ): Promise<Verdict> => {
    const { statusCode, headers, body } = await pool.request({
      method: 'POST',
      path: `${pathname.replace(/\/$/, '')}/${encodeURIComponent(database)}/bus`,
      headers: {
        'Content-Type': 'application/json',
        Authorization: sessionHeader(credentials),
        [QUESTION_HEADER]: '1',
        ...(address === undefined ? {} : { 'X-Forwarded-For': address }),
      },
      body: BODY,
      signal,
    });
    await body.dump({ limit: MAX_BODY });
    return verdictOf(
      statusCode,
      textOf(headers['www-authenticate']),
      textOf(headers[SESSION_HEADER]),
    );
  };

  const put = (question: Question): Promise<Verdict> => {
    const signal = AbortSignal.timeout(questionMs);
    return send(kept, question, signal)
      .catch((error: Error) => {
        if (!mayBeStale(error)) throw error;
        return send(fresh, question, signal);
      })
      .catch((error: Error) => unknown(wordsOf(error, questionMs)));
  };

  /** Whether trytond refuses a session of a database that cannot be; asked once in a while. */
  const control = ({ database, address }: Question): Promise<Verdict> => {
    const known = controls.get(database);
    if (known !== undefined) return known;
    const key = randomBytes(32).toString('hex');
    const credentials = { _tag: 'Session', login: 'jetbus', user: NOBODY, key } as const;
    const asked = put({ database, credentials, address });
    controls.set(database, asked);
    void asked.then(({ _tag }) => {
      if (_tag !== 'Ended') controls.delete(database);
    });
    return asked;
  };

  return {
    ask: async (question) => {
      const verdict = await put(question);
      if (verdict._tag !== 'Holds') return verdict;
      const controlled = await control(question);
      if (controlled._tag === 'Holds') return { _tag: 'Untrusted', reason: BELIEVES_ALL };
      return controlled._tag === 'Ended' ? verdict : controlled;
    },
    close: async () => {
      await Promise.all([kept.destroy(), fresh.destroy()]);
    },
  };
};

const textOf = (value: string | ReadonlyArray<string> | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** In trytond nobody logs in as 0. */
const NOBODY = '0' as UserId;

const BELIEVES_ALL = 'trytond takes any session for good, so something else answers in its place';

/**
 * Whether a connection that was kept may have been closed since its last answer: some of trytond's servers close one and do not
 * say so. One that was closed without having brought a byte is no such connection; of one that was reset it is not known.
 */
const mayBeStale = (error: Error & { readonly code?: string }): boolean =>
  error instanceof errors.SocketError
    ? (error.socket?.bytesRead ?? 0) > 0
    : error.code === 'ECONNRESET' || error.code === 'EPIPE';

const wordsOf = (error: Error, questionMs: number): string => {
  const { name, message, cause } = error;
  if (error instanceof AggregateError) {
    return error.errors.map((each: Error) => each.message).join(', ');
  }
  if (name === 'TimeoutError')
    return `trytond does not answer within ${questionMs / 1000} s: it is down, or its own bus is on and holds the question`;
  return message === '' && cause instanceof Error ? cause.message : message || name;
};
