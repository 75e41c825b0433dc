/**
 * `jetbus serve --workers` on a real nats-server, and what its clients and its operator see of it.
 */
import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { readyz, type Serving, serve } from '../support/cli.ts';
import { type HeldPoll, poll } from '../support/http.ts';
import { NatsServer } from '../support/nats-server.ts';

/** Generous: the machine may be busy with other tests. */
export const SOON = { timeout: 20_000, interval: 20 };
export const EMPTY = '{"message":null,"channel":null}';

interface Status {
  readonly ready: boolean;
  readonly reasons: ReadonlyArray<string>;
  readonly held: number;
  readonly workers: ReadonlyArray<{
    readonly worker: number;
    readonly pid?: number;
    readonly held?: number;
  }>;
}

/** A nats-server for the tests of a file. */
export const natsServer = (): (() => NatsServer) => {
  let server: NatsServer | undefined;
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server?.dispose());
  return () => {
    if (server === undefined) throw new Error('no server');
    return server;
  };
};

let streams = 0;

/** Two workers on a stream of their own; done when they listen. */
export const startWorkers = (
  server: NatsServer,
  ...args: ReadonlyArray<string>
): Promise<Serving> => {
  streams += 1;
  const stream = `W${process.pid}-${streams}`;
  return serve([
    ...['--log', server.url, '--stream', stream, '--subject-prefix', stream],
    ...['--workers', '2', ...args],
  ]);
};

/** Done when they are ready. */
export const serveByWorkers = async (
  server: NatsServer,
  ...args: ReadonlyArray<string>
): Promise<Serving> => {
  const serving = await startWorkers(server, ...args);
  await becomesReady(serving);
  return serving;
};

export const statusOf = async ({ url }: Serving): Promise<Status> =>
  JSON.parse((await readyz(url)).body);

export const becomesReady = (serving: Serving) =>
  expect.poll(async () => (await statusOf(serving)).reasons, SOON).toEqual([]);

export const holds = (serving: Serving, count: number) =>
  expect.poll(async () => (await statusOf(serving)).held, SOON).toBe(count);

export const pidsOf = async (serving: Serving): Promise<ReadonlyArray<number>> =>
  (await statusOf(serving)).workers.map(({ pid = Number.NaN }) => pid);

/** Holds polls on both workers, each on a connection of its own. */
export const hold = async (serving: Serving, count: number): Promise<ReadonlyArray<HeldPoll>> => {
  const polls = Array.from({ length: count }, () => poll(serving.url, 'demo', { channels: ['a'] }));
  await holds(serving, count);
  const { workers } = await statusOf(serving);
  expect(workers.map(({ held = 0 }) => held > 0)).toEqual([true, true]);
  return polls;
};

/** Done when the primary says that the address is closed. */
export const closes = ({ node }: Serving) => node.line(/"workers":2,"msg":"draining"/);

/** Done when all workers drain too. */
export const drains = async (serving: Serving): Promise<void> => {
  const { node } = serving;
  await closes(serving);
  await node.line(/"worker":1,.*"the node is draining"/);
  await node.line(/"worker":2,.*"the node is draining"/);
};

export const keptAlive = (): Agent => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
};
