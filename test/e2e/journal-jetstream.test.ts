/**
 * Two nodes that keep a journal on JetStream, and clients that come and go: whatever they were told follows from the log, and
 * a build that decides otherwise is found out.
 */
import { EventEmitter, once } from 'node:events';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  checkout,
  directory,
  type Ended,
  readyz,
  run,
  type Serving,
  serve,
  startProgram,
} from '../support/cli.ts';
import { databasePath, poll, request, session } from '../support/http.ts';
import { NatsServer } from '../support/nats-server.ts';

const CLIENTS = 40;
const PUBLISHES = 160;
/** Polls that end between one publish and the next. */
const POLLS = 6;
const CHANNELS = ['a', 'b', 'c', 'd', 'e', 'f'];
const DATABASES = ['demo', 'other'];

/** The same numbers each time, from 0 up to 1. */
const numbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** A message that a client received, by the word of the poll after it. */
interface Received {
  readonly user: number;
  readonly node: number;
  readonly id: string;
}

const databaseOf = (user: number): string => DATABASES[user % DATABASES.length] ?? '';

/** One to four channels. */
const channelsOf = (user: number): ReadonlyArray<string> => {
  const first = user % CHANNELS.length;
  return [...CHANNELS, ...CHANNELS].slice(first, first + 1 + (user % 4));
};

class Load {
  readonly #nodes: ReadonlyArray<Serving>;
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly received: Array<Received> = [];
  polls = 0;
  #isOver = false;
  /** The nodes that take polls. */
  #alive: ReadonlyArray<number> = [0, 1];

  constructor(nodes: ReadonlyArray<Serving>) {
    this.#nodes = nodes;
  }

  /** Publishes and polls until all is published; the first node is killed in the middle. */
  async run(): Promise<void> {
    const clients = Array.from({ length: CLIENTS }, (_, user) => this.#client(user));
    const random = numbers(7);
    for (let n = 0; n < PUBLISHES; n += 1) {
      if (n === PUBLISHES / 2) await this.#kill();
      await this.#publish(n, random);
      this.#news.emit('published');
      for (const next = this.polls + POLLS; this.polls < next; ) await once(this.#news, 'polled');
    }
    this.#isOver = true;
    await Promise.all(clients);
  }

  async #publish(n: number, random: () => number): Promise<void> {
    const channel = CHANNELS[Math.floor(random() * CHANNELS.length)];
    const { status } = await request({
      url: this.#url(this.#alive[n % this.#alive.length] ?? 1),
      path: `${databasePath(databaseOf(n))}/bus/publish`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ channel, message: { n } }),
    });
    expect(status).toBe(201);
  }

  async #kill(): Promise<void> {
    this.#alive = [1];
    this.#nodes[0]?.node.kill('SIGKILL');
    await this.#nodes[0]?.node.exited;
  }

  /** Polls on, one node after the other, with what it saw last, or something else, until all is over. */
  async #client(user: number): Promise<void> {
    const random = numbers(user + 1);
    const ids: Array<string> = [];
    let last: Received | undefined;
    for (let turn = user; !this.#isOver; turn += 1) {
      const node = this.#alive[turn % this.#alive.length] ?? 1;
      const isStray = ids.length > 3 && random() < 0.3;
      const lastMessage = isStray ? stray(random(), ids) : last?.id;
      const answer = await this.#poll(node, user, lastMessage, random() < 0.15);
      if (answer === undefined || isStray) continue;
      if (last !== undefined) this.received.push(last);
      const id = JSON.parse(answer).message?.message_id;
      if (typeof id !== 'string') continue;
      ids.push(id);
      last = { user, node, id };
    }
  }

  /** One poll, to its answer; none when the client hangs up, or its node is killed. */
  async #poll(
    node: number,
    user: number,
    last_message: unknown,
    hangsUp: boolean,
  ): Promise<string | undefined> {
    const body = { channels: channelsOf(user), last_message };
    const headers = { Authorization: session(user) };
    const held = poll(this.#url(node), databaseOf(user), body, headers);
    if (hangsUp) void once(this.#news, 'published').then(held.destroy);
    const answered = await held.catch(() => undefined);
    this.polls += 1;
    this.#news.emit('polled');
    return answered?.body;
  }

  #url(node: number): string {
    return this.#nodes[node]?.url ?? '';
  }
}

