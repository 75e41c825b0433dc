import { describe, expect, test } from 'vitest';
import { refusalOf, type StartBus, useBus } from './protocol-fixture.ts';

const NOWHERE: ReadonlyArray<readonly [method: string, path: string]> = [
  ['GET', '/'],
  ['POST', '/'],
  ['POST', '/db'],
  ['POST', '/db/'],
  ['POST', '/db/bus/'],
  ['POST', '/db/bus/other'],
  ['POST', '/db/bus/publish/'],
  ['POST', '/db/other/bus'],
  ['POST', '/db/BUS'],
  ['GET', '/-/'],
  ['GET', '/-/other'],
  ['GET', '/-/healthz/'],
];

const BUS_ROUTES = ['/db/bus', '/db/bus/publish', '/db/bus/notify', '/a%2Fb/bus', '/-/bus'];
const HEALTH_ROUTES = ['/-/healthz', '/-/readyz'];

export const describeRoutes = (start: StartBus): void => {
  describe('a request', () => {
    const bus = useBus(start);

    test.each(NOWHERE)('%s %s goes nowhere: 404', async (method, path) => {
      expect(refusalOf(await bus.request({ method, path }), 404).code).toBe('not_found');
    });

    test.each(['/%/bus', '/%E0%A4%A/bus', '/%ff/bus', '/%ed%a0%80/bus'])(
      'to %s, which is no percent-encoded UTF-8, is refused with 400',
      async (path) => {
        refusalOf(await bus.request({ path }), 400);
      },
    );

    test('to a database of more bytes than a name can have is refused, and not repeated', async () => {
      const answer = await bus.request({ path: `/${'x'.repeat(5000)}/bus` });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      refusalOf(answer, answer.status);
      expect(answer.bytes.length).toBeLessThan(1000);
    });

    test.each(BUS_ROUTES)('to %s may only be POST: 405', async (path) => {
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
        const answer = await bus.request({ method, path });
        expect(refusalOf(answer, 405).code).toBe('method_not_allowed');
        expect(answer.headers.allow).toBe('POST, OPTIONS');
      }
      const head = await bus.request({ method: 'HEAD', path });
      expect(head.status).toBe(405);
      expect(head.headers.allow).toBe('POST, OPTIONS');
    });

    test.each(BUS_ROUTES)(
      'to %s by OPTIONS, of no other origin, is told the methods',
      async (path) => {
        const answer = await bus.request({ method: 'OPTIONS', path });
        expect([answer.status, answer.headers.allow]).toEqual([204, 'POST, OPTIONS']);
      },
    );

    test.each(HEALTH_ROUTES)('to %s may only be GET: 405', async (path) => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const answer = await bus.request({ method, path });
        expect(refusalOf(answer, 405).code).toBe('method_not_allowed');
        expect(answer.headers.allow).toBe('GET, HEAD');
      }
    });
  });

  describe('a bus', () => {
    const bus = useBus(start);

    test('says on /-/healthz that it lives', async () => {
      const answer = await bus.request({ method: 'GET', path: '/-/healthz' });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
      expect(JSON.parse(answer.body)).toEqual({ status: 'alive', node: 'serving' });
    });

    test('says on /-/readyz that it answers polls, and how many it holds', async () => {
      const held = bus.poll({});
      await bus.holds(1);
      const answer = await bus.request({ method: 'GET', path: '/-/readyz' });
      held.destroy();
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
      expect(JSON.parse(answer.body)).toMatchObject({
        ready: true,
        reasons: [],
        node: 'serving',
        tail: { state: 'live' },
        held: 1,
      });
    });

    test.each(HEALTH_ROUTES)('says %s to HEAD without a body', async (path) => {
      const answer = await bus.request({ method: 'HEAD', path });
      expect(answer.status).toBe(200);
      expect(answer.bytes).toHaveLength(0);
    });

    test.each(HEALTH_ROUTES)('says %s to everybody', async (path) => {
      const headers = { Authorization: 'junk' };
      expect((await bus.request({ method: 'GET', path, headers })).status).toBe(200);
    });
  });
};
