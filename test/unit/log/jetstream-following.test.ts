/**
 * What no server does on demand: a consumer on a replica that is behind, and a record that comes while the leader is asked.
 */
import type {
  Consumer,
  ConsumerCallbackFn,
  ConsumerMessages,
  ConsumerNotification,
  JsMsg,
} from '@nats-io/jetstream';
import { expect, test, vi } from 'vitest';
import { E } from '../../../src/fp.ts';
import { followStream, type Source, type Witness } from '../../../src/log/jetstream-following.ts';
import { settle } from '../../support/bus-fixture.ts';
import { testClock } from '../../support/clock.ts';
import { Recorder } from '../../support/logs.ts';

const CHECK_MS = 2000;

/** A source whose leader says what the test lets it say, and whose consumers bring what the test gives them. */
class Scripted {
  readonly clock = testClock();
  readonly began: Array<number> = [];
  readonly heads: Array<number>;
  readonly onLost = new Set<() => void>();
  stopped = 0;
  /** The consumers that were let go of, by their names. */
  readonly deleted: Array<string> = [];
  epoch = 'epoch';
  deliver: (sequence: number, consumer?: string) => void = () => {};
  notify: (type: string) => void = () => {};
  close: (error?: Error) => void = () => {};
  openConsumer: Promise<void> = Promise.resolve();
  onHead: () => Promise<void> = async () => {};

  /** `heads` are the last sequences that the leader tells, one for each time it is asked; the last one goes on. */
  constructor(...heads: ReadonlyArray<number>) {
    this.heads = [...heads];
  }

  get source(): Source {
    const last = () => (this.heads.length > 1 ? this.heads.shift() : this.heads[0]) ?? 0;
    return {
      options: { clock: this.clock },
      onLost: this.onLost,
      head: async () => {
        const head = { epoch: this.epoch, first: 1, last: last() };
        await this.onHead();
        return head;
      },
      ask: async () => undefined,
      lastSequence: async () => this.heads[0] ?? 0,
      now: () => Number.POSITIVE_INFINITY,
      observe: () => {},
      decode: (_subject, sequence, instant) => E.left({ sequence, instant, reason: 'test' }),
      consumer: async (from) => {
        this.began.push(from);
        const name = `oc_${this.began.length}`;
        await this.openConsumer;
        return {
          info: async () => ({ name }),
          consume: async ({ callback }: { callback: ConsumerCallbackFn }) =>
            this.#messages(name, callback),
          delete: async () => this.deleted.push(name),
        } as never as Consumer;
      },
    };
  }

  #messages(name: string, callback: ConsumerCallbackFn): ConsumerMessages {
    this.deliver = (seq, consumer = name) =>
      callback({
        seq,
        subject: '',
        data: new Uint8Array(),
        info: { timestampNanos: 0, consumer },
      } as JsMsg);
    const status = new ReadableStream<ConsumerNotification>({
      start: (queue) => {
        this.notify = (type) => queue.enqueue({ type } as ConsumerNotification);
      },
    });
    const stop = () => {
      this.stopped += 1;
    };
    const closing = new Promise<Error | undefined>((resolve) => {
      this.close = resolve;
    });
    const closed = () => closing;
    return { status: () => status, stop, closed } as never as ConsumerMessages;
  }
}

class Seen implements Witness {
  readonly seen: Array<number | string> = [];
  begin = () => void this.seen.push('begin');
  saw = (_tail: object, _epoch: string, message: JsMsg) => void this.seen.push(message.seq);
  end = () => void this.seen.push('end');
}

test('a tail has caught up when it has what the leader has, whatever its consumer says', async () => {
  const scripted = new Scripted(10);
  const recorder = new Recorder();
  const following = followStream(scripted.source, 'epoch', 8, recorder, new Seen());
  await settle();
  expect(recorder.news).toEqual([]);
  scripted.notify('heartbeats_missed');
  await settle();
  expect(scripted.began).toEqual([9, 9]);
  scripted.deliver(9);
  scripted.deliver(10);
  await recorder.count(2);
  await vi.waitUntil(() => recorder.news.includes('caughtUp'));
  expect(recorder.news).toEqual(['stalled', 'resumed', 'caughtUp']);
  following.end();
});

