/**
 * Three servers, three replicas, and what happens to them while messages are published and polled for.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { E, O } from '../../src/fp.ts';
import type { Node } from '../../src/hub/node.ts';
import type { Log } from '../../src/log/log.ts';
import { answer, appending, channel, database, refusal } from '../support/logs.ts';
import { type NatsServer, startCluster, stopCluster } from '../support/nats-server.ts';
import { collect, isLive, logOn, nodeOn, operator } from '../support/nodes.ts';

let servers: ReadonlyArray<NatsServer>;
let log: Log;

beforeEach(async () => {
  servers = await startCluster(3);
  log = logOn({ servers, replicas: 3 });
  await vi.waitUntil(async () => E.isRight(await log.head()), { timeout: 20_000 });
});

afterEach(async () => {
  await log.close();
  await stopCluster(servers);
});

/** The server that leads the stream, and the others. */
const roles = async (): Promise<readonly [NatsServer, ReadonlyArray<NatsServer>]> => {
  const { nc, manager } = await operator(servers);
  const { cluster } = await manager.streams.info('TEST');
  await nc.close();
  const leader = servers.find(({ url }) => url.endsWith(cluster?.leader ?? 'none'));
  if (leader === undefined) throw new Error('no leader');
  return [leader, servers.filter((each) => each !== leader)];
};

/** Publishes until the log has it; the key makes sure that it has it once. */
const publishSurely = async (log: Log, n: number): Promise<void> => {
  const append = log.append(appending('db', 'c', { n }, `key-${n}`));
  for (let tries = 0; tries < 20; tries += 1) if (E.isRight(await append())) return;
  throw new Error(`${n} could not be published`);
};

describe('a cluster of three', () => {
  test('loses nothing, doubles nothing and keeps one order while its leader is killed and comes back', async () => {
    const nodes: ReadonlyArray<Node> = [
      nodeOn({ servers, replicas: 3 }, 1000),
      nodeOn({ servers, replicas: 3 }, 1000),
    ];
    await expect.poll(() => nodes.every(isLive), { timeout: 20_000 }).toBe(true);
    const count = 150;
    const collected = Promise.all([
      collect(nodes, ['c'], count),
      collect(nodes.slice(0, 1), ['c'], count),
      collect(nodes.slice(1), ['c'], count),
    ]);
    const [leader] = await roles();
    for (let n = 0; n < count; n += 1) {
      if (n === 50) await leader.kill();
      if (n === 100) await leader.restart();
      await publishSurely(log, n);
    }
    const expected = Array.from({ length: count }, (_, n) => n);
    for (const numbers of await collected) expect(numbers).toEqual(expected);
    await Promise.all(nodes.map((node) => node.stop(0)));
  });

  test('hides no message by a replica that was paused while its siblings went on', async () => {
    const [leader, [replica]] = await roles();
    const log = logOn({ servers: [leader], replicas: 3 });
    await answer(log.append(appending('db', 'c', { n: 0 })));
    for (let round = 1; round <= 5; round += 1) {
      replica?.pause();
      const { sequence } = await answer(log.append(appending('db', 'c', { n: round })));
      replica?.resume();
      const asked = Array.from({ length: 50 }, () =>
        answer(log.next(database('db'), channel('c'), sequence - 1)),
      );
      for (const entry of await Promise.all(asked)) {
        expect(O.isSome(entry) && entry.value.sequence).toBe(sequence);
      }
    }
    await log.close();
  });

  test('says so when it has no quorum, and keeps a repeat once when it has one again', async () => {
    const { sequence: first } = await answer(log.append(appending('db', 'c', { n: 0 })));
    const [, others] = await roles();
    await Promise.all(others.map((server) => server.kill()));
    const append = log.append(appending('db', 'c', { n: 1 }, 'key'));
    expect((await refusal(append))._tag).toBe('LogUnavailable');
    await Promise.all(others.map((server) => server.restart()));
    await publishSurely(log, 99);
    await expect.poll(async () => E.isRight(await append()), { timeout: 20_000 }).toBe(true);
    const kept = await answer(append);
    expect(await answer(append)).toEqual(kept);
    const { last } = await answer(log.head);
    expect(last).toBe(first + 2);
  });
});
