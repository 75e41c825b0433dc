import { describe, expect, test } from 'vitest';
import { idOf, refusalOf, type StartBus, useBus } from './protocol-fixture.ts';

type Refused = readonly [what: string, body: string | Uint8Array, code: string, path: string];

const within = (message: string): string => `{"channel":"c","message":${message}}`;

const DATE = '"__class__":"date","year":2026,"month":2';

const BODIES: ReadonlyArray<Refused> = [
  ['is empty', '', 'invalid_json', ''],
  ['is no JSON', '{"channel":"c"', 'invalid_json', ''],
  ['is no UTF-8', Buffer.from(within('{"a":"\xff"}'), 'latin1'), 'invalid_json', ''],
  ['is a list', '[]', 'invalid_message', ''],
  ['has no channel', '{"message":{}}', 'invalid_request', 'channel'],
  ['has no message', '{"channel":"c"}', 'invalid_request', 'message'],
  ['has null for a channel', '{"channel":null,"message":{}}', 'invalid_request', 'channel'],
  ['has a number for a channel', '{"channel":1,"message":{}}', 'invalid_request', 'channel'],
  ['has an empty channel', '{"channel":"","message":{}}', 'invalid_request', 'channel'],
  [
    'has a channel of half a character',
    '{"channel":"\\ud800","message":{}}',
    'invalid_request',
    'channel',
  ],
  [
    'has a channel of 1,025 bytes',
    `{"channel":"${'x'.repeat(1025)}","message":{}}`,
    'invalid_request',
    'channel',
  ],
];

const MESSAGES: ReadonlyArray<readonly [what: string, message: string, path: string]> = [
  ['is null', 'null', 'message'],
  ['is a string', '"text"', 'message'],
  ['is a number', '5', 'message'],
  ['is a list', '[{}]', 'message'],
  ['is a date', `{${DATE},"day":28}`, 'message'],
  [
    'is a date in other letters',
    `{"\\u005f_class__":"date","year":1,"month":1,"day":1}`,
    'message',
  ],
  ['is a Decimal', '{"__class__":"Decimal","decimal":"1"}', 'message'],
  ['has the 30th of February', `{"when":{${DATE},"day":30}}`, 'message.when'],
  ['has a date without its day', `{"when":{${DATE}}}`, 'message.when'],
  ['has a date of text', `{"when":{${DATE},"day":"28"}}`, 'message.when'],
  ['has a date of fractions', `{"when":{${DATE},"day":28.0}}`, 'message.when'],
  [
    'has a datetime without its microseconds',
    `{"when":{"__class__":"datetime","year":2026,"month":2,"day":1,"hour":1,"minute":1,"second":1}}`,
    'message.when',
  ],
  [
    'has a 25th hour',
    '{"when":{"__class__":"time","hour":24,"minute":0,"second":0,"microsecond":0}}',
    'message.when',
  ],
  ['has a timedelta of text', '{"for":{"__class__":"timedelta","seconds":"1"}}', 'message.for'],
  ['has broken base64', '{"data":{"__class__":"bytes","base64":"abcde"}}', 'message.data'],
  ['has bytes without any', '{"data":{"__class__":"bytes"}}', 'message.data'],
  ['has a broken Decimal', '{"n":{"__class__":"Decimal","decimal":"1,5"}}', 'message.n'],
  ['has a broken object deep inside', `{"a":[1,{"b":{${DATE},"day":0}}]}`, 'message.a.1.b'],
  ['has an integer of 4,301 digits', `{"n":${'9'.repeat(4301)}}`, 'message.n'],
  ['has one below zero', `{"a":[0,-${'9'.repeat(4301)}]}`, 'message.a.1'],
];

const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;

export const describeRefusedMessages = (start: StartBus): void => {
  describe('publishing', () => {
    const bus = useBus(start);

    const expectRefused = async (body: string | Uint8Array, code: string): Promise<string> => {
      const answer = await bus.post('bus/publish', body);
      const refusal = refusalOf(answer, 400);
      expect(refusal.code).toBe(code);
      const id = await bus.publish('c', '{}');
      expect(idOf(await bus.poll({ channels: ['c'] }))).toBe(id);
      return refusal.path;
    };

    test.each(BODIES)('is refused with 400 when its body %s', async (_, body, code, path) => {
      expect(await expectRefused(body, code)).toBe(path);
    });

    test.each(MESSAGES)('is refused with 400 when its message %s', async (_, message, path) => {
      expect(await expectRefused(within(message), 'invalid_message')).toBe(path);
    });

    test.each(['NaN', '-Infinity', "{'a':1}", '{"a":1,}', '01', '{"a":"\t"}'])(
      'is refused with 400 when its message is %s, as only some readers take it',
      async (message) => {
        expect(await expectRefused(within(message), 'invalid_json')).toBe('');
      },
    );

    test('is refused with 400 when its message has 501 objects in each other', async () => {
      const path = await expectRefused(within(nested(501)), 'invalid_message');
      expect(path).toMatch(/^message\.a\.a/);
      expect(path.length).toBeLessThan(250);
    });

    test('is refused with 400 when its message has 501 lists and objects in each other', async () => {
      const message = `{"a":${'['.repeat(500)}${']'.repeat(500)}}`;
      expect(await expectRefused(within(message), 'invalid_message')).toMatch(/^message\.a\.0\.0/);
    });

    test('is refused with 413 when its body is of more than 1 MiB', async () => {
      const answer = await bus.post('bus/publish', within(`{"a":"${'x'.repeat(1024 * 1024)}"}`));
      expect(refusalOf(answer, 413)).toMatchObject({ code: 'too_large' });
    });
  });
};
