/**
 * A journal, folded: what its lines tell, and what is not known where lines are missing.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { E } from '../../../src/fp.ts';
import { HEARTBEAT_MS } from '../../../src/journal/recorder.ts';
import { emptyFold, finish, type Happening, take } from '../../../src/replay/fold.ts';
import { busFixture, pollOf } from '../../support/bus-fixture.ts';
import {
  acts,
  flushed,
  linesIn,
  recordingOf,
  recordsOf,
  renumbered,
  textsOf,
} from '../../support/recording.ts';

/** A poll that is parked, answered and written: what a node records of it, and of itself. */
const onePoll = async (): Promise<ReadonlyArray<string>> => {
  const bus = await busFixture({ isRecorded: true });
  await pollOf(bus.node, ['a']);
  await bus.publish('a', {});
  return [...(await flushed(bus))];
};

const tellingsOf = (lines: ReadonlyArray<string>): ReadonlyArray<Happening> => {
  const fold = emptyFold();
  return [...linesIn(lines).flatMap((line) => take(fold, line)), ...finish(fold)];
};

const inWords = (happening: Happening): string => {
  switch (happening.type) {
    case 'node':
      return `${happening.record.node}${happening.isNewLife ? ', in a new life' : ''}`;
    case 'stepped':
      return `${happening.record.event} from ${happening.from.name} to ${happening.to.name}`;
    case 'gap':
      return `${happening.missing} missing, ${happening.connections.length} let go`;
    case 'lost':
      return `lost with ${happening.connections.length}`;
    default:
      return happening.type;
  }
};

const told = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  tellingsOf(lines).map(inWords);

const NODE = ['starting', 'starting, in a new life', 'serving'];
const WHOLE = [
  ...NODE,
  'opened',
  'ADMITTED from idle to waiting.reading',
  'placed',
  'NOTHING from waiting.reading to waiting.parked',
  'ARRIVED from waiting.parked to responding',
  'WRITTEN from responding to closed',
];

const isOf =
  (run: string) =>
  (line: string): boolean =>
    recordsOf([line])[0]?.run === run;

/** Two journals, woven into each other as the numbers say. */
const woven = (
  [one, other]: readonly [ReadonlyArray<string>, ReadonlyArray<string>],
  turns: ReadonlyArray<number>,
): ReadonlyArray<string> => {
  const [left, right] = [[...one], [...other]];
  const lines = turns.flatMap((turn) => (turn === 0 ? left : right).splice(0, 1));
  return [...lines, ...left, ...right];
};

describe('the lines of a journal tell', () => {
  test('what a node is, and all that its connections took', async () => {
    expect(told(await onePoll())).toEqual(WHOLE);
  });

  test('how long a connection was in each of its states', async () => {
    const bus = await busFixture({ isRecorded: true });
    await pollOf(bus.node, ['a']);
    bus.clock.advance(1234);
    await bus.publish('a', {});
    const lasted = tellingsOf(await flushed(bus)).flatMap((each) =>
      each.type === 'stepped' ? [[each.record.event, each.lasted]] : [],
    );
    expect(lasted).toEqual([
      ['ADMITTED', 0],
      ['NOTHING', 0],
      ['ARRIVED', 1234],
      ['WRITTEN', 0],
    ]);
  });

  test('that an event can not have come, where the machine takes no such one', async () => {
    const lines = await onePoll();
    const [, ...impossible] = told(lines.map((line) => line.replace('ADMITTED', 'ARRIVED')));
    expect(impossible).toContain('ARRIVED from idle to idle');
  });

  test('that a line is no record, and why', async () => {
    const fold = emptyFold();
    expect(take(fold, E.left('no JSON'))).toEqual([{ type: 'unreadable', reason: 'no JSON' }]);
    expect(told(['{"v":1', ...(await onePoll())])).toEqual(['unreadable', ...WHOLE]);
  });
});

describe('a batch that comes again', () => {
  test('tells nothing', async () => {
    const lines = await onePoll();
    expect(told([...lines, ...lines])).toEqual(WHOLE);
    expect(told(lines.flatMap((_, index) => lines.slice(0, index + 1)))).toEqual(WHOLE);
  });

  test('tells nothing, whichever part of any journal it is', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(99), fc.nat(99), async (happens, start, length) => {
        const { texts } = await recordingOf(happens);
        const from = start % texts.length;
        const again = [
          ...texts.slice(0, from + length),
          ...texts.slice(from, from + length),
          ...texts.slice(from + length),
        ];
        expect(told(again)).toEqual(told(texts));
      }),
      { numRuns: 50 },
    );
  });
});

