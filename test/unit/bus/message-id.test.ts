import { describe, expect, test } from 'vitest';
import { check, formatMessageId, parseMessageId } from '../../../src/bus/message-id.ts';
import { O } from '../../../src/fp.ts';
import { channelOf, databaseOf } from '../../support/arbitrary.ts';

describe('a message id', () => {
  test('says the life of the log, the sequence and the check', () => {
    const id = { epoch: 'm9x2k1q0z3', sequence: 1042, check: '9f3a1c07' };
    expect(formatMessageId(id)).toEqual('m9x2k1q0z3-1042-9f3a1c07');
    expect(parseMessageId('m9x2k1q0z3-1042-9f3a1c07')).toEqual(O.some(id));
  });

  test('may have the last sequence that is exact', () => {
    const id = { epoch: '0', sequence: Number.MAX_SAFE_INTEGER, check: '00000000' };
    expect(parseMessageId('0-9007199254740991-00000000')).toEqual(O.some(id));
  });

  test.each([
    ['nothing', ''],
    ['an UUID', '9f3a1c07-0000-4000-8000-9f3a1c079f3a'],
    ['without an epoch', '-1-9f3a1c07'],
    ['an epoch in upper case', 'A-1-9f3a1c07'],
    ['an epoch of 33 letters', `${'a'.repeat(33)}-1-9f3a1c07`],
    ['sequence 0', 'a-0-9f3a1c07'],
    ['a sequence with a zero before it', 'a-01-9f3a1c07'],
    ['a sequence with a sign', 'a-+1-9f3a1c07'],
    ['a negative sequence', 'a--1-9f3a1c07'],
    ['a sequence with a fraction', 'a-1.0-9f3a1c07'],
    ['a sequence that is not exact', 'a-9007199254740992-9f3a1c07'],
    ['a sequence of 17 digits', 'a-10000000000000000-9f3a1c07'],
    ['a short check', 'a-1-9f3a1c0'],
    ['a long check', 'a-1-9f3a1c070'],
    ['a check in upper case', 'a-1-9F3A1C07'],
    ['white space before', ' a-1-9f3a1c07'],
    ['a line break behind', 'a-1-9f3a1c07\n'],
  ])('is none: %s', (_, text) => {
    expect(parseMessageId(text)).toEqual(O.none);
  });
});

describe('the check of an entry', () => {
  const of = (database: string, channel: string, json: string) =>
    check(databaseOf(database), channelOf(channel), Buffer.from(json));

  test('is eight hexadecimal digits, the same wherever it is made', () => {
    expect(of('prod', 'user:1', '{"type":"x"}')).toEqual('b2d20b23');
  });

  test.each([
    ['database', of('test', 'x', '{}')],
    ['channel', of('prod', 'y', '{}')],
    ['bytes', of('prod', 'x', '{ }')],
  ])('is another one for another %s', (_, other) => {
    expect(other).not.toEqual(of('prod', 'x', '{}'));
  });

  test('does not confuse where the database ends', () => {
    expect(of('a', 'bc', '{}')).not.toEqual(of('ab', 'c', '{}'));
    expect(of('a","b', 'c', '{}')).not.toEqual(of('a', 'b","c', '{}'));
  });
});
