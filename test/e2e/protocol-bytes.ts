import { describe, expect, test } from 'vitest';
import { pollText, RawConnection } from '../support/http.ts';
import { idOf, type StartBus, useBus } from './protocol-fixture.ts';

/** What is published, and what of it is delivered before the bus's own `message_id`. */
type Message = readonly [what: string, published: string, delivered: string];

const same = (what: string, text: string): Message => [what, text, text.slice(0, -1)];

const classes = [
  '{"__class__":"datetime","year":2026,"month":2,"day":28,"hour":23,"minute":59,"second":59,"microsecond":0}',
  '{"__class__":"date","year":2024,"month":2,"day":29}',
  '{"__class__":"time","hour":0,"minute":0,"second":0,"microsecond":999999}',
  '{"__class__":"timedelta","seconds":-1.5}',
  '{"__class__":"bytes","base64":"aGVsbG8="}',
  '{"__class__":"Decimal","decimal":"1.10"}',
  '{"__class__":"nobody knows","x":1}',
];

const MESSAGES: ReadonlyArray<Message> = [
  same('of more than 8,000 bytes', `{"text":"${'漢'.repeat(2700)}"}`),
  same('of 500,000 bytes', `{"text":"${'x'.repeat(500_000)}"}`),
  same('of unicode', '{"é":"漢字 😀 \u2028","":"\u007f"}'),
  same('of escapes', '{"a\\u0062":"\\u00e9\\uD83D\\ude00\\ud800\\/\\b\\f\\n\\r\\t\\"\\\\\\u0000"}'),
  same('of integers beyond 2^53', '{"n":12345678901234567890,"m":-9007199254740993}'),
  same('of an integer of 4,300 digits', `{"n":${'9'.repeat(4300)}}`),
  same('of numbers in every spelling', '{"n":[-0,1.0,1E400,-1e-400,0.10,1e+2,123e0]}'),
  same('of duplicate keys', '{"a":1,"b":2,"a":3,"\\u0061":4}'),
  same('of keys in their order', '{"z":1,"10":2,"a":3,"2":4,"__proto__":{}}'),
  same('of Tryton’s classes', `{"values":[${classes.join(',')}]}`),
  same('of 500 objects in each other', `${'{"a":'.repeat(499)}{}${'}'.repeat(499)}`),
  same('with a message_id inside', '{"a":{"message_id":"theirs"},"b":[{"message_id":1}]}'),
  same('with an id in other letters', '{"Message_id":1,"message_id ":2,"message-id":3}'),
  same('of white space', '{ "a" :\t1 ,\r\n"b": [ 1 , { } ]\n}'),
  ['of a message_id of its own', '{"message_id":"theirs","a":1}', '{"a":1'],
  ['of an id between others', '{"a":1,"message_id":{"x":[1,2]},"b":2}', '{"a":1,"b":2'],
  ['of an id at its end', '{"a":1 , "message_id" : null }', '{"a":1 '],
  [
    'of an id in another spelling',
    '{"message\\u005fid":1,"a":1,"\\u006Dessage_i\\u0064":2}',
    '{"a":1',
  ],
  ['of several ids', '{"message_id":1,"message_id":2,"a":"}","message_id":3}', '{"a":"}"'],
];

export const describeBytes = (start: StartBus): void => {
  describe('a message', () => {
    const bus = useBus(start);

    test.each(MESSAGES)('%s is delivered byte for byte', async (_, published, delivered) => {
      const answer = await bus.post(
        'bus/publish',
        `{ "message" : ${published} , "channel" : "c" }`,
      );
      const { message_id: id } = JSON.parse(answer.body);
      expect(answer.status, answer.body).toBe(201);
      const held = bus.poll({ channels: ['c'] });
      expect((await held).body).toBe(
        `{"message":${delivered},"message_id":"${id}"},"channel":"c"}`,
      );
    });

    test.each([
      ['of nothing', '{}'],
      ['of white space', '{ \n }'],
      ['of an id alone', '{"message_id":1}'],
    ])('%s is delivered with its id alone', async (_, published) => {
      const id = await bus.publish('c', published);
      const answer = await bus.poll({ channels: ['c'] });
      expect(answer.body).toBe(`{"message":{"message_id":"${id}"},"channel":"c"}`);
    });

    test('is delivered with the same bytes whether it was waited for or not', async () => {
      const held = bus.poll({ channels: ['c'] });
      await bus.holds(1);
      const id = await bus.publish('c', '{"é":"\\u00e9" }');
      const answer = await held;
      expect(idOf(answer)).toBe(id);
      expect((await bus.poll({ channels: ['c'] })).bytes).toEqual(answer.bytes);
    });
  });

  describe('the response to a poll', () => {
    const bus = useBus(start);

    test.each([
      ['that is answered', { channels: ['c'] }, '"channel":"c"}'],
      ['that is refused', { channels: [1] }, '}}'],
    ])('%s is the same to the byte whether Node writes it or we do', async (_, body, end) => {
      await bus.publish('c', '{}');
      const raw = await RawConnection.open(bus.url);
      // Node writes it when there may be more headers, as there may for a browser.
      const { host } = new URL(bus.url);
      const browser = { Host: host, Origin: bus.url };
      for (const [n, headers] of [{}, browser, {}].entries()) {
        raw.write(pollText(bus.database, body, headers));
        await raw.until(end, n + 1);
      }
      raw.destroy();
      const [first, second, third, ...rest] = raw.received
        .replaceAll(/Date: .*/g, 'Date: now')
        .split(/(?=HTTP\/1\.1)/);
      expect(rest).toEqual([]);
      expect(second).toBe(first);
      expect(third).toBe(first);
    });

    test('tells each client where it stood, though one entry answers them all', async () => {
      const last_message = await bus.publish('d', '{}');
      const raws = await Promise.all([1, 2, 3].map(() => RawConnection.open(bus.url)));
      const where = [{}, { last_message }, { last_message: 'of another bus' }];
      raws.forEach((raw, n) => {
        raw.write(pollText(bus.database, { channels: ['e'], ...where[n] }));
      });
      await bus.holds(3);
      await bus.publish('e', '{}');
      await Promise.all(raws.map((raw) => raw.until('"channel":"e"}')));
      for (const raw of raws) raw.destroy();
      const told = raws.map(({ received }) => /Bus-Resume: (.*)\r/.exec(received)?.[1]);
      expect(told).toEqual(['start', 'exact', 'reset']);
    });

    test.each([
      ['Connection', 'close', 'HTTP/1.1'],
      ['X-Nothing', 'at all', 'HTTP/1.0'],
    ])('to a client with %s: %s by %s is its last', async (name, value, version) => {
      const raw = await RawConnection.open(bus.url);
      const text = pollText(bus.database, { channels: ['c'] }, { [name]: value });
      raw.write(text.replace('HTTP/1.1', version));
      await bus.holds(1);
      await bus.publish('c', '{}');
      await raw.closed;
      expect(raw.received).toMatch(/\r\nConnection: close\r\n[\s\S]*"channel":"c"}$/);
    });
  });
};
