/**
 * How `jetbus serve --workers` ends: its clients see what they see of one process.
 */
import { expect, test } from 'vitest';
import { publish } from '../support/cli.ts';
import { type HeldPoll, poll, request } from '../support/http.ts';
import {
  closes,
  drains,
  EMPTY,
  hold,
  holds,
  keptAlive,
  natsServer,
  pidsOf,
  SOON,
  serveByWorkers,
  startWorkers,
} from './cli-workers-fixture.ts';

const nats = natsServer();

const health = (url: string) => request({ url, path: '/-/healthz', method: 'GET' });

const expectEmpty = async (polls: ReadonlyArray<HeldPoll>): Promise<void> => {
  for (const answer of await Promise.all(polls)) {
    expect(answer).toMatchObject({ status: 200, body: EMPTY, headers: { connection: 'close' } });
  }
};

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the polls of all within the time to drain',
  async (signal) => {
    const bus = await serveByWorkers(nats(), '--drain', '1');
    const polls = await hold(bus, 12);
    const begin = performance.now();
    bus.node.kill(signal);
    await expectEmpty(polls);
    expect((await bus.node.exited).code).toBe(0);
    expect(performance.now() - begin).toBeLessThan(4000);
  },
);

test('a drain takes no connection, and leaves none hanging', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '600');
  const polls = await hold(bus, 4);
  let isOver = false;
  const begun: Array<Promise<unknown>> = [];
  const client = async (): Promise<void> => {
    while (!isOver) {
      const asked = health(bus.url);
      begun.push(asked);
      await asked.catch(() => {});
    }
  };
  const clients = Array.from({ length: 4 }, client);
  await expect.poll(() => begun.length, SOON).toBeGreaterThan(40);
  bus.node.kill('SIGTERM');
  await drains(bus);
  await expect(health(bus.url)).rejects.toThrow('ECONNREFUSED');
  isOver = true;
  // All of them end, though the drain does not.
  await Promise.all(clients);
  expect(await bus.node.killedBy('SIGTERM')).toBe(69);
  await Promise.allSettled(polls);
});

test('a drain takes no connection while a worker hangs', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '0');
  const [pid = 0] = await pidsOf(bus);
  process.kill(pid, 'SIGSTOP');
  bus.node.kill('SIGTERM');
  await closes(bus);
  await expect(health(bus.url)).rejects.toThrow('ECONNREFUSED');
  process.kill(pid, 'SIGCONT');
  expect((await bus.node.exited).code).toBe(0);
});

test('a connection that is idle when a drain begins may bear one more poll', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '1');
  const polls = await hold(bus, 4);
  const agents = Array.from({ length: 4 }, keptAlive);
  const { message_id: last_message } = JSON.parse((await publish(bus.url, 'b', '{}')).body);
  const ask = (agent: (typeof agents)[number], last?: string) =>
    poll(bus.url, 'demo', { channels: ['b'], ...(last && { last_message: last }) }, {}, agent);
  const ports = await Promise.all(agents.map(async (agent) => (await ask(agent)).port));
  await holds(bus, 4);
  bus.node.kill('SIGTERM');
  await drains(bus);
  const answers = await Promise.all(agents.map((agent) => ask(agent, last_message)));
  expect(answers.map(({ port }) => port)).toEqual(ports);
  for (const { body, headers } of answers) {
    expect({ body, connection: headers.connection }).toEqual({ body: EMPTY, connection: 'close' });
  }
  await expectEmpty(polls);
  expect((await bus.node.exited).code).toBe(0);
});

test('a Ctrl-C reaches every process, and npm says it once more: that is one', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '0.5');
  const polls = await hold(bus, 6);
  for (const pid of [...(await pidsOf(bus)), bus.node.pid ?? 0]) process.kill(pid, 'SIGINT');
  await drains(bus);
  bus.node.kill('SIGINT');
  await expectEmpty(polls);
  expect((await bus.node.exited).code).toBe(0);
});

test('SIGTERM to every process, as systemd sends it, is one', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '0.5');
  const polls = await hold(bus, 6);
  for (const pid of [...(await pidsOf(bus)), bus.node.pid ?? 0]) process.kill(pid, 'SIGTERM');
  await expectEmpty(polls);
  expect((await bus.node.exited).code).toBe(0);
});

test('another signal a second later ends all at once, and not well', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '600');
  const polls = await hold(bus, 6);
  bus.node.kill('SIGTERM');
  await drains(bus);
  // It is done when nobody has its error stream open any more: the workers are gone as well.
  expect(await bus.node.killedBy('SIGTERM')).toBe(69);
  for (const { status } of await Promise.allSettled(polls)) expect(status).toBe('rejected');
});

test('workers that are told to stop before they are ready end well', async () => {
  const bus = await startWorkers(nats());
  bus.node.kill('SIGTERM');
  expect((await bus.node.exited).code).toBe(0);
});

test('a worker that is told to stop alone ends its polls, and is replaced', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '0.3');
  const polls = await hold(bus, 8);
  const [pid = 0, other] = await pidsOf(bus);
  process.kill(pid, 'SIGTERM');
  const answer = await Promise.race(polls);
  expect(answer).toMatchObject({ status: 200, body: EMPTY, headers: { connection: 'close' } });
  await bus.node.line(new RegExp(`"worker":1,"ended":${pid},"code":0,.*"a worker has ended`));
  await expect.poll(async () => (await pidsOf(bus)).includes(pid), SOON).toBe(false);
  expect(await pidsOf(bus)).toContain(other);
  bus.node.kill('SIGTERM');
  await expectEmpty(polls);
  expect((await bus.node.exited).code).toBe(0);
});
