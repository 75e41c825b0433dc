/**
 * Did a subscriber get a message, and if not, why not: every verdict, over the polls that a real hub recorded.
 */
import { describe, expect, test } from 'vitest';
import { parseMessageId } from '../../../src/bus/message-id.ts';
import { E, O } from '../../../src/fp.ts';
import type { Node } from '../../../src/hub/node.ts';
import { isNodeRecord, type JournalRecord } from '../../../src/journal/record.ts';
import { HEARTBEAT_MS } from '../../../src/journal/recorder.ts';
import { emptyFold, finish, take } from '../../../src/replay/fold.ts';
import { Inquiry } from '../../../src/replay/inquiry.ts';
import { byClient, noPolls, note, type PollStory } from '../../../src/replay/polls.ts';
import { type Asked, type Hole, type Why, why } from '../../../src/replay/why.ts';
import { whyInWords } from '../../../src/replay/why-words.ts';
import {
  type BusFixture,
  busFixture,
  CACHE_TIMEOUT_MS,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  settle,
} from '../../support/bus-fixture.ts';
import { answer, channel } from '../../support/logs.ts';
import { flushed, linesIn, recordsOf, renumbered, textsOf } from '../../support/recording.ts';

const WHO = 'User 1';
const HISTORY_MS = 86_400_000;

/** A poll whose answer is written when the test says so. */
const slowPollOf = async ({ hub }: Node, channels: ReadonlyArray<string>, lastMessage?: string) => {
  const body = Buffer.from(JSON.stringify({ channels, last_message: lastMessage }));
  const connection = hub.open({ database: 'db', authorization: 'good', body }, () => {});
  await settle();
  return { write: () => hub.written(connection), hangUp: () => hub.hangUp(connection) };
};

/** What is asked about a message, as the log has it now. */
const askedOf = async (bus: BusFixture, id: string): Promise<Asked> => {
  const parsed = parseMessageId(id);
  if (O.isNone(parsed)) throw new Error(`${id} is no id`);
  const stored = await answer(bus.reader.at(parsed.value.sequence));
  const isThere = O.isSome(stored) && E.isRight(stored.value);
  return { ...parsed.value, published: isThere ? stored.value.right : undefined };
};

const clientsOf = (
  lines: ReadonlyArray<string>,
  { published }: Asked,
): ReadonlyMap<string, ReadonlyArray<PollStory>> => {
  const fold = emptyFold();
  const polls = noPolls(() => true, published?.instant ?? 0);
  for (const line of linesIn(lines)) for (const told of take(fold, line)) note(polls, told);
  for (const told of finish(fold)) note(polls, told);
  return byClient(polls);
};

interface Told {
  readonly verdict: Why;
  readonly words: string;
}

interface Asking {
  readonly holes?: ReadonlyArray<Hole>;
  /** What of the journal is left. */
  readonly lines?: (lines: ReadonlyArray<string>) => ReadonlyArray<string>;
  /** Which client is asked about, by its channel. */
  readonly client?: string;
}

const whyOf = async (
  bus: BusFixture,
  id: string,
  { holes = [], lines = (all) => all, client = '' }: Asking = {},
): Promise<Told> => {
  const asked = await askedOf(bus, id);
  const polls = clientsOf(lines(await flushed(bus)), asked).get(client) ?? [];
  const verdict = why(asked, polls, holes);
  return { verdict, words: whyInWords(verdict, asked, WHO, id) };
};

/** A node that was killed: of what it recorded, no more is there than these lines. */
const killedAfter =
  (known: ReadonlyArray<string>) =>
  (all: ReadonlyArray<string>): ReadonlyArray<string> => {
    const [first] = recordsOf(known);
    return all.filter(
      (line, index) => index < known.length || recordsOf([line])[0]?.run !== first?.run,
    );
  };

const recorded = (): Promise<BusFixture> => busFixture({ isRecorded: true });

const message = { type: 'greeting' };

