/**
 * A journal that cannot be written for a while: the bus goes on, and says so, and nothing that is missing afterwards is taken
 * for something that was wrong.
 */
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  directory,
  type Ended,
  main,
  publish,
  readyz,
  run,
  type Serving,
  serve,
  startProgram,
} from '../support/cli.ts';
import { poll } from '../support/http.ts';
import { NatsServer } from '../support/nats-server.ts';

const startNats = async (): Promise<NatsServer> => {
  const nats = await NatsServer.start();
  onTestFinished(() => nats.dispose());
  return nats;
};

const isReady = (url: string) =>
  expect.poll(async () => (await readyz(url)).status, { interval: 20, timeout: 10_000 }).toBe(200);

/** What a node says of its journal, and that it serves all the same. */
const journalOf = async (url: string): Promise<{ reason?: string; lost: number }> => {
  const { status, body } = await readyz(url);
  expect(status).toBe(200);
  return JSON.parse(body).journal;
};

const untilUnwritten = (url: string, reason: RegExp) =>
  expect
    .poll(async () => (await journalOf(url)).reason, { interval: 50, timeout: 15_000 })
    .toMatch(reason);

const untilWritten = (url: string) =>
  expect
    .poll(async () => (await journalOf(url)).reason, { interval: 50, timeout: 15_000 })
    .toBeUndefined();

/** Some messages, each published while a poll is held, and the poll's answer. */
const exchange = async (url: string, count: number): Promise<void> => {
  let last_message: unknown = null;
  for (let n = 0; n < count; n += 1) {
    const held = poll(url, 'demo', { channels: ['a'], last_message });
    const published = await publish(url, 'a', `{"n":${n}}`);
    expect(published.status).toBe(201);
    if (n === 0) last_message = JSON.parse(published.body).message_id;
    else last_message = JSON.parse((await held).body).message.message_id;
    expect((await held).status).toBe(200);
  }
};

/** A poll whose opening is as long a record as there is; its client hangs up when it is held. */
const largePoll = async (url: string): Promise<void> => {
  const names = Array.from({ length: 70 }, (_, n) => `${n}`.padEnd(900, '-'));
  const { held: before } = JSON.parse((await readyz(url)).body);
  const large = poll(url, 'demo', { channels: names });
  const held = async () => JSON.parse((await readyz(url)).body).held;
  await expect.poll(held, { interval: 2 }).toBe(before + 1);
  large.destroy();
  await expect.poll(held, { interval: 2 }).toBe(before);
};

const stop = async ({ node }: Pick<Serving, 'node'>): Promise<Ended> => {
  node.kill('SIGTERM');
  const ended = await node.exited;
  expect(ended.code).toBe(0);
  return ended;
};

const verify = (log: string, journal: string): Promise<Ended> =>
  run(['replay', '--log', log, '--journal', journal, '--verify']);

/** Records, missing and unreadable ones, and the answers that were verified and not. */
const countsOf = ({ stdout }: Ended) => {
  const [, records, missing, unreadable] =
    /^(\d+) records, (\d+) missing, (\d+) unreadable$/m.exec(stdout) ?? [];
  const answers = (kind: string) =>
    Number(new RegExp(`^${kind} +\\d+ +(\\d+)$`, 'm').exec(stdout)?.[1]);
  return {
    records: Number(records),
    missing: Number(missing),
    unreadable: Number(unreadable),
    verified: answers('verified'),
    incomplete: answers('incomplete'),
  };
};

test('servers of the journal that are gone for a while: the records wait, and none is missing', async () => {
  const [log, journal] = [await startNats(), await startNats()];
  const served = await serve(['--log', log.url, '--journal', journal.url, '--drain', '0.1']);
  const { url } = served;
  await isReady(url);
  await exchange(url, 3);
  await journal.kill();
  await exchange(url, 3);
  await untilUnwritten(url, /./);
  await exchange(url, 3);
  expect((await journalOf(url)).lost).toBe(0);
  await journal.restart();
  await untilWritten(url);
  await exchange(url, 3);
  await stop(served);
  const verified = await verify(log.url, journal.url);
  expect(verified.stdout).toMatch(/^no divergence$/m);
  expect(countsOf(verified)).toMatchObject({ missing: 0, unreadable: 0, incomplete: 0 });
  expect(countsOf(verified).verified).toBeGreaterThanOrEqual(12);
  expect(verified.code).toBe(0);
}, 60_000);

