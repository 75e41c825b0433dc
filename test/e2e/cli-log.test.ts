/**
 * `jetbus log`: what the log of a database holds.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createBus, fileLog } from '../../src/index.ts';
import * as file from '../../src/log/file.ts';
import {
  directory,
  isInstalled,
  linesOf,
  main,
  publish,
  run,
  serve,
  start,
  startProgram,
} from '../support/cli.ts';
import { testClock } from '../support/clock.ts';
import { answer, appending } from '../support/logs.ts';

type Publishing = readonly [database: string, channel: string, message: string];

/** A directory with a log of these, and their ids. */
const logOf = async (
  publishings: ReadonlyArray<Publishing>,
): Promise<{ readonly log: string; readonly ids: ReadonlyArray<string> }> => {
  const path = directory();
  const bus = createBus({ log: fileLog(path) });
  const ids = [];
  for (const publishing of publishings) ids.push((await bus.publish(...publishing)).messageId);
  await bus.close();
  return { log: `file:${path}`, ids };
};

const THREE: ReadonlyArray<Publishing> = [
  ['demo', 'a', '{"n":1}'],
  ['other', 'a', '{"n":2}'],
  ['demo', 'user:1', '{"n":3}'],
];

const numbersOf = (stdout: string): ReadonlyArray<number> =>
  linesOf(stdout).map((line) => JSON.parse(line).message.n);

const numbers = async (...args: ReadonlyArray<string>): Promise<ReadonlyArray<number>> => {
  const { code, stdout } = await run(['log', 'demo', ...args]);
  expect(code).toBe(0);
  return numbersOf(stdout);
};

describe('log prints', () => {
  test('the entries of a database as lines of JSON', async () => {
    const begin = Date.now();
    const { log, ids } = await logOf(THREE);
    const { code, stdout } = await run(['log', 'demo', '--log', log]);
    expect(code).toBe(0);
    const lines = linesOf(stdout).map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { sequence: 1, database: 'demo', channel: 'a', message: { n: 1, message_id: ids[0] } },
      { sequence: 3, database: 'demo', channel: 'user:1', message: { n: 3, message_id: ids[2] } },
    ]);
    for (const { instant } of lines) {
      expect(Date.parse(instant)).toBeGreaterThanOrEqual(begin);
      expect(Date.parse(instant)).toBeLessThanOrEqual(Date.now());
    }
  });

  test('aligned lines on a terminal', async ({ skip }) => {
    skip(!isInstalled('script', 'util-linux'), 'script of util-linux is not installed');
    const { log } = await logOf(THREE);
    const line = `"${process.execPath}" "${main}" log demo --log "${log}"`;
    const { code, stdout } = await startProgram('script', ['-qec', line, '/dev/null']).exited;
    expect(code).toBe(0);
    const [first = '', last = ''] = linesOf(stdout);
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z +1 +a +\{"n":1,"message_id":"[^"]+"\}\r$/);
    expect(last).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z +3 +user:1 +\{"n":3,"message_id":"[^"]+"\}\r$/);
    expect(first.indexOf(' a ')).toBe(last.indexOf(' user:1 '));
    expect(first.indexOf('{')).toBe(last.indexOf('{'));
  });

  test('one line for a message that its publisher wrote on several', async () => {
    const { log } = await logOf([['demo', 'a', '{"n":\n1}']]);
    expect(await numbers('--log', log)).toEqual([1]);
  });

  test('the default log of the working directory', async () => {
    const cwd = directory();
    const bus = createBus({ log: fileLog(join(cwd, '.jetbus')) });
    await bus.publish('demo', 'a', '{"n":1}');
    await bus.close();
    const { stdout } = await run(['log', 'demo'], { cwd });
    expect(numbersOf(stdout)).toEqual([1]);
  });
});

describe('log chooses', () => {
  test('channels, and the message to begin with', async () => {
    const { log, ids } = await logOf([
      ['demo', 'a', '{"n":1}'],
      ['demo', 'b', '{"n":2}'],
      ['demo', 'c', '{"n":3}'],
      ['demo', 'a', '{"n":4}'],
    ]);
    expect(await numbers('--log', log, '--channel', 'a', '--channel', 'b')).toEqual([1, 2, 4]);
    expect(await numbers('--log', log, '--from', String(ids[1]))).toEqual([2, 3, 4]);
  });

  test('how long ago to begin, by the log’s clock', async () => {
    const path = directory();
    const clock = testClock(Date.now() - 3_600_000);
    const log = file.fileLog({ directory: path, clock, historyMs: 86_400_000 });
    for (const n of [1, 2, 3]) {
      await answer(log.append(appending('demo', 'a', { n })));
      clock.advance(1_700_000);
    }
    await log.close();
    expect(await numbers('--log', `file:${path}`, '--since', '45m')).toEqual([2, 3]);
    expect(await numbers('--log', `file:${path}`, '--since', '1s')).toEqual([]);
  });

  test('nothing by an id that is none, or of another log', async () => {
    const { log } = await logOf(THREE);
    const junk = await run(['log', 'demo', '--log', log, '--from', 'yesterday']);
    expect(junk.code).toBe(64);
    expect(junk.stderr).toContain('--from yesterday');
    const foreign = await run(['log', 'demo', '--log', log, '--from', 'another-1-00000000']);
    expect(foreign.code).toBe(65);
    expect(foreign.stderr).toContain('another life');
  });
});

describe('log reads', () => {
  test('while a node has the directory, and follows what it publishes', async () => {
    const log = `file:${directory()}`;
    const { url } = await serve(['--log', log]);
    await publish(url, 'a', '{"n":1}');
    expect(await numbers('--log', log)).toEqual([1]);

    const following = start(['log', 'demo', '--log', log, '--follow', '--channel', 'a']);
    await following.lines(1);
    await publish(url, 'b', '{"n":2}');
    const { message_id } = JSON.parse((await publish(url, 'a', '{"n":3}')).body);
    const printed = await following.lines(2);
    expect(numbersOf(printed.join('\n'))).toEqual([1, 3]);
    expect(JSON.parse(String(printed[1])).message.message_id).toBe(message_id);
  });

  test('no more than is wanted: a reader that goes away is no failure', async () => {
    const text = 'x'.repeat(4096);
    const { log } = await logOf(
      Array.from({ length: 100 }, () => ['demo', 'a', JSON.stringify({ text })] as const),
    );
    const reading = start(['log', 'demo', '--log', log]);
    await reading.lines(1);
    reading.closeOutput();
    const { code, stderr } = await reading.exited;
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('no directory that is not there, and makes none', async () => {
    const path = join(directory(), 'nothing');
    const { code, stderr } = await run(['log', 'demo', '--log', `file:${path}`]);
    expect(code).toBe(69);
    expect(stderr).toContain(path);
    expect(existsSync(path)).toBe(false);
  });

  test('nothing where no NATS is, and ends within seconds', async () => {
    const { code, stderr } = await run(['log', 'demo', '--log', 'nats://127.0.0.1:1']);
    expect(code).toBe(69);
    expect(stderr).toContain('127.0.0.1:1');
  }, 12_000);
});
