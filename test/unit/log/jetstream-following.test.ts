/**
 * What no server does on demand: a consumer on a replica that is behind, and a record that comes while the leader is asked.
 */
import type { Consumer, ConsumerMessages, ConsumerNotification, JsMsg } from '@nats-io/jetstream';
import { expect, test, vi } from 'vitest';
import { E } from '../../../src/fp.ts';
import { followStream, type Source } from '../../../src/log/jetstream-following.ts';
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
  deliver: (sequence: number) => void = () => {};
  notify: (type: string) => void = () => {};
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
        const head = { epoch: 'epoch', first: 1, last: last() };
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
        await this.openConsumer;
        return {
          consume: async () => this.#messages(),
          delete: async () => true,
        } as never as Consumer;
      },
    };
  }

  #messages(): ConsumerMessages {
    const messages = new ReadableStream<JsMsg>({
      start: (queue) => {
        this.deliver = (seq) =>
          queue.enqueue({
            seq,
            subject: '',
            data: new Uint8Array(),
            info: { timestampNanos: 0 },
          } as JsMsg);
      },
    });
    const status = new ReadableStream<ConsumerNotification>({
      start: (queue) => {
        this.notify = (type) => queue.enqueue({ type } as ConsumerNotification);
      },
    });
    const stop = () => {
      this.stopped += 1;
    };
    return Object.assign(messages, { status: () => status, stop }) as never as ConsumerMessages;
  }
}

test('a tail has caught up when it has what the leader has, whatever its consumer says', async () => {
  const scripted = new Scripted(10);
  const recorder = new Recorder();
  const following = followStream(scripted.source, 'epoch', 8, recorder);
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
  const following = followStream(scripted.source, 'epoch', 8, recorder);
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
  const following = followStream(scripted.source, 'epoch', 7, recorder);
  await settle();
  following.end();
  open();
  await settle();
  expect([scripted.stopped, scripted.onLost.size, scripted.clock.pending()]).toEqual([1, 0, 0]);
  expect(recorder.news).toEqual([]);
});
