import { describe, expect, test } from 'vitest';
import {
  Channel,
  ClientId,
  clientChannel,
  Database,
  IdempotencyKey,
  isUserChannel,
  UserId,
  userChannel,
} from '../../../src/bus/names.ts';
import { channelOf, clientOf, userOf } from '../../support/arbitrary.ts';

const NAMES: ReadonlyArray<[string, string]> = [
  ['of one letter', 'x'],
  ['with spaces, dots and wildcards', ' a. *.> '],
  ['with control characters', '\u0000\t\n\u007f'],
  ['of unicode', 'ключ 語 😀'],
  ['of 1,024 letters', 'x'.repeat(1024)],
  ['of 1,024 bytes in 512 letters', 'é'.repeat(512)],
  ['of 1,024 bytes in 256 astral characters', '😀'.repeat(256)],
];

const NO_NAMES: ReadonlyArray<[string, unknown]> = [
  ['that is empty', ''],
  ['of 1,025 letters', 'x'.repeat(1025)],
  ['of 1,026 bytes in 513 letters', 'é'.repeat(513)],
  ['of 1,028 bytes in 257 astral characters', '😀'.repeat(257)],
  ['with half a surrogate pair', 'a\ud800b'],
  ['with the other half of a surrogate pair', '\ude00'],
  ['that is a number', 1],
  ['that is null', null],
];

describe('a channel and a database', () => {
  test.each(NAMES)('may have a name %s', (_, name) => {
    expect([Channel.is(name), Database.is(name)]).toEqual([true, true]);
  });

  test.each(NO_NAMES)('may not have a name %s', (_, name) => {
    expect([Channel.is(name), Database.is(name)]).toEqual([false, false]);
  });
});

describe('a user', () => {
  test('has the channel of its id', () => {
    expect(userChannel(userOf('1'))).toEqual('user:1');
  });

  test.each([
    ['1', true],
    ['auth0|5f', true],
    ['x'.repeat(1019), true],
    ['x'.repeat(1020), false],
    ['', false],
    ['\ud800', false],
  ])('has an id only if its channel can exist: %#', (id, exists) => {
    expect(UserId.is(id)).toEqual(exists);
  });

  test.each([
    ['user:1', true],
    ['user:', true],
    ['users:1', false],
    ['USER:1', false],
    [' user:1', false],
    ['client:1', false],
  ])('owns what begins with user: and nothing else: %s', (channel, owned) => {
    expect(isUserChannel(channelOf(channel))).toEqual(owned);
  });
});

describe('a client', () => {
  test('has the channel of its id', () => {
    expect(clientChannel(clientOf('0f3a'))).toEqual('client:0f3a');
  });

  test.each([
    ['0f3a', true],
    ['x'.repeat(1017), true],
    ['x'.repeat(1018), false],
    ['', false],
  ])('has an id only if its channel can exist: %#', (id, exists) => {
    expect(ClientId.is(id)).toEqual(exists);
  });
});

describe('an idempotency key', () => {
  test.each(['x', 'order-17/line:3', '!~', 'x'.repeat(255)])('may be %s', (key) => {
    expect(IdempotencyKey.is(key)).toEqual(true);
  });

  test.each(['', 'a b', 'a\n', 'é', '\u007f', 'x'.repeat(256), 1])('may not be %j', (key) => {
    expect(IdempotencyKey.is(key)).toEqual(false);
  });
});
