/**
 * Who acknowledges a message: the tail that shows it, or the stream's leader when none does.
 */
import type { JetStreamClient, JsMsg, PubAck } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { beforeEach, expect, test } from 'vitest';
import { decodeEntry, type Stored } from '../../../src/bus/entry.ts';
import { E } from '../../../src/fp.ts';
import { Appender, type Target } from '../../../src/log/jetstream-appending.ts';
import type { Appending } from '../../../src/log/log.ts';
import { settle } from '../../support/bus-fixture.ts';
import { testClock } from '../../support/clock.ts';
import { appending } from '../../support/logs.ts';

const SHOWN_MS = 500;

const clock = testClock();
/** The keys of what was sent without asking for an answer, and of what the leader was asked to acknowledge. */
let sent: Array<string>;
let asked: Array<string | undefined>;
let isConnected: boolean;
let appender: Appender;
let keys: number;

const target: Target = {
  options: { clock, stream: 'S', subjectPrefix: 'bus' },
  maxPayload: 1024 * 1024,
  send: (_subject, _bytes, head: MsgHdrs) => {
    if (isConnected) sent.push(head.get('Nats-Msg-Id'));
    return isConnected;
  },
  client: async () =>
    ({
      publish: async (_subject: string, _bytes: Uint8Array, { msgID = '' }) => {
        asked.push(msgID);
        return { stream: 'S', seq: 70 + asked.length, duplicate: sent.includes(msgID) } as PubAck;
      },
    }) as never as JetStreamClient,
  head: async () => ({ epoch: 'leader', first: 1, last: 100 }),
  get: async () => undefined,
};

/** Shows an entry as the tail does: what was appended, under a key. */
const show = (sequence: number, appending: Appending, key: string, by: object = tail): Stored => {
  const head = headers();
  head.set('Nats-Msg-Id', key);
  const stored = storedAt(sequence, appending);
  appender.saw(by, 'tail', { headers: head } as JsMsg, stored);
  return stored;
};

const storedAt = (sequence: number, { database, channel, bytes }: Appending): Stored =>
  decodeEntry(sequence, 0, database, channel, bytes);

const of = (n: number, key?: string) => appending('db', 'c', { n }, key);
const tail = {};

beforeEach(() => {
  sent = [];
  asked = [];
  keys = 0;
  isConnected = true;
  appender = new Appender(target, () => {
    keys += 1;
    return `key-${keys}`;
  });
});

test('a tail that shows a message acknowledges it, in its life, and the leader is not asked', async () => {
  appender.begin(tail);
  const appended = appender.append(of(1));
  await settle();
  show(7, of(1), 'another');
  const stored = show(8, of(1), 'key-1');
  const check = E.isRight(stored) && stored.right.check;
  expect(await appended).toEqual(E.right({ epoch: 'tail', sequence: 8, check }));
  expect([sent, asked, clock.pending()]).toEqual([['key-1'], [], 0]);
});

test('headers that the client cannot read are no key, and do no harm', async () => {
  appender.begin(tail);
  const appended = appender.append(of(1));
  await settle();
  const unreadable = {
    get headers(): MsgHdrs {
      throw new Error('test');
    },
  };
  appender.saw(tail, 'tail', unreadable as JsMsg, storedAt(7, of(1)));
  show(8, of(1), 'key-1');
  expect(await appended).toMatchObject({ right: { sequence: 8 } });
});

test('a tail that has not caught up acknowledges nothing: what it shows may be old', async () => {
  appender.begin(tail);
  const appended = appender.append(of(1, 'a'));
  await settle();
  show(3, of(1), sent[0] ?? '', {});
  show(8, of(1), sent[0] ?? '');
  expect(await appended).toMatchObject({ right: { sequence: 8 } });
});

test('without a tail the leader is asked at once', async () => {
  expect(await appender.append(of(1))).toMatchObject({ right: { epoch: 'leader', sequence: 71 } });
  expect([sent, asked]).toEqual([[], ['key-1']]);
});

test('without a connection nothing is waited for', async () => {
  appender.begin(tail);
  isConnected = false;
  expect(await appender.append(of(1))).toMatchObject({ right: { epoch: 'leader' } });
  expect(clock.pending()).toBe(0);
});

test.each([
  ['does not show it in time', () => clock.advance(SHOWN_MS + 100)],
  ['ends', () => appender.end(tail)],
])('where the tail %s, the leader is asked under the same key', async (_, pass) => {
  appender.begin(tail);
  const appended = appender.append(of(1));
  await settle();
  expect([sent, asked]).toEqual([['key-1'], []]);
  pass();
  expect(await appended).toMatchObject({ right: { epoch: 'leader', sequence: 71 } });
  expect([asked, clock.pending()]).toEqual([['key-1'], 0]);
  show(9, of(1), 'key-1');
});

test('an entry under a key of the publisher’s own has to be its message', async () => {
  appender.begin(tail);
  const [same, other] = [appender.append(of(1, 'a')), appender.append(of(2, 'b'))];
  await settle();
  const [first = '', second = ''] = sent;
  show(8, of(1), first);
  show(9, of(1), second);
  expect(await same).toMatchObject({ right: { epoch: 'tail', sequence: 8 } });
  expect(await other).toEqual(E.left({ _tag: 'Conflict', sequence: 9 }));
});

test('a key that is waited for already is the leader’s matter', async () => {
  appender.begin(tail);
  const first = appender.append(of(1, 'a'));
  await settle();
  void appender.append(of(1, 'a'));
  await settle();
  expect([sent.length, asked.length]).toEqual([1, 1]);
  show(8, of(1), sent[0] ?? '');
  expect(await first).toMatchObject({ right: { sequence: 8 } });
});

test('what no server takes is not sent', async () => {
  appender.begin(tail);
  const long = appending('db', 'c', { text: 'x'.repeat(1024 * 1024) });
  expect(await appender.append(long)).toMatchObject({ left: { _tag: 'TooLarge' } });
  expect([sent, asked]).toEqual([[], []]);
});
