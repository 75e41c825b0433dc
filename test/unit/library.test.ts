/**
 * The library, as a program uses it that embeds a bus.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type Bus,
  BusFailure,
  createBus,
  createResponse,
  type Delivery,
  fileLog,
  type Log,
  memoryLog,
} from '../../src/index.ts';
import { jetstreamLog } from '../../src/jetstream.ts';
import * as file from '../../src/log/file.ts';
import { testClock } from '../support/clock.ts';
import { answer, appending } from '../support/logs.ts';
import { NatsServer } from '../support/nats-server.ts';

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'jetbus-library-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const busOn = (log: Log, cacheTimeout?: number): Bus => {
  const bus = createBus({ log, ...(cacheTimeout === undefined ? {} : { cacheTimeout }) });
  onTestFinished(() => bus.close());
  return bus;
};

/** The next so many deliveries. */
const take = async (
  deliveries: AsyncIterator<Delivery>,
  count: number,
): Promise<ReadonlyArray<Delivery>> => {
  const taken: Array<Delivery> = [];
  while (taken.length < count) {
    const { done, value } = await deliveries.next();
    if (done === true) throw new Error(`ended after ${taken.length} deliveries`);
    taken.push(value);
  }
  return taken;
};

const numbers = (deliveries: ReadonlyArray<Delivery>): ReadonlyArray<unknown> =>
  deliveries.map(({ message }) => message['n']);

