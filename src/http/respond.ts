/**
 * Answers and errors as HTTP: the one place where a status and words are chosen. Pure.
 */
import { type BusError, describe } from '../bus/errors.ts';
import { EMPTY_RESPONSE } from '../bus/response.ts';
import type { Resume } from '../bus/resume.ts';
import type { Answer } from '../hub/connection.ts';

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const NO_BODY = Buffer.alloc(0);
const EMPTY = Buffer.from(EMPTY_RESPONSE);

const NO_HEADERS = {};

/** One for each word, so that responses which are the same have the same. */
const RESUMED: Readonly<Record<Resume, HttpResponse['headers']>> = {
  start: { 'Bus-Resume': 'start' },
  exact: { 'Bus-Resume': 'exact' },
  truncated: { 'Bus-Resume': 'truncated' },
  reset: { 'Bus-Resume': 'reset' },
};

/** The response to a poll. `isXhr`: the browser asked, and must not ask its user for a password. */
export const respondToPoll = (answer: Answer, isXhr: boolean): HttpResponse => {
  if (answer._tag === 'Refused') return respondWithError(answer.error, isXhr);
  const { resume } = answer;
  return {
    status: 200,
    headers: resume === undefined ? NO_HEADERS : RESUMED[resume],
    body: answer._tag === 'Entry' ? answer.body : EMPTY,
  };
};

/** The response that tells an error. */
export const respondWithError = (error: BusError, isXhr: boolean): HttpResponse => {
  if (error._tag === 'Unauthorized') {
    return { status: 401, headers: challenge(error.reason, isXhr), body: NO_BODY };
  }
  if (error._tag === 'BadRequest') return failure(400, error.code, error.reason, error.path);
  const [status, code] = ERRORS[error._tag];
  return failure(
    status,
    code,
    error._tag === 'SessionsUnavailable' ? ASK_THE_LOG : describe(error),
  );
};

/** Why not is no stranger's business. */
const ASK_THE_LOG = 'nobody can say now who polls: the log of the node says why';

const ERRORS: Readonly<
  Record<Exclude<BusError['_tag'], 'Unauthorized' | 'BadRequest'>, readonly [number, string]>
> = {
  BasicAuthorization: [400, 'session_required'],
  Conflict: [409, 'idempotency_conflict'],
  TooLarge: [413, 'too_large'],
  BusDisabled: [501, 'bus_disabled'],
  LogUnavailable: [503, 'log_unavailable'],
  SessionsUnavailable: [503, 'sessions_unavailable'],
  Closed: [503, 'closed'],
};

/** A response whose body says what went wrong, and where in the request. */
export const failure = (
  status: number,
  code: string,
  message: string,
  path = '',
): HttpResponse => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify({ error: { code, message, path } })),
});

/** A token that does not hold is told why (RFC 6750, 3), in the characters that may be there. */
const challenge = (reason: string | undefined, isXhr: boolean): HttpResponse['headers'] => {
  if (reason !== undefined) {
    const words = reason.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?');
    const value = `Bearer realm="Jetbus", error="invalid_token", error_description="${words}"`;
    return { 'WWW-Authenticate': value };
  }
  return isXhr ? {} : { 'WWW-Authenticate': 'Basic realm="Tryton"' };
};
