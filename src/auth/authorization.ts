/**
 * The Authorization header, read as trytond reads it. Pure: nobody is believed here.
 */
import { UserId } from '../bus/names.ts';

export type Credentials =
  | SessionCredentials
  | { readonly _tag: 'Basic' }
  | { readonly _tag: 'Bearer'; readonly token: string }
  | { readonly _tag: 'None' };

/** `Session base64(login:userid:key)`, as Tryton's clients send it. */
export interface SessionCredentials {
  readonly _tag: 'Session';
  readonly login: string;
  readonly user: UserId;
  readonly key: string;
}

const NONE: Credentials = { _tag: 'None' };

/** What a header says; a malformed one says nothing. The scheme is read in any case (RFC 9110, 11.1). */
export const decodeAuthorization = (header: string | undefined): Credentials => {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(header ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'session':
      return decodeSession(value);
    case 'basic':
      return { _tag: 'Basic' };
    case 'bearer':
      return { _tag: 'Bearer', token: value };
    default:
      return NONE;
  }
};

const decodeSession = (value: string): Credentials => {
  const text = Buffer.from(value, 'base64').toString();
  const [, login, user = '', key] = /^([^:]*):0*(0|[1-9]\d*):(.+)$/su.exec(text) ?? [];
  return login !== undefined && key !== undefined && UserId.is(user)
    ? { _tag: 'Session', login, user, key }
    : NONE;
};

/**
 * The header that says these credentials. Base64 is read differently here and there, so whoever asks about a session asks about
 * what was understood, not about what was sent.
 */
export const sessionHeader = ({ login, user, key }: Omit<SessionCredentials, '_tag'>): string =>
  `Session ${Buffer.from(`${login}:${user}:${key}`).toString('base64')}`;
