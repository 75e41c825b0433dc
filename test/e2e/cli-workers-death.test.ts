/**
 * Processes of `jetbus serve --workers` that die, and clients that lose nothing by it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { publish, type Serving } from '../support/cli.ts';
import { poll, RawConnection } from '../support/http.ts';
import {
  becomesReady,
  EMPTY,
  hold,
  holds,
  natsServer,
  pidsOf,
  SOON,
  serveByWorkers,
  statusOf,
} from './cli-workers-fixture.ts';

const nats = natsServer();

/** A client that polls on, and comes back when it is cut off; answers with the numbers that it was shown. */
const collect = async ({ url }: Serving, count: number) => {
  const numbers: Array<number> = [];
  let cuts = 0;
  let last_message: string | undefined;
  while (numbers.length < count) {
    const body = { channels: ['c'], ...(last_message && { last_message }) };
    const answer = await poll(url, 'demo', body).catch(() => undefined);
    if (answer === undefined) {
      cuts += 1;
      await pause(10);
      continue;
    }
    expect(answer.status).toBe(200);
    const { message } = JSON.parse(answer.body);
    if (message === null) continue;
    last_message = message.message_id;
    numbers.push(message.n);
  }
  return { numbers, cuts };
};

const publishSurely = async (url: string, n: number): Promise<void> => {
  const key = { 'Idempotency-Key': `key-${n}` };
  await expect
    .poll(
      async () => (await publish(url, 'c', `{"n":${n}}`, key).catch(() => undefined))?.status,
      SOON,
    )
    .toBe(201);
};

test('a worker that is killed is replaced, and its clients lose nothing', async () => {
  const bus = await serveByWorkers(nats());
  const count = 60;
  const clients = Array.from({ length: 12 }, () => collect(bus, count));
  await holds(bus, clients.length);
  const { workers } = await statusOf(bus);
  const [{ pid = 0, held = 0 } = {}, other] = workers;
  expect(held).toBeGreaterThan(0);
  for (let n = 0; n < count; n += 1) {
    if (n === count / 2) process.kill(pid, 'SIGKILL');
    await publishSurely(bus.url, n);
  }
  const all = Array.from({ length: count }, (_, n) => n);
  const collected = await Promise.all(clients);
  for (const { numbers } of collected) expect(numbers).toEqual(all);
  expect(collected.reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThan(0);
  await bus.node.line(
    new RegExp(`"worker":1,"ended":${pid},.*"signal":"SIGKILL".*"a worker has ended`),
  );
  await becomesReady(bus);
  const [replaced = 0, same] = await pidsOf(bus);
  expect(same).toBe(other?.pid);
  expect(replaced).not.toBe(pid);
});

test('the address stays theirs when all of them die', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '0');
  const pids = await pidsOf(bus);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const reasons = async () => (await statusOf(bus).catch(() => undefined))?.reasons;
  await expect.poll(reasons, SOON).toEqual([]);
  expect((await pidsOf(bus)).some((pid) => pids.includes(pid))).toBe(false);
  await hold(bus, 6);
});

test('a connection that a worker was handed and did not take is cut when it dies', async () => {
  const bus = await serveByWorkers(nats());
  const [pid = 0] = await pidsOf(bus);
  process.kill(pid, 'SIGSTOP');
  const raws: Array<RawConnection> = [];
  const answered = () => raws.filter(({ received }) => received.includes('alive'));
  // In turn, so the one that is halted has one of them on its way, and the other takes the rest.
  for (let n = 0; n < 4; n += 1) {
    const raw = await RawConnection.open(bus.url);
    raw.write('GET /-/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    raws.push(raw);
  }
  await expect.poll(() => answered().length, SOON).toBe(3);
  const [left] = raws.filter((raw) => !answered().includes(raw));
  process.kill(pid, 'SIGKILL');
  await left?.closed.catch(() => {});
  expect(left?.socket.destroyed).toBe(true);
  for (const raw of raws) raw.destroy();
});

test('workers whose primary is killed end what they hold, and are gone', async () => {
  const bus = await serveByWorkers(nats(), '--drain', '0.5');
  const polls = await hold(bus, 8);
  bus.node.kill('SIGKILL');
  for (const answer of await Promise.all(polls)) {
    expect(answer).toMatchObject({ status: 200, body: EMPTY, headers: { connection: 'close' } });
  }
  // Done when nobody has its error stream open any more.
  const { stderr } = await bus.node.exited;
  expect(stderr.match(/"the node is stopped"/g)).toHaveLength(2);
});
