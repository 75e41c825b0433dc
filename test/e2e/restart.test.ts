/**
 * A node that is killed, and a log that is not there yet: whoever polls on misses nothing.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { directory, linesOf, publish, readyz, run, serve, start } from '../support/cli.ts';
import { poll, request } from '../support/http.ts';
import { NatsServer } from '../support/nats-server.ts';

/** Publishes some numbers, each again and again until it is acknowledged; answers with their ids. */
const publishAll = async (
  url: string,
  from: number,
  to: number,
): Promise<ReadonlyArray<string>> => {
  const ids: Array<string> = [];
  for (let n = from; n < to; n += 1) {
    const { body } = await vi.waitFor(
      async () => {
        const published = await publish(url, 'a', `{"n":${n}}`, { 'Idempotency-Key': `key-${n}` });
        expect(published.status).toBe(201);
        return published;
      },
      { interval: 20, timeout: 10_000 },
    );
    ids.push(JSON.parse(body).message_id);
  }
  return ids;
};

const idsOf = (stdout: string): ReadonlyArray<string> =>
  linesOf(stdout).map((line) => JSON.parse(line).message.message_id);

test('a node is killed while it publishes: nothing is lost, nothing comes twice', async () => {
  const log = `file:${directory()}`;
  const first = await serve(['--log', log]);
  const { host } = new URL(first.url);
  const polling = ['poll', 'demo', '--channel', 'a', '--url', first.url, '--count', '60'];
  const client = start(polling);
  const before = await publishAll(first.url, 0, 30);
  await client.lines(10);
  const publishing = publishAll(first.url, 30, 60);
  first.node.kill('SIGKILL');
  await first.node.exited;

  await serve(['--log', log, '--listen', host]);
  const ids = [...before, ...(await publishing)];
  const { code, stdout } = await client.exited;
  expect(code).toBe(0);
  expect(idsOf(stdout)).toEqual(ids);
  expect(idsOf((await run(polling)).stdout)).toEqual(ids);
});

test('a node without NATS says so, lets polls wait, and serves when NATS comes', async () => {
  const nats = await NatsServer.start();
  onTestFinished(() => nats.dispose());
  await nats.stop();
  const { node, url } = await serve(['--log', nats.url]);
  const held = poll(url, 'demo', { channels: ['a'] });

  const unready = await readyz(url);
  expect(unready.status).toBe(503);
  expect(JSON.parse(unready.body)).toMatchObject({
    ready: false,
    reasons: [expect.stringContaining('node'), expect.stringContaining('tail')],
  });
  expect((await request({ url, path: '/-/healthz', method: 'GET' })).status).toBe(200);
  const begin = performance.now();
  const refused = await publish(url, 'a', '{"n":1}');
  expect(performance.now() - begin).toBeLessThan(9000);
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.body).error.code).toBe('log_unavailable');
  expect(JSON.parse((await readyz(url)).body).held).toBe(1);

  await nats.restart();
  await expect
    .poll(async () => (await readyz(url)).status, { timeout: 10_000, interval: 50 })
    .toBe(200);
  const { message_id } = JSON.parse((await publish(url, 'a', '{"n":2}')).body);
  expect(JSON.parse((await held).body)).toEqual({ message: { n: 2, message_id }, channel: 'a' });
  node.kill('SIGTERM');
  expect((await node.exited).code).toBe(0);
}, 30_000);
