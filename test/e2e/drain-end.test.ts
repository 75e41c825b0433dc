/**
 * How a drain ends: when nothing is left, or when its time is over, whatever clients do.
 */
import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { memoryLog } from '../../src/library/logs.ts';
import type { Log } from '../../src/log/log.ts';
import { TestSessions } from '../support/bus-fixture.ts';
import { poll, pollText, request } from '../support/http.ts';
import { serve } from '../support/serving.ts';
import {
  begin,
  connect,
  DRAIN_MS,
  EMPTY,
  holds,
  keptAlive,
  LAST,
  publish,
  start,
  stopwatch,
} from './drain-fixture.ts';

test('a node that drains says so, and that it is not ready', async () => {
  const bus = await start([LAST]);
  const held = poll(bus.url, 'db', {});
  await holds(bus, 1);
  void bus.node.stop(DRAIN_MS);
  const ask = (path: string) => request({ url: bus.url, method: 'GET', path, agent: keptAlive() });
  const ready = await ask('/-/readyz');
  expect(ready.status).toBe(503);
  expect(ready.headers.connection).toBe('close');
  expect(JSON.parse(ready.body)).toMatchObject({
    ready: false,
    reasons: ['the node is draining'],
    node: 'draining',
    held: 1,
  });
  const health = await ask('/-/healthz');
  expect(health.status).toBe(200);
  expect(JSON.parse(health.body)).toEqual({ status: 'alive', node: 'draining' });
  held.destroy();
  await bus.close();
});

test('a node that holds nothing stops at once, and takes nothing more', async () => {
  const bus = await start([0.5]);
  const agent = keptAlive();
  await publish(bus, 'c');
  await poll(bus.url, 'db', { channels: ['c'] }, {}, agent);
  await holds(bus, 0);
  const elapsed = stopwatch();
  await bus.close(60_000);
  expect(elapsed()).toBeLessThan(800);
  expect(bus.node.status()).toMatchObject({ node: 'stopped', tail: { state: 'stopped' }, held: 0 });
  await expect(publish(bus, 'c')).rejects.toThrow('Closed');
  await expect(poll(bus.url, 'db', {})).rejects.toThrow('ECONNREFUSED');
});

test('a drain is over when the last client has gone', async () => {
  const bus = await start([LAST]);
  const held = [poll(bus.url, 'db', {}), poll(bus.url, 'db', {})];
  await holds(bus, 2);
  const elapsed = stopwatch();
  const closed = bus.close(60_000);
  for (const answer of held) answer.destroy();
  await closed;
  expect(elapsed()).toBeLessThan(5000);
});

test.each([
  ['does not take its answer', 'take'],
  ['does not send its poll', 'send'],
])('a client that %s holds up no drain beyond its time', async (_, fault) => {
  const bus = await start([0.1]);
  const raw = await connect(bus.url);
  if (fault === 'take') {
    raw.socket.pause();
    raw.write(pollText('db', { channels: ['c'] }));
    await holds(bus, 1);
    await publish(bus, 'c', `{"text":"${'x'.repeat(8_000_000)}"}`);
  } else await begin(raw, pollText('db', { channels: ['c'] }));
  const elapsed = stopwatch();
  await bus.close(200);
  expect(elapsed()).toBeLessThan(3000);
  expect(bus.node.hub.held).toBe(0);
});

test('an answer that is on its way when a drain begins arrives whole', async () => {
  const bus = await start([LAST]);
  const longest = poll(bus.url, 'db', {});
  const raw = await connect(bus.url);
  raw.socket.pause();
  raw.write(pollText('db', { channels: ['c'] }));
  await holds(bus, 2);
  await publish(bus, 'c', `{"text":"${'x'.repeat(8_000_000)}"}`);
  const closed = bus.close(60_000);
  raw.socket.resume();
  const end = '"channel":"c"}';
  await Promise.race([raw.until(end), raw.closed]);
  expect(raw.received.endsWith(end)).toBe(true);
  longest.destroy();
  await closed;
});

test('a client that sent two polls at once holds up no drain', async () => {
  const bus = await start([0.5]);
  const raw = await connect(bus.url);
  raw.write(pollText('db', { channels: ['a'] }) + pollText('db', { channels: ['b'] }));
  await holds(bus, 2);
  const elapsed = stopwatch();
  await bus.close(200);
  await raw.closed;
  expect(raw.received).toContain(EMPTY);
  expect(elapsed()).toBeLessThan(1000);
});

test('a poll that waits for its session when the time of the drain is over is refused with 503', async () => {
  const bus = await start([0.5], { sessions: new TestSessions() });
  const held = poll(bus.url, 'db', {}, { Authorization: 'held' }, keptAlive());
  await holds(bus, 1);
  const closed = bus.close(100);
  const answer = await held;
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.body).error.code).toBe('closed');
  expect(answer.headers.connection).toBe('close');
  await closed;
});

test('what is being published when a node stops is answered before its log is closed', async () => {
  const log = memoryLog();
  const gate = new EventEmitter();
  const append: Log['append'] = (appending) => async () => {
    gate.emit('asked');
    await once(gate, 'open');
    return log.append(appending)();
  };
  const bus = await serve({ log: { ...log, append } });
  const path = '/db/bus/publish';
  const headers = { 'Content-Type': 'application/json' };
  const body = '{"channel":"c","message":{}}';
  const asked = once(gate, 'asked');
  const published = request({ url: bus.url, path, headers, body });
  await asked;
  const closed = bus.close(0);
  await expect.poll(() => bus.node.status().node).toBe('stopped');
  gate.emit('open');
  expect((await published).status).toBe(201);
  await closed;
});
