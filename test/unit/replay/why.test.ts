/**
 * Did a subscriber get a message: the verdicts on one that was got, should have been or has left the log, over the polls that a
 * real hub recorded.
 */
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS, type JournalRecord } from '../../../src/journal/record.ts';
import { message, whyOf } from '../../support/asking.ts';
import {
  type BusFixture,
  flushed,
  pollOf,
  recordedBus,
  settle,
  slowPollOf,
} from '../../support/bus-fixture.ts';
import { isConnectionRecord, recordsOf, renumbered, textsOf } from '../../support/records.ts';

const DAY_MS = 86_400_000;

describe('a message was received', () => {
  test('when the answer with it was written, and a later poll bore its id', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    bus.clock.advance(7);
    await pollOf(bus.node, ['a'], id);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({
      _tag: 'Received',
      by: { end: 'written', answered: { sequence: 2 } },
      told: { end: 'held' },
      again: [],
    });
    expect(words).toMatch(
      /^Message epoch-2-\w{8} was published on a at \S+Z\. User 1 received it\. Node node\d+ answered its poll node\d+-1 with it, and had written the answer at \S+Z\. The poll of \S+Z, node\d+-2, bore its id\.$/,
    );
  });

  test('when a later poll bore a later id', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const later = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], later);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict._tag).toBe('Received');
    expect(words).toMatch(/node\d+-2, bore a later id\.$/);
  });

  test('at the second time, when its client hung up before the first answer was written', async () => {
    const bus = await recordedBus();
    const first = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    first.hangUp();
    await pollOf(bus.node, ['a']);
    await pollOf(bus.node, ['a'], id);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({
      _tag: 'Received',
      by: { end: 'written' },
      again: [{ end: 'hung up' }],
    });
    expect(words).toMatch(
      /answered its poll node\d+-2 with it, and had written the answer at \S+Z\. Node node\d+ answered node\d+-1 with it, and the client hung up before that was written, at \S+Z\. The poll/,
    );
  });

  test('even when its answer was not seen to be written, once a later poll bore its id', async () => {
    const bus = await recordedBus();
    const first = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    first.hangUp();
    await pollOf(bus.node, ['a'], id);
    const { verdict } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'Received', by: { end: 'hung up' } });
  });

  test('by one client of a user, and not by another', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a', 'client:one']);
    await pollOf(bus.node, ['b', 'client:two']);
    const id = await bus.publish('a', message);
    await pollOf(bus.node, ['a', 'client:one'], id);
    const one = await whyOf(bus, id, { client: 'client:one' });
    const two = await whyOf(bus, id, { client: 'client:two' });
    expect([one.verdict._tag, two.verdict._tag]).toEqual(['Received', 'NotListening']);
  });
});

describe('a message was handed over', () => {
  test('when the answer with it was written, and no later poll came', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'HandedOver', by: { end: 'written' }, again: [] });
    expect(words).toMatch(
      /\. It was handed over to user 1\. Node node\d+ answered its poll node\d+-1 with it, and had written the answer at \S+Z\. No later poll says that it was received\.$/,
    );
  });

  test('when the polls that came later bore earlier ids or none', async () => {
    const bus = await recordedBus();
    const before = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], before);
    const id = await bus.publish('a', message);
    await pollOf(bus.node, ['b'], before);
    await pollOf(bus.node, ['b']);
    expect((await whyOf(bus, id)).verdict._tag).toBe('HandedOver');
  });

  test('at the second time, when its client hung up before the first answer was written', async () => {
    const bus = await recordedBus();
    const first = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    first.hangUp();
    await pollOf(bus.node, ['a']);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'HandedOver', again: [{ end: 'hung up' }] });
    expect(words).toContain('the client hung up before that was written');
  });
});

describe('a message came from elsewhere', () => {
  test('when a poll bears its id, and no recorded answer brought it', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], id);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'Elsewhere', told: { end: 'held' } });
    expect(words).toMatch(
      /\. User 1 has it, but from where is not in this journal: the poll of \S+Z, node\d+-1, bore its id or a later one\.$/,
    );
  });

  test('when a poll bears a later id, and no recorded answer brought that', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    const later = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], later);
    expect((await whyOf(bus, id)).verdict._tag).toBe('Elsewhere');
  });
});

describe('a message that has left the log', () => {
  /** The id of a message that was on the log. */
  const gone = async (bus: BusFixture) => {
    const id = await bus.publish('a', message);
    bus.clock.advance(DAY_MS + 1);
    await bus.publish('b', message);
    await bus.publish('b', message);
    await settle();
    return id;
  };

  test('was brought by no recorded answer', async () => {
    const bus = await recordedBus();
    const id = await gone(bus);
    await pollOf(bus.node, ['a']);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toEqual({ _tag: 'Gone' });
    expect(words).toMatch(
      /^Message epoch-2-\w{8} is not in the log any more\. No recorded answer to user 1 brought it\.$/,
    );
  });

  test('was brought by none to a client whose own last message had left it too', async () => {
    const bus = await recordedBus();
    const id = await gone(bus);
    await pollOf(bus.node, ['a'], bus.oldId);
    expect(recordsOf(await flushed(bus))).toContainEqual(
      expect.objectContaining({ place: expect.objectContaining({ resume: 'truncated' }) }),
    );
    expect((await whyOf(bus, id)).verdict._tag).toBe('Gone');
  });

  test('was received all the same when the journal says so', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    const id = await gone(bus);
    await pollOf(bus.node, ['a'], id);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict._tag).toBe('Received');
    expect(words).toMatch(/^Message \S+ is not in the log any more\. User 1 received it\./);
  });
});

describe('a message that should have been got', () => {
  test('is a defect of the bus, and said to be one', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const isAnswer = (record: JournalRecord) =>
      isConnectionRecord(record) && (record.event === 'ARRIVED' || record.event === 'WRITTEN');
    const deaf = (all: ReadonlyArray<string>) =>
      textsOf(renumbered(recordsOf(all).filter((record) => !isAnswer(record))));
    bus.clock.advance(HEARTBEAT_MS);
    const { verdict, words } = await whyOf(bus, id, { lines: deaf });
    expect(verdict).toMatchObject({ _tag: 'Unexplained', poll: { end: 'held' } });
    expect(words).toMatch(
      /\. User 1 should have got it, and no answer brought it: this is a defect of the bus\. Look at (node\d+-1) with jetbus replay --connection \1, and run jetbus replay --verify\.$/,
    );
  });
});

test('a message whose answer is still being written is being handed over', async () => {
  const bus = await recordedBus();
  await slowPollOf(bus.node, ['a']);
  const id = await bus.publish('a', message);
  const { verdict, words } = await whyOf(bus, id);
  expect(verdict._tag).toBe('Writing');
  expect(words).toMatch(
    /It is being handed over to user 1: .* was still writing when the journal ended\.$/,
  );
});
