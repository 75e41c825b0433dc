import { expect, test } from 'vitest';
import { isEcho } from '../../../src/cli/stop-signal.ts';

test.each([
  ['SIGINT', 0, true],
  ['SIGINT', 999, true],
  ['SIGINT', 1000, false],
  ['SIGTERM', 0, false],
  ['SIGTERM', 999, false],
] as const)(
  '%s, %d ms after the first signal to stop, is an echo of it: %s',
  (signal, ms, echo) => {
    expect(isEcho(signal, ms)).toBe(echo);
  },
);
