import { describe, expect, test } from 'vitest';
import {
  append,
  at,
  emptyWindow,
  expire,
  firstAfter,
  lastOn,
  sequenceBefore,
  skip,
  type Window,
} from '../../../src/bus/window.ts';
import { channelOf, databaseOf, entryOf } from '../../support/arbitrary.ts';
import { sizeOf } from '../../support/oracle.ts';

const [prod, user] = [databaseOf('prod'), channelOf('user:1')];

/** A window after 40 of one entry for each instant, at 41, 42 … */
const windowOf = (instants: ReadonlyArray<number>, room = Number.POSITIVE_INFINITY): Window => {
  const window = emptyWindow(40, room * sizeOf(entryOf({ sequence: 1 })));
  instants.forEach((instant, index) => {
    append(window, entryOf({ sequence: 41 + index, instant }));
  });
  return window;
};

const sequences = (window: Window): ReadonlyArray<number> =>
  Array.from({ length: 100 }, (_, sequence) => at(window, sequence)?.sequence ?? 0).filter(
    (sequence) => sequence > 0,
  );

describe('an empty window', () => {
  test('stands where the log did when it began', () => {
    const window = emptyWindow(40);
    expect([window.floor, window.tail, sequenceBefore(window)]).toEqual([40, 40, 40]);
    expect([at(window, 40), lastOn(window, prod, user)]).toEqual([undefined, undefined]);
    expect(firstAfter(window, prod, user, 0)).toEqual(undefined);
  });

  test('has nothing to let go of', () => {
    const window = emptyWindow(40);
    expire(window, 1000);
    expect([window.floor, window.tail]).toEqual([40, 40]);
  });
});

describe('a window', () => {
  test('that was shown nothing but holes stands at its tail', () => {
    const window = emptyWindow(40);
    skip(window, 45);
    expect([window.floor, window.tail, sequenceBefore(window)]).toEqual([40, 45, 45]);
  });

  test('holds every entry above its floor', () => {
    const window = windowOf([10, 20, 30]);
    expect(sequences(window)).toEqual([41, 42, 43]);
    expect([window.floor, window.tail]).toEqual([40, 43]);
  });

  test('passes a sequence that holds nothing a client is shown', () => {
    const window = windowOf([10]);
    skip(window, 45);
    append(window, entryOf({ sequence: 46 }));
    expect(sequences(window)).toEqual([41, 46]);
    expect(firstAfter(window, prod, user, 41)?.sequence).toEqual(46);
    expect([window.floor, window.tail]).toEqual([40, 46]);
  });

  test('finds the first entry on a channel after a sequence, and the last', () => {
    const window = emptyWindow(0);
    const channels = ['a', 'b', 'a', 'b', 'a'];
    channels.forEach((channel, index) => {
      append(window, entryOf({ sequence: index + 1, channel }));
    });
    const first = (after: number) => firstAfter(window, prod, channelOf('b'), after)?.sequence;
    expect([0, 1, 2, 3, 4].map(first)).toEqual([2, 2, 4, 4, undefined]);
    expect(lastOn(window, prod, channelOf('b'))?.sequence).toEqual(4);
    expect(firstAfter(window, databaseOf('dev'), channelOf('b'), 0)).toEqual(undefined);
    expect(lastOn(window, prod, channelOf('c'))).toEqual(undefined);
  });
});

describe('a window lets go', () => {
  test('of the entries that the log took before the cutoff, and not of those at it', () => {
    const window = windowOf([10, 20, 30]);
    expire(window, 20);
    expect(sequences(window)).toEqual([42, 43]);
    expect([window.floor, window.tail, sequenceBefore(window)]).toEqual([41, 43, 41]);
  });

  test('of all entries, and then stands at the tail', () => {
    const window = windowOf([10, 20, 30]);
    expire(window, 31);
    expect([window.floor, window.tail, window.size]).toEqual([43, 43, 0]);
    expect([sequenceBefore(window), lastOn(window, prod, user)]).toEqual([43, undefined]);
    append(window, entryOf({ sequence: 50, instant: 40 }));
    expect([sequences(window), sequenceBefore(window)]).toEqual([[50], 49]);
  });

  test('of nothing behind an entry that is recent enough', () => {
    const window = windowOf([10, 30, 20, 40]);
    expire(window, 25);
    expect([sequences(window), sequenceBefore(window)]).toEqual([[42, 43, 44], 41]);
  });

  test('of the oldest when it has no room', () => {
    const window = windowOf([10, 20, 30, 40], 2);
    expect(sequences(window)).toEqual([43, 44]);
    expect([window.floor, window.tail]).toEqual([42, 44]);
  });

  test('of a channel with its last entry', () => {
    const window = windowOf([10, 20]);
    expire(window, 20);
    expect(window.channels.get(prod, user)).toBeDefined();
    expire(window, 21);
    expect(window.channels.get(prod, user)).toEqual(undefined);
  });

  test('of an entry that alone is too large', () => {
    const window = windowOf([10, 20], 0);
    expect([sequences(window), window.size]).toEqual([[], 0]);
    expect([window.floor, window.tail, sequenceBefore(window)]).toEqual([42, 42, 40]);
  });
});

describe('a window that had no room', () => {
  test('knows where a poll without a last message stands, though the entries have left', () => {
    const window = windowOf([10, 20, 20, 30, 40], 1);
    expect(sequences(window)).toEqual([45]);
    const starts = [5, 10, 11, 20, 21, 30, 31, 40, 41].map((cutoff) => {
      expire(window, cutoff);
      return sequenceBefore(window);
    });
    expect(starts).toEqual([40, 40, 41, 41, 43, 43, 44, 44, 45]);
  });

  test('keeps what has room as long as an older entry is recent enough', () => {
    const window = windowOf([30, 10], 1);
    expire(window, 20);
    expect([sequences(window), sequenceBefore(window)]).toEqual([[42], 40]);
    expire(window, 31);
    expect([sequences(window), sequenceBefore(window)]).toEqual([[], 42]);
  });

  test('keeps what has room when only the oldest of those that left is too old', () => {
    const window = windowOf([10, 30, 20], 1);
    expire(window, 25);
    expect([sequences(window), sequenceBefore(window)]).toEqual([[43], 41]);
  });

  test('remembers one sequence for each instant, not one for each entry', () => {
    const window = windowOf([...Array(50).fill(10), 20, 10], 1);
    expect(window.trimmed).toEqual([
      { sequence: 41, instant: 10 },
      { sequence: 91, instant: 20 },
    ]);
  });
});
