/**
 * Why a subscriber did not get a message, or has not got it yet: every reason, over the polls that a real hub recorded.
 */
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS } from '../../../src/journal/record.ts';
import { type Asked, why } from '../../../src/replay/why.ts';
import { clientsOf, message, whyOf } from '../../support/asking.ts';
import {
  CACHE_TIMEOUT_MS,
  flushed,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  recordedBus,
  settle,
  slowPollOf,
} from '../../support/bus-fixture.ts';
import { channel } from '../../support/logs.ts';

describe('a message was not got', () => {
  test('by a client that hung up before its answer was written, and did not come back', async () => {
    const bus = await recordedBus();
    const only = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    bus.clock.advance(40);
    only.hangUp();
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'HungUp', by: { end: 'hung up' } });
    expect(words).toMatch(
      /\. User 1 did not get it\. Node node\d+ answered node\d+-1 with it, and the client hung up before that was written, at \S+Z\. It did not poll again\.$/,
    );
  });

  test('by a client that hung up on it, and came back too late without its place', async () => {
    const bus = await recordedBus();
    const first = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    first.hangUp();
    bus.clock.advance(CACHE_TIMEOUT_MS + 1000);
    await pollOf(bus.node, ['a']);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'TooOld', resume: 'start' });
    expect(words).toMatch(
      /had expired by the next poll: .* began with what was recent then\. Node node\d+ answered node\d+-1 with it, and the client hung up before/,
    );
  });

  test('by a client that had left before', async () => {
    const bus = await recordedBus();
    const { hangUp } = await pollOf(bus.node, ['a']);
    hangUp();
    bus.clock.advance(1500);
    const id = await bus.publish('a', message);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'LeftBefore', last: { end: 'hung up' } });
    expect(words).toMatch(
      /\. User 1 did not get it, since it had left: its last poll, node\d+-1, ended at \S+Z, 1\.500 s before\.$/,
    );
  });

  test('by a client whose last poll was answered with nothing before', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100);
    bus.clock.advance(1);
    const id = await bus.publish('a', message);
    const { verdict } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'LeftBefore', last: { end: 'written' } });
  });

  test('by a client whose last poll had its answer with nothing, which was still being written', async () => {
    const bus = await recordedBus();
    const only = await slowPollOf(bus.node, ['a']);
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100);
    const id = await bus.publish('a', message);
    // Its node tells that it has seen the message.
    bus.clock.advance(HEARTBEAT_MS);
    expect((await whyOf(bus, id)).verdict._tag).toBe('NotYet');
    only.write();
    expect((await whyOf(bus, id)).verdict._tag).toBe('LeftBefore');
  });

  test('by a client whose last poll ended before its node had seen the message', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    bus.log.holdTail();
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS - 100);
    const id = await bus.publish('a', message);
    bus.clock.advance(200);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'LeftBefore', last: { end: 'written', tail: 1 } });
    expect(words).toMatch(/since it had left: its last poll, node\d+-1, ended at \S+Z\.$/);
  });

  test('by a client whose session had ended', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    bus.sessions.endAll();
    await settle();
    bus.clock.advance(1);
    const id = await bus.publish('a', message);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'SessionEnded', last: { end: 'session ended' } });
    expect(words).toMatch(
      /\. User 1 did not get it, since its session had ended: the poll node\d+-1 was ended for that at \S+Z, and none came after it\.$/,
    );
  });

  test('by a client whose session ended while its node had not seen the message yet', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    bus.log.holdTail();
    const id = await bus.publish('a', message);
    bus.sessions.endAll();
    await settle();
    expect((await whyOf(bus, id)).verdict._tag).toBe('SessionEnded');
  });

  test('by a client that listened to other channels', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['b', 'c']);
    const id = await bus.publish('a', message);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'NotListening', poll: { end: 'held' } });
    expect(words).toMatch(
      /\. User 1 did not get it, since it did not listen to that channel: its poll node\d+-1, of \S+Z, listened to b, c, user:1\.$/,
    );
  });

  test('by a client that listened to other channels, and went on from what came on those', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['b']);
    const id = await bus.publish('a', message);
    const later = await bus.publish('b', message);
    await pollOf(bus.node, ['b'], later);
    expect((await whyOf(bus, id)).verdict._tag).toBe('NotListening');
  });

  test('by a client that came without a last message when it was too old for that', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    bus.clock.advance(CACHE_TIMEOUT_MS + 1);
    await pollOf(bus.node, ['a']);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'TooOld', resume: 'start' });
    expect(words).toMatch(
      /\. User 1 did not get it, since it had expired by the next poll: node\d+-1, of \S+Z, bore no last message, and began with what was recent then\.$/,
    );
  });

  test('by a client that came with the last message of another bus when it was too old for that', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    bus.clock.advance(CACHE_TIMEOUT_MS + 1);
    await pollOf(bus.node, ['a'], 'a7f3c2');
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'TooOld', resume: 'reset' });
    expect(words).toMatch(
      /, of \S+Z, bore no id of this log, and began with what was recent then\.$/,
    );
  });

  test('by a client that came too late for it, and went on from what came then', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    bus.clock.advance(CACHE_TIMEOUT_MS + 1);
    await pollOf(bus.node, ['a']);
    const later = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], later);
    expect((await whyOf(bus, id)).verdict).toMatchObject({ _tag: 'TooOld', resume: 'start' });
  });

  test('by a client that was answered with an earlier message, and did not poll on', async () => {
    const bus = await recordedBus();
    const only = await slowPollOf(bus.node, ['a']);
    await bus.publish('a', message);
    bus.clock.advance(10);
    const id = await bus.publish('a', message);
    bus.clock.advance(10);
    only.write();
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'NotReached', last: { answered: { sequence: 2 } } });
    expect(words).toMatch(
      /\. User 1 did not get it, since it did not poll on: its last poll, node\d+-1, ended at \S+Z, with the message at 2\.$/,
    );
  });

  test('by a client that hung up before its node had seen the message', async () => {
    const bus = await recordedBus();
    const { hangUp } = await pollOf(bus.node, ['a']);
    bus.log.holdTail();
    const id = await bus.publish('a', message);
    hangUp();
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'NotReached', last: { end: 'hung up' } });
    expect(words).toMatch(/its last poll, node\d+-1, ended at \S+Z, when it hung up\.$/);
  });

  test('by a client that hung up while history was read for it', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    bus.log.hold('at');
    const { hangUp } = await pollOf(bus.node, ['a'], bus.oldId);
    hangUp();
    expect((await whyOf(bus, id)).verdict._tag).toBe('NotReached');
  });

  test('by a client that did not come again after a poll which ended while history was read for it', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    bus.log.hold('at');
    await pollOf(bus.node, ['a'], bus.oldId);
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100);
    await settle();
    expect((await whyOf(bus, id)).verdict._tag).not.toBe('Unexplained');
  });

  test('by a client that never polled', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toEqual({ _tag: 'NeverPolled' });
    expect(words).toMatch(
      /\. User 1 did not get it, since it never polled while this journal was kept\.$/,
    );
  });
});

describe('a message is not got yet', () => {
  test('by a client whose node has not seen it', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    bus.log.holdTail();
    const id = await bus.publish('a', message);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'NotYet', poll: { end: 'held', tail: 1 } });
    expect(words).toMatch(
      /\. User 1 has not got it yet: it is held by node node\d+, which had not come to the message when the journal ended\.$/,
    );
  });

  test('by a client for whom history is still read', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    bus.log.hold('at');
    await pollOf(bus.node, ['a'], bus.oldId);
    expect((await whyOf(bus, id)).verdict._tag).not.toBe('Unexplained');
  });

  test('by a client whose node stands in an earlier life of the log', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    await bus.publish('b', message);
    const published = { channel: channel('a'), instant: bus.clock.now() };
    const asked: Asked = { epoch: 'another', sequence: 1, published };
    const polls = clientsOf(await flushed(bus), asked).get('') ?? [];
    expect(why(asked, polls, [])).toMatchObject({ _tag: 'NotYet', poll: { end: 'held' } });
  });
});
