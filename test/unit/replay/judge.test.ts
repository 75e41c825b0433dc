/**
 * What a judge makes of windows that were not what their entries suggest, and of a log that has
 * other entries than it had.
 */
import { describe, expect, test } from 'vitest';
import type { Line } from '../../../src/journal/line.ts';
import { isNodeRecord } from '../../../src/journal/record.ts';
import { type MemoryStore, memoryLog, memoryStore } from '../../../src/log/memory.ts';
import { Judge } from '../../../src/replay/judge.ts';
import { type Outcome, verify } from '../../../src/replay/verify.ts';
import {
  busFixture,
  CACHE_TIMEOUT_MS,
  flushed,
  pollOf,
  recordedBus,
} from '../../support/bus-fixture.ts';
import { type TestClock, testClock } from '../../support/clock.ts';
import { expired } from '../../support/expired-log.ts';
import { verifyOn } from '../../support/journal.ts';
import { answer } from '../../support/logs.ts';
import { append, entriesOf, recordedNode } from '../../support/recorded-node.ts';
import { linesIn, recordsOf } from '../../support/records.ts';

const DAY_MS = 86_400_000;

/** A store whose time a test lets pass. */
const storeOn = (clock: TestClock): MemoryStore => memoryStore(clock, 'epoch', DAY_MS);

/** The sequences that polls were answered with, in order. */
const answersIn = (texts: ReadonlyArray<string>): ReadonlyArray<unknown> =>
  recordsOf(texts).flatMap((record) =>
    isNodeRecord(record) || record.answer === undefined ? [] : [record.answer.sequence],
  );

const countsOf = ({ positions, answers, divergence }: Outcome) => ({
  positions: { ...positions },
  answers: { ...answers },
  diverged: divergence?.verdict,
});

const counted = (verified: number, uncheckable = 0, incomplete = 0) =>
  expect.objectContaining({ verified, uncheckable, incomplete });

describe('a position is verified', () => {
  test('where the node began with more recent entries than its window holds', async () => {
    const clock = testClock();
    const store = storeOn(clock);
    const text = 'x'.repeat(1_000_000);
    for (let n = 1; n <= 70; n += 1) await append(store, { n, text });
    const node = await recordedNode(store, 'one');
    await node.poll(['a']);
    const lines = await node.lines();
    expect(answersIn(lines)).toEqual([1]);
    expect(countsOf(await verifyOn(memoryLog(store), lines))).toEqual({
      positions: counted(1),
      answers: counted(1),
    });
  });

  test('where the log’s clock was set back, and what came is older than what had expired', async () => {
    const clock = testClock();
    const store = storeOn(clock);
    await append(store, { n: 1 });
    clock.advance(3 * CACHE_TIMEOUT_MS);
    const node = await recordedNode(store, 'one');
    await node.poll(['b']);
    clock.advance(-2 * CACHE_TIMEOUT_MS);
    await append(store, { n: 2 });
    await node.poll(['a']);
    const lines = await node.lines();
    expect(answersIn(lines)).toEqual([2]);
    expect(countsOf(await verifyOn(memoryLog(store), lines))).toEqual({
      positions: counted(2),
      answers: counted(1),
    });
  });
});