/** The error that a promise of the bus is rejected with. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (failure: unknown) => {
      expect(failure).toBeInstanceOf(BusFailure);
      return failure instanceof BusFailure ? failure.error : failure;
    },
  );

describe.each([
  { name: 'memory', open: () => memoryLog() },
  { name: 'file', open: () => fileLog(directory()) },
])('a bus on the $name log', ({ open }) => {
  test('delivers what was published before and what comes, in order and once', async () => {
    const bus = busOn(open());
    const ids = [
      await bus.publish('demo', 'a', { n: 1 }),
      await bus.publish('demo', 'b', '{"n":2}'),
    ];
    const deliveries = bus.subscribe('demo', ['a', 'b']);
    const before = await take(deliveries, 2);
    const coming = take(deliveries, 2);
    await bus.publish('demo', 'c', { n: 0 });
    await bus.publish('other', 'a', { n: 0 });
    ids.push(await bus.publish('demo', 'b', Buffer.from('{"n":3}')));
    ids.push(await bus.publish('demo', 'a', { n: 4 }));

    const all = [...before, ...(await coming)];
    expect(numbers(all)).toEqual([1, 2, 3, 4]);
    expect(all.map(({ channel, messageId }) => ({ channel, messageId }))).toEqual(ids);
    expect(all.map(({ message }) => message['message_id'])).toEqual(
      ids.map(({ messageId }) => messageId),
    );
  });

  test('begins after a last message, and tells whether it could', async () => {
    const bus = busOn(open());
    const { messageId } = await bus.publish('demo', 'a', { n: 1 });
    await bus.publish('demo', 'a', { n: 2 });
    const first = async (lastMessage?: string | null): Promise<unknown> => {
      const [delivery] = await take(bus.subscribe('demo', ['a'], lastMessage), 1);
      return [delivery?.message['n'], delivery?.resume];
    };
    expect(await first()).toEqual([1, 'start']);
    expect(await first(null)).toEqual([1, 'start']);
    expect(await first(messageId)).toEqual([2, 'exact']);
    expect(await first('junk')).toEqual([1, 'reset']);
    expect(await first(`another${messageId}`)).toEqual([1, 'reset']);
  });

  test('notifies a user, or one client', async () => {
    const bus = busOn(open());
    const notification = { type: 'notification', kind: 'notification', title: 'Hello' };
    const toUser = await bus.notify('demo', { title: 'Hello', user: 7 });
    expect(toUser.channel).toBe('user:7');
    const toClient = await bus.notify('demo', { title: 'Hello', body: 'You', client: 'c' });
    expect(toClient.channel).toBe('client:c');

    const deliveries = await take(bus.subscribe('demo', ['user:7', 'client:c']), 2);
    expect(deliveries.map(({ message }) => message)).toEqual([
      { ...notification, body: null, priority: 1, message_id: toUser.messageId },
      { ...notification, body: 'You', priority: 1, message_id: toClient.messageId },
    ]);
  });

  test('publishes a repeat of an idempotency key once', async () => {
    const bus = busOn(open());
    const options = { idempotencyKey: 'order-7' };
    const first = await bus.publish('demo', 'a', { n: 1 }, options);
    expect(await bus.publish('demo', 'a', { n: 1 }, options)).toEqual(first);
    expect(await failureOf(bus.publish('demo', 'a', { n: 2 }, options))).toEqual({
      _tag: 'Conflict',
      sequence: 1,
    });
    await bus.publish('demo', 'a', { n: 3 });
    expect(numbers(await take(bus.subscribe('demo', ['a']), 2))).toEqual([1, 3]);
  });

  test('ends its iterators when it is closed, and publishes no more', async () => {
    const bus = busOn(open());
    const waiting = bus.subscribe('demo', ['a']).next();
    const unstarted = bus.subscribe('demo', ['a']);
    await bus.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await unstarted.next()).toEqual({ done: true, value: undefined });
    expect(await failureOf(bus.publish('demo', 'a', {}))).toMatchObject({
      _tag: expect.stringMatching(/^(?:LogUnavailable|Closed)$/),
    });
  });
});

test('a bus may be closed twice, without a word', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const bus = createBus({ log: memoryLog() });
  await Promise.all([bus.close(), bus.close()]);
  await bus.close();
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

describe('a subscription', () => {
  test('ends by its signal, also before it began', async () => {
    const bus = busOn(memoryLog());
    const abort = new AbortController();
    const { signal } = abort;
    const waiting = bus.subscribe('demo', ['a'], null, { signal }).next();
    const other = bus.subscribe('demo', ['a']).next();
    abort.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const late = bus.subscribe('demo', ['a'], null, { signal });
    expect(await late.next()).toEqual({ done: true, value: undefined });

    await bus.publish('demo', 'a', { n: 1 });
    expect((await other).value.message.n).toBe(1);
  });

  test('is left by break, and taken up again where it was', async () => {
    const bus = busOn(memoryLog());
    for (const n of [1, 2, 3]) await bus.publish('demo', 'a', { n });
    let last = '';
    for await (const { message, messageId } of bus.subscribe('demo', ['a'])) {
      last = messageId;
      if (message['n'] === 2) break;
    }
    const [third] = await take(bus.subscribe('demo', ['a'], last), 1);
    expect(third).toMatchObject({ message: { n: 3 }, resume: 'exact' });
  });

  test('is left by return() while it waits', async () => {
    const bus = busOn(memoryLog());
    const deliveries = bus.subscribe('demo', ['a']);
    const waiting = deliveries.next();
    await deliveries.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  }, 3000);

  test('reaches as far back as the cache timeout, and further with a last message', async () => {
    const path = directory();
    const clock = testClock(Date.now() - 3_600_000);
    const old = file.fileLog({ directory: path, clock, historyMs: 86_400_000 });
    for (const n of [1, 2]) await answer(old.append(appending('demo', 'a', { n })));
    await old.close();
    const wide = createBus({ log: fileLog(path), cacheTimeout: 7200 });
    const [first, second] = await take(wide.subscribe('demo', ['a']), 2);
    expect([first?.message['n'], second?.message['n']]).toEqual([1, 2]);
    await wide.close();

    const bus = busOn(fileLog(path));
    await bus.publish('demo', 'a', { n: 3 });
    expect(numbers(await take(bus.subscribe('demo', ['a']), 1))).toEqual([3]);
    const further = await take(bus.subscribe('demo', ['a'], first?.messageId), 2);
    expect(numbers(further)).toEqual([2, 3]);
    expect(further[0]?.resume).toBe('exact');
  });

  test('brings the bytes as they were published, where the message as a value loses digits', async () => {
    const bus = busOn(memoryLog());
    const { messageId } = await bus.publish('demo', 'a', '{"n":12345678901234567890, "x":1e2}');
    const [delivery] = await take(bus.subscribe('demo', ['a']), 1);
    expect(Buffer.from(delivery?.raw ?? []).toString()).toBe(
      `{"message":{"n":12345678901234567890, "x":1e2,"message_id":"${messageId}"},"channel":"a"}`,
    );
    expect(delivery?.message['n']).toBe(Number('12345678901234567890'));
  });
});

describe('what cannot be', () => {
  const publishings: ReadonlyArray<[path: string, ...Parameters<Bus['publish']>]> = [
    ['database', '', 'a', {}],
    ['channel', 'demo', '\ud800', {}],
    ['message', 'demo', 'a', []],
    ['message', 'demo', 'a', '{"n":'],
    ['message', 'demo', 'a', new Uint8Array([0xff])],
    ['Idempotency-Key', 'demo', 'a', {}, { idempotencyKey: 'two words' }],
  ];
  test.each(publishings)('is not published: a bad %s', async (path, ...args) => {
    const error = await failureOf(busOn(memoryLog()).publish(...args));
    expect(error).toMatchObject({ _tag: 'BadRequest', path });
  });

  test('is not published, and throws nothing: a value that JSON does not have', async () => {
    const bus = busOn(memoryLog());
    for (const message of [{ n: 1n }, () => 1]) {
      const publishing = Promise.resolve().then(() => bus.publish('demo', 'a', message));
      expect(await failureOf(publishing)).toMatchObject({ _tag: 'BadRequest', path: 'message' });
      expect(() => bus.publish('demo', 'a', message).catch(() => {})).not.toThrow();
    }
  });

  test.each([
    ['user', { title: 'Hello' }],
    ['title', { title: ' ', user: 1 }],
    ['priority', { title: 'Hello', user: 1, priority: 4 }],
  ])('is not notified: a bad %s', async (path, notification) => {
    const error = await failureOf(busOn(memoryLog()).notify('demo', notification));
    expect(error).toMatchObject({ _tag: 'BadRequest', path });
  });

  test('is not subscribed to', () => {
    const bus = busOn(memoryLog());
    expect(() => bus.subscribe('', ['a'])).toThrow(BusFailure);
    expect(() => bus.subscribe('demo', ['a', ''])).toThrow(/channels\.1/);
  });
});

test('a bus on a directory goes on where it was closed', async () => {
  const path = directory();
  const before = createBus({ log: fileLog(path) });
  const { messageId } = await before.publish('demo', 'a', { n: 1 });
  await before.publish('demo', 'a', { n: 2 });
  expect(() => fileLog(path)).toThrow(/in use/);
  await before.close();

  const [delivery] = await take(busOn(fileLog(path)).subscribe('demo', ['a'], messageId), 1);
  expect(delivery).toMatchObject({ message: { n: 2 }, resume: 'exact' });
});

test('two buses on one stream are one bus', async () => {
  const server = await NatsServer.start();
  onTestFinished(() => server.dispose());
  const servers = [new URL(server.url).host];
  const [one, other] = [busOn(jetstreamLog({ servers })), busOn(jetstreamLog({ servers }))];
  const deliveries = [one, other].map((bus) => take(bus.subscribe('demo', ['a']), 3));

  const options = { idempotencyKey: 'first' };
  const first = await one.publish('demo', 'a', { n: 1 }, options);
  expect(await other.publish('demo', 'a', { n: 1 }, options)).toEqual(first);
  await other.publish('demo', 'a', { n: 2 });
  await one.publish('demo', 'a', { n: 3 });
  const [byOne = [], byOther = []] = await Promise.all(deliveries);
  expect(numbers(byOne)).toEqual([1, 2, 3]);
  expect(byOther.map(({ raw }) => raw)).toEqual(byOne.map(({ raw }) => raw));

  const rest = await take(other.subscribe('demo', ['a'], first.messageId), 2);
  expect(numbers(rest)).toEqual([2, 3]);
  const large = { text: 'x'.repeat(1024 * 1024) };
  expect(await failureOf(one.publish('demo', 'a', large))).toMatchObject({ _tag: 'TooLarge' });
});

test('createResponse makes what answers a poll', () => {
  expect(createResponse()).toEqual({ message: null, channel: null });
  expect(createResponse('a', { n: 1 })).toEqual({ message: { n: 1 }, channel: 'a' });
});

test('a bus that was closed takes no publish and no subscription', async () => {
  const bus = createBus({ log: memoryLog() });
  await bus.close();
  expect(() => bus.subscribe('demo', ['a'])).toThrow(BusFailure);
  await expect(bus.publish('demo', 'a', {})).rejects.toThrow(BusFailure);
});
