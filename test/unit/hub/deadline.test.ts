/**
 * How long a poll is held: no longer than the time for it, and shorter by its share of the jitter.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trust } from '../../../src/auth/trust.ts';
import { startNode } from '../../../src/hub/node.ts';
import { silentLogger } from '../../../src/library/system.ts';
import { memoryLog, memoryStore } from '../../../src/log/memory.ts';
import type { Random } from '../../../src/ports.ts';
import { settle } from '../../support/bus-fixture.ts';
import { testClock } from '../../support/clock.ts';
import { session } from '../../support/http.ts';

const TICK_MS = 100;

/** Holds some polls, and has each one's time to its end. */
const heldFor = async (timeoutMs: number, jitter: number, random: Random, polls = 1) => {
  const clock = testClock();
  const node = startNode({
    ...{ clock, random, sessions: trust, logger: silentLogger },
    log: memoryLog(memoryStore(clock, 'epoch', 86_400_000)),
    settings: {
      longPollingTimeoutMs: timeoutMs,
      longPollingJitter: jitter,
      cacheTimeoutMs: 10_000,
      allowSubscribe: true,
    },
  });
  await settle();
  const begin = clock.elapsed();
  const times: Array<number> = [];
  for (let n = 0; n < polls; n += 1) {
    const request = { database: 'db', authorization: session(n), body: Buffer.from('{}') };
    node.hub.open(request, ({ _tag }) => {
      expect(_tag).toBe('Nothing');
      times[n] = clock.elapsed() - begin;
    });
  }
  await settle();
  clock.advance(timeoutMs + TICK_MS);
  const stopped = node.stop(0);
  clock.advance(10_000);
  await stopped;
  return times;
};

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a poll that nothing comes for', () => {
  test('is held for the time for it less its share of the jitter, to a tick', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1000, max: 600_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        share,
        async (timeoutMs, jitter, drawn) => {
          const [time = 0] = await heldFor(timeoutMs, jitter, () => drawn);
          const least = timeoutMs * (1 - jitter * drawn);
          expect(time).toBeGreaterThanOrEqual(least - 1e-6);
          expect(time).toBeLessThanOrEqual(least + TICK_MS);
          expect(least).toBeLessThanOrEqual(timeoutMs);
          expect(least).toBeGreaterThanOrEqual(timeoutMs * (1 - jitter));
        },
      ),
    );
  });

  test('draws a share of its own, so that those which began together end apart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(share, { minLength: 2, maxLength: 20 }), async (drawn) => {
        let draws = 0;
        const times = await heldFor(600_000, 0.5, () => drawn[draws++] ?? 0, drawn.length);
        for (const [n, time] of times.entries()) {
          expect(Math.abs(time - 600_000 * (1 - 0.5 * (drawn[n] ?? 0)))).toBeLessThanOrEqual(
            TICK_MS,
          );
        }
      }),
    );
  });

  test('is held for all of its time when there is no jitter', async () => {
    const [time] = await heldFor(300_000, 0, () => 0.999);
    expect(time).toBe(300_000);
  });
});
