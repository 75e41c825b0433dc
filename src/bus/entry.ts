/**
 * One record of the log: what was published, where it stands, and when the log took it.
 */
import { E } from '../fp.ts';
import { decodeMessage, type Message } from './message.ts';
import { type Check, check } from './message-id.ts';
import type { Channel, Database, Instant, Sequence } from './names.ts';

export interface Entry {
  readonly sequence: Sequence;
  readonly instant: Instant;
  readonly database: Database;
  readonly channel: Channel;
  readonly message: Message;
  readonly check: Check;
}

/** A record that no client is shown: anybody may have written it into the log. It still holds its sequence. */
export interface Undecodable {
  readonly sequence: Sequence;
  readonly instant: Instant;
  readonly reason: string;
}

export type Stored = E.Either<Undecodable, Entry>;

/** An entry from the record that a log kept. */
export const decodeEntry = (
  sequence: Sequence,
  instant: Instant,
  database: Database,
  channel: Channel,
  bytes: Uint8Array,
): Stored => {
  const message = decodeMessage(bytes);
  if (E.isLeft(message)) {
    const { path, reason } = message.left;
    return E.left({ sequence, instant, reason: path === '' ? reason : `${path}: ${reason}` });
  }
  return E.right({
    sequence,
    instant,
    database,
    channel,
    message: message.right,
    check: check(database, channel, bytes),
  });
};