test('more records than may wait: they are lost and counted, and told as missing, not as wrong', async () => {
  const [log, journal] = [await startNats(), await startNats()];
  const served = await serve(['--log', log.url, '--journal', journal.url, '--drain', '0.1']);
  const { url } = served;
  await isReady(url);
  await exchange(url, 3);
  const across = poll(url, 'demo', { channels: ['across'] });
  journal.pause();
  for (let n = 0; n < 300; n += 1) await largePoll(url);
  const { lost } = await journalOf(url);
  expect(lost).toBeGreaterThan(0);
  await exchange(url, 3);
  await untilUnwritten(url, /./);
  journal.resume();
  await untilWritten(url);
  expect((await publish(url, 'across', '{}')).status).toBe(201);
  expect((await across).status).toBe(200);
  await exchange(url, 3);
  await stop(served);
  const verified = await verify(log.url, journal.url);
  expect(verified.stdout).toMatch(/^no divergence$/m);
  const { missing, incomplete, unreadable } = countsOf(verified);
  expect(missing).toBeGreaterThanOrEqual(lost);
  expect(incomplete).toBeGreaterThan(0);
  expect(unreadable).toBe(0);
  expect(verified.code).toBe(2);
}, 60_000);

/** A node that may write files of some blocks of 512 bytes. The trap keeps the signal of a larger one from ending it. */
const serveWithin = async (blocks: number, options: ReadonlyArray<string>): Promise<Serving> => {
  const script = `trap "" XFSZ; ulimit -f ${blocks}; exec node "$@"`;
  const args = [main, 'serve', '--listen', '127.0.0.1:0', '--drain', '0.1', ...options];
  const node = startProgram('sh', ['-c', script, 'sh', ...args]);
  const [, url = ''] = await node.line(/^Jetbus serves on (\S+)$/);
  await isReady(url);
  return { node, url };
};

test('a file on a full disk: the records wait until there is room again', async () => {
  const log = await startNats();
  const path = join(directory(), 'journal.jsonl');
  const served = await serveWithin(1200, ['--log', log.url, '--journal', path]);
  const { url } = served;
  await exchange(url, 3);
  for (let n = 0; n < 12; n += 1) await largePoll(url);
  await untilUnwritten(url, /EFBIG|too large/i);
  await exchange(url, 3);
  const whole = `${path}.whole.jsonl`;
  copyFileSync(path, whole);
  truncateSync(path);
  await untilWritten(url);
  await exchange(url, 3);
  expect((await journalOf(url)).lost).toBe(0);
  await stop(served);
  writeFileSync(whole, readFileSync(path), { flag: 'a' });
  const verified = await verify(log.url, whole);
  expect(verified.stdout).toMatch(/^no divergence$/m);
  expect(countsOf(verified)).toMatchObject({ missing: 0, incomplete: 0 });
  expect(countsOf(verified).verified).toBeGreaterThanOrEqual(9);
}, 60_000);

test('a node that stops while the disk is full ends, and what it wrote still follows from the log', async () => {
  const log = await startNats();
  const path = join(directory(), 'journal.jsonl');
  const served = await serveWithin(300, ['--log', log.url, '--journal', path]);
  await exchange(served.url, 3);
  for (let n = 0; n < 6; n += 1) await largePoll(served.url);
  await untilUnwritten(served.url, /EFBIG|too large/i);
  await exchange(served.url, 3);
  const { stderr } = await stop(served);
  expect(stderr).toContain('the journal is not whole');
  const verified = await verify(log.url, path);
  expect(verified.stdout).toMatch(/^no divergence$/m);
  expect([0, 2]).toContain(verified.code);
}, 60_000);
