/**
 * docs/tryton/nginx.conf: a held poll is neither cut nor kept back, and trouble behind nginx never ends a client.
 */
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { memoryLog } from '../../../src/library/logs.ts';
import { publish } from '../../support/cli.ts';
import { databasePath, poll, request, session } from '../../support/http.ts';
import { serve } from '../../support/serving.ts';
import { type NginxOptions, startNginx } from './nginx.ts';
import { answerNothing, NOTHING, startUpstream, type Upstream } from './upstream.ts';

/** Tryton's clients give a poll up after so many seconds by themselves. */
const CLIENT_TIMEOUT_S = 600;
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

const proxy = async (options: Partial<NginxOptions>) => {
  const nginx = await startNginx({ trytond: NOWHERE, jetbus: [NOWHERE], ...options });
  onTestFinished(nginx.stop);
  return nginx;
};

const upstream = async (...args: Parameters<typeof startUpstream>): Promise<Upstream> => {
  const started = await startUpstream(...args);
  onTestFinished(started.stop);
  return started;
};

const startJetbus = async (): Promise<string> => {
  const { url, close } = await serve({ log: memoryLog() });
  onTestFinished(() => close());
  return url;
};

const anyPoll = (url: string) => poll(url, 'demo', { channels: ['a'] });

test('nginx cuts a poll later than a client gives it up, and says 503 then', async () => {
  const silent = await upstream(() => {});
  const instead = { 'proxy_read_timeout 660s;': 'proxy_read_timeout 300ms;' };
  const jetbus = [silent.url];
  const { configuration } = await proxy({ jetbus });
  const { url } = await proxy({ jetbus, instead });
  const [, seconds] =
    /proxy_read_timeout (\d+)s;\s+proxy_connect_timeout/.exec(configuration) ?? [];
  expect(Number(seconds)).toBeGreaterThan(CLIENT_TIMEOUT_S);
  expect((await anyPoll(url)).status).toBe(503);
});

test('an answer comes whole and as Jetbus made it', async () => {
  const jetbus = await startJetbus();
  const { url } = await proxy({ jetbus: [jetbus] });
  const message = JSON.stringify({ text: 'ß'.repeat(200_000) });
  const [direct, proxied] = [anyPoll(jetbus), anyPoll(url)];
  await publish(jetbus, 'a', message);
  const { body, headers } = await proxied;
  expect(body).toBe((await direct).body);
  expect(body.length).toBeGreaterThan(200_000);
  expect(headers).toMatchObject({
    'content-length': String(Buffer.byteLength(body)),
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'bus-resume': 'start',
  });
});

test('an answer is not compressed, whatever the client takes', async () => {
  const jetbus = await startJetbus();
  const around = 'gzip_types application/json; gzip_proxied any; gzip_min_length 1;';
  const { url } = await proxy({ jetbus: [jetbus], around });
  await publish(jetbus, 'a', '{"n":1}');
  const { headers } = await poll(url, 'demo', { channels: ['a'] }, { 'Accept-Encoding': 'gzip' });
  expect(headers).not.toHaveProperty('content-encoding');
});

test('a compressed poll is understood', async () => {
  const jetbus = await startJetbus();
  const { url } = await proxy({ jetbus: [jetbus] });
  await publish(jetbus, 'a', '{"n":1}');
  const { body } = await request({
    url,
    path: '/demo/bus',
    headers: {
      Authorization: session(1),
      'Content-Type': 'application/json',
      'Content-Encoding': 'gzip',
    },
    body: gzipSync('{"channels":["a"]}'),
  });
  expect(JSON.parse(body)).toMatchObject({ channel: 'a', message: { n: 1 } });
});

test.each(['My shop', '50%', 'a.b', 'Händler'])('the database “%s” is polled', async (database) => {
  const jetbus = await startJetbus();
  const { url } = await proxy({ jetbus: [jetbus] });
  const headers = { 'Content-Type': 'application/json' };
  const path = `${databasePath(database)}/bus/publish`;
  await request({ url: jetbus, path, headers, body: '{"channel":"a","message":{"n":1}}' });
  const { body } = await poll(url, database, { channels: ['a'] });
  expect(JSON.parse(body)).toMatchObject({ channel: 'a', message: { n: 1 } });
});

test('a method that Jetbus does not have is refused by it', async () => {
  const jetbus = await startJetbus();
  const { url } = await proxy({ jetbus: [jetbus] });
  const { status, headers } = await request({ url, path: '/demo/bus', method: 'GET' });
  expect(status).toBe(405);
  expect(headers.allow).toBe('POST, OPTIONS');
});

test('a client that hangs up hangs up at Jetbus', async () => {
  let closed: Promise<unknown> | undefined;
  const holding = await upstream((response) => {
    closed = new Promise((resolve) => response.once('close', resolve));
  });
  const { url } = await proxy({ jetbus: [holding.url] });
  const held = anyPoll(url);
  await holding.askedTimes(1);
  held.destroy();
  await closed;
});

test('polls that follow each other share a connection to Jetbus', async () => {
  const jetbus = await upstream();
  const { url } = await proxy({ jetbus: [jetbus.url] });
  for (let times = 0; times < 3; times += 1) await anyPoll(url);
  expect(jetbus.asked.map(({ connection }) => connection)).toEqual([1, 1, 1]);
});

test('a connection that Jetbus has closed meanwhile is made anew, and the client sees nothing of it', async () => {
  let times = 0;
  const jetbus = await upstream((response, asked) => {
    times += 1;
    if (times === 2) response.destroy();
    else answerNothing(response, asked);
  });
  const { url } = await proxy({ jetbus: [jetbus.url] });
  for (const _ of [1, 2]) expect((await anyPoll(url)).body).toBe(NOTHING);
  expect(jetbus.asked.map(({ connection }) => connection)).toEqual([1, 1, 2]);
});

test('a poll goes on at another node when the one that held it dies', async () => {
  const dying = await upstream((response) => void response.destroy());
  const living = await upstream();
  const { url } = await proxy({ jetbus: [dying.url, living.url] });
  for (const _ of [1, 2]) {
    const { status, body } = await anyPoll(url);
    expect({ status, body }).toEqual({ status: 200, body: NOTHING });
  }
  expect(living.asked).toHaveLength(2);
  expect(living.asked[0]?.body).toEqual(dying.asked[0]?.body);
});

test('a poll is not sent around when every node dies of it', async () => {
  const nodes = [];
  for (const _ of [1, 2, 3]) nodes.push(await upstream((response) => void response.destroy()));
  const { url } = await proxy({ jetbus: nodes.map((node) => node.url) });
  expect((await anyPoll(url)).status).toBe(503);
  expect(nodes.flatMap(({ asked }) => asked)).toHaveLength(2);
});

test.each(['', 'error_page 500 502 503 504 =200 /sorry.html;', 'proxy_intercept_errors on;'])(
  'no node is a 503 in JSON, inside of “%s”',
  async (around) => {
    const { url } = await proxy({ around });
    const { status, headers, body } = await anyPoll(url);
    expect(status).toBe(503);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body).error).toMatchObject({ code: 'unreachable' });
  },
);

test.each([401, 501, 503])('a %d of Jetbus goes through as it is', async (code) => {
  const jetbus = await upstream((response) => void response.writeHead(code).end('why'));
  const around = 'proxy_intercept_errors on; error_page 401 501 503 =200 /sorry.html;';
  const { url } = await proxy({ jetbus: [jetbus.url], around });
  const { status, body } = await anyPoll(url);
  expect({ status, body }).toEqual({ status: code, body: 'why' });
  expect(jetbus.asked).toHaveLength(1);
});
