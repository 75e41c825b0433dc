/**
 * A message as the bus keeps it: the publisher's JSON object, to the byte, less every top-level `message_id`.
 *
 *     {"type": "x", "message\u005fid": 1, "big": 12345678901234567890}
 *     members: "type": "x", "big": 12345678901234567890
 *
 * Its id is ours to name, and comes last when it is sent. Nothing else is touched.
 */
import { E } from '../fp.ts';
import { type BadRequest, badRequest } from './errors.ts';
import { members } from './json.ts';

/** The text between a message's braces, without `message_id`; decoded, so every Tryton client can read it. */
export type Message = string & { readonly Message: unique symbol };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8, or says that it is none. */
export const decodeText = (bytes: Uint8Array): E.Either<BadRequest, string> => {
  try {
    return E.right(utf8.decode(bytes));
  } catch {
    return E.left(badRequest('invalid_json', '', 'should be UTF-8'));
  }
};

/** A message from the bytes that a publisher gave or a log kept; refused when it is none, or would hurt a client. */
export const decodeMessage = (bytes: Uint8Array): E.Either<BadRequest, Message> => {
  const text = decodeText(bytes);
  if (E.isLeft(text)) return text;
  const all = members(text.right);
  if (E.isLeft(all)) return all;
  const kept = all.right.filter(({ key }) => key !== 'message_id');
  const parts = kept.map(({ start, end }) => text.right.slice(start, end));
  return E.right(parts.join(',') as Message);
};

/** The message's JSON with its id as the last member. */
export const encodeMessage = (message: Message, messageId: string): string =>
  message === '' ? `{"message_id":"${messageId}"}` : `{${message},"message_id":"${messageId}"}`;