describe('what has left the log makes uncheckable', () => {
  /** Lines, and what happens before one of them is read; after the last, where there is none. */
  async function* interrupted(
    lines: ReadonlyArray<Line>,
    moment: number,
    happen: () => Promise<void>,
  ): AsyncGenerator<Line> {
    for (const [index, line] of lines.entries()) {
      if (index === moment) await happen();
      yield line;
    }
  }

  test('what it decided, at whatever moment of the verification it leaves', async () => {
    const uncheckable: Array<number> = [];
    for (let moment = 0, count = 1; moment <= count; moment += 1) {
      const clock = testClock();
      const store = storeOn(clock);
      await append(store, { n: 1 });
      for (const n of [2, 3]) {
        clock.advance(2 * CACHE_TIMEOUT_MS);
        await append(store, { n });
      }
      const node = await recordedNode(store, 'one');
      await node.poll(['a'], entriesOf(store)[0]);
      const lines = await node.lines();
      expect(answersIn(lines)).toEqual([2]);
      const leave = async () => {
        clock.advance(DAY_MS - CACHE_TIMEOUT_MS);
        await append(store, {}, 'other');
      };
      const log = memoryLog(store);
      const judge = new Judge(log, await answer(log.head));
      const outcome = await verify(judge, interrupted(linesIn(lines), moment, leave));
      const { positions, answers, divergence } = outcome;
      expect(divergence?.verdict, `left before line ${moment}`).toBeUndefined();
      expect([positions, answers].map((each) => each.verified + each.uncheckable)).toEqual([1, 1]);
      uncheckable.push(positions.uncheckable + answers.uncheckable);
      count = lines.length;
    }
    // What is judged before they leave is verified.
    expect(uncheckable).toEqual([2, 2, 2, 2, 2, 1, 0, 0]);
  });

  test('a position, also where what the log begins with now is no message', async () => {
    const store = storeOn(testClock());
    for (const message of [{ n: 1 }, '[]', { n: 3 }]) await append(store, message);
    const node = await recordedNode(store, 'one');
    await node.poll(['a']);
    const lines = await node.lines();
    expect(answersIn(lines)).toEqual([1]);
    const outcome = await verifyOn(expired(memoryLog(store), 2), lines);
    expect(countsOf(outcome)).toEqual({ positions: counted(0, 1), answers: counted(0, 1) });
  });

  test('what a node answered from its window that the log kept for less than the cache time', async () => {
    const bus = await busFixture({ isRecorded: true, historyMs: CACHE_TIMEOUT_MS / 2 });
    const id = await bus.publish('a', { n: 1 });
    for (const n of [2, 3]) await bus.publish('a', { n });
    bus.clock.advance(CACHE_TIMEOUT_MS / 2 + 100);
    await bus.publish('b', {});
    const held = await pollOf(bus.node, ['a'], id);
    expect(held.answers).toMatchObject([{ _tag: 'Entry', resume: 'exact' }]);
    expect(answersIn(await flushed(bus))).toEqual([3]);
    expect(countsOf(await bus.verify())).toEqual({
      positions: counted(0, 1),
      answers: counted(0, 1),
    });
  });
});

describe('what a store lost that was restored from a copy makes uncheckable what it decided', () => {
  /** A store with so many entries, a second apart. */
  const storeWith = async (clock: TestClock, entries: number): Promise<MemoryStore> => {
    const store = storeOn(clock);
    for (let n = 1; n <= entries; n += 1) {
      await append(store, { n });
      clock.advance(1000);
    }
    return store;
  };

  /** What a node records that answers a client with each of six entries when it comes. */
  const sixServed = async (): Promise<ReadonlyArray<string>> => {
    const clock = testClock();
    const store = storeOn(clock);
    const node = await recordedNode(store, 'one');
    for (let n = 1; n <= 6; n += 1) {
      await node.poll(['a'], entriesOf(store).at(-1));
      await append(store, { n });
      for (const each of [clock, node.clock]) each.advance(1000);
    }
    return node.lines();
  };

  test.each([
    ['when a node begins below where it was', 1, true],
    ['when a node begins once it has grown past where it was', 5, true],
    ['when nothing comes any more', 0, false],
    ['when it grows past where it was and no node begins', 5, false],
  ])('%s', async (_, again, begins) => {
    const lines = [...(await sixServed())];
    expect(answersIn(lines)).toEqual([1, 2, 3, 4, 5, 6]);
    const clock = testClock();
    const copy = await storeWith(clock, 3);
    clock.advance(60_000);
    for (let n = 1; n <= again; n += 1) await append(copy, { again: n });
    if (begins) {
      const node = await recordedNode(copy, 'two');
      await node.poll(['a']);
      lines.push(...(await node.lines()));
    }
    const later = begins ? 1 : 0;
    expect(countsOf(await verifyOn(memoryLog(copy), lines))).toEqual({
      positions: counted(4 + later, 2),
      answers: counted(3 + later, 3),
    });
  });
});

test('a poll whose channels were too long to record makes nothing uncertain but its own answers', async () => {
  const bus = await recordedBus();
  const many = Array.from({ length: 100 }, (_, index) => String(index).padStart(1000, '0'));
  await pollOf(bus.node, ['a', ...many]);
  await pollOf(bus.node, ['a']);
  await bus.publish('a', { n: 1 });
  const lines = await flushed(bus);
  expect(answersIn(lines)).toEqual([2, 2]);
  const openings = recordsOf(lines).flatMap((record) =>
    isNodeRecord(record) ? [] : (record.opening ?? []),
  );
  expect(openings).toMatchObject([{ channels: [], omitted: 102 }, { channels: ['a', 'user:1'] }]);
  expect(countsOf(await bus.verify())).toEqual({
    positions: counted(2),
    answers: counted(1, 0, 1),
  });
});
