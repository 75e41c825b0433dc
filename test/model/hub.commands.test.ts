/**
 * Whatever is published, polled for, hung up, waited for and restarted, on two nodes: every client is answered as a bus
 * that is a plain list of entries would answer it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Node } from '../../src/hub/node.ts';
import {
  type BusFixture,
  busFixture,
  CACHE_TIMEOUT_MS,
  type Held,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  settle,
} from '../support/bus-fixture.ts';

const CHANNELS = ['a', 'b', 'c'];
const CLIENTS = 3;
const NODES = 2;

interface Published {
  readonly id: string;
  readonly channel: string;
  readonly instant: number;
}

/** A bus by the rules: entries in a list, and where each client is in it. */
interface Model {
  now: number;
  readonly entries: Array<Published>;
  readonly clients: Array<{
    last: number | undefined;
    held:
      | { readonly after: number; readonly channels: ReadonlyArray<string>; since: number }
      | undefined;
    node: number;
  }>;
}

interface Real {
  readonly bus: BusFixture;
  readonly nodes: Array<Node>;
  readonly held: Array<Held | undefined>;
}

const isFree = (client: number) => (model: Readonly<Model>) =>
  model.clients[client]?.held === undefined;

/** What an answer brought: the id, or null for nothing. */
const broughtBy = (held: Held | undefined): ReadonlyArray<string | null> =>
  (held?.answers ?? []).map((answer) =>
    answer._tag === 'Entry'
      ? JSON.parse(Buffer.from(answer.body).toString()).message.message_id
      : null,
  );

/** Ends a client's poll in the model, and holds the real one against it. */
const expectAnswer = (model: Model, real: Real, client: number, entry: number | undefined) => {
  const state = model.clients[client];
  if (state === undefined) return;
  const id = entry === undefined ? null : model.entries[entry]?.id;
  expect(broughtBy(real.held[client])).toEqual([id]);
  state.held = undefined;
  if (entry !== undefined) state.last = entry;
};

class Publish implements fc.AsyncCommand<Model, Real> {
  readonly channel: string;
  readonly node: number;
  constructor(channel: string, node: number) {
    this.channel = channel;
    this.node = node;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    const bytes = Buffer.from(JSON.stringify({ n: model.entries.length }));
    const result = await real.nodes[this.node]?.publisher.publish('db', this.channel, bytes)();
    if (result?._tag !== 'Right') throw new Error('not published');
    const { messageId: id } = result.right;
    const entry = model.entries.push({ id, channel: this.channel, instant: model.now }) - 1;
    await settle();
    for (const [client, { held }] of model.clients.entries()) {
      if (held?.channels.includes(this.channel)) expectAnswer(model, real, client, entry);
    }
  }
  toString = () => `publish(${this.channel}, node ${this.node})`;
}

class Poll implements fc.AsyncCommand<Model, Real> {
  readonly client: number;
  readonly node: number;
  readonly channels: ReadonlyArray<string>;
  constructor(client: number, node: number, channels: ReadonlyArray<string>) {
    this.client = client;
    this.node = node;
    this.channels = channels;
  }
  check = (model: Readonly<Model>) => isFree(this.client)(model);
  async run(model: Model, real: Real) {
    const state = model.clients[this.client];
    const node = real.nodes[this.node];
    if (state === undefined || node === undefined) return;
    const recent = model.entries.findIndex(
      ({ instant }) => instant >= model.now - CACHE_TIMEOUT_MS,
    );
    const start = (recent === -1 ? model.entries.length : recent) - 1;
    const after = state.last ?? start;
    const lastId = state.last === undefined ? undefined : model.entries[state.last]?.id;
    real.held[this.client] = await pollOf(node, this.channels, lastId);
    const found = model.entries.findIndex(
      ({ channel }, entry) => entry > after && this.channels.includes(channel),
    );
    state.node = this.node;
    state.held = { after, channels: this.channels, since: model.now };
    if (found !== -1) expectAnswer(model, real, this.client, found);
    else expect(real.held[this.client]?.state()).toBe('waiting.parked');
  }
  toString = () => `poll(client ${this.client}, node ${this.node}, ${this.channels.join('+')})`;
}

