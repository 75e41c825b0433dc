/**
 * `jetbus poll`: a client on the command line.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { linesOf, publish, run, serve, start } from '../support/cli.ts';

const publishedAs = async (url: string, channel: string, message: string): Promise<string> => {
  const { status, body } = await publish(url, channel, message);
  expect(status).toBe(201);
  return JSON.parse(body).message_id;
};

/** A server that answers each request with the next of some answers. */
const answering = async (
  ...answers: ReadonlyArray<[status: number, body: string]>
): Promise<{ readonly url: string; readonly asked: ReadonlyArray<string> }> => {
  const left = [...answers];
  const asked: Array<string> = [];
  const server = createServer(async (incoming, response) => {
    const [status, body] = left.shift() ?? [500, 'no answer is left'];
    asked.push(Buffer.concat(await incoming.toArray()).toString());
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

test('poll prints what is there and then what comes, in order and once', async () => {
  const { url } = await serve(['--log', 'memory:']);
  const channels = ['--channel', 'a', '--channel', 'b'];
  const ids = [await publishedAs(url, 'a', '{"n":1}'), await publishedAs(url, 'b', '{"n":2}')];
  const polling = start(['poll', 'demo', '--url', url, ...channels, '--count', '4']);
  await polling.lines(2);
  await publish(url, 'c', '{"n":0}');
  ids.push(await publishedAs(url, 'b', '{"n":3}'));
  await polling.lines(3);
  ids.push(await publishedAs(url, 'a', '{"n":4}'));

  const { code, stdout } = await polling.exited;
  expect(code).toBe(0);
  const printed = linesOf(stdout).map((line) => JSON.parse(line));
  expect(printed.map(({ message }) => message.n)).toEqual([1, 2, 3, 4]);
  expect(printed.map(({ message }) => message.message_id)).toEqual(ids);
  expect(printed.map(({ channel }) => channel)).toEqual(['a', 'b', 'b', 'a']);
});

test('--last-message begins after it', async () => {
  const { url } = await serve(['--log', 'memory:']);
  const first = await publishedAs(url, 'a', '{"n":1}');
  await publish(url, 'a', '{"n":2}');
  const from = ['--last-message', first, '--count', '1'];
  const { stdout } = await run(['poll', 'demo', '--url', url, '--channel', 'a', ...from]);
  expect(JSON.parse(stdout).message.n).toBe(2);
});

test('--session says whose channel is listened to', async () => {
  const { url } = await serve(['--log', 'memory:']);
  await publish(url, 'user:42', '{"n":1}');
  const whose = ['--session', 'ada:42:key', '--count', '1'];
  const { stdout } = await run(['poll', 'demo', '--url', url, ...whose]);
  expect(JSON.parse(stdout).channel).toBe('user:42');
});

test('a response that brings nothing is a line too, and is polled on from where it was', async () => {
  const { url, asked } = await answering(
    [200, '{"message":{"message_id":"x"},"channel":"a"}'],
    [200, '{"message":null,"channel":null}'],
    [200, '{"message":null,"channel":null}'],
  );
  const { code, stdout } = await run(['poll', 'demo', '--url', url, '--count', '3']);
  expect(code).toBe(0);
  expect(linesOf(stdout)).toHaveLength(3);
  expect(asked.map((body) => JSON.parse(body).last_message)).toEqual([null, 'x', 'x']);
});

test('a message that its publisher wrote on several lines is one line', async () => {
  const { url } = await serve(['--log', 'memory:']);
  await publish(url, 'a', '{"n":\n[1,\r\n2]}');
  const { stdout } = await run(['poll', 'demo', '--url', url, '--channel', 'a', '--count', '1']);
  expect(linesOf(stdout)).toHaveLength(1);
  expect(JSON.parse(stdout).message.n).toEqual([1, 2]);
});

test('501 ends it, as it ends Tryton’s clients', async () => {
  const { url } = await serve(['--log', 'memory:', '--no-allow-subscribe']);
  const { code, stdout, stderr } = await run(['poll', 'demo', '--url', url]);
  expect(code).toBe(69);
  expect(stderr).toContain('501');
  expect(stdout).toBe('');
});

test.each([
  { status: 401, exit: 77 },
  { status: 400, exit: 65 },
])('$status ends it with $exit', async ({ status, exit }) => {
  const { url } = await answering([status, '']);
  const { code, stderr } = await run(['poll', 'demo', '--url', url]);
  expect(code).toBe(exit);
  expect(stderr).toContain(String(status));
});

test('another error is told and waited out', async () => {
  const { url, asked } = await answering(
    [503, 'not now'],
    [200, '{"message":null,"channel":null}'],
  );
  const { code, stderr } = await run(['poll', 'demo', '--url', url, '--count', '1']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/503 not now; again in 1 s/);
  expect(asked).toHaveLength(2);
});