/** What else a client may say that it saw last. */
const stray = (share: number, ids: ReadonlyArray<string>): unknown => {
  if (share < 0.2) return null;
  if (share < 0.4) return { junk: share };
  return ids[Math.floor(((share - 0.4) / 0.6) * ids.length)];
};

interface Verified {
  readonly positions: number;
  readonly answers: number;
}

const verifiedBy = ({ stdout }: Ended): Verified => {
  const [, positions, answers] = /^verified +(\d+) +(\d+)$/m.exec(stdout) ?? [];
  return { positions: Number(positions), answers: Number(answers) };
};

const verify = (log: string): Promise<Ended> => run(['replay', '--log', log, '--verify']);

/** A copy of the build in which one text of one file is another. */
const mutant = (file: string, text: string, other: string): string => {
  const copy = directory();
  cpSync(join(checkout, 'dist'), join(copy, 'dist'), { recursive: true, dereference: true });
  for (const name of ['package.json', 'node_modules']) {
    symlinkSync(join(checkout, name), join(copy, name));
  }
  const path = join(copy, 'dist', file);
  const source = readFileSync(path, 'utf8');
  expect(source.split(text)).toHaveLength(2);
  writeFileSync(path, source.replace(text, other));
  return join(copy, 'dist/cli/main.js');
};

test('two nodes, one of them killed: all that was recorded follows from the log', {
  timeout: 60_000,
}, async () => {
  const nats = await NatsServer.start();
  onTestFinished(() => nats.dispose());
  const options = ['--log', nats.url, '--journal', '--drain', '0.1', '--cache-timeout', '2'];
  const timeout = ['--long-polling-timeout', '0.1'];
  const nodes = [await serve([...options, ...timeout]), await serve([...options, ...timeout])];
  for (const { url } of nodes) {
    await expect.poll(async () => (await readyz(url)).status, { interval: 20 }).toBe(200);
  }
  const load = new Load(nodes);
  await load.run();
  nodes[1]?.node.kill('SIGTERM');
  expect((await nodes[1]?.node.exited)?.code).toBe(0);

  const verified = await verify(nats.url);
  expect(verified.stdout).toMatch(/^no divergence$/m);
  expect(verified.stdout).toMatch(/^\d{4,} records, 0 missing, 0 unreadable$/m);
  expect([0, 2]).toContain(verified.code);
  const { positions, answers } = verifiedBy(verified);
  expect(positions).toBeGreaterThan(400);
  expect(answers).toBeGreaterThan(400);

  for (const node of [0, 1]) {
    const received = load.received.find((each) => each.node === node);
    const { user = -1, id = '' } = received ?? {};
    const asked = ['--message', id, '--user', String(user), '--log', nats.url];
    expect((await run(['why', databaseOf(user), ...asked])).stdout).toContain(
      `User ${user} received it.`,
    );
  }

  const path = join(directory(), 'history.jsonl');
  expect((await run(['replay', '--log', nats.url, '--export', path])).code).toBe(0);
  const history = `history:${path}`;
  const again = await verify(history);
  expect(again.stdout).toBe(verified.stdout);
  expect(again.code).toBe(verified.code);

  const main = mutant(
    'bus/next.js',
    'entry.sequence < found.sequence',
    'entry.sequence > found.sequence',
  );
  const wrong = await startProgram(process.execPath, [
    main,
    ...['replay', '--log', history, '--verify'],
  ]).exited;
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toMatch(/^diverged: the answer in record \d+ of run \w+/m);
  const [, expected] = /^ +expected +the message at (\d+),/m.exec(wrong.stdout) ?? [];
  const [, actual] = /^ +actual +the message at (\d+),/m.exec(wrong.stdout) ?? [];
  expect(Number(expected)).toBeGreaterThan(Number(actual));
});
