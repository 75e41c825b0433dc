import { describe, expect, test } from 'vitest';
import { badRequest } from '../../../src/bus/errors.ts';
import { members } from '../../../src/bus/json.ts';
import { decodeMessage, decodeText, encodeMessage } from '../../../src/bus/message.ts';
import { E } from '../../../src/fp.ts';
import { rightOf } from '../../support/arbitrary.ts';

const decode = (text: string) => decodeMessage(Buffer.from(text));
const send = (text: string) => encodeMessage(rightOf(decode(text)), 'ID');
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`;
const integer = (digits: number): string => '7'.repeat(digits);

describe('a message', () => {
  test.each([
    ['that is empty bears its id alone', '{}', '{"message_id":"ID"}'],
    ['that is white space bears its id alone', ' \n{ \t} ', '{"message_id":"ID"}'],
    ['gets its id last', '{"a":1}', '{"a":1,"message_id":"ID"}'],
    ['loses the id that it had', '{"message_id":7,"a":1}', '{"a":1,"message_id":"ID"}'],
    ['of an id alone loses it', '{"message_id":{"a":[1]}}', '{"message_id":"ID"}'],
    [
      'loses an id in the middle',
      '{"a":1,"message_id":2,"b":3}',
      '{"a":1,"b":3,"message_id":"ID"}',
    ],
    ['loses an id that comes twice', '{"message_id":1,"message_id":2}', '{"message_id":"ID"}'],
    ['loses an escaped id', '{"message\\u005fid":1,"a":1}', '{"a":1,"message_id":"ID"}'],
    ['loses an id all in escapes', '{"\\u006dessage\\u005Fi\\u0064":1}', '{"message_id":"ID"}'],
    ['keeps a nested id', '{"a":{"message_id":1}}', '{"a":{"message_id":1},"message_id":"ID"}'],
    ['keeps an id in other letters', '{"Message_id":1}', '{"Message_id":1,"message_id":"ID"}'],
    [
      'keeps a doubly escaped id',
      '{"message\\\\u005fid":1}',
      '{"message\\\\u005fid":1,"message_id":"ID"}',
    ],
    [
      'keeps big integers',
      '{"a":12345678901234567890}',
      '{"a":12345678901234567890,"message_id":"ID"}',
    ],
    ['keeps numbers as written', '{"a":[1.0,-0,1E400]}', '{"a":[1.0,-0,1E400],"message_id":"ID"}'],
    [
      'keeps escapes as written',
      '{"a":"\\u00e9\\/\\ud800"}',
      '{"a":"\\u00e9\\/\\ud800","message_id":"ID"}',
    ],
    ['keeps keys that come twice', '{"a":1,"a":2}', '{"a":1,"a":2,"message_id":"ID"}'],
    ['keeps the order of its keys', '{"b":1,"1":2,"a":3}', '{"b":1,"1":2,"a":3,"message_id":"ID"}'],
    ['keeps its white space', '{ "a" : [ 1 ] }', '{ "a" : [ 1 ] ,"message_id":"ID"}'],
    [
      'keeps marks inside strings',
      '{"a":"},{\\"b\\":1"}',
      '{"a":"},{\\"b\\":1","message_id":"ID"}',
    ],
    ['keeps a key that is empty', '{"":0}', '{"":0,"message_id":"ID"}'],
    ['keeps a key named __proto__', '{"__proto__":0}', '{"__proto__":0,"message_id":"ID"}'],
    ['keeps line separators as written', '{"a":"\u2028"}', '{"a":"\u2028","message_id":"ID"}'],
  ])('%s', (_, published, sent) => {
    expect(send(published)).toEqual(sent);
  });
});

describe('a message is refused', () => {
  test.each([
    ['when it is nothing', ''],
    ['when it is cut short', '{"a":1'],
    ['when it goes on behind its end', '{} {}'],
    ['when it has a comma too many', '{"a":1,}'],
    ['when it holds a word of Python', '{"a":NaN}'],
    ['when it holds a control character', '{"a":"\n"}'],
    ['when it begins with a byte order mark', '\ufeff{}'],
    ['when it has a comment', '{} // x'],
  ])('%s: no JSON', (_, text) => {
    expect(decode(text)).toMatchObject({ left: { code: 'invalid_json', path: '' } });
  });

  test.each(['[]', '[{}]', 'null', '1', '"{}"', 'true'])('when it is %s: no object', (text) => {
    expect(decode(text)).toEqual(
      E.left(badRequest('invalid_message', '', 'should be a JSON object')),
    );
  });

  test.each([
    ['has a byte that begins nothing', [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x30, 0x7d]],
    ['has an encoded surrogate', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x30, 0x7d]],
    ['ends in the middle of a letter', [0x7b, 0x7d, 0xc3]],
  ])('when it %s: no UTF-8', (_, bytes) => {
    const left = badRequest('invalid_json', '', 'should be UTF-8');
    expect(decodeMessage(Uint8Array.from(bytes))).toEqual(E.left(left));
    expect(decodeText(Uint8Array.from(bytes))).toEqual(E.left(left));
  });

  test('when its nesting is deeper than 500, and says where', () => {
    const refused = decode(nested(501));
    expect(E.isRight(decode(nested(500)))).toEqual(true);
    expect(refused).toMatchObject({ left: { reason: 'should not nest deeper than 500' } });
    expect(refused).toMatchObject({ left: { path: `${'a.'.repeat(100)}…` } });
  });

  test('when its nesting is a million deep', () => {
    const text = `{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`;
    expect(decode(text)).toMatchObject({ left: { code: 'invalid_message' } });
  });

  test('when an integer has more than 4,300 digits, and says where', () => {
    expect(E.isRight(decode(`{"a":[${integer(4300)},-${integer(4300)}]}`))).toEqual(true);
    expect(decode(`{"x":1,"a":[0,{"b":${integer(4301)}}]}`)).toEqual(
      E.left(badRequest('invalid_message', 'a.1.b', 'should be an integer of at most 4300 digits')),
    );
    expect(E.isLeft(decode(`{"a":-${integer(4301)}}`))).toEqual(true);
  });

  test('not for a long number that Python reads as a float', () => {
    expect(E.isRight(decode(`{"a":${integer(5000)}.0,"b":${integer(5000)}e1}`))).toEqual(true);
  });

  test('not for an id that Python could not read, unless that is in it', () => {
    expect(decode('{"message_id":[1]}')).toEqual(E.right(''));
    expect(E.isLeft(decode(`{"message_id":${integer(4301)}}`))).toEqual(true);
  });

  test('never by an exception, however long a string of escapes is', () => {
    const text = `{"a":"${'\\n'.repeat(5_000_000)}"}`;
    expect(E.isRight(decode(text))).toEqual(true);
  });
});

describe('the members of an object', () => {
  test('are cut out of its text with their values', () => {
    const text = ' { "a" : [1, {"b":2}] , "\\u0062":"x,}" }';
    const cut = rightOf(members(text)).map(({ key, start, end, valueStart, valueEnd }) => [
      key,
      text.slice(start, end),
      text.slice(valueStart, valueEnd),
    ]);
    expect(cut).toEqual([
      ['a', ' "a" : [1, {"b":2}] ', '[1, {"b":2}]'],
      ['b', ' "\\u0062":"x,}" ', '"x,}"'],
    ]);
  });

  test.each(['0', '-1.5e3', 'true', 'false', 'null', '""', '"a"', '[]', '{}', '[[]]', '{"a":{}}'])(
    'have the value %s whole, between white space',
    (value) => {
      const text = `{"a":\t${value}\n,"b":${value}}`;
      const values = rightOf(members(text)).map((member) =>
        text.slice(member.valueStart, member.valueEnd),
      );
      expect(values).toEqual([value, value]);
    },
  );
});
