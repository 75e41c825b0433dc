/**
 * What trytond publishes while Jetbus cannot take it comes after, in order, and the users' transactions do not notice.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { directory } from '../support/cli.ts';
import { Gate } from './support/gate.ts';
import { installation, stop } from './support/installation.ts';
import { Listener } from './support/listener.ts';
import { RELEASES } from './support/packages.ts';

/** The sender waits ten seconds for an answer; whoever waited for the sender would take as long. */
const HANGING_MS = 8000;

/** A server that takes connections and says nothing on them. */
const silentServer = async (address: string) => {
  const [host, port] = address.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket)).listen(Number(port), host);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await once(server.close(), 'close');
  };
  onTestFinished(close);
  return { connected: once(server, 'connection'), close };
};

describe.each(RELEASES)('trytond %s', (release) => {
  const tryton = installation(release);

  test('what is published while Jetbus is away comes after, in order', async () => {
    const admin = await tryton().login();
    await admin.run('publish_many', ['away', 'first', 3]);
    await admin.run('publish_many', ['away', 'second', 3]);
    expect(await admin.run('texts', [])).toContain('second');
    await tryton().serve();
    await admin.run('publish_many', ['away', 'third', 1]);
    const heard = await tryton().listen(admin, ['away']).words(7);
    const first = [0, 1, 2].map((n) => `first-${n}`);
    expect(heard).toEqual([...first, ...[0, 1, 2].map((n) => `second-${n}`), 'third-0']);
  });

  test('also when trytond was killed meanwhile', async () => {
    const admin = await tryton().login();
    await admin.run('publish_many', ['killed', 'before', 20]);
    await tryton().trytond.kill();
    await tryton().trytond.launch();
    await admin.run('publish_many', ['killed', 'after', 1]);
    await tryton().serve();
    const heard = await tryton().listen(admin, ['killed']).words(21);
    expect(heard).toEqual([...Array.from({ length: 20 }, (_, n) => `before-${n}`), 'after-0']);
  });

  test('a trytond that starts sends what is left, though nobody publishes', async () => {
    const admin = await tryton().login();
    await admin.run('publish', ['left', { text: 'left' }]);
    await tryton().trytond.kill();
    await tryton().serve();
    await tryton().trytond.launch();
    expect(await tryton().listen(admin, ['left']).words(1)).toEqual(['left']);
  });

  test('a Jetbus that hangs keeps no transaction waiting', async () => {
    const admin = await tryton().login();
    const silent = await silentServer(tryton().address);
    const start = performance.now();
    await admin.run('publish', ['hangs', { text: 'one' }]);
    await silent.connected;
    // The bus has been asked by now and has never answered, and still others commit.
    await admin.run('publish', ['hangs', { text: 'two' }]);
    // Nor has either waited for the sender to give up.
    expect(performance.now() - start).toBeLessThan(HANGING_MS);
    await silent.close();
    await tryton().serve();
    expect(await tryton().listen(admin, ['hangs']).words(2)).toEqual(['one', 'two']);
  });

  test('a message whose acknowledgement is lost comes once', async () => {
    const admin = await tryton().login();
    const { url } = await tryton().serve(['--listen', '127.0.0.1:0']);
    const gate = await Gate.before(url, tryton().address);
    gate.lose(3);
    await admin.run('publish_many', ['once', 'n', 3]);
    const listener = new Listener({ ...tryton().listening(admin.authorization, ['once']), url });
    expect(await listener.words(3)).toEqual(['n-0', 'n-1', 'n-2']);
  });

  test('nothing is lost while Jetbus knows another token', async () => {
    const admin = await tryton().login();
    const { node } = await tryton().serve(['--publish-token', 'another']);
    await admin.run('publish_many', ['token', 'n', 3]);
    await tryton().trytond.logged(/takes no messages.*401/);
    await stop(node);
    await tryton().serve();
    expect(await tryton().listen(admin, ['token']).words(3)).toEqual(['n-0', 'n-1', 'n-2']);
  });

  test('a client goes on over restarts of both, and misses nothing', async () => {
    const log = ['--log', `file:${directory()}`];
    const admin = await tryton().login();
    const listener = tryton().listen(admin, ['restarts']);
    const first = await tryton().serve(log);
    await admin.run('publish', ['restarts', { text: 'before' }]);
    expect(await listener.words(1)).toEqual(['before']);

    await stop(first.node);
    await admin.run('publish', ['restarts', { text: 'without Jetbus' }]);
    const second = await tryton().serve(log);
    const answer = await listener.poll();
    expect(answer.headers['bus-resume']).toBe('exact');
    expect(JSON.parse(answer.body).message.text).toBe('without Jetbus');

    await tryton().trytond.stop();
    await tryton().trytond.launch();
    await admin.run('publish', ['restarts', { text: 'after trytond' }]);
    second.node.kill('SIGKILL');
    await second.node.exited;
    await tryton().serve(log);
    await admin.run('publish', ['restarts', { text: 'last' }]);
    expect(await listener.words(2)).toEqual(['after trytond', 'last']);
  });
});
