/**
 * A journal of several nodes, folded: each by itself, the one that was killed, and the one that stopped.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS } from '../../../src/journal/record.ts';
import { emptyFold, finish, type Happening, take } from '../../../src/replay/fold.ts';
import { flushed, pollOf, recordedBus } from '../../support/bus-fixture.ts';
import { acts, recordingOf } from '../../support/recording.ts';
import {
  isOfRun,
  killedAfter,
  linesIn,
  recordsOf,
  renumbered,
  textsOf,
} from '../../support/records.ts';
import { inWords, ONE_POLL, onePoll, tellingsOf, told } from '../../support/tellings.ts';

/** Two journals, woven into each other as the numbers say. */
const woven = (
  [one, other]: readonly [ReadonlyArray<string>, ReadonlyArray<string>],
  turns: ReadonlyArray<number>,
): ReadonlyArray<string> => {
  const [left, right] = [[...one], [...other]];
  const lines = turns.flatMap((turn) => (turn === 0 ? left : right).splice(0, 1));
  return [...lines, ...left, ...right];
};

describe('two runs', () => {
  test('tell the same woven into each other as one after the other', async () => {
    const bus = await recordedBus();
    const other = await bus.another();
    for (const node of [bus.node, other]) await pollOf(node, ['a']);
    await bus.publish('a', {});
    const lines = await flushed(bus);
    const one = lines.filter(isOfRun('node1'));
    const two = lines.filter(isOfRun('node2'));
    expect([told(one), told(two)]).toEqual([ONE_POLL, ONE_POLL]);
    fc.assert(
      fc.property(fc.array(fc.nat(1), { maxLength: one.length + two.length }), (turns) => {
        const both = tellingsOf(woven([one, two], turns));
        const runOf = (each: Happening): string =>
          'connection' in each
            ? each.connection.run
            : 'record' in each
              ? each.record.run
              : 'run' in each
                ? each.run
                : '';
        expect(both.filter((each) => runOf(each) === 'node1').map(inWords)).toEqual(ONE_POLL);
        expect(both.filter((each) => runOf(each) === 'node2').map(inWords)).toEqual(ONE_POLL);
      }),
    );
  });

  test('keep their connections apart, whose numbers are the same', async () => {
    const bus = await recordedBus();
    const other = await bus.another();
    await pollOf(bus.node, ['a']);
    await pollOf(other, ['b']);
    const names = tellingsOf(await flushed(bus)).flatMap((each) =>
      each.type === 'opened' ? [each.connection.name] : [],
    );
    expect(names).toEqual(['node1-1', 'node2-1']);
  });
});

describe('a node that was killed', () => {
  test('is lost though no other goes on, once the journal is read some time later', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    const fold = emptyFold();
    for (const line of linesIn(await flushed(bus))) take(fold, line);
    const read = bus.clock.now();
    expect(finish(fold, read)).toEqual([]);
    expect(finish(fold, read + 4 * HEARTBEAT_MS)).toMatchObject([
      { type: 'lost', run: 'node1', connections: [{ name: 'node1-1' }] },
    ]);
  });

  /** Two nodes hold a poll each, and the first is heard of no more from some time on. */
  const killed = async (aliveMs: number, goesOnMs: number): Promise<ReadonlyArray<string>> => {
    const bus = await recordedBus();
    const other = await bus.another();
    await pollOf(bus.node, ['a']);
    await pollOf(other, ['a']);
    bus.clock.advance(aliveMs);
    const known = await flushed(bus);
    bus.clock.advance(goesOnMs);
    return killedAfter(known)(await flushed(bus));
  };

  test('is lost at the end of the journal, with what it held', async () => {
    const lines = await killed(0, 4 * HEARTBEAT_MS);
    const last = tellingsOf(lines).at(-1);
    expect(last).toMatchObject({ type: 'lost', run: 'node1', connections: [{ name: 'node1-1' }] });
  });

  test('is lost as of its last word', async () => {
    const lines = await killed(HEARTBEAT_MS, 4 * HEARTBEAT_MS);
    const words = recordsOf(lines.filter(isOfRun('node1')));
    expect(tellingsOf(lines).at(-1)).toMatchObject({ type: 'lost', at: words.at(-1)?.at });
  });

  test('is not lost when it was silent for no longer than a heartbeat or two', async () => {
    expect(told(await killed(0, 2 * HEARTBEAT_MS))).not.toContain('lost with 1');
  });

  test('is lost once, and in time, in a journal that goes on', async () => {
    const lines = await killed(0, 1_200_000);
    const tellings = tellingsOf(lines);
    const lost = tellings.findIndex(({ type }) => type === 'lost');
    expect(tellings.filter(({ type }) => type === 'lost')).toHaveLength(1);
    expect(tellings.slice(lost + 1).some(({ type }) => type === 'node')).toBe(true);
  });

  test('is not lost when no other node was heard of after it', async () => {
    const lines = await onePoll();
    expect(told(lines.slice(0, 5))).not.toContain('lost with 1');
  });
});

describe('a node that stopped', () => {
  test('is never lost', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (happens) => {
        const { texts } = await recordingOf(happens);
        expect(told(texts).filter((words) => words.startsWith('lost'))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('lets go of what it still held, where the records say so', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    const records = recordsOf(await flushed(bus));
    const [node] = records.filter((record) => 'node' in record);
    const stopped = { ...node, n: records.length + 1, node: 'stopped' } as typeof node;
    const lines = textsOf(renumbered([...records, ...(stopped === undefined ? [] : [stopped])]));
    expect(told(lines).slice(-2)).toEqual(['stopped', 'lost with 1']);
  });
});
