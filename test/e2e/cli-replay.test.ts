/**
 * `jetbus replay` and `jetbus why`: what connections saw, on a node that was killed, and in a history of it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { directory, type Ended, linesOf, publish, run, serve } from '../support/cli.ts';
import { poll } from '../support/http.ts';
import { history, idIn, idOf, printed } from '../support/replaying.ts';

/** Runs a command again until it prints something. */
const until = async (pattern: RegExp, ...args: ReadonlyArray<string>): Promise<string> => {
  for (;;) {
    const { stdout } = await run(args);
    if (pattern.test(stdout)) return stdout;
    await setImmediate();
  }
};

interface Story {
  readonly log: string;
  /** The options that name the log and the journal. */
  readonly where: ReadonlyArray<string>;
  readonly ids: ReadonlyArray<string>;
}

/**
 * Two nodes, one after the other, since the first is killed: a poll is answered, one hangs up, one is cut off by the end of
 * its node, and the client of that one gets at the second node what was published meanwhile.
 */
const story = async (journal?: string): Promise<Story> => {
  const log = `file:${directory()}`;
  const target = journal === undefined ? [] : [journal];
  const where = ['--log', log, ...(journal === undefined ? [] : ['--journal', journal])];
  const first = await serve(['--log', log, '--journal', ...target]);

  const answered = poll(first.url, 'demo', { channels: ['a', 'client:one'] });
  await until(/waiting\.parked/, 'replay', ...where);
  await publish(first.url, 'a', '{"text":"first of all"}');
  const one = idOf((await answered).body);
  const hungUp = poll(first.url, 'demo', { channels: ['a', 'client:one'], last_message: one });
  await until(/exact, after 1/, 'replay', ...where);
  hungUp.destroy();
  await until(/HANGUP/, 'replay', ...where);
  const cutOff = poll(first.url, 'demo', { channels: ['b', 'client:two'], last_message: one });
  await until(/b, client:two[\s\S]*exact, after 1/, 'replay', ...where);
  first.node.kill('SIGKILL');
  await expect(cutOff).rejects.toThrow();
  await first.node.exited;

  const second = await serve(['--log', log, '--journal', ...target, '--drain', '0']);
  await publish(second.url, 'b', '{"text":"second of all"}');
  const body = { channels: ['b', 'client:two'], last_message: one };
  const two = idOf((await poll(second.url, 'demo', body)).body);
  second.node.kill('SIGTERM');
  expect((await second.node.exited).code).toBe(0);
  return { log, where, ids: [one, two] };
};

const isEntry = (line: string): boolean => line.startsWith('{"entry"');

test('what a node saw until it was killed, and the next one after it, is replayed', async () => {
  const { where, ids } = await story();
  const lives = await printed('replay', 'demo', ...where);
  expect(lives).toMatch(
    /-1 {2}demo {2}user 1 {2}a, client:one, user:1\n.* opened .* no last message\n.* ADMITTED .*\n.* NOTHING {2,}waiting\.parked .* start, after 0\n.* ARRIVED .* message \S+-1-\S+ on a, \d+ bytes\n.* WRITTEN {2,}closed\n/,
  );
  expect(lives).toMatch(
    /-2 {2}demo .*\n.* last message \S+-1-\w{8}\n.*\n.*\n.* HANGUP {2,}closed\n/,
  );
  expect(lives).toMatch(
    /-3 {2}demo .* b, client:two, user:1\n.*\n.*\n.* NOTHING {2,}waiting\.parked .* exact, after 1\n {2}held when the journal ends\n/,
  );
  expect(lives).toMatch(/FOUND .* exact, after 1; message \S+-2-\S+ on b, \d+ bytes\n/);
  expect(await run(['replay', 'another', ...where])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'no connection is of what was chosen\n',
  });
  expect(await printed('replay', ...where, '--client', 'two')).not.toContain('client:one');

  const at = await printed('replay', ...where, '--at', String(ids[0]));
  expect(at).toMatch(
    /^at \S+Z\nnode \w{12} {2}serving, heard of \S+ m?s before, 1 connection\n {2}waiting\.parked {2,}\S+ m?s {2}\w{12}-1 {2}demo {2}user 1 {2}a, client:one, user:1\n$/,
  );

  const verified = await printed('replay', '--verify', ...where);
  expect(verified).toMatch(/^verified +4 +2$/m);
  expect(verified).toMatch(/^incomplete +0 +0$/m);
  expect(verified).toMatch(/^\d+ records, 0 missing, 0 unreadable\nno divergence$/m);

  const whys = ids.map((id) => printed('why', 'demo', '--message', id, '--user', '1', ...where));
  const [one, two] = await Promise.all(whys);
  expect(one).toMatch(/published on a at \S+\. User 1, on client:one received it\./);
  expect(two).toMatch(
    /published on b at \S+\. It was handed over to user 1\. Node \w{12} answered/,
  );
  const client = ['why', 'demo', '--message', String(ids[0]), '--client', 'two', ...where];
  expect(await printed(...client)).toMatch(/Client two /);
});

