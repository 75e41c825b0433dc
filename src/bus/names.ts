/**
 * The names of the bus. A codec and its type share one name; a value of the type was decoded, so it can exist.
 *
 * A database and a channel are any well-formed Unicode of 1 to 1,024 bytes of UTF-8: trytond accepts any string as a
 * channel, and a name that is not well-formed has no UTF-8 and so no place in the log.
 */
import * as t from 'io-ts';

const MAX_NAME_BYTES = 1024;

const isName = (text: string): boolean =>
  text.length > 0 &&
  text.length <= MAX_NAME_BYTES &&
  text.isWellFormed() &&
  Buffer.byteLength(text) <= MAX_NAME_BYTES;

export interface DatabaseBrand {
  readonly Database: unique symbol;
}
/** The name of a Tryton database. */
export const Database = t.brand(
  t.string,
  (text): text is t.Branded<string, DatabaseBrand> => isName(text),
  'Database',
);
export type Database = t.TypeOf<typeof Database>;

export interface ChannelBrand {
  readonly Channel: unique symbol;
}
/** What a poll listens to and a publish names. */
export const Channel = t.brand(
  t.string,
  (text): text is t.Branded<string, ChannelBrand> => isName(text),
  'Channel',
);
export type Channel = t.TypeOf<typeof Channel>;

const USER = 'user:';
const CLIENT = 'client:';

export interface UserIdBrand {
  readonly UserId: unique symbol;
}
/** A user's id as text: trytond's number, or the subject of a token. */
export const UserId = t.brand(
  t.string,
  (text): text is t.Branded<string, UserIdBrand> => text !== '' && isName(USER + text),
  'UserId',
);
export type UserId = t.TypeOf<typeof UserId>;

export interface ClientIdBrand {
  readonly ClientId: unique symbol;
}
/** The id that a client made for itself: a UUID in Tryton's clients. */
export const ClientId = t.brand(
  t.string,
  (text): text is t.Branded<string, ClientIdBrand> => text !== '' && isName(CLIENT + text),
  'ClientId',
);
export type ClientId = t.TypeOf<typeof ClientId>;

/** The channel of a user: the server alone puts it into a poll. */
export const userChannel = (user: UserId): Channel => `${USER}${user}` as Channel;

/** The channel of one client of a user. */
export const clientChannel = (client: ClientId): Channel => `${CLIENT}${client}` as Channel;

/** Whether a channel belongs to some user, and so may not be asked for. */
export const isUserChannel = (channel: Channel): boolean => channel.startsWith(USER);

export interface IdempotencyKeyBrand {
  readonly IdempotencyKey: unique symbol;
}
/** A publisher's own name for one publish: 1 to 255 visible ASCII characters, as a header can carry. */
export const IdempotencyKey = t.brand(
  t.string,
  (text): text is t.Branded<string, IdempotencyKeyBrand> => /^[\x21-\x7e]{1,255}$/.test(text),
  'IdempotencyKey',
);
export type IdempotencyKey = t.TypeOf<typeof IdempotencyKey>;

/** The position of an entry in its log: a whole number that only rises; 0 is before the first. */
export type Sequence = number;

/** Milliseconds since 1970 by the log's clock. */
export type Instant = number;

/** The life of a log: another one begins when its store is made anew. Lower-case letters and digits. */
export type Epoch = string;
