/**
 * A journal, folded: what its lines tell, and what is not known where lines are missing.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { E } from '../../../src/fp.ts';
import { emptyFold, take } from '../../../src/replay/fold.ts';
import { flushed, pollOf, recordedBus } from '../../support/bus-fixture.ts';
import { acts, recordingOf } from '../../support/recording.ts';
import { recordsOf, textsOf } from '../../support/records.ts';
import { NODE, ONE_POLL, onePoll, tellingsOf, told } from '../../support/tellings.ts';

describe('the lines of a journal tell', () => {
  test('what a node is, and all that its connections took', async () => {
    expect(told(await onePoll())).toEqual(ONE_POLL);
  });

  test('how long a connection was in each of its states', async () => {
    const bus = await recordedBus();
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
    expect(told(['{"v":1', ...(await onePoll())])).toEqual(['unreadable', ...ONE_POLL]);
  });
});

describe('a batch that comes again', () => {
  test('tells nothing', async () => {
    const lines = await onePoll();
    expect(told([...lines, ...lines])).toEqual(ONE_POLL);
    expect(told(lines.flatMap((_, index) => lines.slice(0, index + 1)))).toEqual(ONE_POLL);
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
      ...ONE_POLL.slice(0, 5),
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
      ...ONE_POLL.slice(3),
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
    expect(told(lines.slice(2))).toEqual(['serving, in a new life', ...ONE_POLL.slice(3)]);
  });

  test('has orphans where connections began before', async () => {
    const lines = await onePoll();
    expect(told(lines.slice(4))).toEqual(['orphan', 'orphan', 'orphan']);
  });
});
