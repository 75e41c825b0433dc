/**
 * Whether a subscriber got a message is not known where its node was lost or the journal has a hole; and is, where the hole
 * is no reason.
 */
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS } from '../../../src/journal/record.ts';
import type { Hole } from '../../../src/replay/why.ts';
import { message, whyOf } from '../../support/asking.ts';
import { flushed, pollOf, recordedBus, slowPollOf } from '../../support/bus-fixture.ts';
import { killedAfter } from '../../support/records.ts';

describe('whether a message was got is not known', () => {
  test('when its node was lost between the answer and the end of its writing', async () => {
    const bus = await recordedBus();
    await bus.another();
    await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const known = await flushed(bus);
    bus.clock.advance(60_000);
    const { verdict, words } = await whyOf(bus, id, { lines: killedAfter(known) });
    expect(verdict).toMatchObject({ _tag: 'LostNode', by: { answered: { sequence: 2 } } });
    expect(words).toMatch(
      /\. Whether user 1 got it is not known\. Node node\d+ held its poll node\d+-1 and was not heard of after \S+Z\.$/,
    );
  });

  test('when its node was lost while it held the poll', async () => {
    const bus = await recordedBus();
    await bus.another();
    await pollOf(bus.node, ['a']);
    bus.log.holdTail();
    const id = await bus.publish('a', message);
    bus.clock.advance(HEARTBEAT_MS);
    const known = await flushed(bus);
    bus.clock.advance(60_000);
    const { verdict } = await whyOf(bus, id, { lines: killedAfter(known) });
    expect(verdict).toMatchObject({ _tag: 'LostNode', by: { end: 'lost', answered: undefined } });
  });

  test('when its node was lost before its next word, and may have answered meanwhile', async () => {
    const bus = await recordedBus();
    await bus.another();
    await pollOf(bus.node, ['a']);
    const known = await flushed(bus);
    bus.clock.advance(3000);
    const id = await bus.publish('a', message);
    bus.clock.advance(60_000);
    const { verdict } = await whyOf(bus, id, { lines: killedAfter(known) });
    expect(verdict._tag).toBe('LostNode');
  });

  test('when an earlier answer with it was lost with its node, and the second was written', async () => {
    const bus = await recordedBus();
    const survivor = await bus.another();
    await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const known = await flushed(bus);
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
      const bus = await recordedBus();
      const id = await bus.publish('a', message);
      const hole = holeAt(bus.clock.now());
      const { verdict, words } = await whyOf(bus, id, { holes: [hole] });
      expect(verdict).toEqual({ _tag: 'Unknown', hole });
      const [, reason = ''] = /Whether user 1 got it is not known, (since .*)$/.exec(words) ?? [];
      expect(reason).toMatch(pattern);
    },
  );

  test('when a client hung up before its answer was written, and may have come back in a hole', async () => {
    const bus = await recordedBus();
    const only = await slowPollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    only.hangUp();
    const hole: Hole = { _tag: 'Missing', run: 'run0', at: bus.clock.now() + 1 };
    expect((await whyOf(bus, id, { holes: [hole] })).verdict).toEqual({ _tag: 'Unknown', hole });
  });
});

describe('a hole is no reason', () => {
  test('when it lies before the message was published', async () => {
    const bus = await recordedBus();
    const id = await bus.publish('a', message);
    const now = bus.clock.now();
    const holes: ReadonlyArray<Hole> = [
      { _tag: 'Begins', at: now, tail: 0 },
      { _tag: 'Missing', run: 'run0', at: now - 1 },
    ];
    expect((await whyOf(bus, id, { holes })).verdict._tag).toBe('NeverPolled');
  });

  test('when what was left out is other users', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['b']);
    const id = await bus.publish('a', message);
    const holes: ReadonlyArray<Hole> = [{ _tag: 'Sample', share: 0.1 }];
    expect((await whyOf(bus, id, { holes })).verdict._tag).toBe('NotListening');
  });

  test('when the message is known to have been handed over', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    const id = await bus.publish('a', message);
    const holes: ReadonlyArray<Hole> = [{ _tag: 'Begins', at: bus.clock.now() + 1, tail: 0 }];
    expect((await whyOf(bus, id, { holes })).verdict._tag).toBe('HandedOver');
  });
});