test('a record that comes while the leader is asked is no sign of another life', async () => {
  const scripted = new Scripted(8, 8, 9);
  const recorder = new Recorder();
  const following = followStream(scripted.source, 'epoch', 8, recorder, new Seen());
  await recorder.told('caughtUp');
  scripted.onHead = () => {
    scripted.deliver(9);
    return recorder.count(1);
  };
  scripted.clock.advance(CHECK_MS);
  await recorder.count(1);
  await settle();
  expect(recorder.news).toEqual(['caughtUp']);
  following.end();
});

test('following that ends while its consumer is being made leaves nothing behind', async () => {
  const scripted = new Scripted(8);
  let open = () => {};
  scripted.openConsumer = new Promise((resolve) => {
    open = resolve;
  });
  const recorder = new Recorder();
  const following = followStream(scripted.source, 'epoch', 7, recorder, new Seen());
  await settle();
  following.end();
  open();
  await settle();
  expect([scripted.stopped, scripted.onLost.size, scripted.clock.pending()]).toEqual([1, 0, 0]);
  expect(recorder.news).toEqual([]);
});

test('what another consumer brings than the one that was made is not shown: it may be of another life', async () => {
  const scripted = new Scripted(8, 8, 9);
  const recorder = new Recorder();
  const following = followStream(scripted.source, 'epoch', 8, recorder, new Seen());
  await recorder.told('caughtUp');
  scripted.deliver(9);
  scripted.deliver(10, 'oc_2');
  scripted.deliver(11);
  await settle();
  expect(recorder.sequences).toEqual([9]);
  await vi.waitUntil(() => scripted.began.length === 2);
  expect(scripted.began).toEqual([9, 10]);
  following.end();
});

test('a consumer that was made in another life shows nothing', async () => {
  const scripted = new Scripted(8);
  const recorder = new Recorder();
  scripted.openConsumer = Promise.resolve().then(() => {
    scripted.epoch = 'next';
  });
  const following = followStream(scripted.source, 'epoch', 8, recorder, new Seen());
  await recorder.told('reset');
  expect(recorder.news).toEqual(['stalled', 'reset']);
  following.end();
});

test('a witness is told what is shown while the tail is live, and when it is no more', async () => {
  const scripted = new Scripted(10);
  const recorder = new Recorder();
  const witness = new Seen();
  const following = followStream(scripted.source, 'epoch', 8, recorder, witness);
  await settle();
  scripted.deliver(9);
  scripted.deliver(10);
  scripted.deliver(11);
  scripted.notify('heartbeats_missed');
  await settle();
  expect(witness.seen).toEqual([9, 10, 'begin', 11, 'end']);
  following.end();
});

test.each<[what: string, happen: (scripted: Scripted) => void]>([
  ['ends by itself', ({ close }) => close()],
  ['fails', ({ close }) => close(new Error('test'))],
  ['says that something is the matter', ({ notify }) => notify('heartbeats_missed')],
])(
  'a consumer that %s is let go of, and another begins after what was shown',
  async (_, happen) => {
    const scripted = new Scripted(8, 8, 9);
    const recorder = new Recorder();
    const following = followStream(scripted.source, 'epoch', 8, recorder, new Seen());
    await recorder.told('caughtUp');
    scripted.deliver(9);
    happen(scripted);
    await vi.waitUntil(() => scripted.began.length === 2);
    expect([scripted.began, scripted.deleted]).toEqual([[9, 10], ['oc_1']]);
    following.end();
  },
);

test('a consumer is let go of when the leader does not answer after it was made', async () => {
  const scripted = new Scripted(8);
  const recorder = new Recorder();
  scripted.onHead = async () => {
    if (scripted.began.length === 1) throw new Error('no answer');
  };
  const following = followStream(scripted.source, 'epoch', 8, recorder, new Seen());
  await recorder.told('stalled');
  expect(scripted.deleted).toEqual(['oc_1']);
  following.end();
});
