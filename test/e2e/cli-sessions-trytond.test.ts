/**
 * `jetbus serve --sessions trytond:URL`, with a server that plays trytond: the whole way from a poll to a question and back.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { readyz, type Serving, serve } from '../support/cli.ts';
import { poll, session } from '../support/http.ts';
import {
  always,
  CHALLENGE,
  credentialsOf,
  type Play,
  startTrytond,
  type TrytondServer,
  trytond,
} from '../support/trytond-server.ts';

const SOON = { timeout: 10_000, interval: 20 };
const EMPTY = '{"message":null,"channel":null}';
const ADA = { Authorization: session(7, 'ada', 'good') };
const SHORT = ['--session-ttl', '0.1', '--session-negative-ttl', '0.1'];
const EVE = { Authorization: session(7, 'eve', 'bad') };

let server: TrytondServer;
let play: Play;

beforeEach(async () => {
  play = trytond('good');
  server = await startTrytond((response, asked) => play(response, asked));
});

const start = (...more: ReadonlyArray<string>): Promise<Serving> =>
  serve([
    ...['--log', 'memory:', '--drain', '0.1', '--publish-token', 'secret'],
    ...['--sessions', `trytond:${server.url}/tryton/`],
    ...more,
  ]);

const holds = async ({ url }: Serving, count: number): Promise<void> => {
  const held = async () => JSON.parse((await readyz(url)).body).held;
  await expect.poll(held, SOON).toBe(count);
};

/** A poll of a session of which trytond has said that it holds: it was asked again. */
const hold = async (node: Serving) => {
  const held = poll(node.url, 'demo', {}, ADA);
  const goodOnes = () => server.asked.filter((each) => credentialsOf(each).key === 'good').length;
  await expect.poll(goodOnes, SOON).toBeGreaterThan(1);
  return { held };
};

/** Stops a node, and has how it ended and in how many seconds. */
const stop = async ({ node }: Serving) => {
  const begin = performance.now();
  node.kill('SIGTERM');
  const { code, stderr } = await node.exited;
  const told = stderr.split('\n').filter((line) => line !== '');
  return {
    code,
    seconds: (performance.now() - begin) / 1000,
    told: told.map(
      (line) => JSON.parse(line) as { readonly msg: string; readonly reason?: string },
    ),
  };
};

describe('a node with --sessions trytond', () => {
  test('holds the polls of who is logged in, and refuses the others', async () => {
    const node = await start();
    const held = [1, 2, 3].map(() => poll(node.url, 'demo', {}, ADA));
    const refused = await poll(node.url, 'demo', {}, EVE);
    expect(refused).toMatchObject({
      status: 401,
      body: '',
      headers: { 'www-authenticate': 'Basic realm="Tryton"' },
    });
    const basic = await poll(node.url, 'demo', {}, { Authorization: 'Basic YTpi' });
    expect(basic.status).toBe(400);
    await holds(node, 3);
    const asked = server.asked.filter((each) => credentialsOf(each).key === 'good');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      path: '/tryton/demo/bus',
      headers: { 'x-forwarded-for': '127.0.0.1' },
    });
    const { code } = await stop(node);
    expect(code).toBe(0);
    for (const answer of await Promise.all(held)) expect(answer.body).toBe(EMPTY);
  });

  test('asks about who is refused again after the shorter time, and no sooner', async () => {
    const [patient, eager] = [await start(), await start('--session-negative-ttl', '0.1')];
    const refused = async ({ url }: Serving) =>
      expect((await poll(url, 'demo', {}, EVE)).status).toBe(401);
    for (let n = 0; n < 3; n += 1) await refused(patient);
    expect(server.asked).toHaveLength(1);
    const asked = async () => {
      await refused(eager);
      return server.asked.length;
    };
    await expect.poll(asked, SOON).toBe(3);
  });

  test('ends a hold when the session has ended, and refuses the next poll', async () => {
    const node = await start('--session-ttl', '0.2');
    const { held } = await hold(node);
    play = always(401, CHALLENGE);
    expect(await held).toMatchObject({ status: 200, body: EMPTY });
    expect((await poll(node.url, 'demo', {}, ADA)).status).toBe(401);
  });

  test('goes on while trytond is away with whom it knows, and with nobody else', async () => {
    const node = await start(...SHORT);
    const { held } = await hold(node);
    await server.stop();
    const eve = await poll(node.url, 'demo', {}, EVE);
    expect(eve.status).toBe(503);
    expect(JSON.parse(eve.body).error).toMatchObject({
      code: 'sessions_unavailable',
      message: expect.not.stringContaining('ECONNREFUSED'),
    });
    const again = poll(node.url, 'demo', {}, ADA);
    await holds(node, 2);
    const { code, told } = await stop(node);
    expect(code).toBe(0);
    for (const answer of [await held, await again]) expect(answer.body).toBe(EMPTY);
    const errors = told.filter(({ msg }) => msg === 'trytond cannot be asked about sessions');
    expect(errors).toMatchObject([{ reason: expect.stringContaining('ECONNREFUSED') }]);
  });

  test('lets holds end when trytond is away for longer than the grace', async () => {
    const node = await start(...SHORT, '--session-grace', '0.2');
    const { held } = await hold(node);
    await server.stop();
    expect(await held).toMatchObject({ status: 200, body: EMPTY });
    expect((await poll(node.url, 'demo', {}, ADA)).status).toBe(503);
  });

  test('says that it asks itself, when it is told so', async () => {
    const first = await start();
    const node = await serve([
      ...['--log', 'memory:', '--publish-token', 'secret', '--sessions', `trytond:${first.url}`],
    ]);
    expect((await poll(node.url, 'demo', {}, ADA)).status).toBe(503);
    const { told } = await stop(node);
    expect(told).toContainEqual(
      expect.objectContaining({ reason: expect.stringContaining('trytond’s own address') }),
    );
  });
});

describe('a node with --sessions trytond that is told to stop', () => {
  test('ends at once, though it knows sessions whose time is not over', async () => {
    const node = await start('--session-ttl', '3600', '--long-polling-timeout', '0');
    for (const user of [7, 8, 9]) {
      await poll(node.url, 'demo', {}, { Authorization: session(user, 'ada', 'good') });
    }
    const { code, seconds, told } = await stop(node);
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(5);
    expect(told.map(({ msg }) => msg)).not.toContain('trytond cannot be asked about sessions');
  });

  test('ends at once, though a question is under way', async () => {
    const node = await start();
    play = () => {};
    const answered = poll(node.url, 'demo', {}, ADA);
    await expect.poll(() => server.asked.length, SOON).toBe(1);
    const { code, seconds, told } = await stop(node);
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(5);
    expect((await answered).status).toBe(503);
    expect(told.map(({ msg }) => msg)).not.toContain('trytond cannot be asked about sessions');
  });
});
