/**
 * What becomes of polls when the stream under a running node is not what it was.
 */
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { O } from '../../src/fp.ts';
import type { Node } from '../../src/hub/node.ts';
import type { Log } from '../../src/log/log.ts';
import { answer, appending, channel, database, refusal } from '../support/logs.ts';
import { NatsServer } from '../support/nats-server.ts';
import { isLive, logOn, nodeOn, operator, pollOnce } from '../support/nodes.ts';

let server: NatsServer;
let log: Log;
const nodes: Array<Node> = [];

const startNode = async (): Promise<Node> => {
  const node = nodeOn({ servers: [server] });
  nodes.push(node);
  await expect.poll(() => isLive(node), { timeout: 10_000 }).toBe(true);
  return node;
};

const publish = (n: number | string) => answer(log.append(appending('db', 'c', { n })));

/** Deletes the stream and makes it anew, once its files are gone: nats-server 2.9 takes the new ones along else. */
const remake = async (): Promise<void> => {
  const { nc, manager } = await operator([server]);
  const { config } = await manager.streams.info('TEST');
  await manager.streams.delete('TEST');
  const files = join(server.storeDir, 'jetstream', '$G', 'streams', 'TEST');
  await vi.waitUntil(() => !existsSync(files));
  await manager.streams.add(config);
  await nc.close();
};

beforeEach(async () => {
  server = await NatsServer.start();
  log = logOn({ servers: [server] });
  await answer(log.head);
});

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop(0)));
  await log.close();
  await server.dispose();
});

describe('a stream that is deleted and made again', () => {
  test('ends the life that a held poll stood in, and the poll gets what the next one brings', async () => {
    const node = await startNode();
    await publish(1);
    const { message } = await pollOnce(node, ['c']);
    const held = pollOnce(node, ['c'], message?.message_id);
    await remake();
    await publish(2);
    const next = await held;
    expect(next).toMatchObject({ message: { n: 2 }, resume: 'reset' });
    expect(next.message?.message_id.split('-')[0]).not.toBe(message?.message_id.split('-')[0]);
  });

  test('is made by the bus when nobody else does', async () => {
    const node = await startNode();
    const held = pollOnce(node, ['c']);
    const { nc, manager } = await operator([server]);
    await manager.streams.delete('TEST');
    await publish(1);
    expect(await held).toMatchObject({ message: { n: 1 } });
    await nc.close();
  });

  test('has ids of the life that acknowledged, though the same sequences come again', async () => {
    const node = await startNode();
    const first = await answer(node.publisher.publish('db', 'c', Buffer.from('{"n":1}')));
    await remake();
    const second = await answer(node.publisher.publish('db', 'c', Buffer.from('{"n":1}')));
    expect(second.messageId).not.toBe(first.messageId);
    const id = async () => (await pollOnce(node, ['c'])).message?.message_id;
    await expect.poll(id, { timeout: 10_000 }).toBe(second.messageId);
  });
});

describe('a store that is restored from an older copy', () => {
  const restore = async (copy: string) => {
    await server.stop();
    await rm(server.storeDir, { recursive: true });
    await cp(copy, server.storeDir, { recursive: true });
    await server.restart();
  };

  test('keeps its creation and uses its sequences again, and no poll takes one for the other', async () => {
    const running = await startNode();
    for (let n = 1; n <= 3; n += 1) await publish(n);
    const copy = `${server.storeDir}-copy`;
    await server.stop();
    await cp(server.storeDir, copy, { recursive: true });
    await server.restart();
    for (let n = 4; n <= 6; n += 1) await publish(n);
    const before = [];
    let last: string | null = null;
    for (let n = 1; n <= 6; n += 1) {
      const { message } = await pollOnce(running, ['c'], last);
      last = message?.message_id ?? null;
      before.push(message?.n);
    }
    expect(before).toEqual([1, 2, 3, 4, 5, 6]);

    await restore(copy);
    const held = pollOnce(running, ['c'], last);
    for (const n of ['4b', '5b', '6b', '7b']) await publish(n);
    expect(await held).toMatchObject({ message: { n: 1 }, resume: 'reset' });
    const fresh = await startNode();
    for (const node of [running, fresh]) {
      expect(await pollOnce(node, ['c'], last)).toMatchObject({
        message: { n: 1 },
        resume: 'reset',
      });
    }
    await rm(copy, { recursive: true });
  });
});

describe('garbage that somebody writes straight into the stream', () => {
  test('is passed over by polls and by history, and counted', async () => {
    const node = await startNode();
    const { nc } = await operator([server]);
    const garbage = ['', 'no json', '[1]', '{"a":', '{"__class__":"date"}', '{"a":1e}', '"text"'];
    for (const text of garbage) nc.publish('bus.db.c', text);
    nc.publish('bus.db.%63', '{"n":0}');
    nc.publish('bus.db.c', Buffer.from([0x7b, 0xff, 0x7d]));
    await nc.flush();
    await publish(1);
    expect(await pollOnce(node, ['c'])).toMatchObject({ message: { n: 1 } });
    expect(node.status().tail.undecodable).toBe(garbage.length + 2);
    await nc.close();
  });

  test('in masses costs a poll of an old id some reads in turn, and hides nothing', async () => {
    await publish(1);
    const { nc } = await operator([server]);
    for (let n = 0; n < 600; n += 1) nc.publish('bus.db.c', 'garbage');
    await nc.flush();
    await publish(2);
    const next = log.next(database('db'), channel('c'), 1);
    expect((await refusal(next))._tag).toBe('LogUnavailable');
    expect((await refusal(next))._tag).toBe('LogUnavailable');
    const entry = await answer(next);
    expect(O.isSome(entry) && entry.value.sequence).toBe(602);
    await nc.close();
  });

  test('leaves other publishers what they always did: any client in any language publishes', async () => {
    const node = await startNode();
    const held = pollOnce(node, ['user:1', 'c']);
    const { nc } = await operator([server]);
    nc.publish('bus.db.user:1', '{"type":"notification","title":"Hello"}');
    expect(await held).toMatchObject({ message: { type: 'notification', title: 'Hello' } });
    await nc.close();
  });
});
