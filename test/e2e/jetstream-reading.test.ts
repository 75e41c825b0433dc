/**
 * What becomes of a read when its server does not go on with it, or the channel is full of garbage.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger, systemClock } from '../../src/library/system.ts';
import { JetStreamConnection } from '../../src/log/jetstream-connection.ts';
import { readStream } from '../../src/log/jetstream-reading.ts';
import type { Log } from '../../src/log/log.ts';
import { LogNow } from '../../src/replay/log-now.ts';
import { answer, appending, channel, database } from '../support/logs.ts';
import { NatsServer } from '../support/nats-server.ts';
import { logOn, operator } from '../support/nodes.ts';

let server: NatsServer;
let log: Log;

const publish = (n: number) => answer(log.append(appending('db', 'a', { n })));

beforeEach(async () => {
  server = await NatsServer.start();
  log = logOn({ servers: [server] });
  await answer(log.head);
});

afterEach(async () => {
  await log.close();
  await server.dispose();
});

/** A connection to whose server something happens once a read has begun. */
class Interrupted extends JetStreamConnection {
  happen: () => unknown = () => {};

  override async consumer(from: number) {
    const consumer = await super.consumer(from);
    await this.happen();
    return consumer;
  }
}

const interrupted = (): Interrupted =>
  new Interrupted({
    servers: [server.url.replace('nats://', '')],
    stream: 'TEST',
    subjectPrefix: 'bus',
    historyMs: 3_600_000,
    replicas: 1,
    create: false,
    clock: systemClock,
    logger: silentLogger,
  });

describe('a server that does not go on with a read', () => {
  const pause = { happen: () => server.pause(), recover: () => server.resume() };
  const death = { happen: () => server.kill(), recover: () => server.restart() };

  test.each([
    ['hangs', pause],
    ['has died', death],
  ])('as it %s is an error within seconds, and goes on when it is back', async (_, fault) => {
    for (let n = 1; n <= 5; n += 1) await publish(n);
    const connection = interrupted();
    await connection.head();
    connection.happen = fault.happen;
    const begun = systemClock.elapsed();
    await expect(readStream(connection, 0, 500)).rejects.toThrow();
    expect(systemClock.elapsed() - begun).toBeLessThan(5_000);
    connection.happen = () => {};
    await fault.recover();
    const read = () => readStream(connection, 0, 500).catch(() => []);
    await vi.waitFor(async () => expect(await read()).toHaveLength(5), { timeout: 10_000 });
    await connection.close();
  });
});

test('the entry behind hundreds of records that are no messages is found by whoever replays', async () => {
  await publish(1);
  const { nc } = await operator([server]);
  for (let n = 0; n < 600; n += 1) nc.publish('bus.db.a', 'garbage');
  await nc.flush();
  await publish(2);
  const now = new LogNow(log, await answer(log.head));
  const found = await now.first(database('db'), [channel('a')], 1, 602);
  expect(found).toMatchObject({ sequence: 602, channel: 'a' });
  await nc.close();
});
