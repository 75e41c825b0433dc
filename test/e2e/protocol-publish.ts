import { describe, expect, test } from 'vitest';
import { type Answer, type Headers, session } from '../support/http.ts';
import { idOf, refusalOf, type StartBus, useBus } from './protocol-fixture.ts';

const TOKEN = 'a-very-secret-token';

const WRONG_TOKENS: ReadonlyArray<readonly [what: string, header: string | undefined]> = [
  ['no token', undefined],
  ['an empty token', 'Bearer '],
  ['another token', 'Bearer another'],
  ['the beginning of the token', `Bearer ${TOKEN.slice(0, -1)}`],
  ['the token and more', `Bearer ${TOKEN}x`],
  ['the token in other letters', `Bearer ${TOKEN.toUpperCase()}`],
  ['the token without a scheme', TOKEN],
  ['the token as a password', `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}`],
  ['a session', session(1)],
  ['a session whose key is the token', session(1, 'admin', TOKEN)],
];

const publishedId = (answer: Answer): string => {
  expect(answer.status, answer.body).toBe(201);
  return JSON.parse(answer.body).message_id;
};

export const describePublish = (start: StartBus): void => {
  describe('publishing', () => {
    const bus = useBus(start);

    const publish = (channel: unknown, message: string, headers?: Headers): Promise<Answer> =>
      bus.post(
        'bus/publish',
        `{"channel":${JSON.stringify(channel)},"message":${message}}`,
        headers,
      );

    test('is answered with 201, the channel, and the id that will be delivered', async () => {
      const answer = await publish('a "c"', '{"type":"greeting"}');
      const message_id = publishedId(answer);
      expect(answer.body).toBe(JSON.stringify({ channel: 'a "c"', message_id }));
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json',
        'content-length': String(answer.bytes.length),
      });
      expect(idOf(await bus.poll({ channels: ['a "c"'] }))).toBe(message_id);
    });

    test('answers the polls that are held on the channel', async () => {
      const held = bus.poll({ channels: ['c'] });
      await bus.holds(1);
      const id = publishedId(await publish('c', '{}'));
      expect(idOf(await held)).toBe(id);
    });

    test('gives every message an id of its own, the same messages too', async () => {
      const ids = [];
      for (let n = 0; n < 3; n += 1) ids.push(publishedId(await publish('c', '{}')));
      expect(new Set(ids).size).toBe(3);
      expect((await bus.walk(['c'], 3)).map(({ message }) => message.message_id)).toEqual(ids);
    });

    test('asks for no session where there is no token', async () => {
      publishedId(await publish('c', '{}', { Authorization: undefined }));
    });

    test('may be to a user’s channel', async () => {
      const id = publishedId(await publish('user:2', '{}'));
      expect(idOf(await bus.poll({}, { Authorization: session(2) }))).toBe(id);
    });

    test('again with the same Idempotency-Key is answered as at first, and done once', async () => {
      const headers = { 'Idempotency-Key': 'k' };
      const first = await publish('c', '{"n":1}', headers);
      const again = await publish('c', '{"n":1}', headers);
      expect(again.status).toBe(201);
      expect(again.body).toBe(first.body);
      const other = publishedId(await publish('c', '{"n":1}'));
      const seen = await bus.walk(['c'], 2);
      expect(seen.map(({ message }) => message.message_id)).toEqual([publishedId(first), other]);
    });

    test('another message with the same Idempotency-Key is refused with 409', async () => {
      const headers = { 'Idempotency-Key': 'k' };
      const id = publishedId(await publish('c', '{"n":1}', headers));
      const answer = await publish('c', '{"n":2}', headers);
      expect(refusalOf(answer, 409)).toMatchObject({ code: 'idempotency_conflict' });
      const last = publishedId(await publish('c', '{}'));
      const seen = await bus.walk(['c'], 2);
      expect(seen.map(({ message }) => message.message_id)).toEqual([id, last]);
    });

    test('with one Idempotency-Key in two channels or two databases is two publishings', async () => {
      const headers = { 'Idempotency-Key': 'k' };
      const ids = [await publish('c', '{}', headers), await publish('d', '{}', headers)];
      bus.database += ' other';
      ids.push(await publish('c', '{}', headers));
      expect(new Set(ids.map(publishedId)).size).toBe(3);
    });

    test('may have an Idempotency-Key of 255 visible characters', async () => {
      const headers = { 'Idempotency-Key': '!~'.padEnd(255, 'k') };
      const id = publishedId(await publish('c', '{}', headers));
      expect(publishedId(await publish('c', '{}', headers))).toBe(id);
    });

    test.each([
      ['of 256 characters', 'k'.repeat(256)],
      ['of no characters', ''],
      ['with white space', 'a key'],
      ['of other letters', 'cl\u00e9'],
    ])('with an Idempotency-Key %s is refused with 400', async (_, key) => {
      const answer = await publish('c', '{}', { 'Idempotency-Key': key });
      expect(refusalOf(answer, 400)).toMatchObject({
        code: 'invalid_request',
        path: 'Idempotency-Key',
      });
    });
  });

  describe('publishing where a token is set', () => {
    const bus = useBus(start, { publishToken: TOKEN });
    const BODIES = {
      'bus/publish': '{"channel":"c","message":{}}',
      'bus/notify': '{"title":"Hello","user":1}',
    } as const;

    test.each(WRONG_TOKENS)('with %s is refused with 401', async (_, header) => {
      for (const route of ['bus/publish', 'bus/notify'] as const) {
        for (const body of [BODIES[route], 'no JSON']) {
          const answer = await bus.post(route, body, { Authorization: header });
          expect(refusalOf(answer, 401)).toMatchObject({ code: 'unauthorized' });
          expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
        }
      }
    });

    test.each(['Bearer', 'bearer', 'BEARER'])('is done with the token as %s', async (scheme) => {
      const headers = { Authorization: `${scheme} ${TOKEN}` };
      const id = publishedId(await bus.post('bus/publish', BODIES['bus/publish'], headers));
      expect(idOf(await bus.poll({ channels: ['c'] }))).toBe(id);
      publishedId(await bus.post('bus/notify', BODIES['bus/notify'], headers));
    });

    test('leaves polling to sessions: the token is none', async () => {
      const answer = await bus.poll({ channels: ['c'] }, { Authorization: `Bearer ${TOKEN}` });
      expect(answer.status).toBe(401);
    });
  });
};
