/**
 * The whole way on JetStream: from a transaction of trytond over a real nats-server to clients.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { NatsServer } from '../support/nats-server.ts';
import { installation } from './support/installation.ts';
import { RELEASES } from './support/packages.ts';

const natsServer = async (): Promise<NatsServer> => {
  const nats = await NatsServer.start();
  onTestFinished(() => nats.dispose());
  return nats;
};

describe.each(RELEASES)('trytond %s on JetStream', (release) => {
  const tryton = installation(release);

  test('notify() reaches a user and a client, and a burst comes in order', async () => {
    const nats = await natsServer();
    await tryton().serve(['--log', nats.url]);
    const admin = await tryton().login();
    const listener = tryton().listen(admin, ['client:5e0c', 'burst']);
    const first = listener.words(1);
    await admin.run('notify', ['To a client', null, 1, null, '5e0c']);
    expect(await first).toEqual(['To a client']);
    await admin.run('notify', ['To a user', null, 1, admin.id]);
    await admin.run('publish_many', ['burst', 'n', 100]);
    const burst = Array.from({ length: 100 }, (_, n) => `n-${n}`);
    expect(await listener.words(101)).toEqual(['To a user', ...burst]);
  });

  test('what is published while the nats-server is away comes after, once and in order', async () => {
    const nats = await natsServer();
    await tryton().serve(['--log', nats.url]);
    const admin = await tryton().login();
    const listener = tryton().listen(admin, ['away']);
    await admin.run('publish_many', ['away', 'before', 1]);
    expect(await listener.words(1)).toEqual(['before-0']);
    await nats.stop();
    await admin.run('publish_many', ['away', 'meanwhile', 3]);
    await tryton().trytond.logged(/takes no messages/);
    await nats.restart();
    await admin.run('publish_many', ['away', 'after', 1]);
    const meanwhile = [0, 1, 2].map((n) => `meanwhile-${n}`);
    expect(await listener.words(4)).toEqual([...meanwhile, 'after-0']);
  });
});
