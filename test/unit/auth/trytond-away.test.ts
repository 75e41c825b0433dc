/**
 * Sessions that trytond knows, while trytond cannot be asked: who goes on, who does not, and what is told of it.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { ENDED, HOLDS, unknown, type Verdict } from '../../../src/auth/trytond-verdict.ts';
import { ADA, BOB, SETTINGS, type TrytondWorld, trytondWorld } from '../../support/trytond-fake.ts';

const TICK_MS = 100;
const { ttlMs, negativeTtlMs, graceMs } = SETTINGS;

const AWAY = unknown('it is away');

let world: TrytondWorld;

beforeEach(() => {
  world = trytondWorld();
});

describe('while trytond is away', () => {
  /** Lets time pass; whatever is asked meanwhile is answered in this way. */
  const pass = async (milliseconds: number, verdict: Verdict = AWAY) => {
    for (let passed = 0; passed < milliseconds; passed += TICK_MS) {
      world.clock.advance(TICK_MS);
      if (world.trytond.pending.length > 0) await world.trytond.answer(verdict);
    }
  };

  test('an unknown session is neither let in nor refused, and the next poll asks again', async () => {
    for (const _ of [1, 2]) {
      const poll = await world.poll(ADA);
      await world.trytond.answer(AWAY);
      expect(poll).toMatchObject({ state: 'SessionsUnavailable', reason: 'it is away' });
    }
    await world.held(ADA);
  });

  test('a known session goes on for its time and the grace, then its polls end and it is unknown', async () => {
    const poll = await world.held(ADA);
    await pass(ttlMs + graceMs - TICK_MS);
    expect(poll.state).toBe('held');
    expect(await world.stateOf(ADA)).toBe('held');
    await pass(2 * TICK_MS);
    expect(poll).toMatchObject({ state: 'ended', ends: 1 });
    const late = await world.poll(ADA);
    await world.trytond.answer(AWAY);
    expect(late.state).toBe('SessionsUnavailable');
  });

  test('a known session is asked about once in the shorter time', async () => {
    await world.held(ADA);
    await pass(ttlMs + graceMs + TICK_MS);
    const asked = world.trytond.questions.length;
    expect(asked).toBeGreaterThanOrEqual(graceMs / negativeTtlMs);
    expect(asked).toBeLessThan((graceMs + ttlMs) / (0.75 * negativeTtlMs) + 5);
  });

  test('the grace begins anew whenever trytond has answered', async () => {
    const poll = await world.held(ADA);
    for (const _ of [1, 2, 3]) {
      await pass(graceMs);
      await pass(negativeTtlMs, HOLDS);
    }
    await pass(graceMs);
    expect(poll.state).toBe('held');
  });

  test('a session without grace ends with its time', async () => {
    world = trytondWorld({ settings: { graceMs: 0, negativeTtlMs: 3_600_000 } });
    const poll = await world.held(ADA);
    await pass(ttlMs + 2 * TICK_MS);
    expect(poll.state).toBe('ended');
  });

  test('nobody has a grace with somebody who says yes to anyone', async () => {
    const poll = await world.held(ADA);
    await pass(ttlMs + TICK_MS, { _tag: 'Untrusted', reason: 'it takes any session' });
    expect(poll).toMatchObject({ state: 'ended', ends: 1 });
    const next = await world.poll(ADA);
    await world.trytond.answer(AWAY);
    expect(next.state).toBe('SessionsUnavailable');
  });

  test('strangers cannot make a line before those who are known', async () => {
    const poll = await world.held(ADA);
    const strangers = [];
    for (let n = 0; n < 1001; n += 1) {
      strangers.push(await world.poll({ ...BOB, key: `key-${n}` }));
    }
    expect(strangers.filter(({ state }) => state === 'SessionsUnavailable')).toHaveLength(1);
    world.clock.advance(ttlMs + TICK_MS);
    expect(world.trytond.pending).toHaveLength(1001);
    expect(poll.state).toBe('held');
  });

  test('a question that is never answered neither ends nor refuses anybody', async () => {
    const poll = await world.held(ADA);
    world.clock.advance(ttlMs + graceMs + TICK_MS);
    expect(world.trytond.pending).toHaveLength(1);
    expect(poll.state).toBe('held');
    expect(await world.stateOf(ADA)).toBe('waiting');
  });
});

describe('the log', () => {
  const TROUBLE = {
    level: 'error',
    facts: { reason: 'it is away' },
    text: 'trytond cannot be asked about sessions',
  };
  const AGAIN = { level: 'info', facts: {}, text: 'trytond answers for sessions again' };

  const ask = async (verdict: typeof AWAY, polls = 1) => {
    for (let n = 0; n < polls; n += 1) {
      await world.poll({ ...ADA, user: String(world.trytond.questions.length + 1) });
      await world.trytond.answer(verdict);
    }
  };

  test('says nothing as long as trytond answers', async () => {
    await ask(HOLDS);
    await ask(ENDED);
    expect(world.told).toEqual([]);
  });

  test('tells a trouble once, not for each poll, and that it is over', async () => {
    await ask(AWAY, 100);
    expect(world.told).toEqual([TROUBLE]);
    await ask(ENDED, 2);
    await ask(HOLDS, 2);
    expect(world.told).toEqual([TROUBLE, AGAIN]);
  });

  test('tells a trouble that lasts again after a minute', async () => {
    await ask(AWAY);
    world.clock.advance(59_999);
    await ask(AWAY);
    expect(world.told).toHaveLength(1);
    world.clock.advance(1);
    await ask(AWAY, 2);
    expect(world.told).toEqual([TROUBLE, TROUBLE]);
  });

  test('has two lines a minute at most, whatever polls of one database do to another’s', async () => {
    for (let n = 0; n < 100; n += 1) {
      await ask(AWAY);
      await ask(HOLDS);
      world.clock.advance(1000);
    }
    expect(world.told).toEqual([TROUBLE, AGAIN, TROUBLE, AGAIN]);
  });
});

describe('closing', () => {
  test('closes trytond, leaves no timer, and learns and tells no more', async () => {
    const polls = [await world.held(ADA), await world.poll(BOB)];
    await world.sessions.close();
    expect(world.trytond.isClosed).toBe(true);
    expect(world.clock.pending()).toBe(0);
    await world.trytond.answer(HOLDS);
    expect(polls.map(({ state }) => state)).toEqual(['held', 'Closed']);
    await world.poll(BOB);
    await world.trytond.answer(AWAY);
    expect(world.clock.pending()).toBe(0);
    expect(world.told).toEqual([]);
  });
});
