/**
 * Three servers, three replicas, and what happens to them while messages are published and polled for.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BusError } from '../../src/bus/errors.ts';
import type { MessageId } from '../../src/bus/message-id.ts';
import { E, O, pipe, TE } from '../../src/fp.ts';
import type { Node } from '../../src/hub/node.ts';
import type { Log } from '../../src/log/log.ts';
import { answer, appending, channel, database, messageIdOf, refusal } from '../support/logs.ts';
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

/** Publishes a number under a key of its own, and answers with its id. */
type Publish = (n: number) => TE.TaskEither<BusError, MessageId>;

const byLog: Publish = (n) => log.append(appending('db', 'c', { n }, `key-${n}`));

/** As a node does, whose own tail acknowledges. */
const byNode =
  ({ publisher }: Node): Publish =>
  (n) =>
    pipe(
      publisher.publish('db', 'c', Buffer.from(JSON.stringify({ n })), `key-${n}`),
      TE.map(({ messageId }) => messageIdOf(messageId)),
    );

/** Publishes until the log has it; the key makes sure that it has it once. */
const surely = async (publish: Publish, n: number): Promise<MessageId> => {
  for (let tries = 0; tries < 20; tries += 1) {
    const published = await publish(n)();
    if (E.isRight(published)) return published.right;
  }
  throw new Error(`${n} could not be published`);
};

const liveNode = async (): Promise<Node> => {
  const node = nodeOn({ servers, replicas: 3 }, 1000);
  await expect.poll(() => isLive(node), { timeout: 20_000 }).toBe(true);
  return node;
};

const WAYS: ReadonlyArray<[name: string, of: (node: Node) => Publish]> = [
  ['by a handle that follows nothing', () => byLog],
  ['by a node', byNode],
];

describe('a cluster of three', () => {
  test.each(WAYS)(
    'loses nothing, doubles nothing and keeps one order while its leader is killed and comes back, %s',
    async (_, of) => {
      const nodes = [await liveNode(), await liveNode()] as const;
      const publish = of(nodes[0]);
      const count = 150;
      const collected = Promise.all([
        collect(nodes, ['c'], count),
        collect(nodes.slice(0, 1), ['c'], count),
        collect(nodes.slice(1), ['c'], count),
      ]);
      const [leader] = await roles();
      const ids: Array<MessageId> = [];
      for (let n = 0; n < count; n += 1) {
        if (n === 50) await leader.kill();
        if (n === 100) await leader.restart();
        ids.push(await surely(publish, n));
      }
      const expected = Array.from({ length: count }, (_, n) => n);
      for (const numbers of await collected) expect(numbers).toEqual(expected);
      const { epoch } = await answer(log.head);
      for (const id of ids) {
        expect(id.epoch).toBe(epoch);
        const kept = await answer(log.at(id.sequence));
        expect(kept).toMatchObject({ value: { right: { check: id.check } } });
      }
      await Promise.all(nodes.map((node) => node.stop(0)));
    },
  );

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

  test.each(WAYS)(
    'says so when it has no quorum, and keeps a repeat once when it has one again, %s',
    async (_, of) => {
      const node = await liveNode();
      const publish = of(node);
      const { sequence: first } = await surely(publish, 0);
      const [, others] = await roles();
      await Promise.all(others.map((server) => server.kill()));
      expect((await refusal(publish(1)))._tag).toBe('LogUnavailable');
      await Promise.all(others.map((server) => server.restart()));
      await surely(publish, 99);
      const kept = await surely(publish, 1);
      expect(await answer(publish(1))).toEqual(kept);
      const { last } = await answer(log.head);
      expect(last).toBe(first + 2);
      await node.stop(0);
    },
  );
});
