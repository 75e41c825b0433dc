import { describe, expect, test } from 'vitest';
import { EMPTY, idOf, type StartBus, useBus } from './protocol-fixture.ts';

/** An id of the bus with one of its parts replaced. */
const forged = (id: string, index: number, part: string): string =>
  id
    .split('-')
    .map((own, at) => (at === index ? part : own))
    .join('-');

type Junk = readonly [what: string, of: (id: string) => unknown];

const JUNK: ReadonlyArray<Junk> = [
  ['a number', () => 42],
  ['true', () => true],
  ['false', () => false],
  ['an object', (id) => ({ message_id: id })],
  ['a list', (id) => [id]],
  ['empty', () => ''],
  ['junk', () => 'junk'],
  ['an id of trytond’s', () => '8f14e45f-ceea-467f-a0e6-5a1d1c1f8c3e'],
  ['an id in white space', (id) => ` ${id}`],
  ['of a foreign epoch', (id) => forged(id, 0, 'another')],
  ['of a wrong check', (id) => forged(id, 2, id.endsWith('00000000') ? '11111111' : '00000000')],
  ['of a sequence beyond the end of the log', (id) => forged(id, 1, '4000000000')],
  ['of a sequence beyond all numbers', (id) => forged(id, 1, '9'.repeat(40))],
];

const CACHE_TIMEOUT_MS = 300;

export const describeResume = (start: StartBus): void => {
  describe('the last message', () => {
    const bus = useBus(start);

    test('left out, or null, is a start from the oldest message, and Bus-Resume says so', async () => {
      const id = await bus.publish('c', '{}');
      await bus.publish('c', '{}');
      for (const body of [{ channels: ['c'] }, { channels: ['c'], last_message: null }]) {
        const answer = await bus.poll(body);
        expect(idOf(answer)).toBe(id);
        expect(answer.headers['bus-resume']).toBe('start');
      }
    });

    test('that is known is followed by the next one, and Bus-Resume says exact', async () => {
      const last_message = await bus.publish('c', '{}');
      const id = await bus.publish('c', '{}');
      const answer = await bus.poll({ channels: ['c'], last_message });
      expect(idOf(answer)).toBe(id);
      expect(answer.headers['bus-resume']).toBe('exact');
    });

    test('is told of in the answer to a poll that was held, too', async () => {
      const last_message = await bus.publish('c', '{}');
      const polls = [{ last_message }, {}, { last_message: 'junk' }];
      const held = polls.map((body) => bus.poll({ channels: ['d'], ...body }));
      await bus.holds(3);
      await bus.publish('d', '{}');
      const answers = await Promise.all(held);
      expect(answers.map(({ headers }) => headers['bus-resume'])).toEqual([
        'exact',
        'start',
        'reset',
      ]);
    });

    test.each(JUNK)('that is %s counts as null, and Bus-Resume says reset', async (_, junk) => {
      const id = await bus.publish('c', '{}');
      const last = await bus.publish('c', '{}');
      const answer = await bus.poll({ channels: ['c'], last_message: junk(last) });
      expect(answer.status).toBe(200);
      expect(idOf(answer)).toBe(id);
      expect(answer.headers['bus-resume']).toBe('reset');
    });

    test('may be nested beyond all measure', async () => {
      const id = await bus.publish('c', '{}');
      const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
      const answer = await bus.post('bus', `{"channels":["c"],"last_message":${nested}}`);
      expect(idOf(answer)).toBe(id);
    });

    test('may be of a channel that is no longer listened to: nothing comes again', async () => {
      await bus.publish('d', '{"old":true}');
      const last_message = await bus.publish('c', '{}');
      const held = bus.poll({ channels: ['d'], last_message });
      await bus.holds(1);
      const id = await bus.publish('d', '{}');
      expect(idOf(await held)).toBe(id);
    });

    test('given to another session of the same user says the same', async () => {
      const last_message = await bus.publish('c', '{}');
      const id = await bus.publish('c', '{}');
      const headers = { Authorization: `Session ${Buffer.from('x:1:other').toString('base64')}` };
      expect(idOf(await bus.poll({ channels: ['c'], last_message }, headers))).toBe(id);
    });
  });

  describe('the last message, when cache_timeout is over', () => {
    const bus = useBus(start, {
      cacheTimeoutMs: CACHE_TIMEOUT_MS,
      longPollingTimeoutMs: 2 * CACHE_TIMEOUT_MS,
    });

    test('reaches back to messages that a poll without one is not shown any more', async () => {
      const last_message = await bus.publish('c', '{}');
      const id = await bus.publish('c', '{}');
      expect(idOf(await bus.poll({ channels: ['c'] }))).toBe(last_message);
      expect((await bus.poll({ channels: ['d'] })).body).toBe(EMPTY);
      const answers = await Promise.all(
        [null, 'junk', last_message].map((last) =>
          bus.poll({ channels: ['c'], last_message: last }),
        ),
      );
      expect(answers.map(({ headers }) => headers['bus-resume'])).toEqual([
        'start',
        'reset',
        'exact',
      ]);
      expect(answers.map(({ body }) => (body === EMPTY ? undefined : JSON.parse(body)))).toEqual([
        undefined,
        undefined,
        { message: { message_id: id }, channel: 'c' },
      ]);
    });
  });
};
