import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../support/http.ts';
import { idOf, refusalOf, type StartBus, useBus } from './protocol-fixture.ts';

const BODY_LIMIT = 1024 * 1024;
const POLL = '{"channels":["c"]}';

export const describeEncodings = (start: StartBus): void => {
  describe('a request whose body is packed', () => {
    const bus = useBus(start);

    const packed = (
      body: Uint8Array,
      encoding = 'gzip',
      route: 'bus' | 'bus/publish' = 'bus',
    ): Promise<Answer> => bus.post(route, body, { 'Content-Encoding': encoding });

    test('with gzip is taken', async () => {
      const publish = gzipSync('{"channel":"c","message":{}}');
      const answer = await packed(publish, 'gzip', 'bus/publish');
      expect(answer.status).toBe(201);
      const { message_id } = JSON.parse(answer.body);
      expect(idOf(await packed(gzipSync(POLL)))).toBe(message_id);
    });

    test('in several members of gzip is taken', async () => {
      const id = await bus.publish('c', '{}');
      const body = Buffer.concat([gzipSync(POLL.slice(0, 5)), gzipSync(POLL.slice(5))]);
      expect(idOf(await packed(body))).toBe(id);
    });

    test.each(['GZIP', 'x-gzip'])('may say so as %s', async (coding) => {
      const id = await bus.publish('c', '{}');
      expect(idOf(await packed(gzipSync(POLL), coding))).toBe(id);
    });

    test('by identity is not packed', async () => {
      const id = await bus.publish('c', '{}');
      expect(idOf(await packed(Buffer.from(POLL), 'identity'))).toBe(id);
    });

    test('and held is answered like any other', async () => {
      const held = packed(gzipSync(POLL));
      await bus.holds(1);
      const id = await bus.publish('c', '{}');
      expect(idOf(await held)).toBe(id);
    });

    test('and unpacks to 1 MiB is taken', async () => {
      const id = await bus.publish('c', '{}');
      expect(idOf(await packed(gzipSync(POLL.padEnd(BODY_LIMIT))))).toBe(id);
    });

    test.each([
      ['a byte more', BODY_LIMIT + 1],
      ['1.1 MiB', 1.1 * BODY_LIMIT],
      ['20 MiB', 20 * BODY_LIMIT],
    ])('and unpacks to %s is refused with 413', async (_, length) => {
      const body = gzipSync(Buffer.concat([Buffer.from(POLL), Buffer.alloc(length, ' ')]));
      expect(body.length).toBeLessThan(BODY_LIMIT / 5);
      for (const route of ['bus', 'bus/publish'] as const) {
        expect(refusalOf(await packed(body, 'gzip', route), 413).code).toBe('too_large');
      }
    });

    test.each([
      ['that is none', Buffer.from(POLL)],
      ['of nothing', Buffer.alloc(0)],
      ['without its end', gzipSync(POLL).subarray(0, -5)],
      ['with other bytes in it', gzipSync(POLL).fill(0xff, 12, 16)],
      ['with junk behind it', Buffer.concat([gzipSync(POLL), Buffer.from('junk')])],
    ])('with gzip %s is refused with 400', async (_, body) => {
      expect(refusalOf(await packed(body), 400).code).toBe('invalid_request');
    });

    test('in zeros is no JSON', async () => {
      const answer = await packed(gzipSync(Buffer.alloc(1000)));
      expect(refusalOf(answer, 400).code).toBe('invalid_json');
    });

    test.each([
      ['br', brotliCompressSync(POLL)],
      ['nobody-knows', Buffer.from(POLL)],
      ['gzip, gzip', gzipSync(gzipSync(POLL))],
    ])('with %s is refused with 415', async (encoding, body) => {
      expect(refusalOf(await packed(body, encoding), 415).code).toBe('unsupported_media_type');
    });

    test('is answered with a body that is not packed, whatever is accepted', async () => {
      const id = await bus.publish('c', `{"text":"${'x'.repeat(5000)}"}`);
      const answer = await bus.post('bus', POLL, { 'Accept-Encoding': 'gzip, br, *' });
      expect(idOf(answer)).toBe(id);
      expect(answer.headers).not.toHaveProperty('content-encoding');
    });
  });
};
