/**
 * `jetbus serve --workers`: several processes that are one node to their clients.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { directory, linesOf, publish, readyz, run, serve } from '../support/cli.ts';
import { request } from '../support/http.ts';
import {
  becomesReady,
  hold,
  natsServer,
  pidsOf,
  SOON,
  serveByWorkers,
  statusOf,
} from './cli-workers-fixture.ts';

const nats = natsServer();

describe('workers', () => {
  test('greet once, when all of them listen', async () => {
    const { node, url } = await serveByWorkers(nats());
    expect(Number(new URL(url).port)).toBeGreaterThan(0);
    node.kill('SIGTERM');
    const { stdout } = await node.exited;
    expect(stdout.match(/Jetbus serves on/g)).toEqual(['Jetbus serves on']);
    expect(stdout.match(/\/demo\/bus\/publish/g)).toHaveLength(1);
  });

  test('share the connections, and what one takes wakes the polls of the others', async () => {
    const bus = await serveByWorkers(nats());
    const [first, second] = await pidsOf(bus);
    expect(new Set([first, second, bus.node.pid]).size).toBe(3);
    const polls = await hold(bus, 8);
    const { message_id } = JSON.parse((await publish(bus.url, 'a', '{"n":1}')).body);
    for (const { body } of await Promise.all(polls)) {
      expect(JSON.parse(body)).toEqual({ message: { n: 1, message_id }, channel: 'a' });
    }
  });

  test('are told apart in the log', async () => {
    const { node } = await serveByWorkers(nats());
    node.kill('SIGTERM');
    const lines = linesOf((await node.exited).stderr).map((line) => JSON.parse(line));
    const serving = lines.filter(({ msg }) => msg === 'the node is serving');
    expect(serving.map(({ worker }) => worker).sort()).toEqual([1, 2]);
    const own = lines.filter(({ worker }) => worker === undefined);
    expect(own).toMatchObject([{ msg: 'draining', pid: node.pid, signal: 'SIGTERM', workers: 2 }]);
  });

  test('are as many as the environment says', async () => {
    const bus = await serve([], { env: { JETBUS_LOG: nats().url, JETBUS_WORKERS: '3' } });
    await becomesReady(bus);
    expect(new Set(await pidsOf(bus)).size).toBe(3);
  });

  test('keep a journal each, beside the log', async () => {
    const bus = await serveByWorkers(nats(), '--journal');
    const { workers } = await statusOf(bus);
    const runs = workers.map((worker) => 'journal' in worker && worker.journal);
    expect(runs).toMatchObject([{ lost: 0 }, { lost: 0 }]);
    expect(runs[0]).not.toEqual(runs[1]);
  });
});

describe('one worker is no worker', () => {
  test('but a node alone, whose health is told as ever', async () => {
    const { url } = await serve(['--log', 'memory:', '--workers', '1']);
    await expect.poll(async () => (await readyz(url)).status, SOON).toBe(200);
    expect(Object.keys(JSON.parse((await readyz(url)).body))).toEqual([
      'ready',
      'reasons',
      'node',
      'tail',
      'held',
    ]);
  });
});

const serveNothing = (...args: ReadonlyArray<string>) =>
  run(['serve', '--listen', '127.0.0.1:0', '--workers', '2', ...args]);

describe('workers are refused', () => {
  test.each(['memory:', 'file:DIR'])('on %s, which one process owns', async (log) => {
    const place = log.replace('DIR', directory());
    const { code, stdout, stderr } = await serveNothing('--log', place);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(/^jetbus: --workers 2 needs --log nats:.*\n$/);
  });

  test('with a journal in one file', async () => {
    const journal = join(directory(), 'journal.jsonl');
    const ended = await serveNothing('--log', nats().url, '--journal', journal);
    expect(ended).toMatchObject({ code: 64, stdout: '' });
    expect(ended.stderr).toMatch(/^jetbus: --workers 2 takes no --journal .*journal\.jsonl.*\n$/);
  });

  test('on an address that somebody has, and it is said once', async () => {
    const { host } = new URL((await serve(['--log', 'memory:'])).url);
    const ended = await serveNothing('--log', nats().url, '--listen', host);
    expect(ended).toMatchObject({ code: 69, stdout: '' });
    expect(ended.stderr).toBe(`jetbus: listen EADDRINUSE: address already in use ${host}\n`);
  });

  test('for what each of them finds out, and it is said once', async () => {
    const keys = join(directory(), 'keys.json');
    await writeFile(keys, '{"keys":[]}');
    const more = ['--sessions', `jwt:${keys}`, '--publish-token', 'secret'];
    const ended = await serveNothing('--log', nats().url, ...more);
    expect(ended).toMatchObject({ code: 64, stdout: '' });
    expect(ended.stderr).toMatch(/^jetbus: --sessions jwt:.*it holds no keys\n$/);
  });
});

describe('readyz', () => {
  test('names whoever waits for NATS, and they serve', async () => {
    const bus = await serve(['--log', 'nats://127.0.0.1:1', '--workers', '2']);
    const { status, body } = await readyz(bus.url);
    expect(status).toBe(503);
    const { ready, reasons, held, workers } = JSON.parse(body);
    expect({ ready, held }).toEqual({ ready: false, held: 0 });
    expect(reasons).toContain('worker 1: the node is starting');
    expect(reasons).toContain('worker 2: the node is starting');
    expect(workers).toMatchObject([
      { worker: 1, node: 'starting' },
      { worker: 2, node: 'starting' },
    ]);
    const health = await request({ url: bus.url, path: '/-/healthz', method: 'GET' });
    expect(health).toMatchObject({ status: 200, body: '{"status":"alive","node":"starting"}' });
    bus.node.kill('SIGTERM');
    expect((await bus.node.exited).code).toBe(0);
  });

  test('names whoever does not answer', async () => {
    const bus = await serveByWorkers(nats());
    const [pid = 0] = await pidsOf(bus);
    process.kill(pid, 'SIGSTOP');
    const asked = expect.poll(async () => (await statusOf(bus)).reasons, SOON);
    // The first of these may be handed to the one that is halted.
    const others = [statusOf(bus), statusOf(bus)];
    const { reasons, workers } = await Promise.any(others);
    expect(reasons).toEqual(['worker 1 does not answer']);
    expect(workers).toMatchObject([
      { worker: 1, pid },
      { worker: 2, node: 'serving' },
    ]);
    process.kill(pid, 'SIGCONT');
    await asked.toEqual([]);
    await Promise.all(others);
  });

  test('names whoever is starting', async () => {
    const bus = await serveByWorkers(nats());
    const [, pid = 0] = await pidsOf(bus);
    process.kill(pid, 'SIGKILL');
    await bus.node.line(/"msg":"a worker has ended/);
    const { status, body } = await readyz(bus.url);
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({
      ready: false,
      reasons: ['worker 2 is starting'],
      workers: [
        { worker: 1, node: 'serving' },
        { worker: 2, missing: 'is starting' },
      ],
    });
    // Also while it has a process, until that says how it is.
    const told: Array<{ readonly ready: boolean; readonly serves: boolean }> = [];
    const look = async (): Promise<boolean> => {
      const { ready, workers } = await statusOf(bus);
      const serves = workers.every((worker) => 'node' in worker && worker.node === 'serving');
      told.push({ ready, serves });
      return ready && serves;
    };
    await expect.poll(look, SOON).toBe(true);
    expect(told.filter(({ ready, serves }) => ready !== serves)).toEqual([]);
  });
});
