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
/** How often a worker's messages are timed. */
const TIMES = 5;
/** A sender that nobody wakes looks for messages after 2.5 seconds at the soonest. */
const WOKEN_MS = 1500;
const inOrder = Array.from({ length: MESSAGES }, (_, n) => `${n}-0`);

/** Publishes one message after the other; answers which processes that were. */
const publishInTurn = async (users: ReadonlyArray<User>): Promise<ReadonlySet<unknown>> => {
  const processes = new Set<unknown>();
  for (let n = 0; n < MESSAGES; n += 1) {
    processes.add(await users[n % users.length]?.run('publish_many', ['turns', String(n), 1]));
  }
  return processes;
};

/** Calls several at once, so that no process answers all of them, until both have been seen; the threads of each. */
const threadsOfBoth = async (admin: User): Promise<ReadonlyMap<number, ReadonlyArray<string>>> => {
  const threads = new Map<number, ReadonlyArray<string>>();
  while (threads.size < 2) {
    const calls = Array.from({ length: 8 }, () => admin.run('threads', []));
    for (const [pid, names] of (await Promise.all(calls)) as Array<[number, Array<string>]>) {
      threads.set(pid, names);
    }
  }
  return threads;
};

/** How long messages take that are alone on their way, in milliseconds, by the process that published them. */
const deliveriesOfBoth = async (admin: User, listener: Listener) => {
  const deliveries = new Map<unknown, Array<number>>();
  const isEnough = () =>
    deliveries.size === 2 && [...deliveries.values()].every((each) => each.length >= TIMES);
  for (let n = 0; !isEnough(); n += 1) {
    const heard = listener.next().then(() => performance.now());
    // The others keep one process from answering everything.
    const others = Array.from({ length: n % 8 }, () => admin.run('threads', []));
    const pid = await admin.run('publish_many', ['timed', String(n), 1]);
    const published = performance.now();
    await Promise.all(others);
    deliveries.set(pid, [...(deliveries.get(pid) ?? []), (await heard) - published]);
  }
  return deliveries;
};

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

describe.each(RELEASES)('trytond %s in two processes of uWSGI', (release) => {
  const tryton = installation(release, { server: 'uwsgi' });

  test('each process sends at once what it publishes, also one that came after another was killed', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const listener = tryton().listen(admin, ['timed']);
    const first = await threadsOfBoth(admin);
    const [killed = 0] = first.keys();
    const toTry = async (threads: ReadonlyMap<number, ReadonlyArray<string>>): Promise<void> => {
      for (const names of threads.values()) {
        expect(names.filter((name) => name === 'jetbus')).toHaveLength(1);
      }
      const deliveries = await deliveriesOfBoth(admin, listener);
      expect(new Set(deliveries.keys())).toEqual(new Set(threads.keys()));
      for (const times of deliveries.values()) expect(median(times)).toBeLessThan(WOKEN_MS);
    };
    await toTry(first);
    process.kill(killed, 'SIGKILL');
    await tryton().trytond.logged(/Respawned uWSGI worker/);
    const second = await threadsOfBoth(admin);
    expect(second.has(killed)).toBe(false);
    await toTry(second);
  });

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
