import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Next, next } from '../../src/bus/next.ts';
import { sequenceBefore } from '../../src/bus/window.ts';
import { CHANNELS, DATABASES, type History, history } from '../support/arbitrary.ts';
import { answer, play, recall, scan, start } from '../support/oracle.ts';

const anyHistory = history({ risingCutoffs: false });
const asked = fc.subarray([...CHANNELS], { minLength: 1 });
const database = fc.constantFrom(...DATABASES);

/** Every place that a poll may stand at, and some behind the tail. */
const positions = (tail: number): ReadonlyArray<number> =>
  Array.from({ length: tail + 3 }, (_, after) => after);

describe('next', () => {
  test('is what a scan of the list finds, wherever a poll stands', () => {
    fc.assert(
      fc.property(anyHistory, database, asked, (past, name, channels) => {
        const [window, oracle] = [play(past), recall(past)];
        for (const after of positions(oracle.tail)) {
          expect(next(window, name, channels, after)).toEqual(
            answer(oracle, name, channels, after),
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  test('does not depend on the order of the channels', () => {
    fc.assert(
      fc.property(anyHistory, database, asked, fc.nat(60), (past, name, channels, after) => {
        const window = play(past);
        expect(next(window, name, channels.toReversed(), after)).toEqual(
          next(window, name, channels, after),
        );
      }),
    );
  });

  test('is behind exactly where something after the position has left the window', () => {
    fc.assert(
      fc.property(anyHistory, database, asked, (past, name, channels) => {
        const [window, { held, all, floor, tail }] = [play(past), recall(past)];
        for (const after of positions(tail)) {
          const behind = next(window, name, channels, after)._tag === 'Behind';
          expect(behind).toBe(after < floor);
          const left = all.some((entry) => entry.sequence > after && !held.includes(entry));
          if (after >= past.floor) expect(behind).toBe(left);
        }
      }),
    );
  });

  test('never passes over an entry of the whole log', () => {
    fc.assert(
      fc.property(anyHistory, database, asked, (past, name, channels) => {
        const [window, { all, tail }] = [play(past), recall(past)];
        for (const after of positions(tail)) {
          const found = next(window, name, channels, after);
          if (found._tag === 'Behind') continue;
          const entry = found._tag === 'Found' ? found.entry : undefined;
          expect(entry).toBe(scan(all, name, channels, after));
        }
      }),
    );
  });

  test('followed from a start visits each entry of the channels once, in order', () => {
    fc.assert(
      fc.property(anyHistory, database, asked, fc.nat(60), (past, name, channels, from) => {
        const [window, { held, floor }] = [play(past), recall(past)];
        const begin = Math.max(from, floor);
        const visited: Array<number> = [];
        let found: Next = next(window, name, channels, begin);
        while (found._tag === 'Found') {
          visited.push(found.entry.sequence);
          found = next(window, name, channels, found.entry.sequence);
        }
        expect(found._tag).toBe('Nothing');
        expect(visited).toEqual(
          held
            .filter((entry) => entry.sequence > begin && entry.database === name)
            .filter((entry) => channels.includes(entry.channel))
            .map(({ sequence }) => sequence),
        );
      }),
    );
  });
});

describe('the start of a poll without a last message', () => {
  test('is just before the oldest recent entry, also when that one left for want of room', () => {
    fc.assert(
      fc.property(anyHistory, (past) => {
        expect(sequenceBefore(play(past))).toBe(start(recall(past)));
      }),
      { numRuns: 400 },
    );
  });

  test('while time rises, is a matter of the whole log and of the cutoff alone', () => {
    const rising = history({ risingCutoffs: true });
    fc.assert(
      fc.property(rising, fc.integer({ min: 0, max: 10 }), (past, age) => {
        const { all, tail } = recall(past);
        const cutoff = latestCutoff(past) + age;
        const window = play({ ...past, steps: [...past.steps, { type: 'expire', cutoff }] });
        const oldest = all.find(({ instant }) => instant >= cutoff);
        expect(sequenceBefore(window)).toBe(oldest === undefined ? tail : oldest.sequence - 1);
      }),
      { numRuns: 400 },
    );
  });
});

const latestCutoff = ({ steps }: History): number =>
  Math.max(980, ...steps.map((step) => (step.type === 'expire' ? step.cutoff : 0)));
