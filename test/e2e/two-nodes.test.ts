import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Node } from '../../src/hub/node.ts';
import { answer } from '../support/logs.ts';
import { NatsServer } from '../support/nats-server.ts';
import { collect, isLive, nodeOn, pollOnce } from '../support/nodes.ts';

let server: NatsServer;
let nodes: ReadonlyArray<Node>;

beforeAll(async () => {
  server = await NatsServer.start();
  nodes = [nodeOn({ servers: [server] }), nodeOn({ servers: [server] })];
  await vi.waitUntil(() => nodes.every(isLive), { timeout: 10_000 });
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop(0)));
  await server.dispose();
});

test('a client that alternates between two nodes gets every message once, in publish order', async () => {
  const count = 500;
  const collected = collect(nodes, ['c'], count);
  for (let n = 0; n < count; n += 1) {
    const node = nodes[n % 2];
    if (node === undefined) throw new Error('no node');
    await answer(node.publisher.publish('db', 'c', Buffer.from(JSON.stringify({ n }))));
  }
  expect(await collected).toEqual(Array.from({ length: count }, (_, n) => n));
});

test('two nodes name a message alike', async () => {
  const [one] = nodes;
  if (one === undefined) throw new Error('no node');
  const published = await answer(one.publisher.publish('db', 'd', Buffer.from('{"a":1}')));
  const polls = await Promise.all(nodes.map((node) => pollOnce(node, ['d'])));
  const id = { message_id: published.messageId };
  expect(polls.map(({ message }) => message)).toMatchObject([id, id]);
});
