/**
 * What proxies have to do with a poll: what they are told by its answer, and what they are believed about its client. And a
 * question to trytond that comes back to a node.
 */
import { Agent } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BusError } from '../../src/bus/errors.ts';
import { E } from '../../src/fp.ts';
import { memoryLog } from '../../src/library/logs.ts';
import type { Session, Sessions } from '../../src/ports.ts';
import { userOf } from '../support/arbitrary.ts';
import { poll, request } from '../support/http.ts';
import { type ServingSettings, serve } from '../support/serving.ts';
import { asking, questionOf } from '../support/trytond-server.ts';
import { refusalOf } from './protocol-fixture.ts';

const ANYBODY: E.Either<BusError, Session> = E.right({
  user: userOf('1'),
  listen: () => {},
  forget: () => {},
});

/** Sessions that all hold, or none for a reason, and the addresses of who asked. */
const recording = (answer = ANYBODY) => {
  const addresses: Array<string | undefined> = [];
  const sessions: Sessions = {
    trusting: false,
    check: (_database, _authorization, address) => {
      addresses.push(address);
      return answer;
    },
  };
  return { sessions, addresses };
};

const start = async (settings: ServingSettings = {}) => {
  const bus = await serve({ log: memoryLog(), longPollingTimeoutMs: 0, ...settings });
  onTestFinished(() => bus.close());
  return bus;
};

const NOT_KEPT = { 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

describe('an answer to a poll is neither kept nor held back on its way', () => {
  test.each<[what: string, status: number, settings: ServingSettings, answer?: typeof ANYBODY]>([
    ['nothing was found', 200, {}],
    ['the session does not hold', 401, {}, E.left({ _tag: 'Unauthorized' })],
    ['the token does not hold', 401, {}, E.left({ _tag: 'Unauthorized', reason: 'why' })],
    ['trytond is away', 503, {}, E.left({ _tag: 'SessionsUnavailable', reason: 'why' })],
    ['a password came', 400, {}, E.left({ _tag: 'BasicAuthorization' })],
    ['the bus is off', 501, { allowSubscribe: false }],
  ])('when %s', async (_, status, settings, answer) => {
    const { url } = await start({ ...recording(answer), ...settings });
    const answered = await poll(url, 'demo', {});
    expect(answered.status).toBe(status);
    expect(answered.headers).toMatchObject(NOT_KEPT);
  });

  test('when there is a message', async () => {
    const { url, node } = await start(recording());
    await node.publisher.publish('demo', 'user:1', Buffer.from('{}'))();
    const answered = await poll(url, 'demo', {});
    expect(answered.body).toContain('message_id');
    expect(answered.headers).toMatchObject(NOT_KEPT);
  });
});

test('a token that does not hold is told why', async () => {
  const { url } = await start(recording(E.left({ _tag: 'Unauthorized', reason: 'it is "é"' })));
  const { headers, body } = await poll(url, 'demo', {});
  expect(headers['www-authenticate']).toBe(
    `Bearer realm="Jetbus", error="invalid_token", error_description="it is '?'"`,
  );
  expect(body).toBe('');
});

describe('the address of a client', () => {
  const addressOf = async (
    trustedProxies: ReadonlyArray<string>,
    headers: Readonly<Record<string, string>>,
  ) => {
    const { sessions, addresses } = recording();
    const { url } = await start({ sessions, trustedProxies });
    await poll(url, 'demo', {}, headers);
    return addresses;
  };

  test.each([
    ['X-Forwarded-For', '192.0.2.1'],
    ['Forwarded', 'for=192.0.2.1'],
    ['X-Real-IP', '192.0.2.1'],
  ])('is its connection’s when it says something else by %s itself', async (name, value) => {
    expect(await addressOf([], { [name]: value })).toEqual(['127.0.0.1']);
    expect(await addressOf(['192.0.2.0/24'], { [name]: value })).toEqual(['127.0.0.1']);
  });

  test.each([
    ['one client', ['127.0.0.1'], '192.0.2.1', '192.0.2.1'],
    ['a client with another’s address', ['127.0.0.1'], '192.0.2.9, 192.0.2.1', '192.0.2.1'],
    [
      'a client behind two proxies',
      ['127.0.0.1', '10.0.0.0/8'],
      '192.0.2.1, 10.1.2.3',
      '192.0.2.1',
    ],
    ['a client by IPv6', ['127.0.0.0/8'], '2001:db8::1', '2001:db8::1'],
    ['nobody', ['127.0.0.1'], '', '127.0.0.1'],
  ])('is what a trusted proxy says of %s', async (_, proxies, forwarded, address) => {
    expect(await addressOf(proxies, { 'X-Forwarded-For': forwarded })).toEqual([address]);
  });
});

describe('a question to trytond that comes to a node', () => {
  test('is answered with 508, and nobody is asked', async () => {
    const { sessions, addresses } = recording();
    const { url, node } = await start({ sessions });
    const answered = await poll(url, 'demo', {}, { 'Jetbus-Question': '1' });
    expect(refusalOf(answered, 508)).toMatchObject({ code: 'loop' });
    expect(answered.headers).toMatchObject(NOT_KEPT);
    expect(addresses).toEqual([]);
    expect(node.hub.held).toBe(0);
  });

  test('is understood by the node that asked', async () => {
    const { url } = await start(recording());
    expect(await asking(url).ask(questionOf())).toEqual({
      _tag: 'Unknown',
      reason: expect.stringContaining('Jetbus itself'),
    });
  });

  test('leaves the connection as good as it was', async () => {
    const { url } = await start(recording());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const first = await poll(url, 'demo', {}, { 'Jetbus-Question': '1' }, agent);
    const second = await poll(url, 'demo', {}, {}, agent);
    expect(second).toMatchObject({ status: 200, port: first.port });
  });

  test('is no publish: the mark there means nothing', async () => {
    const { url } = await start({ ...recording(), publishToken: 'secret' });
    const published = await request({
      url,
      path: '/demo/bus/publish',
      headers: {
        'Content-Type': 'application/json',
        Authorization: 'Bearer secret',
        'Jetbus-Question': '1',
      },
      body: '{"channel":"c","message":{}}',
    });
    expect(published.status).toBe(201);
  });
});

test('a connection is kept for longer than a proxy keeps an idle one', async () => {
  const { headers } = await fetch(`${(await start()).url}/-/healthz`);
  expect(headers.get('keep-alive')).toBe('timeout=95');
});
