/**
 * Whatever may happen to two nodes and their clients, on logs that are slow to answer.
 */
import fc from 'fast-check';
import { formatMessageId } from '../../src/bus/message-id.ts';
import { CACHE_TIMEOUT_MS, rewind } from '../support/bus-fixture.ts';
import { answer, appending } from '../support/logs.ts';
import type { End, SlowLog } from '../support/slow-log.ts';
import { type Action, DAY_MS, NODES, type World } from './journal.world.ts';

const CHANNELS = ['a', 'b', 'c', 'd', 'e', 'f'];
const CLIENTS = 4;

const action = (name: string, run: Action['run']): Action => ({ run, toString: () => name });

/** What a client says that it saw last: nothing, the entry at a share of the log, that one changed, or one to come. */
const lastMessage = (kind: string, share: number, { store }: World): unknown => {
  const { items, head } = store.window.entries;
  const entries = items.slice(head);
  const entry = entries[Math.floor(share * entries.length)];
  if (kind === 'none' || entry === undefined) return null;
  const id = { epoch: 'epoch', sequence: entry.sequence, check: entry.check };
  switch (kind) {
    case 'other entry':
      return formatMessageId({ ...id, check: '00000000' });
    case 'other life':
      return formatMessageId({ ...id, epoch: 'another' });
    case 'ahead':
      return formatMessageId({ ...id, sequence: store.window.tail + 1 + Math.floor(share * 3) });
    case 'gone':
      return formatMessageId({ ...id, sequence: 1 });
    case 'junk':
      return { junk: [share] };
    default:
      return formatMessageId(id);
  }
};

const node = fc.nat(NODES - 1);
const client = fc.nat(CLIENTS - 1);
const channel = fc.constantFrom(...CHANNELS);

const pollAt = (node: fc.Arbitrary<number>) =>
  fc
    .record({
      client,
      node,
      channels: fc.uniqueArray(channel, { minLength: 1, maxLength: 2 }),
      kind: fc.constantFrom(
        ...['id', 'id', 'id', 'id', 'id', 'id', 'none', 'none'],
        ...['other entry', 'other life', 'ahead', 'gone', 'junk'],
      ),
      share: fc.nat(9).map((tenths) => tenths / 10),
      isReading: fc.boolean(),
    })
    .map(({ client, node, channels, kind, share, isReading }) =>
      action(
        `poll(${client} at ${node}, ${channels}, ${kind} ${share}${isReading ? '' : ', unread'})`,
        (world) => {
          const body = { channels, last_message: lastMessage(kind, share, world) };
          world.poll(client, world.served(node), body, isReading);
        },
      ),
    );

const publish = channel.map((name) =>
  action(`publish(${name})`, ({ log, store }) =>
    answer(log.append(appending('db', name, { n: store.window.tail }))),
  ),
);

const garbage = channel.map((name) =>
  action(`garbage(${name})`, ({ log }) => answer(log.append(appending('db', name, '[]')))),
);

const hangUp = client.map((index) =>
  action(`hangUp(${index})`, ({ clients }) => {
    const held = clients[index];
    held?.node.hub.hangUp(held.connection);
  }),
);

const written = client.map((index) =>
  action(`written(${index})`, ({ clients }) => {
    const held = clients[index];
    if (held?.connection.state.name === 'responding') held.node.hub.written(held.connection);
  }),
);

const pass = fc
  .constantFrom(50, 700, 700, CACHE_TIMEOUT_MS / 2, CACHE_TIMEOUT_MS + 100, 3 * CACHE_TIMEOUT_MS)
  .map((milliseconds) =>
    action(`pass(${milliseconds})`, (world) => {
      // A tail may be late, but not by so much that what it shows has left the log.
      if (world.store.historyMs < DAY_MS) for (const { log } of world.nodes) log.letTailThrough();
      world.clock.advance(milliseconds);
    }),
  );

const onLog =
  (name: string, run: (log: SlowLog) => void) =>
  (index: number): Action =>
    action(`${name}(${index})`, (world) => run(world.served(index).log));

const hold = onLog('hold', (log) => {
  log.isHolding = true;
});
const letThrough = onLog('letThrough', (log) => log.letThrough());
const holdTail = onLog('holdTail', (log) => log.holdTail());
const showOne = onLog('showOne', (log) => log.letTailThrough(1));
const letTailThrough = onLog('letTailThrough', (log) => log.letTailThrough());
const otherLife = onLog('otherLife', (log) => {
  log.otherLives = 1;
});

const endAt = (node: fc.Arbitrary<number>) =>
  fc
    .tuple(node, fc.nat(5), fc.constantFrom<End>('now', 'then', 'then', 'failed'))
    .map(([index, which, how]) =>
      action(`end(${index}, ${which}, ${how})`, (world) => world.served(index).log.end(which, how)),
    );

const rewinding = fc.constant(action('rewind()', ({ store }) => rewind(store)));

const restart = node.map((index) =>
  action(`restart(${index})`, async (world) => {
    world.stop(world.served(index));
    world.nodes[index] = world.start();
  }),
);

const endSessions = fc.constant(action('endSessions()', ({ sessions }) => sessions.endAll()));

const single = fc.oneof(
  { weight: 6, arbitrary: pollAt(node) },
  { weight: 5, arbitrary: publish },
  { weight: 1, arbitrary: garbage },
  { weight: 1, arbitrary: hangUp },
  { weight: 1, arbitrary: written },
  { weight: 3, arbitrary: pass },
  { weight: 2, arbitrary: node.map(hold) },
  { weight: 3, arbitrary: endAt(node) },
  { weight: 1, arbitrary: node.map(letThrough) },
  { weight: 1, arbitrary: node.map(holdTail) },
  { weight: 2, arbitrary: node.map(showOne) },
  { weight: 1, arbitrary: node.map(letTailThrough) },
  { weight: 1, arbitrary: node.map(otherLife) },
  { weight: 1, arbitrary: rewinding },
  { weight: 1, arbitrary: restart },
  { weight: 1, arbitrary: endSessions },
);

/** A poll on a log that is slow to answer, and what happens meanwhile. */
const slowPoll = node.chain((index) => {
  const same = fc.constant(index);
  const meanwhile = fc.oneof(
    { weight: 6, arbitrary: endAt(same) },
    { weight: 3, arbitrary: publish },
    { weight: 2, arbitrary: pass },
    { weight: 1, arbitrary: fc.oneof(garbage, hangUp, rewinding, pollAt(same)) },
  );
  return fc
    .tuple(pollAt(same), fc.array(meanwhile, { minLength: 1, maxLength: 12, size: 'max' }))
    .map(([poll, meanwhile]) => [
      letTailThrough(index),
      hold(index),
      poll,
      ...meanwhile,
      letThrough(index),
    ]);
});

export const history = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: single.map((each) => [each]) },
      { weight: 1, arbitrary: slowPoll },
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((scenes) => scenes.flat());
