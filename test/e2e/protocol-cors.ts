import { describe, expect, test } from 'vitest';
import { type Answer, type Headers, type HeldPoll, session } from '../support/http.ts';
import { EMPTY, idOf, refusalOf, type StartBus, useBus } from './protocol-fixture.ts';

const LISTED = 'https://app.example.com';
const OTHER_LISTED = 'http://other.example.com:8000';
const LONG_POLLING_TIMEOUT_MS = 200;
const ROUTES = ['bus', 'bus/publish', 'bus/notify'] as const;
const HOST = 'bus.example.com';

const expectNoCors = ({ headers }: Answer): void => {
  const names = Object.keys(headers).filter((name) => name.startsWith('access-control'));
  expect(names).toEqual([]);
};

const expectCors = ({ headers }: Answer, origin: string): void => {
  expect(headers['access-control-allow-origin']).toBe(origin);
  expect(headers['access-control-expose-headers']).toBe('Bus-Resume');
  expect(headers.vary?.split(/, */)).toContain('Origin');
  expect(headers).not.toHaveProperty('access-control-allow-credentials');
};

const SAME: ReadonlyArray<readonly [origin: string, host: string]> = [
  [`http://${HOST}`, HOST],
  [`http://${HOST}`, `${HOST}:80`],
  [`http://${HOST}:80`, HOST],
  [`https://${HOST}`, HOST],
  [`https://${HOST}`, `${HOST}:443`],
  [`https://${HOST}:443`, HOST],
  [`https://${HOST}:8100`, `${HOST}:8100`],
  [`http://${HOST}`, HOST.toUpperCase()],
  ['http://[::1]:8100', '[::1]:8100'],
];

const FOREIGN: ReadonlyArray<readonly [origin: string, host: string]> = [
  ['https://evil.example.com', HOST],
  ['null', HOST],
  ['', HOST],
  ['*', HOST],
  ['file://', HOST],
  [HOST, HOST],
  [`http://${HOST}:8100`, HOST],
  [`http://${HOST}`, `${HOST}:8100`],
  [`http://${HOST}`, `${HOST}:443`],
  [`https://${HOST}`, `${HOST}:80`],
  [`http://${HOST}.evil.com`, HOST],
  [`http://evil.com/${HOST}`, HOST],
  [`http://evil.com@${HOST}`, `evil.com@${HOST}x`],
  [`http://${HOST}, http://${HOST}`, HOST],
  [`${LISTED}:443`, HOST],
  [`${LISTED}.evil.com`, HOST],
  [LISTED.toUpperCase(), HOST],
  ['http://app.example.com', HOST],
  ['http://other.example.com', HOST],
];