describe('a message was received', () => {
  test('when the answer with it was written, and a later poll bore its id', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const later = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], later);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict._tag).toBe('Received');
    expect(words).toMatch(/node\d+-2, bore a later id\.$/);
  });

  test('at the second time, when its client hung up before the first answer was written', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
    const first = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    first.hangUp();
    await pollOf(bus.node, ['a'], id);
    const { verdict } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'Received', by: { end: 'hung up' } });
  });

  test('by one client of a user, and not by another', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'HandedOver', by: { end: 'written' }, again: [] });
    expect(words).toMatch(
      /\. It was handed over to user 1\. Node node\d+ answered its poll node\d+-1 with it, and had written the answer at \S+Z\. No later poll says that it was received\.$/,
    );
  });

  test('when the polls that came later bore earlier ids or none', async () => {
    const bus = await recorded();
    const before = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], before);
    const id = await bus.publish('a', message);
    await pollOf(bus.node, ['b'], before);
    await pollOf(bus.node, ['b']);
    expect((await whyOf(bus, id)).verdict._tag).toBe('HandedOver');
  });

  test('at the second time, when its client hung up before the first answer was written', async () => {
    const bus = await recorded();
    const first = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    first.hangUp();
    await pollOf(bus.node, ['a']);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'HandedOver', again: [{ end: 'hung up' }] });
    expect(words).toContain('the client hung up before that was written');
  });
});

describe('a message was not got', () => {
  test('by a client that hung up before its answer was written, and did not come back', async () => {
    const bus = await recorded();
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

  test('by a client that had left before', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
    await pollOf(bus.node, ['a']);
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100);
    bus.clock.advance(1);
    const id = await bus.publish('a', message);
    const { verdict } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'LeftBefore', last: { end: 'written' } });
  });

  test('by a client whose last poll ended before its node had seen the message', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
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
    const bus = await recorded();
    await pollOf(bus.node, ['a']);
    bus.log.holdTail();
    const id = await bus.publish('a', message);
    bus.sessions.endAll();
    await settle();
    expect((await whyOf(bus, id)).verdict._tag).toBe('SessionEnded');
  });

  test('by a client that listened to other channels', async () => {
    const bus = await recorded();
    await pollOf(bus.node, ['b', 'c']);
    const id = await bus.publish('a', message);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'NotListening', poll: { end: 'held' } });
    expect(words).toMatch(
      /\. User 1 did not get it, since it did not listen to that channel: its poll node\d+-1, of \S+Z, listened to b, c, user:1\.$/,
    );
  });

  test('by a client that listened to other channels, and went on from what came on those', async () => {
    const bus = await recorded();
    await pollOf(bus.node, ['b']);
    const id = await bus.publish('a', message);
    const later = await bus.publish('b', message);
    await pollOf(bus.node, ['b'], later);
    expect((await whyOf(bus, id)).verdict._tag).toBe('NotListening');
  });

  test('by a client that came without a last message when it was too old for that', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
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
    const bus = await recorded();
    const id = await bus.publish('a', message);
    bus.clock.advance(CACHE_TIMEOUT_MS + 1);
    await pollOf(bus.node, ['a']);
    const later = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], later);
    expect((await whyOf(bus, id)).verdict).toMatchObject({ _tag: 'TooOld', resume: 'start' });
  });

  test('by a client that was answered with an earlier message, and did not poll on', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
    const { hangUp } = await pollOf(bus.node, ['a']);
    bus.log.holdTail();
    const id = await bus.publish('a', message);
    hangUp();
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'NotReached', last: { end: 'hung up' } });
    expect(words).toMatch(/its last poll, node\d+-1, ended at \S+Z, when it hung up\.$/);
  });

  test('by a client that hung up while history was read for it', async () => {
    const bus = await recorded();
    const id = await bus.publish('a', message);
    bus.log.hold('at');
    const { hangUp } = await pollOf(bus.node, ['a'], bus.oldId);
    hangUp();
    expect((await whyOf(bus, id)).verdict._tag).toBe('NotReached');
  });

  test('by a client that did not come again after a poll which ended while history was read for it', async () => {
    const bus = await recorded();
    const id = await bus.publish('a', message);
    bus.log.hold('at');
    await pollOf(bus.node, ['a'], bus.oldId);
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100);
    await settle();
    expect((await whyOf(bus, id)).verdict._tag).not.toBe('Unexplained');
  });

  test('by a client that never polled', async () => {
    const bus = await recorded();
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
    const bus = await recorded();
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
    const bus = await recorded();
    const id = await bus.publish('a', message);
    bus.log.hold('at');
    await pollOf(bus.node, ['a'], bus.oldId);
    expect((await whyOf(bus, id)).verdict._tag).not.toBe('Unexplained');
  });

  test('by a client whose node stands in an earlier life of the log', async () => {
    const bus = await recorded();
    await pollOf(bus.node, ['a']);
    await bus.publish('b', message);
    const published = { channel: channel('a'), instant: bus.clock.now() };
    const asked: Asked = { epoch: 'another', sequence: 1, published };
    const polls = clientsOf(await flushed(bus), asked).get('') ?? [];
    expect(why(asked, polls, [])).toMatchObject({ _tag: 'NotYet', poll: { end: 'held' } });
  });
});