describe('where records are missing', () => {
  test('a gap tells how many, and lets go of what is open', async () => {
    const lines = await onePoll();
    expect(told(lines.toSpliced(4, 1))).toEqual([
      ...WHOLE.slice(0, 5),
      '1 missing, 1 let go',
      'orphan',
      'orphan',
    ]);
  });

  test('what is recorded of a connection without its beginning is an orphan’s', async () => {
    const lines = await onePoll();
    expect(told(lines.toSpliced(3, 1))).toEqual([
      ...NODE,
      '1 missing, 0 let go',
      'orphan',
      'orphan',
      'orphan',
    ]);
  });

  test('a connection that opens after the gap is whole', async () => {
    const lines = await onePoll();
    expect(told(lines.toSpliced(1, 2))).toEqual([
      'starting',
      '2 missing, 0 let go',
      ...WHOLE.slice(3),
    ]);
  });

  test('the numbers add up to what was taken out of any journal within a run', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.infiniteStream(fc.boolean()), async (happens, whims) => {
        const { texts } = await recordingOf(happens);
        const records = recordsOf(texts);
        const ends = new Map(records.map(({ run, n }) => [run, n]));
        const kept = records.filter(
          ({ run, n }) => n === 1 || n === ends.get(run) || whims.next().value,
        );
        const missing = tellingsOf(textsOf(kept)).reduce(
          (sum, each) => sum + (each.type === 'gap' ? each.missing : 0),
          0,
        );
        expect(missing).toBe(records.length - kept.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a run that is seen from its middle', () => {
  test('has no gap before its first record', async () => {
    const lines = await onePoll();
    expect(told(lines.slice(2))).toEqual(['serving, in a new life', ...WHOLE.slice(3)]);
  });

  test('has orphans where connections began before', async () => {
    const lines = await onePoll();
    expect(told(lines.slice(4))).toEqual(['orphan', 'orphan', 'orphan']);
  });
});

describe('two runs', () => {
  test('tell the same woven into each other as one after the other', async () => {
    const bus = await busFixture({ isRecorded: true });
    const other = await bus.another();
    for (const node of [bus.node, other]) await pollOf(node, ['a']);
    await bus.publish('a', {});
    const lines = await flushed(bus);
    const one = lines.filter(isOf('node1'));
    const two = lines.filter(isOf('node2'));
    expect([told(one), told(two)]).toEqual([WHOLE, WHOLE]);
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
        expect(both.filter((each) => runOf(each) === 'node1').map(inWords)).toEqual(WHOLE);
        expect(both.filter((each) => runOf(each) === 'node2').map(inWords)).toEqual(WHOLE);
      }),
    );
  });

  test('keep their connections apart, whose numbers are the same', async () => {
    const bus = await busFixture({ isRecorded: true });
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
  /** Two nodes hold a poll each, and the first is heard of no more from some time on. */
  const killed = async (aliveMs: number, goesOnMs: number): Promise<ReadonlyArray<string>> => {
    const bus = await busFixture({ isRecorded: true });
    const other = await bus.another();
    await pollOf(bus.node, ['a']);
    await pollOf(other, ['a']);
    bus.clock.advance(aliveMs);
    const known = [...(await flushed(bus))];
    bus.clock.advance(goesOnMs);
    const all = await flushed(bus);
    return all.filter((line, index) => index < known.length || isOf('node2')(line));
  };

  test('is lost at the end of the journal, with what it held', async () => {
    const lines = await killed(0, 4 * HEARTBEAT_MS);
    const last = tellingsOf(lines).at(-1);
    expect(last).toMatchObject({ type: 'lost', run: 'node1', connections: [{ name: 'node1-1' }] });
  });

  test('is lost as of its last word', async () => {
    const lines = await killed(HEARTBEAT_MS, 4 * HEARTBEAT_MS);
    const words = recordsOf(lines.filter(isOf('node1')));
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
    const bus = await busFixture({ isRecorded: true });
    await pollOf(bus.node, ['a']);
    const records = recordsOf(await flushed(bus));
    const [node] = records.filter((record) => 'node' in record);
    const stopped = { ...node, n: records.length + 1, node: 'stopped' } as typeof node;
    const lines = textsOf(renumbered([...records, ...(stopped === undefined ? [] : [stopped])]));
    expect(told(lines).slice(-2)).toEqual(['stopped', 'lost with 1']);
  });
});
