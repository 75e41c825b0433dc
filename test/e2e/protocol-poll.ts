import { describe, expect, test } from 'vitest';
import { pollText, RawConnection } from '../support/http.ts';
import { deliveryOf, EMPTY, idOf, type StartBus, useBus } from './protocol-fixture.ts';

const LONG_POLLING_TIMEOUT_MS = 200;

export const describePolls = (start: StartBus): void => {
  describe('a poll', () => {
    const bus = useBus(start);

    test('is answered with one message and its channel: JSON, compact, and of a known length', async () => {
      const id = await bus.publish('c', '{"type":"greeting"}');
      await bus.publish('c', '{"type":"another"}');
      const answer = await bus.poll({ channels: ['c'], last_message: null });
      expect(answer.status).toBe(200);
      expect(answer.body).toBe(
        `{"message":{"type":"greeting","message_id":"${id}"},"channel":"c"}`,
      );
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json',
        'content-length': String(answer.bytes.length),
      });
      expect(answer.headers).not.toHaveProperty('transfer-encoding');
    });

    test.each([
      ['has no last_message on a client’s first poll', { channels: ['c', 'user:1'] }],
      ['may have null for a last_message', { channels: ['c'], last_message: null }],
      ['may have no channels', { last_message: null }],
      ['may have empty channels', { channels: [], last_message: null }],
      ['may have neither key', {}],
      ['may have keys that nobody knows', { channels: [], last_message: null, more: [1] }],
    ])('%s', async (_, body) => {
      const held = bus.poll(body);
      await bus.holds(1);
      const id = await bus.publish('user:1', '{}');
      expect(idOf(await held)).toBe(id);
      expect(idOf(await bus.poll(body))).toBe(id);
    });

    test('that finds nothing waits for the next message, and sends nothing before', async () => {
      const raw = await RawConnection.open(bus.url);
      raw.write(pollText(bus.database, { channels: ['c'] }));
      await bus.holds(1);
      expect(raw.received).toBe('');
      const id = await bus.publish('c', '{}');
      await raw.until(`{"message":{"message_id":"${id}"},"channel":"c"}`);
      expect(raw.received.startsWith('HTTP/1.1 200 OK\r\n')).toBe(true);
      raw.destroy();
    });

    test('with the id of the last answer waits for the next message, time after time', async () => {
      let last_message = await bus.publish('c', '{"n":0}');
      for (let n = 1; n <= 5; n += 1) {
        const held = bus.poll({ channels: ['c'], last_message });
        await bus.holds(1);
        const id = await bus.publish('c', `{"n":${n}}`);
        expect(deliveryOf(await held)).toEqual({ message: { n, message_id: id }, channel: 'c' });
        last_message = id;
      }
    });

    test('brings one message each time, in the order of publishing', async () => {
      const ids = [];
      for (let n = 0; n < 20; n += 1) ids.push(await bus.publish('c', `{"n":${n}}`));
      const seen = await bus.walk(['c'], 20);
      expect(seen).toEqual(
        ids.map((message_id, n) => ({ message: { n, message_id }, channel: 'c' })),
      );
    });

    test('brings what was published at once one after the other, to everybody in one order', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => bus.publish('c', '{}')));
      const [one, other] = await Promise.all([bus.walk(['c'], 20), bus.walk(['c'], 20)]);
      expect(one).toEqual(other);
      const seen = one?.map(({ message }) => message.message_id);
      expect([...(seen ?? [])].sort()).toEqual([...ids].sort());
    });

    test('takes nothing away: whoever polls next is answered with the same', async () => {
      await bus.publish('c', '{}');
      const first = await bus.poll({ channels: ['c'] });
      const second = await bus.poll({ channels: ['c'] }, { Authorization: sessionOfAnother });
      expect(second.body).toBe(first.body);
    });

    test('that is held is answered by the message for which others are held too', async () => {
      const held = Array.from({ length: 50 }, () => bus.poll({ channels: ['c'] }));
      await bus.holds(50);
      const id = await bus.publish('c', '{}');
      const answers = await Promise.all(held);
      expect(new Set(answers.map(idOf))).toEqual(new Set([id]));
    });
  });

  describe('a poll that finds nothing', () => {
    const bus = useBus(start, { longPollingTimeoutMs: LONG_POLLING_TIMEOUT_MS });

    test('is answered with both null after long_polling_timeout, and not before', async () => {
      const began = performance.now();
      const answer = await bus.poll({ channels: ['c'], last_message: null });
      expect(performance.now() - began).toBeGreaterThanOrEqual(LONG_POLLING_TIMEOUT_MS);
      expect(answer.status).toBe(200);
      expect(answer.body).toBe(EMPTY);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json',
        'content-length': '31',
      });
      expect(answer.headers).not.toHaveProperty('transfer-encoding');
    });

    test('leaves its client where it was: the next one gets what came between', async () => {
      const last_message = await bus.publish('c', '{}');
      expect((await bus.poll({ channels: ['c'], last_message })).body).toBe(EMPTY);
      const id = await bus.publish('c', '{}');
      expect(idOf(await bus.poll({ channels: ['c'], last_message }))).toBe(id);
    });
  });
};

const sessionOfAnother = `Session ${Buffer.from('demo:2:key').toString('base64')}`;