describe('a message came from elsewhere', () => {
  test('when a poll bears its id, and no recorded answer brought it', async () => {
    const bus = await recorded();
    const id = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], id);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toMatchObject({ _tag: 'Elsewhere', told: { end: 'held' } });
    expect(words).toMatch(
      /\. User 1 has it, but from where is not in this journal: the poll of \S+Z, node\d+-1, bore its id or a later one\.$/,
    );
  });

  test('when a poll bears a later id, and no recorded answer brought that', async () => {
    const bus = await recorded();
    const id = await bus.publish('a', message);
    const later = await bus.publish('a', message);
    await pollOf(bus.node, ['a'], later);
    expect((await whyOf(bus, id)).verdict._tag).toBe('Elsewhere');
  });
});

describe('a message that has left the log', () => {
  const gone = async (bus: BusFixture) => {
    const id = await bus.publish('a', message);
    bus.clock.advance(HISTORY_MS + 1);
    await bus.publish('b', message);
    await bus.publish('b', message);
    await settle();
    return id;
  };

  test('was brought by no recorded answer', async () => {
    const bus = await recorded();
    const id = await gone(bus);
    await pollOf(bus.node, ['a']);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict).toEqual({ _tag: 'Gone' });
    expect(words).toMatch(
      /^Message epoch-2-\w{8} is not in the log any more\. No recorded answer to user 1 brought it\.$/,
    );
  });

  test('was brought by none to a client whose own last message had left it too', async () => {
    const bus = await recorded();
    const id = await gone(bus);
    await pollOf(bus.node, ['a'], bus.oldId);
    expect(recordsOf(await flushed(bus))).toContainEqual(
      expect.objectContaining({ place: expect.objectContaining({ resume: 'truncated' }) }),
    );
    expect((await whyOf(bus, id)).verdict._tag).toBe('Gone');
  });

  test('was received all the same when the journal says so', async () => {
    const bus = await recorded();
    await pollOf(bus.node, ['a']);
    const id = await gone(bus);
    await pollOf(bus.node, ['a'], id);
    const { verdict, words } = await whyOf(bus, id);
    expect(verdict._tag).toBe('Received');
    expect(words).toMatch(/^Message \S+ is not in the log any more\. User 1 received it\./);
  });
});