export const describeCors = (start: StartBus): void => {
  describe('a request from a browser', () => {
    const bus = useBus(start, {
      cors: [LISTED, OTHER_LISTED],
      longPollingTimeoutMs: LONG_POLLING_TIMEOUT_MS,
    });

    const poll = (headers: Headers): HeldPoll => bus.poll({ channels: ['c'] }, headers);

    test.each(SAME)('of the origin %s passes at the host %s', async (origin, host) => {
      const id = await bus.publish('c', '{}');
      expect(idOf(await poll({ Origin: origin, Host: host }))).toBe(id);
    });

    test('of the very address of the bus passes', async () => {
      const id = await bus.publish('c', '{}');
      expect(idOf(await poll({ Origin: bus.url }))).toBe(id);
    });

    test.each(FOREIGN)(
      'of the origin "%s" is refused with 403 at the host %s',
      async (Origin, Host) => {
        for (const route of ROUTES) {
          const answer = await bus.post(route, '{"channels":["c"]}', { Origin, Host });
          expect(refusalOf(answer, 403)).toMatchObject({ code: 'foreign_origin' });
          expectNoCors(answer);
        }
      },
    );

    test('of a foreign origin is refused before its session is looked at', async () => {
      const answer = await poll({ Origin: 'https://evil.example.com', Authorization: undefined });
      expect(answer.status).toBe(403);
    });

    test('without an origin passes', async () => {
      const id = await bus.publish('c', '{}');
      const answer = await poll({});
      expect(idOf(answer)).toBe(id);
      expectNoCors(answer);
    });

    test.each([LISTED, OTHER_LISTED])(
      'of the listed origin %s is told that it may',
      async (Origin) => {
        const id = await bus.publish('c', '{}');
        const answer = await poll({ Origin });
        expect(idOf(answer)).toBe(id);
        expect(answer.headers['bus-resume']).toBe('start');
        expectCors(answer, Origin);
      },
    );

    test('of a listed origin is told so in the answer to a poll that was held', async () => {
      const found = poll({ Origin: LISTED });
      const nothing = bus.poll({ channels: ['d'] }, { Origin: OTHER_LISTED });
      await bus.holds(2);
      const id = await bus.publish('c', '{}');
      expect(idOf(await found)).toBe(id);
      expectCors(await found, LISTED);
      expect((await nothing).body).toBe(EMPTY);
      expectCors(await nothing, OTHER_LISTED);
    });

    test('of a listed origin is told so with every error', async () => {
      const headers = { Origin: LISTED };
      const answers = [
        await bus.post('bus', 'no JSON', headers),
        await bus.post('bus', '{}', { ...headers, Authorization: undefined }),
        await bus.post('bus', ' '.repeat(1024 * 1024 + 1), headers),
        await bus.post('bus', '{}', { ...headers, 'Content-Type': 'text/plain' }),
        await bus.post('bus/publish', '{}', headers),
        await bus.request({ path: '/nowhere', headers }),
        await bus.request({ path: '/db/bus', method: 'PUT', headers }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 401, 413, 415, 400, 404, 405]);
      for (const answer of answers) expectCors(answer, LISTED);
    });

    test.each(ROUTES)('of a listed origin may ask first, for /%s', async (route) => {
      const answer = await bus.request({
        path: `/db/${route}`,
        method: 'OPTIONS',
        headers: {
          Origin: LISTED,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type,x-requested-with',
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.bytes).toHaveLength(0);
      expectCors(answer, LISTED);
      expect(answer.headers['access-control-allow-methods']).toBe('POST');
      expect(answer.headers['access-control-allow-headers']?.split(/, */)).toEqual(
        expect.arrayContaining(['authorization', 'content-type', 'x-requested-with']),
      );
    });

    test('of a foreign origin may not even ask', async () => {
      const answer = await bus.request({
        path: '/db/bus',
        method: 'OPTIONS',
        headers: { Origin: 'https://evil.example.com', 'Access-Control-Request-Method': 'POST' },
      });
      expect(answer.status).toBe(403);
      expectNoCors(answer);
    });

    test('is not believed about the host that a proxy would forward', async () => {
      const answer = await poll({ Origin: `https://${HOST}`, 'X-Forwarded-Host': HOST });
      expect(answer.status).toBe(403);
    });
  });

  describe('a request through a trusted proxy', () => {
    const bus = useBus(start, { cors: [LISTED], trustedProxies: ['127.0.0.1'] });

    const poll = (headers: Headers): HeldPoll =>
      bus.poll({ channels: ['c'] }, { Host: 'node-1:8100', Authorization: session(1), ...headers });

    test.each([HOST, `${HOST}:443`])('is of the host that it forwards, %s', async (forwarded) => {
      const id = await bus.publish('c', '{}');
      const answer = await poll({ Origin: `https://${HOST}`, 'X-Forwarded-Host': forwarded });
      expect(idOf(answer)).toBe(id);
      expectNoCors(answer);
    });

    test('is of the host that it asks when it forwards none', async () => {
      const id = await bus.publish('c', '{}');
      expect(idOf(await poll({ Origin: 'http://node-1:8100' }))).toBe(id);
    });

    test('is foreign when the host that it forwards is another one', async () => {
      const foreign = [
        await poll({ Origin: `https://${HOST}`, 'X-Forwarded-Host': 'other.example.com' }),
        await poll({ Origin: 'http://node-1:8100', 'X-Forwarded-Host': HOST }),
        await poll({ Origin: `https://${HOST}` }),
      ];
      expect(foreign.map(({ status }) => status)).toEqual([403, 403, 403]);
    });
  });
};
