import { describe, expect, test } from 'vitest';
import { idOf, refusalOf, type StartBus, useBus } from './protocol-fixture.ts';

const BODY_LIMIT = 1024 * 1024;

const NO_POLLS: ReadonlyArray<
  readonly [what: string, body: string | Uint8Array, code: string, path: string]
> = [
  ['empty', '', 'invalid_json', ''],
  ['no JSON', '{"channels":', 'invalid_json', ''],
  ['JSON with more behind it', '{}{}', 'invalid_json', ''],
  ['of Python’s words', '{"channels":[],"last_message":NaN}', 'invalid_json', ''],
  ['invalid UTF-8', Buffer.from('{"channels":["\xff"]}', 'latin1'), 'invalid_json', ''],
  ['half a surrogate in UTF-8', Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1'), 'invalid_json', ''],
  ['a list', '["c"]', 'invalid_request', ''],
  ['a string', '"c"', 'invalid_request', ''],
  ['a number', '1', 'invalid_request', ''],
  ['null', 'null', 'invalid_request', ''],
  ['of channels that are null', '{"channels":null}', 'invalid_request', 'channels'],
  ['of channels that are a number', '{"channels":5}', 'invalid_request', 'channels'],
  ['of channels that are a string', '{"channels":"c"}', 'invalid_request', 'channels'],
  ['of channels that are an object', '{"channels":{"0":"c"}}', 'invalid_request', 'channels'],
  ['of mixed channels', '{"channels":["c",1]}', 'invalid_request', 'channels.1'],
  ['of a channel that is null', '{"channels":["a","b",null]}', 'invalid_request', 'channels.2'],
  ['of a channel that is a list', '{"channels":[["c"]]}', 'invalid_request', 'channels.0'],
];

export const describeErrors = (start: StartBus): void => {
  describe('a poll whose body is', () => {
    const bus = useBus(start);

    test.each(NO_POLLS)('%s is refused with 400, and told where', async (_, body, code, path) => {
      const answer = await bus.post('bus', body);
      expect(refusalOf(answer, 400)).toMatchObject({ code, path });
    });

    test('missing, and its type too, is refused with 400', async () => {
      const answer = await bus.post('bus', '', { 'Content-Type': undefined });
      expect(refusalOf(answer, 400)).toMatchObject({ code: 'invalid_json', path: '' });
    });

    test('of 1 MiB is taken', async () => {
      const id = await bus.publish('c', '{}');
      const answer = await bus.post('bus', '{"channels":["c"]}'.padEnd(BODY_LIMIT));
      expect(idOf(answer)).toBe(id);
    });

    test('of a byte more is refused with 413', async () => {
      const answer = await bus.post('bus', '{"channels":["c"]}'.padEnd(BODY_LIMIT + 1));
      expect(refusalOf(answer, 413)).toMatchObject({ code: 'too_large' });
    });

    test.each(['application/json; charset=utf-8', 'application/json;charset=UTF-8'])(
      'said to be %s is taken',
      async (type) => {
        const id = await bus.publish('c', '{}');
        const answer = await bus.post('bus', '{"channels":["c"]}', { 'Content-Type': type });
        expect(idOf(answer)).toBe(id);
      },
    );

    test.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      undefined,
    ])('said to be %s is refused with 415', async (type) => {
      for (const route of ['bus', 'bus/publish', 'bus/notify'] as const) {
        const answer = await bus.post(route, '{"channels":["c"]}', { 'Content-Type': type });
        expect(refusalOf(answer, 415)).toMatchObject({ code: 'unsupported_media_type' });
      }
    });
  });
};
