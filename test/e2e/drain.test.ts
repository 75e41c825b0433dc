/**
 * A node that is told to stop, as its clients see it: `jetbus serve` does on SIGTERM what `close` does here.
 */
import { expect, test } from 'vitest';
import { memoryLog } from '../../src/library/logs.ts';
import { poll, pollText, postText } from '../support/http.ts';
import { serve } from '../support/serving.ts';
import {
  arriving,
  begin,
  connect,
  DRAIN_MS,
  EMPTY,
  expectLastAndEmpty,
  holds,
  keptAlive,
  LAST,
  publish,
  start,
  stopwatch,
} from './drain-fixture.ts';

test('a drain ends held polls as empty answers on connections that close, each at its own moment', async () => {
  const shares = [0.8, 0, 0.4, 0.6, 0.2];
  const bus = await start(shares);
  const agent = keptAlive();
  const held = [];
  for (const [n] of shares.entries()) {
    held.push(poll(bus.url, 'db', { channels: [`c${n}`] }, {}, agent));
    await holds(bus, n + 1);
  }
  const elapsed = stopwatch();
  const ended: Array<{ readonly share: number | undefined; readonly at: number }> = [];
  const answered = held.map(async (answer, n) => {
    expectLastAndEmpty(await answer);
    ended.push({ share: shares[n], at: elapsed() });
  });
  await Promise.all([bus.close(DRAIN_MS), ...answered]);
  expect(ended.map(({ share }) => share)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
  for (const { share = 0, at } of ended) {
    expect(at).toBeGreaterThanOrEqual(share * DRAIN_MS);
    expect(at).toBeLessThan(share * DRAIN_MS + 500);
  }
});

test('a drain spreads many polls over the whole of its time', async () => {
  const bus = await serve({ log: memoryLog() });
  const held = Array.from({ length: 100 }, () => poll(bus.url, 'db', {}));
  await holds(bus, 100);
  const elapsed = stopwatch();
  const moments: Array<number> = [];
  const answered = held.map(async (answer) => {
    expectLastAndEmpty(await answer);
    moments.push(elapsed());
  });
  await Promise.all([bus.close(DRAIN_MS), ...answered]);
  for (const quarter of [0, 1, 2, 3]) {
    const within = moments.filter((at) => Math.min(3, Math.floor((4 * at) / DRAIN_MS)) === quarter);
    expect(within.length, `of the moments in quarter ${quarter}`).toBeGreaterThan(5);
  }
});

test('a message that comes during a drain reaches whoever still waits, on a connection that closes', async () => {
  const bus = await start([LAST]);
  const held = poll(bus.url, 'db', { channels: ['c'] }, {}, keptAlive());
  await holds(bus, 1);
  const closed = bus.close(DRAIN_MS);
  const id = await publish(bus, 'c');
  const { body, headers } = await held;
  expect(body).toBe(`{"message":{"message_id":"${id}"},"channel":"c"}`);
  expect(headers.connection).toBe('close');
  await closed;
});

test('polls that come on kept-alive connections during a drain are held to moments of their own', async () => {
  const shares = [0.8, 0.4, 0.6];
  const bus = await start([LAST, ...shares.flatMap(arriving)]);
  const longest = poll(bus.url, 'db', {});
  await holds(bus, 1);
  const last_message = await publish(bus, 'c');
  const clients = await Promise.all(
    shares.map(async (share) => {
      const raw = await connect(bus.url);
      raw.write(pollText('db', { channels: ['c'] }));
      await raw.until(last_message);
      const send = await begin(raw, pollText('db', { channels: ['c'], last_message }));
      return { raw, send, share };
    }),
  );
  const elapsed = stopwatch();
  const closed = bus.close(DRAIN_MS);
  for (const [n, { send }] of clients.entries()) {
    send();
    await holds(bus, n + 2);
  }
  await expect(poll(bus.url, 'db', {})).rejects.toThrow('ECONNREFUSED');
  await Promise.all(
    clients.map(async ({ raw, share }) => {
      expect(raw.received).not.toContain(EMPTY);
      await raw.until(EMPTY);
      expect(elapsed()).toBeGreaterThanOrEqual(share * DRAIN_MS);
      await raw.closed;
    }),
  );
  for (const { raw } of clients) {
    const answers = raw.received.split('HTTP/1.1 200 OK\r\n');
    expect(answers).toHaveLength(3);
    expect(answers.at(-1)).toMatch(/^connection: close\r$/im);
    expect(answers.at(-1)).toMatch(/^bus-resume: exact\r$/im);
  }
  await longest;
  await closed;
});

test('a connection that is idle when a drain begins may bear one more poll, and is then closed', async () => {
  const bus = await start([LAST, ...arriving(0.3)]);
  const longest = poll(bus.url, 'db', {});
  await holds(bus, 1);
  const agent = keptAlive();
  const last_message = await publish(bus, 'c');
  const { port } = await poll(bus.url, 'db', { channels: ['c'] }, {}, agent);
  await holds(bus, 1);
  const elapsed = stopwatch();
  const closed = bus.close(DRAIN_MS);
  const answer = await poll(bus.url, 'db', { channels: ['c'], last_message }, {}, agent);
  expect(elapsed()).toBeGreaterThanOrEqual(0.3 * DRAIN_MS);
  expect(answer).toMatchObject({ port, body: EMPTY, headers: { connection: 'close' } });
  await expect(poll(bus.url, 'db', {}, {}, agent)).rejects.toThrow('ECONNREFUSED');
  await longest;
  await closed;
});

test('a client that polls again after every answer does not do so in a loop during a drain', async () => {
  const bus = await start([LAST, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
  const held = poll(bus.url, 'db', {});
  await holds(bus, 1);
  void bus.node.stop(DRAIN_MS);
  const elapsed = stopwatch();
  let polls = 0;
  while (elapsed() < 0.7 * DRAIN_MS) {
    expectLastAndEmpty(await poll(bus.url, 'db', {}, {}, keptAlive()));
    polls += 1;
  }
  expect(polls).toBeLessThan(5);
  await Promise.all([held, bus.close()]);
});

test('whatever comes during a drain is answered on a connection that closes', async () => {
  const bus = await start([0.5]);
  const held = poll(bus.url, 'db', { channels: ['c'] });
  await holds(bus, 1);
  const texts = [
    postText('/db/bus', '{}', { Authorization: 'junk' }),
    postText('/db/bus', '[]'),
    postText('/nowhere', '{}'),
    postText('/db/bus/publish', '{"channel":"c","message":{}}'),
  ];
  const clients = await Promise.all(
    texts.map(async (text) => {
      const raw = await connect(bus.url);
      return { raw, send: await begin(raw, text) };
    }),
  );
  const closed = bus.close(DRAIN_MS);
  for (const { raw, send } of clients) {
    send();
    await raw.closed;
  }
  const answers = clients.map(({ raw }) => raw.received.split('100 Continue\r\n\r\n')[1] ?? '');
  expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['401', '400', '404', '201']);
  for (const answer of answers) expect(answer).toMatch(/^connection: close\r$/im);
  expect(JSON.parse((await held).body).channel).toBe('c');
  await closed;
});
