/**
 * docs/tryton/nginx.conf: what reaches Jetbus from outside, and what does not.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { databasePath, poll, request, session } from '../../support/http.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { startUpstream, type Upstream } from './upstream.ts';

let trytond: Upstream;
let jetbus: Upstream;
let nginx: Nginx;

beforeAll(async () => {
  [trytond, jetbus] = [await startUpstream(), await startUpstream()];
  nginx = await startNginx({ trytond: trytond.url, jetbus: [jetbus.url] });
});

afterAll(async () => {
  await nginx.stop();
  await Promise.all([trytond.stop(), jetbus.stop()]);
});

beforeEach(() => {
  trytond.forget();
  jetbus.forget();
});

const send = (path: string, method = 'POST', headers = {}) =>
  request({ url: nginx.url, path, method, headers: { Authorization: session(1), ...headers } });

const pathsOf = ({ asked }: Upstream): ReadonlyArray<string | undefined> =>
  asked.map(({ url }) => url);

describe('to Jetbus goes', () => {
  test.each([
    'my shop',
    'shop.7',
    'Händler',
    '商店',
    '50%',
    'a+b',
    'a#b',
    'a?b',
    'a;b',
    '-',
    'bus',
  ])('a poll of the database “%s”, whose name goes on as the client wrote it', async (database) => {
    await poll(nginx.url, database, { channels: ['a'] });
    expect(pathsOf(jetbus)).toEqual([`${databasePath(database)}/bus`]);
    expect(jetbus.asked[0]?.body.toString()).toBe('{"channels":["a"]}');
    expect(trytond.asked).toEqual([]);
  });

  test('a name that is written in another way, in that way', async () => {
    await send('/m%79%20shop/bus?x=%2f');
    expect(pathsOf(jetbus)).toEqual(['/m%79%20shop/bus?x=%2f']);
  });

  test('a poll as the desktop client of Tryton 7.0 writes it', async () => {
    await send('/shop//bus');
    expect(pathsOf(jetbus)).toEqual(['/shop//bus']);
  });

  test('the question of a browser whether another page may poll', async () => {
    await send('/shop/bus', 'OPTIONS');
    expect(jetbus.asked).toMatchObject([{ method: 'OPTIONS', url: '/shop/bus' }]);
  });
});

describe('to trytond goes', () => {
  test.each([
    '/',
    '/shop/',
    '/bus',
    '/shop/bus/',
    '/shop/buss',
    '/shop/bus/publish',
    '/shop/bus/notify',
    '/shop/%62us/publish',
    '/shop//bus/publish',
    '/./shop/bus/publish',
    '/x/bus/../../shop/bus/notify',
    '/x%2Fbus%2F..%2F..%2Fshop/bus/notify',
    '/a/b/bus',
    '/a%2Fb/bus',
    '/-/readyz',
    '/-/healthz',
  ])('%s', async (path) => {
    await send(path);
    expect(pathsOf(trytond)).toEqual([path]);
    expect(jetbus.asked).toEqual([]);
  });
});

describe('nowhere goes what is a poll only when it is resolved', () => {
  test.each([
    '/shop/bus/publish/../../../b/bus',
    '/shop/bus/publish;/../../../b/bus',
    '/shop/bus/publish%3F/../../../b/bus',
    '/shop/%62us/notify/../../../b/bus',
    '/shop/bus/publish/..%2F..%2F../b/bus',
    '//shop/bus',
  ])('%s', async (path) => {
    const { status } = await send(path);
    expect(status).toBe(404);
    expect([...jetbus.asked, ...trytond.asked]).toEqual([]);
  });
});

test('what a client says of itself and of its way is not handed on', async () => {
  const { host } = new URL(nginx.url);
  const lies = {
    'X-Forwarded-For': '10.9.8.7',
    'X-Forwarded-Host': 'elsewhere.example',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Prefix': '/elsewhere',
    Forwarded: 'for=10.9.8.7',
  };
  for (const path of ['/shop/bus', '/shop/']) await send(path, 'POST', lies);
  for (const { asked } of [jetbus, trytond]) {
    const { headers = {} } = asked[0] ?? {};
    expect(headers).toMatchObject({
      host,
      authorization: session(1),
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': host,
      'x-forwarded-proto': 'http',
    });
    for (const name of ['forwarded', 'x-forwarded-prefix', 'x-forwarded-port'])
      expect(headers).not.toHaveProperty(name);
  }
});

test('an attachment may be larger than nginx would take by itself', async () => {
  const body = Buffer.alloc(3 * 1024 * 1024, 'x');
  const { status } = await request({ url: nginx.url, path: '/shop/', body });
  expect(status).toBe(200);
  expect(trytond.asked[0]?.body.length).toBe(body.length);
});

test('a compressed poll goes on as it is', async () => {
  const body = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff]);
  const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
  await request({ url: nginx.url, path: '/shop/bus', headers, body });
  expect(jetbus.asked).toMatchObject([{ headers: { 'content-encoding': 'gzip' }, body }]);
});
