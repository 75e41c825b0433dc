/**
 * The body of a publish: its message is cut out as text, so that it is published byte for byte. Pure.
 */
import { type BadRequest, badRequest } from '../bus/errors.ts';
import { MAX_DEPTH, members } from '../bus/json.ts';
import { decodeText } from '../bus/message.ts';
import { E } from '../fp.ts';

export interface PublishBody {
  readonly channel: unknown;
  readonly message: Uint8Array;
}

export const decodePublishBody = (body: Uint8Array): E.Either<BadRequest, PublishBody> => {
  const text = decodeText(body);
  if (E.isLeft(text)) return text;
  const all = members(text.right, MAX_DEPTH + 1);
  if (E.isLeft(all)) return all;
  const textOf = (key: string): string | undefined => {
    const member = all.right.findLast((member) => member.key === key);
    return member && text.right.slice(member.valueStart, member.valueEnd);
  };
  const channel = textOf('channel');
  const message = textOf('message');
  if (channel === undefined) return missing('channel');
  if (message === undefined) return missing('message');
  return E.right({ channel: JSON.parse(channel) as unknown, message: Buffer.from(message) });
};

const missing = (path: string): E.Either<BadRequest, never> =>
  E.left(badRequest('invalid_request', path, 'should be given'));
