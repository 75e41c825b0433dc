/**
 * Every path of the node's machine, walked by a real node.
 */
import { describe, expect, test } from 'vitest';
import { trust } from '../../src/auth/trust.ts';
import { simplePaths } from '../../src/connection/paths.ts';
import { startNode } from '../../src/hub/node.ts';
import { type NodeEvent, nodeMachine } from '../../src/hub/node-machine.ts';
import { silentLogger } from '../../src/library/system.ts';
import { memoryLog, memoryStore } from '../../src/log/memory.ts';
import { settle } from '../support/bus-fixture.ts';
import { testClock } from '../support/clock.ts';

const paths = simplePaths(
  nodeMachine,
  (['READY', 'DRAIN', 'DRAINED'] as const).map((type) => ({ type })),
);

describe('the node', () => {
  test('goes these ways and no other', () => {
    expect(paths.map(({ steps }) => steps.map(({ state }) => state).join(' ')).sort()).toEqual([
      'draining stopped',
      'serving draining stopped',
    ]);
  });

  test.each(paths.map((path) => [path.description, path] as const))('%s', async (_, { steps }) => {
    const clock = testClock();
    const log = memoryLog(memoryStore(clock, 'epoch', 1000));
    let answerHead = () => {};
    const ready = new Promise<void>((resolve) => {
      answerHead = resolve;
    });
    const node = startNode({
      log: { ...log, head: async () => ready.then(log.head) },
      sessions: trust,
      clock,
      random: () => 0.5,
      logger: silentLogger,
      settings: {
        longPollingTimeoutMs: 300_000,
        longPollingJitter: 0,
        cacheTimeoutMs: 300_000,
        allowSubscribe: true,
      },
    });
    let stopped: Promise<void> | undefined;
    const session = `Session ${Buffer.from('a:1:k').toString('base64')}`;
    node.hub.open({ database: 'db', authorization: session, body: Buffer.from('{}') }, () => {});
    await settle();
    const bringAbout: Readonly<Record<NodeEvent['type'], () => void>> = {
      READY: answerHead,
      DRAIN: () => {
        stopped = node.stop(1000);
      },
      DRAINED: () => clock.advance(2000),
    };
    expect(node.status().node).toBe('starting');
    for (const { event, state } of steps) {
      bringAbout[event.type]();
      await settle();
      expect(node.status().node, `after ${event.type}`).toBe(state);
    }
    await stopped;
    expect(node.status()).toMatchObject({ held: 0, tail: { state: 'stopped' } });
    answerHead();
    await settle();
    expect(clock.pending()).toBe(0);
  });

  test('closes its log only when what is being published was answered, and takes no more', async () => {
    const clock = testClock();
    const log = memoryLog(memoryStore(clock, 'epoch', 1000));
    const done: Array<string> = [];
    let keep = () => {};
    const kept = new Promise<void>((resolve) => {
      keep = resolve;
    });
    const node = startNode({
      log: {
        ...log,
        append: (appending) => () => kept.then(log.append(appending)),
        close: async () => void done.push('closed'),
      },
      sessions: trust,
      clock,
      random: () => 0.5,
      logger: silentLogger,
      settings: {
        longPollingTimeoutMs: 300_000,
        longPollingJitter: 0,
        cacheTimeoutMs: 300_000,
        allowSubscribe: true,
      },
    });
    const published = node.publisher.publish('db', 'c', Buffer.from('{}'))();
    void published.then(({ _tag }) => done.push(_tag));
    const stopped = node.stop(0);
    await settle();
    const late = await node.publisher.publish('db', 'c', Buffer.from('{}'))();
    expect(late).toMatchObject({ left: { _tag: 'Closed' } });
    expect(done).toEqual([]);
    keep();
    await stopped;
    expect(done).toEqual(['Right', 'closed']);
  });
});
