import { describe, expect, test } from 'vitest';
import { next } from '../../../src/bus/next.ts';
import { append, emptyWindow, expire, skip, type Window } from '../../../src/bus/window.ts';
import { channelOf, databaseOf, entryOf } from '../../support/arbitrary.ts';

const FIRST = entryOf({ sequence: 42, channel: 'a', instant: 10 });
const SECOND = entryOf({ sequence: 44, channel: 'b', instant: 20 });
const THIRD = entryOf({ sequence: 45, channel: 'a', instant: 30 });
const ELSEWHERE = entryOf({ sequence: 46, channel: 'a', database: 'dev', instant: 30 });

/** Stands after 40; 41, 43 and 47 hold nothing that a client is shown. */
const filled = (): Window => {
  const window = emptyWindow(40);
  for (const entry of [FIRST, SECOND, THIRD, ELSEWHERE]) append(window, entry);
  skip(window, 47);
  return window;
};

const ask = (window: Window, channels: ReadonlyArray<string>, after: number, database = 'prod') =>
  next(window, databaseOf(database), channels.map(channelOf), after);

const found = (entry: typeof FIRST) => ({ _tag: 'Found', entry });

describe('the next entry', () => {
  test.each<[string, ReadonlyArray<string>, number, unknown]>([
    ['is the first on the channel after the position', ['a'], 40, found(FIRST)],
    ['is not the one at the position', ['a'], 42, found(THIRD)],
    ['is found from a sequence that holds nothing', ['a'], 43, found(THIRD)],
    ['is the earliest of several channels', ['a', 'b'], 42, found(SECOND)],
    ['is the earliest whatever the order of the channels', ['b', 'a'], 40, found(FIRST)],
    ['is nothing on a channel without entries', ['c'], 40, { _tag: 'Nothing' }],
    ['is nothing without channels', [], 40, { _tag: 'Nothing' }],
    ['is nothing after the last on the channel', ['b'], 44, { _tag: 'Nothing' }],
    ['is nothing at the tail', ['a', 'b'], 47, { _tag: 'Nothing' }],
    ['is nothing ahead of the tail', ['a', 'b'], 99, { _tag: 'Nothing' }],
    ['is unknown behind the floor', ['a'], 39, { _tag: 'Behind' }],
    ['is unknown behind the floor on a quiet channel too', ['c'], 0, { _tag: 'Behind' }],
  ])('%s', (_, channels, after, answer) => {
    expect(ask(filled(), channels, after)).toEqual(answer);
  });

  test('is of the database that is polled', () => {
    expect(ask(filled(), ['a', 'b'], 40, 'dev')).toEqual(found(ELSEWHERE));
    expect(ask(filled(), ['a', 'b'], 40, 'test')).toEqual({ _tag: 'Nothing' });
  });

  test('stays for every other reader', () => {
    const window = filled();
    expect([ask(window, ['a'], 40), ask(window, ['a'], 40)]).toEqual([found(FIRST), found(FIRST)]);
  });

  test('is unknown exactly behind what has left', () => {
    const window = filled();
    expire(window, 20);
    expect(ask(window, ['a'], 41)).toEqual({ _tag: 'Behind' });
    expect(ask(window, ['a'], 42)).toEqual(found(THIRD));
  });

  test('is nothing at the tail of an empty window, unknown behind it', () => {
    expect(ask(emptyWindow(40), ['a'], 40)).toEqual({ _tag: 'Nothing' });
    expect(ask(emptyWindow(40), ['a'], 39)).toEqual({ _tag: 'Behind' });
  });
});
