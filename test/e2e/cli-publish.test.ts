/**
 * `jetbus publish` and `jetbus notify`: what they publish, and how they fail.
 */
import { describe, expect, test } from 'vitest';
import { directory, type Ended, linesOf, run, serve } from '../support/cli.ts';
import { poll } from '../support/http.ts';

const memoryNode = async (...args: ReadonlyArray<string>): Promise<string> =>
  (await serve(['--log', 'memory:', ...args])).url;

describe('publish', () => {
  test('keeps the bytes of the input that - reads', async () => {
    const url = await memoryNode();
    const input = '{"big":12345678901234567890, "text":"\\u00e9 é","message\\u005fid":"mine"}\n';
    const { stdout } = await run(['publish', 'demo', 'a', '-', '--url', url], { input });
    const { body } = await poll(url, 'demo', { channels: ['a'] });
    const kept = '"big":12345678901234567890, "text":"\\u00e9 é"';
    expect(body).toBe(`{"message":{${kept},"message_id":"${stdout.trim()}"},"channel":"a"}`);
  });

  test('publishes a repeat of a key once, and refuses another message under it', async () => {
    const url = await memoryNode();
    const publish = (json: string): Promise<Ended> =>
      run(['publish', 'demo', 'a', json, '--key', 'order-7', '--url', url]);
    const first = await publish('{"n":1}');
    expect(await publish('{"n":1}')).toEqual(first);
    const other = await publish('{"n":2}');
    expect(other.code).toBe(65);
    expect(other.stderr).toContain('idempotency key');
  });

  test.each([
    { what: 'no JSON', args: ['a', '{"n":'] },
    { what: 'no object', args: ['a', '[1]'] },
    { what: 'no input', args: ['a', '-'] },
  ])('exits 65 for $what, without a node', async ({ args }) => {
    const at = ['--url', 'http://127.0.0.1:1'];
    const { code, stdout, stderr } = await run(['publish', 'demo', ...args, ...at]);
    expect(code).toBe(65);
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stdout).toBe('');
  });

  test('exits 65 for a channel that cannot be, through a node and straight into a log', async () => {
    const url = await memoryNode();
    for (const at of [
      ['--url', url],
      ['--log', `file:${directory()}`],
    ]) {
      const { code, stderr } = await run(['publish', 'demo', '', '{}', ...at]);
      expect(code).toBe(65);
      expect(stderr).toContain('channel');
    }
  });

  test('exits 77 without the token of the node, or with another', async () => {
    const url = await memoryNode('--publish-token', 'secret');
    const publish = (...token: ReadonlyArray<string>): Promise<Ended> =>
      run(['publish', 'demo', 'a', '{}', '--url', url, ...token]);
    expect((await publish()).code).toBe(77);
    expect((await publish('--token', 'secrets')).code).toBe(77);
    expect((await publish('--token', 'secret')).code).toBe(0);
  });

  test('exits 69 where no node is, and says where', async () => {
    const at = ['--url', 'http://127.0.0.1:1'];
    const { code, stderr } = await run(['publish', 'demo', 'a', '{}', ...at]);
    expect(code).toBe(69);
    expect(stderr).toContain('http://127.0.0.1:1/demo/bus/publish');
  });

  test('exits 69 within seconds where no NATS is', async () => {
    const at = ['--log', 'nats://127.0.0.1:1'];
    const { code, stderr } = await run(['publish', 'demo', 'a', '{}', ...at]);
    expect(code).toBe(69);
    expect(stderr).toContain('127.0.0.1:1');
  }, 12_000);
});

describe('notify', () => {
  test('publishes trytond’s notification to a user', async () => {
    const url = await memoryNode();
    const args = ['--body', 'More', '--priority', '3', '--user', '1', '--url', url];
    const { stdout } = await run(['notify', 'demo', 'Hello', ...args]);
    const { body } = await poll(url, 'demo', {});
    expect(JSON.parse(body)).toEqual({
      channel: 'user:1',
      message: {
        type: 'notification',
        kind: 'notification',
        title: 'Hello',
        body: 'More',
        priority: 3,
        message_id: stdout.trim(),
      },
    });
  });

  test('tells a client alone when it is given with a user', async () => {
    const url = await memoryNode();
    await run(['notify', 'demo', 'Hello', '--client', 'c', '--user', '1', '--url', url]);
    const { body } = await poll(url, 'demo', { channels: ['client:c'] });
    expect(JSON.parse(body)).toMatchObject({
      channel: 'client:c',
      message: { title: 'Hello', body: null, priority: 1 },
    });
  });

  test('exits 64 with neither, and names both', async () => {
    const { code, stderr } = await run(['notify', 'demo', 'Hello']);
    expect(code).toBe(64);
    expect(stderr).toContain('user');
    expect(stderr).toContain('client');
  });

  test('exits 64 for a title of two lines, and says what is wrong by its name', async () => {
    const { code, stderr } = await run(['notify', 'demo', 'Hello\nyou', '--user', '1']);
    expect(code).toBe(64);
    expect(stderr).toBe('jetbus: title should be one line of text\n');
  });
});
