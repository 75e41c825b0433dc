/**
 * Several processes of trytond on one database: whichever publishes, each message comes once, and in the order of commits.
 */
import { describe, expect, test } from 'vitest';
import { Gate } from './support/gate.ts';
import { installation } from './support/installation.ts';
import { Listener } from './support/listener.ts';
import { RELEASES } from './support/packages.ts';
import type { User } from './support/rpc.ts';

const MESSAGES = 30;
const inOrder = Array.from({ length: MESSAGES }, (_, n) => `${n}-0`);

/** Publishes one message after the other; answers which processes that were. */
const publishInTurn = async (users: ReadonlyArray<User>): Promise<ReadonlySet<unknown>> => {
  const processes = new Set<unknown>();
  for (let n = 0; n < MESSAGES; n += 1) {
    processes.add(await users[n % users.length]?.run('publish_many', ['turns', String(n), 1]));
  }
  return processes;
};

describe.each(RELEASES)('trytond %s in two processes of uWSGI', (release) => {
  const tryton = installation(release, { server: 'uwsgi' });

  test('each message comes once, in the order of commits', async () => {
    const admin = await tryton().login();
    await publishInTurn([admin]);
    await tryton().serve();
    expect(await tryton().listen(admin, ['turns']).words(MESSAGES)).toEqual(inOrder);
  });

  test('of those that publish at once each comes once, each transaction in its order', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const names = Array.from({ length: MESSAGES }, (_, n) => `t${n}`);
    const publishing = names.map((name) => admin.run('publish_many', ['at once', name, 5]));
    const processes = new Set(await Promise.all(publishing));
    expect(processes.size).toBe(2);
    const heard = await tryton()
      .listen(admin, ['at once'])
      .words(MESSAGES * 5);
    for (const name of names) {
      const own = heard.filter((word) => String(word).startsWith(`${name}-`));
      expect(own).toEqual([0, 1, 2, 3, 4].map((n) => `${name}-${n}`));
    }
  });
});

describe.each(RELEASES)('two trytonds %s with one spool', (release) => {
  const tryton = installation(release);

  test('share the order of their commits, and send nothing twice', async () => {
    const other = await tryton().another();
    const admin = await tryton().login();
    const processes = await publishInTurn([admin, admin.at(other.url)]);
    expect(processes.size).toBe(2);
    const { url } = await tryton().serve(['--listen', '127.0.0.1:0']);
    const gate = await Gate.before(url, tryton().address);
    const listener = new Listener({ ...tryton().listening(admin.authorization, ['turns']), url });
    expect(await listener.words(MESSAGES)).toEqual(inOrder);
    expect(gate.asked).toHaveLength(MESSAGES);
  });

  test('one sends what the other has left', async () => {
    const other = await tryton().another();
    const admin = await tryton().login();
    await admin.at(other.url).run('publish_many', ['left', 'n', 3]);
    await other.kill();
    await tryton().serve();
    expect(await tryton().listen(admin, ['left']).words(3)).toEqual(['n-0', 'n-1', 'n-2']);
  });
});
