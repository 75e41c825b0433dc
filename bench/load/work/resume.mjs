/**
 * Resume: what it costs to answer a client that comes back with an old id, by how many entries the log has moved on since then. Each
 * client has a channel of its own, with one message that it has and one that it has not; all between is of others.
 *
 * `near` is one entry behind; `far` is many entries behind, which the node still has at hand since they are recent; `old` is as many
 * behind, beyond the time that the node keeps at hand.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { countCpu } from '../../processes.mjs';
import { cpuEach, Times } from '../figures.mjs';
import { HttpSocket } from '../http-socket.mjs';
import { messageText } from '../message.mjs';

const AT_ONCE = 16;
const PUBLISHERS = 64;
const WARM_POLLS = 8000;
const OTHER_CHANNELS = 100;
const FLUSH_AT = 1000;

export const resume = async ({ adapter, target, pids, job }) => {
  const { count, behind, windowSeconds } = job;
  const publishers = Array.from({ length: PUBLISHERS }, () => adapter.publisher());
  const resumed = (clients) => resumeAll(adapter, target.port, clients, pids);

  const begin = performance.now();
  const far = await publishFirst(publishers, 'far', count);
  const old = await publishFirst(publishers, 'old', count);
  if (target.nats === undefined) await publishOthers(publishers, behind);
  else await publishOnNats(target, behind);
  await publishSecond(publishers, far);
  await publishSecond(publishers, old);
  const near = await publishPairs(publishers, 'near', count);
  const warm = await publishPairs(publishers, 'warm', count);
  for (let n = 0; n < WARM_POLLS; n += count) await resumed(warm);
  for (const { close } of publishers) close();

  const figures = { near: await resumed(near), far: await resumed(far) };
  if (performance.now() - begin > windowSeconds * 1000) {
    throw new Error(
      `publishing took longer than ${windowSeconds} s, so nothing was recent any more`,
    );
  }
  await pause(windowSeconds * 1000);
  await resumed(warm); // Their sessions were forgotten meanwhile.
  figures.old = await resumed(old);
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, { cpu, p50, p99 }]) => [
      [`${name}Cpu`, cpu],
      [`${name}P50`, p50],
      [`${name}P99`, p99],
    ]),
  );
};

/** Does something for each, several at once, each time with a publisher of its own. */
const forEach = async (publishers, items, work) => {
  const left = [...items].reverse();
  const worker = async (publisher) => {
    while (left.length > 0) await work(publisher, left.pop());
  };
  await Promise.all(publishers.map(worker));
};

const clientsOf = (name, count) =>
  Array.from({ length: count }, (_, n) => ({ channel: `${name}:${n}`, received: 1 }));

const publishFirst = async (publishers, name, count) => {
  const clients = clientsOf(name, count);
  await forEach(publishers, clients, async (publisher, client) => {
    client.last = await publisher.publish(client.channel, 1);
  });
  return clients;
};

const publishSecond = (publishers, clients) =>
  forEach(publishers, clients, ({ publish }, { channel }) => publish(channel, 2));

/** Both messages of each client, with nothing between. */
const publishPairs = async ([publisher], name, count) => {
  const clients = clientsOf(name, count);
  for (const client of clients) {
    client.last = await publisher.publish(client.channel, 1);
    await publisher.publish(client.channel, 2);
  }
  return clients;
};

const otherChannel = (n) => `other:${n % OTHER_CHANNELS}`;

const publishOthers = (publishers, count) => {
  const numbers = Array.from({ length: count }, (_, n) => n);
  return forEach(publishers, numbers, ({ publish }, n) => publish(otherChannel(n), n));
};

/** Any NATS client may publish, and one that waits for no acknowledgement is soon done. */
const publishOnNats = async ({ nats, database }, count) => {
  const connection = await connect({ servers: nats });
  for (let n = 0; n < count; n += 1) {
    const channel = otherChannel(n);
    connection.publish(`bus.${database}.${channel}`, messageText(channel, n));
    if (n % FLUSH_AT === 0) await connection.flush();
  }
  await connection.drain();
};

/** Polls once for each client, over a few connections, whose sessions the server knows from the first on. */
const resumeAll = async (adapter, port, clients, pids) => {
  const times = new Times();
  const left = [...clients];
  const used = countCpu(pids);
  const work = async (_, number) => {
    const socket = new HttpSocket(port);
    for (let client = left.pop(); client !== undefined; client = left.pop()) {
      await resumeOne(adapter, socket, Object.assign(client, { number: number + 1 }), times);
    }
    socket.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { ...cpuEach(used(), clients.length), ...times.figures() };
};

const resumeOne = (adapter, socket, client, times) =>
  new Promise((resolve) => {
    const begin = performance.now();
    socket.send(adapter.pollText(client), (status, head, body) => {
      times.add(performance.now() - begin);
      adapter.readAnswer(status, head, body, client);
      resolve();
    });
  });
