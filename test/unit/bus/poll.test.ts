import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { badRequest } from '../../../src/bus/errors.ts';
import { isUserChannel } from '../../../src/bus/names.ts';
import { decodeChannels, decodeLastMessage, decodePoll } from '../../../src/bus/poll.ts';
import { E } from '../../../src/fp.ts';
import { name as anyName, rightOf, userOf } from '../../support/arbitrary.ts';

const decode = (body: string) => decodePoll(body, userOf('1'));

const junk = (text: string) => ({
  _tag: 'Junk',
  sha256: createHash('sha256').update(text).digest('hex'),
});

const ID = { epoch: 'm9', sequence: 42, check: '9f3a1c07' };

describe('the last message of a poll', () => {
  test.each([
    ['is none when it is absent', undefined, { _tag: 'None' }],
    ['is none when it is null', null, { _tag: 'None' }],
    ['is an id when it is one of ours', 'm9-42-9f3a1c07', { _tag: 'Id', id: ID }],
    [
      'is junk when it is an id of trytond',
      '9f3a1c07-0000-4000-8000-9f3a1c079f3a',
      junk('9f3a1c07-0000-4000-8000-9f3a1c079f3a'),
    ],
    ['is junk when it is empty', '', junk('')],
    ['is junk when it is false', false, junk('false')],
    ['is junk when it is a number', 42, junk('42')],
    ['is junk when it is an id in a list', ['m9-42-9f3a1c07'], junk('["m9-42-9f3a1c07"]')],
    ['is junk when it is an object', { message_id: 'm9' }, junk('{"message_id":"m9"}')],
  ])('%s', (_, value, lastMessage) => {
    expect(decodeLastMessage(value)).toEqual(lastMessage);
  });
});

describe('a poll', () => {
  test('has its channels and its last message', () => {
    expect(decode('{"channels":["client:a"],"last_message":"m9-42-9f3a1c07"}')).toEqual(
      E.right({ channels: ['client:a', 'user:1'], lastMessage: { _tag: 'Id', id: ID } }),
    );
  });

  test('may have neither: it listens to the user, from the start', () => {
    expect(decode('{}')).toEqual(E.right({ channels: ['user:1'], lastMessage: { _tag: 'None' } }));
  });

  test('may say more than anybody knows', () => {
    expect(rightOf(decode('{"channels":["a"],"priority":{"x":1}}')).channels).toEqual([
      'a',
      'user:1',
    ]);
  });

  test('is not fooled by a prototype', () => {
    expect(rightOf(decode('{"__proto__":{"channels":["a"]}}')).channels).toEqual(['user:1']);
  });

  test('may ask for 1,000 channels', () => {
    const channels = Array.from({ length: 1000 }, (_, index) => `c${index}`);
    expect(rightOf(decode(JSON.stringify({ channels }))).channels).toHaveLength(1001);
    expect(decode(JSON.stringify({ channels: [...channels, 'c'] }))).toEqual(
      E.left(badRequest('too_many_channels', 'channels', 'should be at most 1000')),
    );
  });

  test.each([
    ['a list', '[]', '', 'object'],
    ['null', 'null', '', 'object'],
    ['a string', '"a"', '', 'object'],
    ['channels that are null', '{"channels":null}', 'channels', 'list of strings'],
    ['channels that are a string', '{"channels":"a"}', 'channels', 'list of strings'],
    ['channels that are an object', '{"channels":{}}', 'channels', 'list of strings'],
    ['a channel that is a number', '{"channels":["a",1]}', 'channels.1', 'string'],
    ['a channel that is null', '{"channels":[null]}', 'channels.0', 'string'],
  ])('is refused for %s, and says where', (_, body, path, type) => {
    expect(decode(body)).toEqual(E.left(badRequest('invalid_request', path, `should be ${type}`)));
  });

  test.each(['', '{', '{"channels":[}', '\ufeff{}', '{} {}', "{'channels':[]}"])(
    'is refused when it is no JSON: %j',
    (body) => {
      expect(decode(body)).toMatchObject({ left: { code: 'invalid_json', path: '' } });
    },
  );
});

describe('the channels of a poll', () => {
  const of = (...names: ReadonlyArray<string>) => decodeChannels(names, userOf('1'));

  test.each<[string, ReadonlyArray<string>, ReadonlyArray<string>]>([
    ['are asked for in any order, the user’s own last', ['b', 'a'], ['b', 'a', 'user:1']],
    ['come once', ['a', 'a', 'b', 'a'], ['a', 'b', 'user:1']],
    ['are without those of another user', ['user:2', 'user:', 'a'], ['a', 'user:1']],
    ['have the user’s own once, asked for or not', ['user:1', 'user:1'], ['user:1']],
    ['are without those that cannot exist', ['', '\ud800', 'x'.repeat(1025)], ['user:1']],
    [
      'may look like a user’s',
      ['USER:2', 'users:2', ' user:2'],
      ['USER:2', 'users:2', ' user:2', 'user:1'],
    ],
  ])('%s', (_, names, channels) => {
    expect(of(...names)).toEqual(channels);
  });
});

describe('the channels of a poll by somebody who may listen to some only', () => {
  const some = fc.oneof(
    anyName,
    fc.constantFrom('a', 'b', 'user:1', 'user:2', 'user:', '', '\ud800'),
  );
  const names = fc.array(some, { maxLength: 8 });

  test('are those that anybody would have and are allowed, in their order, and the user’s', () => {
    fc.assert(
      fc.property(names, names, (asked, allowed) => {
        const channels = decodeChannels(asked, userOf('1'), new Set(allowed));
        const free = decodeChannels(asked, userOf('1'));
        expect(channels).toEqual(
          free.filter((channel) => channel === 'user:1' || allowed.includes(channel)),
        );
        expect(channels.filter(isUserChannel)).toEqual(['user:1']);
      }),
    );
  });

  test('are the user’s alone when none is allowed', () => {
    expect(decodeChannels(['a', 'user:2'], userOf('1'), new Set())).toEqual(['user:1']);
  });

  test('are no other user’s, even if that is allowed', () => {
    expect(decodeChannels(['user:2'], userOf('1'), new Set(['user:2']))).toEqual(['user:1']);
  });

  test('are what a poll has', () => {
    const poll = decodePoll('{"channels":["b","a"]}', userOf('1'), new Set(['a', 'c']));
    expect(rightOf(poll).channels).toEqual(['a', 'user:1']);
  });
});
