/**
 * What the hub makes of a session: it listens to its end as long as a poll is held, and to no channel that it may not.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../../src/hub/connection.ts';
import { type Node, startNode } from '../../../src/hub/node.ts';
import { silentLogger } from '../../../src/library/system.ts';
import { memoryLog, memoryStore } from '../../../src/log/memory.ts';
import type { Session, SessionListener, Sessions } from '../../../src/ports.ts';
import { userOf } from '../../support/arbitrary.ts';
import { settle } from '../../support/bus-fixture.ts';
import { testClock } from '../../support/clock.ts';

/** One session, which ends when the test says so, and how often it was listened to. */
class OneSession implements Sessions {
  readonly trusting = false;
  readonly addresses: Array<string | undefined> = [];
  readonly listeners = new Set<SessionListener>();
  readonly #channels: ReadonlySet<string> | undefined;
  listened = 0;
  hasEnded = false;
  open: Promise<void> | undefined;

  constructor(channels?: ReadonlySet<string>) {
    this.#channels = channels;
  }

  readonly check: Sessions['check'] = async (_database, _authorization, address) => {
    this.addresses.push(address);
    await this.open;
    return { _tag: 'Right', right: this.#session };
  };

  get #session(): Session {
    return {
      user: userOf('1'),
      ...(this.#channels === undefined ? {} : { channels: this.#channels }),
      listen: (listener) => {
        this.listened += 1;
        if (this.hasEnded) listener.sessionEnded();
        else this.listeners.add(listener);
      },
      forget: (listener) => this.listeners.delete(listener),
    };
  }
}

let session: OneSession;
let node: Node;

const start = async (sessions: OneSession) => {
  session = sessions;
  const clock = testClock();
  node = startNode({
    ...{ clock, sessions, random: () => 0, logger: silentLogger },
    log: memoryLog(memoryStore(clock, 'epoch', 86_400_000)),
    settings: {
      longPollingTimeoutMs: 300_000,
      longPollingJitter: 0,
      cacheTimeoutMs: 300_000,
      allowSubscribe: true,
    },
  });
  await settle();
};

beforeEach(() => start(new OneSession()));

const publish = async (channel: string) => {
  await node.publisher.publish('db', channel, Buffer.from('{}'))();
  await settle();
};

const open = (body = '{"channels":["a","b"]}') => {
  const answers: Array<Answer> = [];
  const connection = node.hub.open(
    { database: 'db', authorization: 'any', address: '192.0.2.1', body: Buffer.from(body) },
    (answer) => {
      answers.push(answer);
      queueMicrotask(() => node.hub.written(connection));
    },
  );
  return { answers, connection };
};

const poll = async (body?: string) => {
  const opened = open(body);
  await settle();
  return opened;
};

describe('a session', () => {
  test('is checked with the address of the client', async () => {
    await poll();
    expect(session.addresses).toEqual(['192.0.2.1']);
  });

  test('is listened to as long as a poll is held', async () => {
    const polls = [await poll(), await poll(), await poll()];
    expect(session.listeners.size).toBe(3);
    node.hub.hangUp(polls[0]?.connection as never);
    expect(session.listeners.size).toBe(2);
    await publish('a');
    expect(session.listeners.size).toBe(0);
    expect(polls.map(({ answers }) => answers.length)).toEqual([0, 1, 1]);
  });

  test('that has ended when it is listened to ends its poll with nothing', async () => {
    session.hasEnded = true;
    const { answers } = await poll();
    expect(answers).toMatchObject([{ _tag: 'Nothing' }]);
    expect(node.hub.held).toBe(0);
    await publish('a');
    expect(answers).toHaveLength(1);
  });

  test('that has ended when something is there already does not take it back', async () => {
    await publish('a');
    session.hasEnded = true;
    const { answers } = await poll();
    expect(answers).toMatchObject([{ _tag: 'Entry' }]);
    expect(node.hub.held).toBe(0);
  });

  test('is not listened to by a poll that is refused, or whose client has gone', async () => {
    await poll('{"channels":1}');
    let letThrough = () => {};
    session.open = new Promise((resolve) => {
      letThrough = resolve;
    });
    const { connection } = await poll();
    node.hub.hangUp(connection);
    letThrough();
    await settle();
    expect(session.listened).toBe(0);
    expect(node.hub.held).toBe(0);
  });
});

describe('the channels of a session', () => {
  test('are all that it hears of, but for its user’s', async () => {
    await start(new OneSession(new Set(['b', 'user:2'])));
    const { answers } = await poll('{"channels":["a","b","user:2"]}');
    await publish('a');
    await publish('user:2');
    expect(answers).toEqual([]);
    await publish('b');
    expect(answers).toMatchObject([{ _tag: 'Entry', entry: { channel: 'b' } }]);
    const own = await poll('{"channels":["a"]}');
    await publish('a');
    expect(own.answers).toEqual([]);
    await publish('user:1');
    expect(own.answers).toMatchObject([{ _tag: 'Entry', entry: { channel: 'user:1' } }]);
  });

  test('are any when the session names none', async () => {
    const { answers } = await poll();
    await publish('a');
    expect(answers).toHaveLength(1);
  });
});