describe('whether a message was got is not known', () => {
  test('when its node was lost between the answer and the end of its writing', async () => {
    const bus = await recorded();
    await bus.another();
    await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const known = [...(await flushed(bus))];
    bus.clock.advance(60_000);
    const { verdict, words } = await whyOf(bus, id, { lines: killedAfter(known) });
    expect(verdict).toMatchObject({ _tag: 'LostNode', by: { answered: { sequence: 2 } } });
    expect(words).toMatch(
      /\. Whether user 1 got it is not known\. Node node\d+ held its poll node\d+-1 and was not heard of after \S+Z\.$/,
    );
  });

  test('when its node was lost while it held the poll', async () => {
    const bus = await recorded();
    await bus.another();
    await pollOf(bus.node, ['a']);
    bus.log.holdTail();
    const id = await bus.publish('a', message);
    bus.clock.advance(HEARTBEAT_MS);
    const known = [...(await flushed(bus))];
    bus.clock.advance(60_000);
    const { verdict } = await whyOf(bus, id, { lines: killedAfter(known) });
    expect(verdict).toMatchObject({ _tag: 'LostNode', by: { end: 'lost', answered: undefined } });
  });

  test('when its node was lost before its next word, and may have answered meanwhile', async () => {
    const bus = await recorded();
    await bus.another();
    await pollOf(bus.node, ['a']);
    const known = [...(await flushed(bus))];
    bus.clock.advance(3000);
    const id = await bus.publish('a', message);
    bus.clock.advance(60_000);
    const { verdict } = await whyOf(bus, id, { lines: killedAfter(known) });
    expect(verdict._tag).toBe('LostNode');
  });

  test('when an earlier answer with it was lost with its node, and the second was written', async () => {
    const bus = await recorded();
    const survivor = await bus.another();
    await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const known = [...(await flushed(bus))];
    bus.clock.advance(5000);
    await pollOf(survivor, ['a']);
    bus.clock.advance(60_000);
    const { verdict, words } = await whyOf(bus, id, { lines: killedAfter(known) });
    expect(verdict).toMatchObject({ _tag: 'HandedOver', again: [{ end: 'lost' }] });
    expect(words).toMatch(/Node node\d+ had answered node\d+-1 with it before, and was lost\./);
  });

  const HOLES: ReadonlyArray<readonly [Hole['_tag'], (instant: number) => Hole, RegExp]> = [
    [
      'Begins',
      (instant) => ({ _tag: 'Begins', at: instant + 1, tail: 0 }),
      /^since the journal begins at \S+Z, and it was published before\.$/,
    ],
    [
      'Missing',
      (instant) => ({ _tag: 'Missing', run: 'run0', at: instant }),
      /^since records of node run0 are missing before \S+Z\.$/,
    ],
    [
      'Sample',
      () => ({ _tag: 'Sample', share: 0.25 }),
      /^since the journal keeps 25 % of users, and not this one\.$/,
    ],
  ];

  test.each(HOLES)(
    'when the answer may be in a hole of the kind %s',
    async (_tag, holeAt, pattern) => {
      const bus = await recorded();
      const id = await bus.publish('a', message);
      const hole = holeAt(bus.clock.now());
      const { verdict, words } = await whyOf(bus, id, { holes: [hole] });
      expect(verdict).toEqual({ _tag: 'Unknown', hole });
      const [, reason = ''] = /Whether user 1 got it is not known, (since .*)$/.exec(words) ?? [];
      expect(reason).toMatch(pattern);
    },
  );

  test('when a client hung up before its answer was written, and may have come back in a hole', async () => {
    const bus = await recorded();
    const only = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    only.hangUp();
    const hole: Hole = { _tag: 'Missing', run: 'run0', at: bus.clock.now() + 1 };
    expect((await whyOf(bus, id, { holes: [hole] })).verdict).toEqual({ _tag: 'Unknown', hole });
  });
});

describe('a hole is no reason', () => {
  test('when it lies before the message was published', async () => {
    const bus = await recorded();
    const id = await bus.publish('a', message);
    const now = bus.clock.now();
    const holes: ReadonlyArray<Hole> = [
      { _tag: 'Begins', at: now, tail: 0 },
      { _tag: 'Missing', run: 'run0', at: now - 1 },
    ];
    expect((await whyOf(bus, id, { holes })).verdict._tag).toBe('NeverPolled');
  });

  test('when what was left out is other users', async () => {
    const bus = await recorded();
    await pollOf(bus.node, ['b']);
    const id = await bus.publish('a', message);
    const holes: ReadonlyArray<Hole> = [{ _tag: 'Sample', share: 0.1 }];
    expect((await whyOf(bus, id, { holes })).verdict._tag).toBe('NotListening');
  });

  test('when the message is known to have been handed over', async () => {
    const bus = await recorded();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const holes: ReadonlyArray<Hole> = [{ _tag: 'Begins', at: bus.clock.now() + 1, tail: 0 }];
    expect((await whyOf(bus, id, { holes })).verdict._tag).toBe('HandedOver');
  });
});

