import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/bus/entry.ts';
import {
  append,
  at,
  emptyWindow,
  expire,
  firstAfter,
  lastOn,
  sequenceBefore,
  type Window,
} from '../../src/bus/window.ts';
import {
  CHANNELS,
  channelOf,
  DATABASES,
  databaseOf,
  entryOf,
  history,
} from '../support/arbitrary.ts';
import { type Oracle, play, recall, scan, sizeOf } from '../support/oracle.ts';

const anyHistory = history({ risingCutoffs: false });

const PAIRS = DATABASES.flatMap((database) =>
  CHANNELS.map((channel) => [database, channel] as const),
);

/** Everything that a window shows of itself. */
const shown = (window: Window, tail: number) => ({
  floor: window.floor,
  tail: window.tail,
  size: window.size,
  before: sequenceBefore(window),
  entries: Array.from({ length: tail + 2 }, (_, sequence) => at(window, sequence)),
  last: PAIRS.map(([database, channel]) => lastOn(window, database, channel)),
});

/** The entries of a window in the order of its list. */
const listed = (window: Window, { tail }: Oracle): ReadonlyArray<Entry> =>
  Array.from({ length: tail + 2 }, (_, sequence) => at(window, sequence)).filter(
    (entry) => entry !== undefined,
  );

describe('a window', () => {
  test('holds what the list holds, in order', () => {
    fc.assert(
      fc.property(anyHistory, (past) => {
        const [window, oracle] = [play(past), recall(past)];
        expect(listed(window, oracle)).toEqual(oracle.held);
        expect([window.floor, window.tail]).toEqual([oracle.floor, oracle.tail]);
      }),
      { numRuns: 300 },
    );
  });

  test('knows the first entry on a channel after any sequence, and the last', () => {
    fc.assert(
      fc.property(anyHistory, (past) => {
        const [window, { held, tail }] = [play(past), recall(past)];
        for (const [database, channel] of PAIRS) {
          for (let after = 0; after <= tail + 1; after += 1) {
            const first = scan(held, database, [channel], after);
            expect(firstAfter(window, database, channel, after)).toBe(first);
          }
          const last = scan(held.toReversed(), database, [channel], 0);
          expect(lastOn(window, database, channel)).toBe(last);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('counts the size of what it holds, and never more than it may', () => {
    fc.assert(
      fc.property(anyHistory, (past) => {
        const [window, { held }] = [play(past), recall(past)];
        expect(window.size).toBe(held.map(sizeOf).reduce((sum, size) => sum + size, 0));
        expect(window.size).toBeLessThanOrEqual(past.maxSize);
      }),
    );
  });

  test('has no entry at its front that is too old', () => {
    fc.assert(
      fc.property(anyHistory, fc.integer({ min: 990, max: 1100 }), (past, cutoff) => {
        const window = play(past);
        expire(window, cutoff);
        const [front] = listed(window, recall(past));
        const { held } = recall({ ...past, steps: [...past.steps, { type: 'expire', cutoff }] });
        expect(front).toBe(held[0]);
        const trimmed = sequenceBefore(window) < window.floor;
        if (front !== undefined && !trimmed) {
          expect(front.instant).toBeGreaterThanOrEqual(cutoff);
        }
      }),
    );
  });

  test('that has let go of the old has nothing left to let go of', () => {
    fc.assert(
      fc.property(anyHistory, fc.integer({ min: 990, max: 1100 }), (past, cutoff) => {
        const window = play(past);
        expire(window, cutoff);
        const once = shown(window, window.tail);
        expire(window, cutoff);
        expect(shown(window, window.tail)).toEqual(once);
      }),
    );
  });

  test('that lets go in two batches is the one that lets go in one', () => {
    const cutoffs = fc.tuple(fc.integer({ min: 990, max: 1100 }), fc.integer({ min: 0, max: 20 }));
    fc.assert(
      fc.property(anyHistory, cutoffs, (past, [cutoff, more]) => {
        const [once, twice] = [play(past), play(past)];
        expire(once, cutoff + more);
        expire(twice, cutoff);
        expire(twice, cutoff + more);
        expect(shown(twice, twice.tail)).toEqual(shown(once, once.tail));
      }),
    );
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('the memory of a window', () => {
  const reachable = async (references: ReadonlyArray<WeakRef<Entry>>): Promise<number> => {
    // A reference that was just made or read holds its entry until the running job ends.
    await setImmediate();
    collectGarbage();
    return references.filter((reference) => reference.deref() !== undefined).length;
  };

  const filled = (count: number, maxSize?: number): [Window, ReadonlyArray<WeakRef<Entry>>] => {
    const window = emptyWindow(0, maxSize);
    const references = Array.from({ length: count }, (_, index) => {
      const channel = index % 3 === 0 ? 'x' : 'y';
      const entry = entryOf({ sequence: index + 1, instant: index, channel });
      append(window, entry);
      return new WeakRef(entry);
    });
    return [window, references];
  };

  test('reaches every entry that it holds', async () => {
    const [window, references] = filled(100);
    expect(await reachable(references)).toBe(100);
    expect(at(window, 1)).toBeDefined();
  });

  test.each([1, 10, 40, 60, 99, 100])(
    'lets go of entries when they grow old: %i of 100',
    async (count) => {
      const [window, references] = filled(100);
      expire(window, count);
      expect(await reachable(references)).toBe(100 - count);
      expect(at(window, count)).toBeUndefined();
    },
  );

  test('lets go of entries when it has no room for them', async () => {
    const size = sizeOf(entryOf({ sequence: 1 }));
    const [window, references] = filled(100, 70 * size);
    expect(await reachable(references)).toBe(70);
    expect(at(window, 30)).toBeUndefined();
  });

  test('lets go of a channel when it was the last to have entries on it', async () => {
    const [window, references] = filled(2);
    expire(window, 1);
    expect(await reachable(references)).toBe(1);
    expect(lastOn(window, databaseOf('prod'), channelOf('x'))).toBeUndefined();
  });
});