class HangUp implements fc.AsyncCommand<Model, Real> {
  readonly client: number;
  constructor(client: number) {
    this.client = client;
  }
  check = (model: Readonly<Model>) => !isFree(this.client)(model);
  async run(model: Model, real: Real) {
    real.held[this.client]?.hangUp();
    expect(broughtBy(real.held[this.client])).toEqual([]);
    const state = model.clients[this.client];
    if (state !== undefined) state.held = undefined;
  }
  toString = () => `hangUp(client ${this.client})`;
}

class LetTimePass implements fc.AsyncCommand<Model, Real> {
  readonly milliseconds: number;
  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    real.bus.clock.advance(this.milliseconds);
    model.now += this.milliseconds;
    await settle();
    for (const [client, { held }] of model.clients.entries()) {
      if (held !== undefined && model.now - held.since >= LONG_POLLING_TIMEOUT_MS) {
        expectAnswer(model, real, client, undefined);
      }
    }
  }
  toString = () => `letTimePass(${this.milliseconds})`;
}

class Restart implements fc.AsyncCommand<Model, Real> {
  readonly node: number;
  constructor(node: number) {
    this.node = node;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    const stopped = real.nodes[this.node]?.stop(0);
    real.bus.clock.advance(100);
    model.now += 100;
    await stopped;
    for (const [client, { held, node }] of model.clients.entries()) {
      if (held !== undefined && node === this.node) expectAnswer(model, real, client, undefined);
    }
    real.nodes[this.node] = await real.bus.another();
    await new LetTimePass(0).run(model, real);
  }
  toString = () => `restart(node ${this.node})`;
}

const client = fc.nat(CLIENTS - 1);
const node = fc.nat(NODES - 1);
const commands = [
  fc.tuple(fc.constantFrom(...CHANNELS), node).map((args) => new Publish(...args)),
  fc
    .tuple(client, node, fc.uniqueArray(fc.constantFrom(...CHANNELS), { minLength: 1 }))
    .map((args) => new Poll(...args)),
  client.map((each) => new HangUp(each)),
  fc
    .constantFrom(100, CACHE_TIMEOUT_MS, CACHE_TIMEOUT_MS + 100, LONG_POLLING_TIMEOUT_MS)
    .map((each) => new LetTimePass(each)),
  node.map((each) => new Restart(each)),
];

/** Nothing is missing from the nodes' own account, and all of it follows from the log. */
const WHOLE = {
  missing: 0,
  unreadable: 0,
  positions: { incomplete: 0, uncheckable: 0 },
  answers: { incomplete: 0, uncheckable: 0 },
};

const stopAll = async (bus: BusFixture, nodes: ReadonlyArray<Node>): Promise<void> => {
  const stopped = [bus.node, ...nodes].map((each) => each.stop(0));
  bus.clock.advance(100);
  await settle();
  bus.clock.advance(5000);
  await Promise.all(stopped);
};

test('every client is answered as by a plain list of entries, and the journal says so', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { size: '+1' }), async (generated) => {
      const bus = await busFixture({ isRecorded: true });
      const nodes = [await bus.another(), await bus.another()];
      await fc.asyncModelRun(
        () => ({
          model: {
            now: bus.clock.now(),
            entries: [],
            clients: Array.from({ length: CLIENTS }, () => ({
              last: undefined,
              held: undefined,
              node: 0,
            })),
          },
          real: { bus, nodes, held: [] },
        }),
        generated,
      );
      await stopAll(bus, nodes);
      const { positions, answers, missing, unreadable, divergence } = await bus.verify();
      expect(divergence).toBeUndefined();
      expect({ missing, unreadable, positions, answers }).toMatchObject(WHOLE);
    }),
    { numRuns: 300 },
  );
});