describe('a message that should have been got', () => {
  test('is a defect of the bus, and said to be one', async () => {
    const bus = await recorded();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const isAnswer = (record: JournalRecord) =>
      !isNodeRecord(record) && (record.event === 'ARRIVED' || record.event === 'WRITTEN');
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

test('of the polls that ended before the message, only the last of each client is kept', async () => {
  const bus = await recorded();
  for (const client of ['client:one', 'client:two', 'client:one']) {
    const { hangUp } = await pollOf(bus.node, ['a', client]);
    bus.clock.advance(10);
    hangUp();
  }
  bus.clock.advance(10);
  const asked = await askedOf(bus, await bus.publish('a', message));
  const clients = clientsOf(await flushed(bus), asked);
  expect([...clients.keys()]).toEqual(['client:two', 'client:one']);
  const names = [...clients.values()].map((polls) => polls.map(({ name }) => name.slice(-2)));
  expect(names).toEqual([['-2'], ['-3']]);
});

describe('an inquiry', () => {
  const inquire = async (
    bus: BusFixture,
    id: string,
    lines: (all: ReadonlyArray<string>) => ReadonlyArray<string> = (all) => all,
    isKept = true,
  ) => {
    const asked = await askedOf(bus, id);
    const inquiry = new Inquiry({ asked, isOf: () => true, isKept: () => isKept });
    for (const line of linesIn(lines(await flushed(bus)))) inquiry.take(line);
    return inquiry.verdicts().map(({ client, verdict }) => [client, verdict._tag]);
  };

  test('answers for each client that was there when the message was', async () => {
    const bus = await recorded();
    const { hangUp } = await pollOf(bus.node, ['a', 'client:gone']);
    hangUp();
    bus.clock.advance(1);
    await pollOf(bus.node, ['a', 'client:one']);
    await pollOf(bus.node, ['b', 'client:two']);
    const id = await bus.publish('a', message);
    expect(new Set((await inquire(bus, id)).map((each) => each.join(' ')))).toEqual(
      new Set(['client:one HandedOver', 'client:two NotListening']),
    );
  });

  test('answers for the client that was there last when none was', async () => {
    const bus = await recorded();
    for (const client of ['client:one', 'client:two']) {
      const { hangUp } = await pollOf(bus.node, ['a', client]);
      bus.clock.advance(1);
      hangUp();
    }
    bus.clock.advance(1);
    const id = await bus.publish('a', message);
    expect(await inquire(bus, id)).toEqual([['client:two', 'LeftBefore']]);
  });

  test('does not know what was before the journal', async () => {
    const bus = await recorded();
    const id = await bus.publish('a', message);
    const known = (await flushed(bus)).length;
    bus.clock.advance(HEARTBEAT_MS);
    await pollOf(bus.node, ['b']);
    expect(await inquire(bus, id)).toEqual([['', 'NotListening']]);
    expect(await inquire(bus, id, (all) => all.slice(known))).toEqual([['', 'Unknown']]);
  });

  test('does not know what was in a gap after the message', async () => {
    const bus = await recorded();
    bus.clock.advance(HEARTBEAT_MS);
    await pollOf(bus.node, ['b']);
    const id = await bus.publish('a', message);
    bus.clock.advance(2 * HEARTBEAT_MS);
    const without = (index: number) => (all: ReadonlyArray<string>) => all.toSpliced(index, 1);
    expect(await inquire(bus, id)).toEqual([['', 'NotListening']]);
    expect(await inquire(bus, id, without(1))).toEqual([['', 'NotListening']]);
    expect(await inquire(bus, id, without(-2))).toEqual([['', 'Unknown']]);
  });

  test('does not know of a user whom the journal may not keep', async () => {
    const bus = await recorded();
    const id = await bus.publish('a', message);
    expect(await inquire(bus, id)).toEqual([['', 'NeverPolled']]);
    expect(await inquire(bus, id, (all) => all, false)).toEqual([['', 'Unknown']]);
  });

  test('knows of a message that has left the log what a whole journal says', async () => {
    const bus = await recorded();
    await pollOf(bus.node, ['b']);
    const id = await bus.publish('a', message);
    bus.clock.advance(HISTORY_MS + 1);
    await bus.publish('c', message);
    await settle();
    expect(await inquire(bus, id)).toEqual([['', 'Gone']]);
  });
});
