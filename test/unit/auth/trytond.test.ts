/**
 * Sessions that trytond knows, by what a poll sees of them: held, refused, or ended. The model `trytond.commands` walks
 * through all of it at random; here stands what it does not see, and what has to be seen by itself.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { ENDED, HOLDS } from '../../../src/auth/trytond-verdict.ts';
import { databaseOf, rightOf } from '../../support/arbitrary.ts';
import {
  ADA,
  BOB,
  SETTINGS,
  sessionOf,
  settled,
  type TrytondWorld,
  trytondWorld,
} from '../../support/trytond-fake.ts';

const TICK_MS = 100;
const { ttlMs, negativeTtlMs, graceMs } = SETTINGS;

let world: TrytondWorld;

beforeEach(() => {
  world = trytondWorld();
});

describe('a session that holds', () => {
  test('is believed for its time or up to a quarter less, and asked about again while a poll is held', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 100, max: 86_400_000 }),
        async (share, time) => {
          const { clock, trytond, poll } = trytondWorld({
            random: () => share,
            settings: { ttlMs: time },
          });
          await poll(ADA);
          await trytond.answer(HOLDS);
          const begin = clock.elapsed();
          clock.advance(0.75 * time - 1);
          expect(trytond.pending).toHaveLength(0);
          const step = time / 50 + TICK_MS;
          for (let n = 0; n < 50 && trytond.pending.length === 0; n += 1) clock.advance(step);
          expect(trytond.pending).toHaveLength(1);
          expect(clock.elapsed() - begin).toBeLessThanOrEqual(time + TICK_MS + step);
          expect(clock.elapsed() - begin).toBeGreaterThan(time * (1 - 0.25 * share) - 1);
        },
      ),
    );
  });

  test('is cut by a share of its own each time, so that those which came together spread', async () => {
    const shares = [0, 0.9, 0.5];
    let draws = 0;
    const { clock, trytond, poll } = trytondWorld({ random: () => shares[draws++] ?? 0 });
    const tickets = shares.map((_, n) => ({ ...ADA, user: String(n) }));
    for (const ticket of tickets) await poll(ticket);
    await trytond.answer(HOLDS);
    const asked = () => trytond.pending.map(({ question }) => question.credentials.user);
    clock.advance(0.8 * ttlMs);
    expect(asked()).toEqual(['1']);
    clock.advance(0.1 * ttlMs);
    expect(asked()).toEqual(['1', '2']);
    clock.advance(0.1 * ttlMs + TICK_MS);
    expect(asked()).toEqual(['1', '2', '0']);
  });

  test('holds in its own database alone, whatever header it comes with', async () => {
    await world.held(ADA);
    expect(await world.stateOf(ADA)).toBe('held');
    const elsewhere = { ...ADA, database: 'another' };
    expect(await world.stateOf(elsewhere)).toBe('waiting');
    await world.trytond.answer(HOLDS);
    expect(await world.stateOf(elsewhere)).toBe('held');
    expect(await world.stateOf(ADA)).toBe('held');
    expect(world.trytond.questions).toHaveLength(2);
  });

  test('is not asked about when no poll of it is held', async () => {
    (await world.held(ADA)).hangUp();
    world.clock.advance(10 * (ttlMs + graceMs));
    expect(world.trytond.questions).toHaveLength(1);
    expect(world.clock.pending()).toBe(0);
  });

  test('is forgotten when it was not heard of for its time and the grace', async () => {
    const collect = await collector();
    const session = await (async () => {
      const checking = world.sessions.check(databaseOf('prod'), sessionOf(ADA), undefined);
      await world.trytond.answer(HOLDS);
      return new WeakRef(rightOf(await checking));
    })();
    await settled();
    world.clock.advance(ttlMs + graceMs - TICK_MS);
    await collect();
    expect(session.deref()).toBeDefined();
    world.clock.advance(2 * TICK_MS);
    await collect();
    expect(session.deref()).toBeUndefined();
  });
});

describe('the end of a session', () => {
  test('ends each of its polls once, and no other’s', async () => {
    const polls = [await world.held(ADA), await world.poll(ADA), await world.poll(ADA)];
    const gone = await world.poll(ADA);
    gone.hangUp();
    const other = await world.held(BOB);
    world.clock.advance(ttlMs + TICK_MS);
    await world.trytond.answer(ENDED, ADA);
    expect(polls.map(({ ends }) => ends)).toEqual([1, 1, 1]);
    expect(gone.ends).toBe(0);
    expect(other.state).toBe('held');
    expect(await world.stateOf(ADA)).toBe('Unauthorized');
  });

  test('is told at once to whoever listens after it', async () => {
    const checking = world.sessions.check(databaseOf('prod'), sessionOf(ADA), undefined);
    await world.trytond.answer(HOLDS);
    const session = rightOf(await checking);
    world.clock.advance(ttlMs);
    await world.poll(ADA);
    await world.trytond.answer(ENDED);
    let ends = 0;
    const listener = { sessionEnded: () => (ends += 1) };
    session.listen(listener);
    expect(ends).toBe(1);
    session.forget(listener);
  });

  test('is believed for the shorter time, and then it may hold', async () => {
    await world.poll(ADA);
    await world.trytond.answer(ENDED);
    world.clock.advance(negativeTtlMs);
    expect(await world.stateOf(ADA)).toBe('Unauthorized');
    expect(world.trytond.questions).toHaveLength(1);
    world.clock.advance(1);
    await world.held(ADA);
  });

  test('of ten thousand that never held is remembered, and no more', async () => {
    const ask = async (n: number) => {
      const poll = await world.poll({ ...ADA, user: String(n) });
      if (poll.state === 'waiting') await world.trytond.answer(ENDED);
    };
    for (let n = 0; n <= 10_000; n += 1) await ask(n);
    await ask(10_000);
    expect(world.trytond.questions).toHaveLength(10_001);
    await ask(0);
    expect(world.trytond.questions).toHaveLength(10_002);
  });
});

/** Frees what nothing refers to any more. */
const collector = async (): Promise<() => Promise<void>> => {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
    import('node:v8'),
    import('node:vm'),
  ]);
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  return async () => {
    await settled();
    collect();
  };
};