test('a history of it is exported, and says the same, with and without what messages say', async () => {
  const journal = join(directory(), 'journal.jsonl');
  const { where, ids } = await story(journal);
  expect(readFileSync(journal, 'utf8')).not.toContain('first of all');
  const path = join(directory(), 'whole.jsonl');
  expect(await printed('replay', 'demo', ...where, '--export', path)).toMatch(
    new RegExp(`^${path}: \\d+ lines\n$`),
  );
  const log = `history:${path}`;
  for (const command of [
    ['replay', 'demo'],
    ['replay', '--verify'],
    ['replay', '--at', String(ids[1])],
    ['why', 'demo', '--message', String(ids[0]), '--user', '1'],
  ]) {
    expect(await printed(...command, '--log', log)).toBe(await printed(...command, ...where));
  }
  expect(await printed('log', 'demo', '--log', log)).toContain('first of all');

  const redacted = join(directory(), 'redacted.jsonl');
  await printed('replay', 'demo', ...where, '--export', redacted, '--redact');
  expect(readFileSync(redacted, 'utf8')).not.toMatch(/(first|second) of all/);
  expect(await printed('replay', '--verify', '--log', `history:${redacted}`)).toBe(
    await printed('replay', '--verify', ...where),
  );

  const other = join(directory(), 'other.jsonl');
  await printed('replay', 'another', ...where, '--export', other);
  expect(readFileSync(other, 'utf8')).not.toMatch(/demo|client:|of all/);

  const simulated = await run([
    'replay',
    'demo',
    '--log',
    log,
    '--simulate',
    '--channel',
    'b',
    'a',
  ]);
  expect(simulated).toMatchObject({ code: 0, stderr: 'Bus-Resume: start\n' });
  expect(linesOf(simulated.stdout).map(idOf)).toEqual(ids);
  const after = ['--simulate', '--channel', 'a', 'b', '--last-message', String(ids[0])];
  const rest = await run(['replay', 'demo', '--log', log, ...after]);
  expect(rest).toMatchObject({ code: 0, stderr: 'Bus-Resume: exact\n' });
  expect(linesOf(rest.stdout).map(idOf)).toEqual(ids.slice(1));
});

describe('replay --verify ends', () => {
  const verified = (log: string): Promise<Ended> => run(['replay', '--verify', '--log', log]);

  test('with 0 when everything is verified', async () => {
    const { code, stdout } = await verified(history());
    expect(stdout).toContain('no divergence');
    expect(code).toBe(0);
  });

  test('with 1 when an answer is another than it should have been, and shows which', async () => {
    const log = history((lines) =>
      lines.map((line) => line.replace(/("ARRIVED".*"sha256":")[0-9a-f]{8}/, '$100000000')),
    );
    const { code, stdout } = await verified(log);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^diverged: the answer in record 6 of run node1, at \S+Z\n {2}connection {2}node1-1 {2}db {2}user 1 {2}c, user:1\n {2}event {7}ARRIVED, with the tail at 2\n {2}entry {7}2, on c\n {2}expected {4}the message at 2, \d+ bytes, SHA-256 \w{64}\n {2}actual {6}the message at 2, \d+ bytes, SHA-256 00000000\w{56}$/m,
    );
  });

  test('with 1 when a place is another than it should have been', async () => {
    const log = history((lines) => lines.map((line) => line.replace('"start"', '"exact"')));
    const { code, stdout } = await verified(log);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^diverged: the position in record 5 of run node1, .*\n[\s\S]*expected {4}start, after 1\n/m,
    );
  });

  test('with 2 when a record is missing', async () => {
    const log = history((lines) => lines.filter((line) => !line.includes('"NOTHING"')));
    const { code, stdout } = await verified(log);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^incomplete +0 +3$/m);
    expect(stdout).toMatch(/^\d+ records, 3 missing, 0 unreadable\nnothing was verified$/m);
  });

  test('with 2 when a line is no record', async () => {
    const log = history((lines) => [...lines, '{"v":1,"run":"node1"}']);
    const { code, stdout } = await verified(log);
    expect(code).toBe(2);
    expect(stdout).toContain(' 1 unreadable');
  });

  test('with 2 when the log no longer has what decided', async () => {
    const isEarly = (line: string): boolean => /"sequence":[12],/.test(line);
    const log = history((lines) => lines.filter((line) => !isEntry(line) || !isEarly(line)));
    const { code, stdout } = await verified(log);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^uncheckable +[1-9]/m);
  });
});

test('a message that has left the log is not said to be older than the journal', async () => {
  const id = await idIn(history(), 'd');
  const isEarly = (line: string): boolean => /"sequence":[123],/.test(line);
  const log = history((lines) => lines.filter((line) => !isEntry(line) || !isEarly(line)));
  const told = await printed('why', 'db', '--log', log, '--message', id, '--user', '9');
  expect(told).toContain('is not in the log any more');
  expect(told).not.toContain('after it was published');
});

test('every time that is printed, and that the help shows, is one that is taken', async () => {
  const log = history();
  const [, shown = ''] = /(\d{4}-\S+Z)/.exec(await printed('replay', '--log', log)) ?? [];
  for (const from of [shown, '10:03', '10m']) await printed('replay', '--log', log, '--from', from);
  const help = await printed('replay', '--help');
  expect(help).not.toMatch(/10m\s+ago/);
});

test('a history is exported onto itself whole', async () => {
  const log = history();
  const path = log.replace('history:', '');
  const before = linesOf(readFileSync(path, 'utf8'));
  await printed('replay', '--log', log, '--recompute', '--export', path);
  expect(linesOf(readFileSync(path, 'utf8'))).toHaveLength(before.length);
});

test('the environment of a node is not that of a replay', async () => {
  const env = { JETBUS_JOURNAL: 'other.jsonl', JETBUS_USER: '99', JETBUS_EXPORT: 'true' };
  const { code, stdout } = await run(['replay', '--log', history()], { env });
  expect(code).toBe(0);
  expect(stdout).toBe(await printed('replay', '--log', history()));
});
