/**
 * (database, channel) ⇄ NATS subject.
 *
 *     prod, user:1             bus.prod.user:1
 *     my db, a.b               bus.my%20db.a%2Eb
 *     prod, 1,024 × "."        bus.prod.%~Li4uLi4u…        base64url, where the escapes would grow too long
 *
 * What a subject may not hold is percent-escaped, so an ordinary name stays readable and nothing can be injected. The
 * server takes a protocol line of 4,096 bytes; two names of 1,024 bytes, all escaped, would be longer, and end the connection.
 * The encoding is injective, and a subject is decoded only if it is the one that its names encode to.
 */
import { Channel, Database } from '../bus/names.ts';
import { O } from '../fp.ts';

export interface SubjectNames {
  readonly database: Database;
  readonly channel: Channel;
}

/** As long as base64url makes 1,024 bytes. */
const MAX_TOKEN_BYTES = 1366;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped.
const UNSAFE = /[\u0000-\u0020\u007f-\u009f.*>%\s]/gu;
const ENCODED = /%(?:[0-9A-F]{2})+/;

/** The subject of a channel. */
export const encodeSubject = (prefix: string, database: Database, channel: Channel): string =>
  `${prefix}.${encodeToken(database)}.${encodeToken(channel)}`;

/** The names in a subject; none if it is not the subject of any. */
export const decodeSubject = (prefix: string, subject: string): O.Option<SubjectNames> => {
  if (!subject.startsWith(`${prefix}.`)) return O.none;
  const [database = '', channel = '', ...more] = subject
    .slice(prefix.length + 1)
    .split('.')
    .map(decodeToken);
  if (more.length > 0 || !Database.is(database) || !Channel.is(channel)) return O.none;
  return encodeSubject(prefix, database, channel) === subject
    ? O.some({ database, channel })
    : O.none;
};

/** Whether a text can be the prefix of subjects: tokens of letters, digits, `-` and `_`, dots between. */
export const isSubjectPrefix = (text: string): boolean => /^[\w-]+(\.[\w-]+)*$/.test(text);

const encodeToken = (name: string): string => {
  const escaped = name.replace(UNSAFE, (unsafe) =>
    [...Buffer.from(unsafe)].map((byte) => `%${hex(byte)}`).join(''),
  );
  return Buffer.byteLength(escaped) <= MAX_TOKEN_BYTES
    ? escaped
    : `%~${Buffer.from(name).toString('base64url')}`;
};

const decodeToken = (token: string): string => {
  if (token.startsWith('%~')) return Buffer.from(token.slice(2), 'base64url').toString();
  if (!ENCODED.test(token)) return token;
  try {
    return decodeURIComponent(token);
  } catch {
    return '';
  }
};

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
