import { describe, expect, test } from 'vitest';
import { poll, session } from '../support/http.ts';
import { deliveryOf, idOf, refusalOf, type StartBus, useBus } from './protocol-fixture.ts';

const NAMES: ReadonlyArray<readonly [what: string, name: string]> = [
  ['spaces', ' a  b '],
  ['dots', '.a..b.'],
  ['what a subject of NATS may not hold', '*.>'],
  ['percent signs', '%2E%'],
  ['slashes', '/a//b/..'],
  ['a quotation mark and a backslash', 'a"\\u0062'],
  ['line breaks and control characters', 'a\r\n\u0001\u007f\u2028'],
  ['unicode', '漢字 é 😀'],
  ['1,024 bytes', 'é'.repeat(512)],
];

const IMPOSSIBLE: ReadonlyArray<readonly [what: string, name: string]> = [
  ['empty', ''],
  ['a lone surrogate', '\ud800'],
  ['ending in half a character', 'a\ud83d'],
  ['of 1,025 bytes', 'x'.repeat(1025)],
  ['of 513 characters and 1,026 bytes', 'é'.repeat(513)],
];

export const describeChannels = (start: StartBus): void => {
  describe('channels', () => {
    const bus = useBus(start);

    test('of one poll are read as one: the message that was published first comes first', async () => {
      const published = ['b', 'a', 'c', 'a', 'd', 'b'];
      for (const name of published) await bus.publish(name, '{}');
      const seen = await bus.walk(['a', 'b', 'd', 'never', 'c'], 6);
      expect(seen.map(({ channel }) => channel)).toEqual(published);
    });

    test('of one poll each wake it', async () => {
      for (const name of ['a', 'b']) {
        const held = bus.poll({ channels: ['a', 'b'] });
        await bus.holds(1);
        await bus.publish('c', '{}', 'elsewhere');
        await bus.publish(name, '{}');
        expect(deliveryOf(await held).channel).toBe(name);
        bus.database += ' again';
      }
    });

    test('that a poll does not name do not reach it', async () => {
      const held = bus.poll({ channels: ['a', 'a.*', '>'] });
      await bus.holds(1);
      for (const name of ['b', 'a.b', 'A', 'a ', '*']) await bus.publish(name, '{}');
      const id = await bus.publish('a', '{}');
      expect(idOf(await held)).toBe(id);
    });

    test('of the user are added to every poll', async () => {
      const id = await bus.publish('user:7', '{}');
      const answer = await bus.poll({ channels: ['c'] }, { Authorization: session(7) });
      expect(deliveryOf(answer)).toEqual({ message: { message_id: id }, channel: 'user:7' });
    });

    test('of other users are dropped from every poll', async () => {
      await bus.publish('user:2', '{"secret":true}');
      await bus.publish('user:', '{"secret":true}');
      const held = bus.poll({ channels: ['user:2', 'user:', 'user:1', 'user:01'] });
      await bus.holds(1);
      await bus.publish('user:2', '{"secret":true}');
      await bus.publish('user:01', '{"secret":true}');
      const id = await bus.publish('user:1', '{}');
      expect(idOf(await held)).toBe(id);
    });

    test.each(IMPOSSIBLE)('that cannot exist are dropped: %s', async (_, name) => {
      const held = bus.poll({ channels: [name, 'c'] });
      await bus.holds(1);
      const id = await bus.publish('c', '{}');
      expect(idOf(await held)).toBe(id);
    });

    test('may all be impossible: the poll is held for its user', async () => {
      const held = bus.poll({ channels: IMPOSSIBLE.map(([, name]) => name) });
      await bus.holds(1);
      const id = await bus.publish('user:1', '{}');
      expect(idOf(await held)).toBe(id);
    });

    test('of one poll may be 1,000', async () => {
      const id = await bus.publish('c999', '{}');
      const channels = Array.from({ length: 1000 }, (_, n) => `c${n}`);
      expect(idOf(await bus.poll({ channels }))).toBe(id);
    });

    test('of one poll may not be 1,001', async () => {
      const channels = Array.from({ length: 1001 }, (_, n) => `c${n}`);
      const answer = await bus.poll({ channels });
      expect(refusalOf(answer, 400)).toMatchObject({ code: 'too_many_channels', path: 'channels' });
    });

    test.each(NAMES)('may be named with %s', async (_, name) => {
      const held = bus.poll({ channels: [name] });
      await bus.holds(1);
      const id = await bus.publish(name, '{}');
      const answer = await held;
      expect(deliveryOf(answer)).toEqual({ message: { message_id: id }, channel: name });
      expect((await bus.poll({ channels: [name] })).body).toBe(answer.body);
    });
  });

  describe('a database', () => {
    const bus = useBus(start);

    test.each([
      ...NAMES,
      ['two dots', '..'] as const,
      ['the name of the health routes', '-'] as const,
    ])('may be named with %s, percent-encoded', async (_, name) => {
      const id = await bus.publish('c', '{}', name);
      expect(idOf(await poll(bus.url, name, { channels: ['c'] }))).toBe(id);
    });

    test('may be percent-encoded in whole', async () => {
      const id = await bus.publish('c', '{}', 'x'.repeat(1024));
      const path = `/${'%78'.repeat(1024)}/bus`;
      const headers = { 'Content-Type': 'application/json', Authorization: session(1) };
      expect(idOf(await bus.request({ path, headers, body: '{"channels":["c"]}' }))).toBe(id);
    });

    test.each([
      ['of 1,025 bytes', 'x'.repeat(1025)],
      ['of 513 characters and 1,026 bytes', 'é'.repeat(513)],
    ])('cannot be named by a name %s', async (_, name) => {
      const answer = await poll(bus.url, name, { channels: ['c'] });
      expect(refusalOf(answer, 400)).toMatchObject({ code: 'invalid_request', path: 'database' });
    });

    test('cannot be without a name', async () => {
      const answer = await poll(bus.url, '', { channels: ['c'] });
      expect(refusalOf(answer, 404).code).toBe('not_found');
    });

    test('may stand before two slashes, as in the polls of a desktop client', async () => {
      const id = await bus.publish('c', '{}', 'shop');
      const headers = { 'Content-Type': 'application/json', Authorization: session(1) };
      const body = '{"channels":["c"]}';
      expect(idOf(await bus.request({ path: '/shop//bus', headers, body }))).toBe(id);
    });

    test('does not show what is published to another one', async () => {
      const held = bus.poll({ channels: ['c'] });
      await bus.holds(1);
      await bus.publish('c', '{"secret":true}', `${bus.database}.c`);
      await bus.publish('c', '{"secret":true}', 'other');
      const id = await bus.publish('c', '{}');
      expect(idOf(await held)).toBe(id);
      expect(idOf(await bus.poll({ channels: ['c'] }))).toBe(id);
    });
  });
};
