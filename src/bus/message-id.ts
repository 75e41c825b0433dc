/**
 * `message_id`: minted from the log when an entry is read, the same on every node, opaque to clients.
 *
 *     epoch "-" sequence "-" check        m9x2k1q0z3-1042-9f3a1c07
 *
 * The epoch is the life of the log, and the check tells an entry from another one at the same sequence: a store restored
 * from a copy keeps its creation time and uses its sequences again.
 */
import { hash } from 'node:crypto';
import { O } from '../fp.ts';
import type { Channel, Database, Epoch, Sequence } from './names.ts';

export interface MessageId {
  readonly epoch: Epoch;
  readonly sequence: Sequence;
  readonly check: Check;
}

/** Eight hexadecimal digits of a hash over an entry's database, channel and bytes. */
export type Check = string;

const CHECK_DIGITS = 8;

export const check = (database: Database, channel: Channel, bytes: Uint8Array): Check => {
  const subject = Buffer.from(JSON.stringify([database, channel]));
  return hash('sha256', Buffer.concat([subject, bytes]), 'hex').slice(0, CHECK_DIGITS);
};

export const formatMessageId = ({ epoch, sequence, check }: MessageId): string =>
  `${epoch}-${sequence}-${check}`;

const MESSAGE_ID = /^[0-9a-z]{1,32}-[1-9]\d{0,15}-[0-9a-f]{8}$/;

/** Reads back what `formatMessageId` wrote; anything else is none. */
export const parseMessageId = (text: string): O.Option<MessageId> => {
  if (!MESSAGE_ID.test(text)) return O.none;
  const dash = text.indexOf('-');
  const sequence = Number(text.slice(dash + 1, -CHECK_DIGITS - 1));
  return Number.isSafeInteger(sequence)
    ? O.some({ epoch: text.slice(0, dash), sequence, check: text.slice(-CHECK_DIGITS) })
    : O.none;
};
