import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMessageId, parseMessageId } from '../../src/bus/message-id.ts';
import { Channel, type UserId, userChannel } from '../../src/bus/names.ts';
import { decodeLastMessage, decodePoll } from '../../src/bus/poll.ts';
import { E, O } from '../../src/fp.ts';
import { anyText, check, epoch, name, rightOf, sequence, userOf } from '../support/arbitrary.ts';

const id = fc.record({ epoch, sequence, check });

describe('a message id', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(id, (one) => {
        expect(parseMessageId(formatMessageId(one))).toEqual(O.some(one));
      }),
    );
  });

  test('has one spelling', () => {
    const near = fc
      .tuple(id, fc.nat(), fc.oneof(fc.constantFrom('', ...'0a-A '), anyText))
      .map(([one, place, letter]) => {
        const text = formatMessageId(one);
        const cut = place % (text.length + 1);
        return text.slice(0, cut) + letter + text.slice(cut + 1);
      });
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789a-F'), maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(near, digits, anyText), (text) => {
        const parsed = parseMessageId(text);
        if (O.isSome(parsed)) expect(formatMessageId(parsed.value)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('is none when it is junk', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.uuid()), (text) => {
        expect(parseMessageId(text)).toEqual(O.none);
      }),
    );
  });

  test('of any other type is junk', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(decodeLastMessage(value)).toMatchObject({ _tag: value === null ? 'None' : 'Junk' });
      }),
    );
  });
});

const user: fc.Arbitrary<UserId> = fc.constantFrom('1', '42', '😀', 'a b').map(userOf);

const asked = fc.oneof(
  { weight: 4, arbitrary: name },
  { weight: 1, arbitrary: fc.constantFrom('', 'user:', 'user:1', 'user:42', 'user:2', 'USER:1') },
  { weight: 1, arbitrary: fc.constantFrom('\ud800', 'x'.repeat(1025), 'é'.repeat(513)) },
);

/** The rule in other words: it has a UTF-8 of 1 to 1,024 bytes. */
const canExist = (text: string): boolean => {
  const bytes = Buffer.from(text);
  return bytes.toString() === text && bytes.length >= 1 && bytes.length <= 1024;
};

describe('the body of a poll', () => {
  test('listens to the channels that can exist and are nobody else’s, and to the user’s own', () => {
    fc.assert(
      fc.property(fc.array(asked), user, (channels, own) => {
        const poll = rightOf(decodePoll(JSON.stringify({ channels }), own));
        const kept = channels.filter((text) => canExist(text) && !text.startsWith('user:'));
        expect(poll.channels).toEqual([...new Set(kept), `user:${own}`]);
      }),
      { numRuns: 300 },
    );
  });

  test('of any text throws nothing, and what it lets through is fit to be asked for', () => {
    const bodies = fc.oneof(
      fc.json(),
      anyText,
      fc
        .record(
          { channels: fc.oneof(fc.jsonValue(), fc.array(asked)), last_message: fc.jsonValue() },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    );
    fc.assert(
      fc.property(bodies, user, (body, own) => {
        const poll = decodePoll(body, own);
        if (E.isLeft(poll)) {
          expect(['invalid_json', 'invalid_request']).toContain(poll.left.code);
          return;
        }
        const { channels } = poll.right;
        expect(channels.every(Channel.is)).toBe(true);
        expect(channels.filter((text) => text.startsWith('user:'))).toEqual([userChannel(own)]);
      }),
      { numRuns: 1000 },
    );
  });

  test('is refused exactly for a wrong type', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (channels, last_message) => {
        const isList =
          Array.isArray(channels) && channels.every((text) => typeof text === 'string');
        const poll = decodePoll(JSON.stringify({ channels, last_message }), userOf('1'));
        expect(E.isRight(poll)).toBe(isList);
      }),
      { numRuns: 300 },
    );
  });
});
