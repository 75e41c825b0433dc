/**
 * Every command, on every log.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkout, directory, linesOf, run, serve } from '../support/cli.ts';
import { NatsServer } from '../support/nats-server.ts';

const natsLog = async (): Promise<string> => {
  const server = await NatsServer.start();
  onTestFinished(() => server.dispose());
  return server.url;
};

const idsOf = (lines: string): ReadonlyArray<string> =>
  linesOf(lines).map((line) => JSON.parse(line).message.message_id);

describe('help', () => {
  test('--help names every command', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect(code).toBe(0);
    const [, commands = ''] = /^Commands:\n([\s\S]*)/m.exec(stdout) ?? [];
    expect(commands.match(/(?<=^ {2})\w+/gm)).toEqual(
      expect.arrayContaining(['serve', 'publish', 'notify', 'poll', 'log']),
    );
    expect(stderr).toBe('');
  });

  test('--version says the package’s version', async () => {
    const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
    const { code, stdout } = await run(['--version']);
    expect(code).toBe(0);
    expect(stdout).toBe(`${version}\n`);
  });

  test.each([
    { args: [], says: 'Usage: jetbus' },
    { args: ['dance'], says: 'dance' },
    { args: ['poll', 'demo', '--loud'], says: '--loud' },
    { args: ['publish', 'demo', 'a'], says: 'json' },
  ])('jetbus $args exits 64 and says $says', async ({ args, says }) => {
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(64);
    expect(stderr).toContain(says);
    expect(stdout).toBe('');
  });
});

describe('every command', () => {
  test('on the memory log', async () => {
    const { url } = await serve(['--log', 'memory:']);
    await throughNode(url);

    for (const args of [
      ['log', 'demo', '--log', 'memory:'],
      ['publish', 'demo', 'a', '{}', '--log', 'memory:'],
    ]) {
      const { code, stderr } = await run(args);
      expect(code).toBe(64);
      expect(stderr).toContain('through a node');
    }
  });

  test('on the log of a directory', async () => {
    const log = `file:${directory()}`;
    const { node, url } = await serve(['--log', log]);
    const ids = await throughNode(url);

    const inUse = await run(['publish', 'demo', 'a', '{}', '--log', log]);
    expect(inUse.code).toBe(73);
    expect(inUse.stderr).toContain('in use by another jetbus process');

    node.kill('SIGTERM');
    expect((await node.exited).code).toBe(0);
    await straightInto(log, ids);
  });

  test('on JetStream, beside the node that made the stream, and not before', async () => {
    const log = await natsLog();
    const deployment = ['--log', log, '--stream', 'OTHER', '--subject-prefix', 'my.bus'];
    for (const args of [
      ['log', 'demo'],
      ['publish', 'demo', 'a', '{}'],
    ]) {
      const { code, stderr } = await run([...args, ...deployment]);
      expect(code).toBe(69);
      expect(stderr).toContain('the stream OTHER is missing');
    }
    const { url } = await serve(deployment);
    const ids = await throughNode(url);
    await straightInto(log, ids, ...deployment.slice(2));
  });
});

/** Publishes, notifies and polls through a node; answers with the ids in the log’s order. */
const throughNode = async (url: string): Promise<ReadonlyArray<string>> => {
  const at = ['--url', url];
  const published = await run(['publish', 'demo', 'a', '{"n":1}', ...at]);
  expect(published).toMatchObject({ code: 0, stderr: '' });
  const notified = await run(['notify', 'demo', 'Hello', '--user', '1', ...at]);
  expect(notified).toMatchObject({ code: 0, stderr: '' });

  const polled = await run(['poll', 'demo', '--channel', 'a', '--count', '2', ...at]);
  expect(polled).toMatchObject({ code: 0, stderr: '' });
  const ids = [published.stdout.trim(), notified.stdout.trim()];
  expect(idsOf(polled.stdout)).toEqual(ids);
  return ids;
};

/** Publishes and notifies straight into a log, and reads it. */
const straightInto = async (
  log: string,
  before: ReadonlyArray<string>,
  ...deployment: ReadonlyArray<string>
): Promise<void> => {
  const at = ['--log', log, ...deployment];
  const published = await run(['publish', 'demo', 'a', '{"n":2}', ...at]);
  expect(published).toMatchObject({ code: 0, stderr: '' });
  const notified = await run(['notify', 'demo', 'Bye', '--client', 'c', ...at]);
  expect(notified).toMatchObject({ code: 0, stderr: '' });

  const read = await run(['log', 'demo', ...at]);
  expect(read).toMatchObject({ code: 0, stderr: '' });
  expect(idsOf(read.stdout)).toEqual([...before, published.stdout.trim(), notified.stdout.trim()]);
};
