/**
 * A clock that a test moves: nothing is due before it says so.
 */
import type { Clock } from '../../src/ports.ts';

export interface TestClock extends Clock {
  /** Lets time pass, and runs what comes due, in order. */
  readonly advance: (milliseconds: number) => void;
  /** How many things wait for their time. */
  readonly pending: () => number;
}

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

export const testClock = (start = 1_800_000_000_000): TestClock => {
  const timers = new Set<Timer>();
  let elapsed = 0;
  const nextDue = (limit: number): Timer | undefined =>
    [...timers].filter(({ due }) => due <= limit).sort((a, b) => a.due - b.due)[0];
  return {
    now: () => start + elapsed,
    elapsed: () => elapsed,
    after: (milliseconds, run) => {
      const timer = { due: elapsed + milliseconds, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      const end = elapsed + milliseconds;
      for (let timer = nextDue(end); timer !== undefined; timer = nextDue(end)) {
        timers.delete(timer);
        elapsed = Math.max(elapsed, timer.due);
        timer.run();
      }
      elapsed = end;
    },
    pending: () => timers.size,
  };
};
