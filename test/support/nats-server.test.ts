/**
 * The test kit itself, tried on the real nats-server: the other tests rely on what it promises
 * about ports, stores and processes, and on every nats-server version they run on.
 */
import { jetstream, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, expect, test } from 'vitest';
import { NatsServer, startCluster, stopCluster } from './nats-server.ts';

const cleanups: Array<() => Promise<void>> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const started = async (): Promise<NatsServer> => {
  const server = await NatsServer.start();
  cleanups.push(() => server.dispose());
  return server;
};

const connected = async ({ url }: NatsServer): Promise<NatsConnection> => {
  const connection = await connect({ servers: url });
  cleanups.push(() => connection.close());
  return connection;
};

const withStream = async (connection: NatsConnection, replicas: number): Promise<StreamInfo> => {
  const manager = await jetstreamManager(connection);
  return manager.streams.add({ name: 'bus', subjects: ['bus.*'], num_replicas: replicas });
};

/** Retries, as in a cluster a server may hear of a stream's subjects later than of the stream. */
const publish = async (connection: NatsConnection): Promise<number> =>
  (await jetstream(connection).publish('bus.a', 'hello', { retries: 10 })).seq;

test('a started server stores what is published', async () => {
  const connection = await connected(await started());
  await withStream(connection, 1);
  expect(await publish(connection)).toBe(1);
});

test('a restarted server keeps its port and its store, stopped or killed', async () => {
  const server = await started();
  const before = server.url;
  const first = await connected(server);
  await withStream(first, 1);
  await publish(first);
  await server.restart();
  const second = await connected(server);
  expect(await publish(second)).toBe(2);
  await server.kill();
  await expect(connect({ servers: before, reconnect: false })).rejects.toThrow();
  await server.restart();
  expect(await publish(await connected(server))).toBe(3);
  expect(server.url).toBe(before);
});

test('a paused server answers nothing until it is resumed', async () => {
  const server = await started();
  const connection = await connected(server);
  server.pause();
  let answered = false;
  const flushed = connection.flush().then(() => {
    answered = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(answered).toBe(false);
  server.resume();
  await flushed;
  expect(answered).toBe(true);
});

test('a cluster of three replicates a stream', async () => {
  const servers = await startCluster(3);
  cleanups.push(() => stopCluster(servers));
  const [first] = await Promise.all(servers.map(connected));
  if (first === undefined) throw new Error('the cluster is empty');
  const { cluster } = await withStream(first, 3);
  expect(cluster?.leader).toBeDefined();
  expect(cluster?.replicas).toHaveLength(2);
  expect(await publish(first)).toBe(1);
});
