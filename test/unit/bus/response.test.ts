import { describe, expect, test } from 'vitest';
import {
  createResponse,
  EMPTY_RESPONSE,
  encodeResponse,
  messageIdOf,
} from '../../../src/bus/response.ts';
import { entryOf } from '../../support/arbitrary.ts';

describe('a response', () => {
  test('brings a message and the channel that it came on', () => {
    expect(createResponse('user:1', { a: 1 })).toEqual({ message: { a: 1 }, channel: 'user:1' });
  });

  test('that brings nothing says so twice', () => {
    expect(createResponse()).toEqual({ message: null, channel: null });
    expect(EMPTY_RESPONSE).toEqual('{"message":null,"channel":null}');
  });

  test('is compact, and the message in it is the publisher’s to the byte', () => {
    const entry = entryOf({ sequence: 36, json: '{"big":12345678901234567890, "u":"\\u00e9"}' });
    expect(encodeResponse(entry, 'm9')).toEqual(
      `{"message":{"big":12345678901234567890, "u":"\\u00e9","message_id":"m9-36-${entry.check}"},` +
        '"channel":"user:1"}',
    );
  });

  test('of a message without members has its id', () => {
    const entry = entryOf({ sequence: 1 });
    expect(JSON.parse(encodeResponse(entry, 'm9'))).toEqual({
      message: { message_id: messageIdOf(entry, 'm9') },
      channel: 'user:1',
    });
  });

  test.each(['a"b\\c', '\u0000\n', '😀', '\u2028'])('names the channel %j', (channel) => {
    const text = encodeResponse(entryOf({ sequence: 1, channel }), 'm9');
    expect(JSON.parse(text)).toMatchObject({ channel });
  });
});

describe('the id of an entry', () => {
  test('is of the life of the log that it was read in', () => {
    const entry = entryOf({ sequence: 7 });
    expect(messageIdOf(entry, 'a')).toEqual(`a-7-${entry.check}`);
    expect(messageIdOf(entry, 'b')).toEqual(`b-7-${entry.check}`);
  });
});
