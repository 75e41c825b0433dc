/**
 * What can go wrong, as values, and in words. The edges choose what else to make of one: a status (`http/respond.ts`), an
 * exit code (`cli/exit.ts`).
 */
import * as t from 'io-ts';
import type { Sequence } from './names.ts';

export type BusError =
  | BadRequest
  | Unauthorized
  | BasicAuthorization
  | SessionsUnavailable
  | BusDisabled
  | Conflict
  | TooLarge
  | LogUnavailable
  | Closed;

/** What was asked for cannot be: `path` says where, `reason` says what it should have been. */
export interface BadRequest {
  readonly _tag: 'BadRequest';
  readonly code: 'invalid_json' | 'invalid_request' | 'invalid_message' | 'too_many_channels';
  readonly path: string;
  readonly reason: string;
}

/** No session, or one that does not hold. Of a token that does not hold, `reason` says why. */
export interface Unauthorized {
  readonly _tag: 'Unauthorized';
  readonly reason?: string;
}

/** A login and password where only a session may poll: trytond answers it with 400. */
interface BasicAuthorization {
  readonly _tag: 'BasicAuthorization';
}

/** Whoever knows the sessions could not be asked. */
interface SessionsUnavailable {
  readonly _tag: 'SessionsUnavailable';
  readonly reason: string;
}

/** `allow_subscribe` is off. */
export interface BusDisabled {
  readonly _tag: 'BusDisabled';
}

/** The idempotency key was used before, with another message: the entry at `sequence`. */
export interface Conflict {
  readonly _tag: 'Conflict';
  readonly sequence: Sequence;
}

/** More bytes than the log takes in one entry. */
export interface TooLarge {
  readonly _tag: 'TooLarge';
  /** In bytes, where it is known. */
  readonly limit: number | undefined;
}

/** The log did not answer, or not with a yes: nothing is known to have been kept. */
export interface LogUnavailable {
  readonly _tag: 'LogUnavailable';
  readonly reason: string;
}

/** This bus was closed. */
export interface Closed {
  readonly _tag: 'Closed';
}

export const badRequest = (code: BadRequest['code'], path: string, reason: string): BadRequest => ({
  _tag: 'BadRequest',
  code,
  path,
  reason,
});

export const unauthorized: Unauthorized = { _tag: 'Unauthorized' };
export const invalidToken = (reason: string): Unauthorized => ({ _tag: 'Unauthorized', reason });
export const basicAuthorization: BasicAuthorization = { _tag: 'BasicAuthorization' };
export const sessionsUnavailable = (reason: string): SessionsUnavailable => ({
  _tag: 'SessionsUnavailable',
  reason,
});
export const busDisabled: BusDisabled = { _tag: 'BusDisabled' };
export const closed: Closed = { _tag: 'Closed' };
export const conflict = (sequence: Sequence): Conflict => ({ _tag: 'Conflict', sequence });
export const tooLarge = (limit: number | undefined): TooLarge => ({ _tag: 'TooLarge', limit });
export const logUnavailable = (reason: string): LogUnavailable => ({
  _tag: 'LogUnavailable',
  reason,
});

/**
 * The first failure of a decoder, with its path: `channels.3` should be a `string`. Of a union it names the whole, and the
 * places of an intersection's parts are no part of the path.
 */
export const invalidRequest = (errors: t.Errors): BadRequest => {
  const path: Array<string> = [];
  let expected = 'other';
  let parent: t.Decoder<unknown, unknown> | undefined;
  for (const { key, type } of errors[0]?.context ?? []) {
    if (!(parent instanceof t.IntersectionType)) {
      expected = type.name;
      if (key !== '') path.push(key);
    }
    parent = type;
    if (type instanceof t.UnionType) break;
  }
  return badRequest('invalid_request', path.join('.'), `should be ${expected}`);
};

/** An error in words for people, which name the place. */
export const describe = (error: BusError): string => {
  switch (error._tag) {
    case 'BadRequest':
      return error.path === '' ? error.reason : `${error.path} ${error.reason}`;
    case 'Unauthorized':
      return error.reason ?? 'no session, or one that does not hold';
    case 'BasicAuthorization':
      return 'only a session may poll';
    case 'SessionsUnavailable':
      return `the sessions cannot be asked: ${error.reason}`;
    case 'BusDisabled':
      return 'allow_subscribe is off';
    case 'Conflict':
      return `the idempotency key was used for another message, at sequence ${error.sequence}`;
    case 'TooLarge':
      return `the message should be ${error.limit === undefined ? 'shorter: the log does not take it' : `at most ${error.limit} bytes`}`;
    case 'LogUnavailable':
      return `the log is unavailable: ${error.reason}`;
    case 'Closed':
      return 'the bus is stopping';
  }
};
