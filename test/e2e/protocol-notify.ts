import { describe, expect, test } from 'vitest';
import { type Answer, type Headers, session } from '../support/http.ts';
import {
  type Delivery,
  deliveryOf,
  idOf,
  refusalOf,
  type StartBus,
  useBus,
} from './protocol-fixture.ts';

const REFUSED: ReadonlyArray<readonly [what: string, body: string, code: string, path: string]> = [
  ['an empty body', '', 'invalid_json', ''],
  ['no JSON', '{', 'invalid_json', ''],
  ['a list', '[]', 'invalid_request', ''],
  ['neither user nor client', '{"title":"T"}', 'invalid_request', 'user'],
  ['both null', '{"title":"T","user":null,"client":null}', 'invalid_request', 'user'],
  ['no title', '{"user":2}', 'invalid_request', 'title'],
  ['an empty title', '{"title":"","user":2}', 'invalid_request', 'title'],
  ['a blank title', '{"title":" \\t","user":2}', 'invalid_request', 'title'],
  ['a title of two lines', '{"title":"a\\nb","user":2}', 'invalid_request', 'title'],
  ['a title of two Windows lines', '{"title":"a\\r\\nb","user":2}', 'invalid_request', 'title'],
  ['a title of unicode’s lines', '{"title":"a\\u2028b","user":2}', 'invalid_request', 'title'],
  ['a title that is a number', '{"title":1,"user":2}', 'invalid_request', 'title'],
  ['a body that is a number', '{"title":"T","body":1,"user":2}', 'invalid_request', 'body'],
  ['a body that is a list', '{"title":"T","body":["B"],"user":2}', 'invalid_request', 'body'],
  ['a user that is true', '{"title":"T","user":true}', 'invalid_request', 'user'],
  ['a user below zero', '{"title":"T","user":-1}', 'invalid_request', 'user'],
  ['a user of fractions', '{"title":"T","user":1.5}', 'invalid_request', 'user'],
  ['an empty user', '{"title":"T","user":""}', 'invalid_request', 'user'],
  ['a client that is a number', '{"title":"T","client":1}', 'invalid_request', 'client'],
  ['an empty client', '{"title":"T","client":""}', 'invalid_request', 'client'],
  ['a client of half a character', '{"title":"T","client":"\\ud800"}', 'invalid_request', 'client'],
  ...['-1', '4', '1.5', '"1"', 'null', 'true', '[1]'].map(
    (priority) =>
      [
        `priority ${priority}`,
        `{"title":"T","user":2,"priority":${priority}}`,
        'invalid_request',
        'priority',
      ] as const,
  ),
];

export const describeNotify = (start: StartBus): void => {
  describe('notify', () => {
    const bus = useBus(start);

    const notify = (notification: object, headers?: Headers): Promise<Answer> =>
      bus.post('bus/notify', JSON.stringify(notification), headers);

    /** What is delivered of a notification to user 2. */
    const notified = async (notification: object): Promise<Delivery['message']> => {
      const answer = await notify({ title: 'T', user: 2, ...notification });
      expect(answer.status, answer.body).toBe(201);
      return deliveryOf(await bus.poll({}, { Authorization: session(2) })).message;
    };

    test('a user is a message with type, kind, title, body and priority on user:<id>', async () => {
      const answer = await notify({ title: 'Hello', body: 'a\nb', priority: 2, user: 2 });
      const { message_id: id } = JSON.parse(answer.body);
      expect(answer.status).toBe(201);
      expect(answer.body).toBe(`{"channel":"user:2","message_id":"${id}"}`);
      const delivered = await bus.poll({}, { Authorization: session(2) });
      const message = '"type":"notification","kind":"notification","title":"Hello","body":"a\\nb"';
      expect(delivered.body).toBe(
        `{"message":{${message},"priority":2,"message_id":"${id}"},"channel":"user:2"}`,
      );
    });

    test('a user may have the id as text', async () => {
      const { body } = await notify({ title: 'T', user: '2' });
      expect(JSON.parse(body).channel).toBe('user:2');
    });

    test('a client is a message on client:<id>', async () => {
      const held = bus.poll({ channels: ['client:0f3a'] });
      await bus.holds(1);
      const { body } = await notify({ title: 'T', client: '0f3a' });
      const { channel, message_id } = JSON.parse(body);
      expect(channel).toBe('client:0f3a');
      expect(idOf(await held)).toBe(message_id);
    });

    test('a client and a user is to the client only', async () => {
      const { body } = await notify({ title: 'T', client: '0f3a', user: 1 });
      expect(JSON.parse(body).channel).toBe('client:0f3a');
      const id = await bus.publish('user:1', '{}');
      expect(idOf(await bus.poll({}))).toBe(id);
    });

    test('a user whose client is null is to the user', async () => {
      const { body } = await notify({ title: 'T', client: null, user: 2 });
      expect(JSON.parse(body).channel).toBe('user:2');
    });

    test('has priority 1 and no body unless it says so', async () => {
      expect(await notified({})).toMatchObject({ priority: 1, body: null });
    });

    test.each([0, 1, 2, 3])('may have priority %i', async (priority) => {
      expect(await notified({ priority })).toMatchObject({ priority });
    });

    test.each([null, '', 'B', 'a\nb', '漢字 😀'])('may have the body %j', async (body) => {
      expect(await notified({ body })).toMatchObject({ body });
    });

    test('passes nothing on that it does not know', async () => {
      expect(Object.keys(await notified({ message_id: 'mine', more: 1 }))).toEqual([
        'type',
        'kind',
        'title',
        'body',
        'priority',
        'message_id',
      ]);
    });

    test('again with the same Idempotency-Key is answered as at first', async () => {
      const headers = { 'Idempotency-Key': 'k' };
      const first = await notify({ title: 'T', user: 2 }, headers);
      const again = await notify({ title: 'T', user: 2 }, headers);
      expect(again.status).toBe(201);
      expect(again.body).toBe(first.body);
      const conflict = await notify({ title: 'Other', user: 2 }, headers);
      expect(refusalOf(conflict, 409)).toMatchObject({ code: 'idempotency_conflict' });
    });

    test.each(REFUSED)('with %s is refused with 400', async (_, body, code, path) => {
      const answer = await bus.post('bus/notify', body);
      expect(refusalOf(answer, 400)).toMatchObject({ code, path });
    });
  });
};
