/**
 * What `jetbus replay`, `why` and `log` say when they cannot do as they are told.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkout, directory, linesOf, publish, run, serve } from '../support/cli.ts';
import { history, idIn } from '../support/replaying.ts';

describe('a failure is told in one line, by', () => {
  const failed = async (args: ReadonlyArray<string>, exit: number, pattern: RegExp) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toMatch(pattern);
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(exit);
  };

  test('replay and why without a journal', async () => {
    const path = directory();
    const { url, node } = await serve(['--log', `file:${path}`, '--drain', '0']);
    const { message_id } = JSON.parse((await publish(url, 'a', '{}')).body);
    node.kill('SIGTERM');
    await node.exited;
    const log = ['--log', `file:${path}`];
    const asked = ['why', 'demo', '--message', message_id, '--user', '1'];
    await failed(['replay', ...log], 69, new RegExp(`${path}/journal`));
    await failed([...asked, ...log], 69, new RegExp(`${path}/journal`));
    const missing = join(path, 'missing.jsonl');
    await failed(['replay', ...log, '--journal', missing], 69, /missing\.jsonl/);
    await failed([...asked, ...log, '--journal', missing], 69, /missing\.jsonl/);
    const folder = join(directory(), 'd.jsonl');
    mkdirSync(folder);
    await failed(
      ['replay', '--log', `file:${path}`, '--journal', folder],
      69,
      /d\.jsonl is no file/,
    );
  });

  test('what is no history', async () => {
    const log = `history:${join(checkout, 'package.json')}`;
    await failed(['replay', '--log', log], 65, /package\.json is no history/);
    const missing = `history:${join(directory(), 'missing.jsonl')}`;
    await failed(['replay', '--log', missing], 69, /missing\.jsonl/);
    await failed(['log', 'demo', '--log', missing], 69, /missing\.jsonl/);
    const cutShort = history((lines) => [...lines, '{"v":1,"run":']);
    await failed(['replay', '--log', cutShort], 65, /cut short/);
    const damaged = history((lines) =>
      lines.map((line) => line.replace('"instant":', '"instan":')),
    );
    await failed(['replay', '--log', damaged], 65, /instant/);
  });

  test('a journal beside a history, which has one in it', async () => {
    const args = ['replay', '--log', history(), '--journal', 'other.jsonl'];
    await failed(args, 64, /has its journal in it/);
  });

  test('a time that is none', async () => {
    await failed(['replay', '--log', history(), '--from', 'noon'], 64, /--from .*noon/);
    await failed(['replay', '--log', history(), '--at', 'noon'], 64, /noon/);
  });

  test('a message id that is none, or of another log or database', async () => {
    const log = history();
    const id = await idIn(log, 'c');
    const why = (database: string, message: string) =>
      ['why', database, '--log', log, '--message', message, '--user', '1'] as const;
    await failed(why('db', 'noon'), 64, /noon is no message id/);
    await failed(why('db', id.replace('epoch', 'another')), 65, /another life/);
    await failed(why('db', id.replace(/\w{8}$/, '00000000')), 65, /has no message/);
    await failed(why('other', id), 65, /not of the database other/);
  });

  test('a question about nobody, or about two', async () => {
    const why = ['why', 'db', '--log', history(), '--message', 'epoch-1-00000000'];
    await failed(why, 64, /one of --user and --client/);
    await failed([...why, '--user', '1', '--client', 'x'], 64, /one of --user and --client/);
  });

  test('a simulation of no database, and an export to nowhere', async () => {
    const simulate = ['replay', '--log', history(), '--simulate', '--user', '1'];
    await failed(simulate, 64, /--simulate needs a database/);
    const nowhere = join(directory(), 'missing', 'file.jsonl');
    await failed(['replay', '--log', history(), '--export', nowhere], 69, /missing/);
  });

  test.each([
    [['--redact'], /--redact goes with --export/],
    [['--recompute'], /--recompute goes with --export/],
    [['--channel', 'a'], /--channel goes with --simulate/],
    [['--simulate'], /--simulate needs/],
    [['--simulate', '--channel', 'user:1'], /--user/],
    [['--verify', '--html', 'x.html'], /cannot be used with/],
    [['--verify', '--user', '1'], /cannot be used with/],
    [['--export', 'x.jsonl', '--user', '1'], /cannot be used with/],
    [['--at', '10:03', '--from', '10:03'], /cannot be used with/],
  ])('options that would do nothing: %j', async (options, pattern) => {
    await failed(['replay', 'demo', '--log', history(), ...options], 64, pattern);
  });

  test('a journal that cannot be beside its log', async () => {
    const args = ['serve', '--log', 'memory:', '--listen', '127.0.0.1:0', '--journal'];
    await failed(args, 64, /no journal beside memory/);
  });
});

test.each([
  ['false', false],
  ['', false],
  ['true', true],
  ['beside', true],
])('JETBUS_JOURNAL=%s of a node says whether it keeps one', async (value, isKept) => {
  const path = directory();
  const env = { JETBUS_JOURNAL: value };
  const { node, url } = await serve(['--log', `file:${path}`, '--drain', '0'], { env });
  await publish(url, 'a', '{}');
  node.kill('SIGTERM');
  expect((await node.exited).code).toBe(0);
  expect(existsSync(join(path, 'journal'))).toBe(isKept);
});
