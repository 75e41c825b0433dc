/**
 * What answers a poll: one message and the channel it came on, or neither.
 */
import type { Entry } from './entry.ts';
import { encodeMessage } from './message.ts';
import { formatMessageId } from './message-id.ts';
import type { Epoch } from './names.ts';

/** A response by trytond's names. */
export interface Response<M = unknown> {
  readonly message: M;
  readonly channel: string | null;
}

/** The response that brings a message; without arguments the one that brings nothing. */
export function createResponse(): Response<null>;
export function createResponse<M>(channel: string, message: M): Response<M>;
export function createResponse(channel: string | null = null, message: unknown = null): Response {
  return { message, channel };
}

/** The bytes of the response that brings nothing. */
export const EMPTY_RESPONSE = JSON.stringify(createResponse());

/** The id of an entry in the life of the log that it was read in. */
export const messageIdOf = (entry: Entry, epoch: Epoch): string =>
  formatMessageId({ epoch, sequence: entry.sequence, check: entry.check });

/** The JSON of the response that brings an entry: the message's own text, so that no byte of it changes. */
export const encodeResponse = (entry: Entry, epoch: Epoch): string => {
  const message = encodeMessage(entry.message, messageIdOf(entry, epoch));
  return `{"message":${message},"channel":${JSON.stringify(entry.channel)}}`;
};
