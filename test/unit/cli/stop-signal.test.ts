import { expect, test } from 'vitest';
import { isEcho } from '../../../src/cli/stop-signal.ts';

test.each([
  [0, true],
  [999, true],
  [1000, false],
])('a signal %d ms after the first one to stop is an echo of it: %s', (ms, echo) => {
  expect(isEcho(ms)).toBe(echo);
});
