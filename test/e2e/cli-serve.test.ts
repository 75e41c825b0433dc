/**
 * `jetbus serve`: what it says, what it refuses, and how it ends.
 */
import { describe, expect, test } from 'vitest';
import {
  directory,
  isInstalled,
  type Running,
  readyz,
  run,
  type Serving,
  serve,
  startProgram,
} from '../support/cli.ts';
import { type HeldPoll, poll, request } from '../support/http.ts';

/** Generous: the machine may be busy with other tests. */
const SOON = { timeout: 10_000, interval: 20 };

const heldBy = async (url: string): Promise<number> => JSON.parse((await readyz(url)).body).held;

const hold = async (url: string, count: number): Promise<ReadonlyArray<HeldPoll>> => {
  const polls = Array.from({ length: count }, () => poll(url, 'demo', { channels: ['a'] }));
  await expect.poll(() => heldBy(url), SOON).toBe(count);
  return polls;
};

const memoryNode = (...args: ReadonlyArray<string>): Promise<Serving> =>
  serve(['--log', 'memory:', ...args]);

const secondsOf = async (act: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await act();
  return (performance.now() - begin) / 1000;
};

describe('serve says', () => {
  test('its address, with the port that it got', async () => {
    const { url } = await memoryNode();
    expect(new URL(url)).toMatchObject({ protocol: 'http:', hostname: '127.0.0.1' });
    expect(Number(new URL(url).port)).toBeGreaterThan(0);
    await expect.poll(async () => (await readyz(url)).status, SOON).toBe(200);
  });

  test('what it does in lines of JSON on the error stream', async () => {
    const { node, url } = await memoryNode();
    await expect.poll(() => heldBy(url), SOON).toBe(0);
    node.kill('SIGTERM');
    const { stderr } = await node.exited;
    const messages = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages).toContain('draining');
  });

  test('two curl lines, of which the second answers the first', async ({ skip }) => {
    skip(!isInstalled('curl'), 'curl is not installed');
    const { node, url } = await memoryNode('--publish-token', 'secret');
    const [, ask = ''] = await node.line(/^ {2}(curl .*\/demo\/bus)$/);
    const [, tell = ''] = await node.line(/^ {2}(curl .*\/demo\/bus\/publish)$/);

    const asking = shell(ask);
    await expect.poll(() => heldBy(url), SOON).toBe(1);
    const told = await shell(tell).exited;
    const { message_id } = JSON.parse(told.stdout);
    expect(JSON.parse(told.stdout)).toEqual({ channel: 'hello', message_id });
    expect(JSON.parse((await asking.exited).stdout)).toEqual({
      channel: 'hello',
      message: { type: 'greeting', message_id },
    });
  });
});

const shell = (line: string): Running =>
  startProgram('sh', ['-c', line], { env: { JETBUS_PUBLISH_TOKEN: 'secret' } });

describe('serve refuses', () => {
  test('a directory that another node has', async () => {
    const path = directory();
    const log = `file:${path}`;
    await serve(['--log', log]);
    const { code, stdout, stderr } = await run(['serve', '--listen', '127.0.0.1:0', '--log', log]);
    expect(code).toBe(73);
    expect(stderr).toContain(`${path} is in use by another jetbus process`);
    expect(stdout).toBe('');
  });

  test('an address that another node has', async () => {
    const { url } = await memoryNode();
    const { host } = new URL(url);
    const { code, stdout, stderr } = await run(['serve', '--listen', host, '--log', 'memory:']);
    expect(code).toBe(69);
    expect(stderr).toContain(host);
    expect(stdout).toBe('');
  });

  test('to believe everybody on an address that others reach, unless told to', async () => {
    const { code, stderr } = await run(['serve', '--listen', '0.0.0.0:0', '--log', 'memory:']);
    expect(code).toBe(64);
    expect(stderr).toContain('--insecure');

    const { url } = await memoryNode('--listen', '0.0.0.0:0', '--insecure');
    expect((await request({ url, path: '/-/healthz', method: 'GET' })).status).toBe(200);
  });

  test('a history shorter than the cache timeout', async () => {
    const { code, stderr } = await run([
      'serve',
      '--log',
      'memory:',
      '--history',
      '10s',
      '--cache-timeout',
      '11',
    ]);
    expect(code).toBe(64);
    expect(stderr).toContain('--history');
    expect(stderr).toContain('--cache-timeout');
  });
});

describe('serve ends', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('on %s, and exits 0', async (signal) => {
    const { node, url } = await memoryNode();
    await expect.poll(() => heldBy(url), SOON).toBe(0);
    node.kill(signal);
    expect((await node.exited).code).toBe(0);
  });

  test('held polls with nothing, within the time to drain', async () => {
    const { node, url } = await memoryNode('--drain', '1');
    const polls = await hold(url, 5);
    const seconds = await secondsOf(async () => {
      node.kill('SIGTERM');
      for (const answer of await Promise.all(polls)) {
        expect(answer).toMatchObject({ status: 200, body: '{"message":null,"channel":null}' });
        expect(answer.headers.connection).toBe('close');
      }
      expect((await node.exited).code).toBe(0);
    });
    expect(seconds).toBeLessThan(3);
  });

  test('at once on another signal a second later, and not well', async () => {
    const { node, url } = await memoryNode('--drain', '600');
    const polls = await hold(url, 5);
    node.kill('SIGTERM');
    await node.line(/the node is draining/);
    expect(await node.killedBy('SIGTERM')).toBe(69);
    await Promise.allSettled(polls);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('once on a %s that npm passes on', async (signal) => {
    const { node, url } = await memoryNode('--drain', '0.1');
    const polls = await hold(url, 5);
    node.kill(signal);
    await node.line(/the node is draining/);
    node.kill(signal);
    expect((await node.exited).code).toBe(0);
    await Promise.allSettled(polls);
  });

  test('also when it never found NATS', async () => {
    const { node, url } = await serve(['--log', 'nats://127.0.0.1:1', '--drain', '0']);
    expect((await readyz(url)).status).toBe(503);
    node.kill('SIGTERM');
    expect((await node.exited).code).toBe(0);
  });
});
