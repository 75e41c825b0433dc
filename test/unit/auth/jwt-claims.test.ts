/**
 * Which token holds, by its claims, what its bearer may listen to, and when its session ends.
 */
import fc from 'fast-check';
import { CompactSign, importJWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { jwtSessions } from '../../../src/auth/jwt.ts';
import type { BusError } from '../../../src/bus/errors.ts';
import { E } from '../../../src/fp.ts';
import type { Session } from '../../../src/ports.ts';
import { databaseOf, rightOf } from '../../support/arbitrary.ts';
import { testClock } from '../../support/clock.ts';
import { type Issuer, issuerOf, keysOf } from '../../support/tokens.ts';

const NOW = 1_800_000_000;
const TICK_MS = 100;
const DAY = 86_400;

let issuer: Issuer;
let signed: (payload: string) => Promise<string>;

beforeAll(async () => {
  issuer = await issuerOf('EdDSA', 'k');
  const key = await importJWK(issuer.privateJwk);
  signed = (payload) =>
    new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'EdDSA', kid: 'k' }).sign(key);
});

const bus = () => {
  const clock = testClock(NOW * 1000);
  const sessions = jwtSessions({ keys: keysOf(issuer.jwk), clock });
  const check = async (claims: object | string): Promise<E.Either<BusError, Session>> => {
    const payload = typeof claims === 'string' ? claims : JSON.stringify(claims);
    return sessions.check(databaseOf('prod'), `Bearer ${await signed(payload)}`, undefined);
  };
  return { clock, sessions, check };
};

/** A claim, and whether a token with it may hold. */
type Claim = readonly [value: unknown, isGood: boolean];

const claim = (good: ReadonlyArray<unknown>, bad: ReadonlyArray<unknown>): fc.Arbitrary<Claim> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...good).map((value): Claim => [value, true]) },
    { weight: 1, arbitrary: fc.constantFrom(...bad).map((value): Claim => [value, false]) },
  );

const claims = fc.record({
  sub: claim(
    ['7', 'ada', 'é 漢字', 'x'.repeat(1019)],
    [undefined, '', 7, null, ['7'], 'x'.repeat(1020), '\ud800'],
  ),
  exp: claim(
    [NOW + 1, NOW + 0.5 + 1, NOW + 1000 * DAY],
    [undefined, NOW, NOW - 1, 0, -1, '1', null],
  ),
  nbf: claim([undefined, NOW, NOW - 1], [NOW + 1, NOW + DAY, 'now']),
  iat: claim([undefined, NOW, NOW + DAY], ['now']),
  aud: claim(
    [undefined, 'prod', ['prod'], ['test', 'prod']],
    ['test', 'PROD', '', [], ['test'], 7, null, [7], ['prod', 7], { prod: 1 }],
  ),
  channels: claim([undefined, [], ['a'], ['user:2', '']], ['a', null, {}, [1], ['a', null]]),
});

describe('the claims of a token', () => {
  test('are all as they should be, or it does not hold and a reason is told', async () => {
    const { check } = bus();
    await fc.assert(
      fc.asyncProperty(claims, async (made) => {
        const entries = Object.entries(made);
        const checked = await check(
          Object.fromEntries(entries.map(([name, [value]]) => [name, value])),
        );
        expect(E.isRight(checked)).toBe(entries.every(([, [, isGood]]) => isGood));
        if (E.isLeft(checked)) {
          expect(checked.left).toEqual({
            _tag: 'Unauthorized',
            reason: expect.stringMatching(/./),
          });
        } else {
          expect(checked.right.user).toBe(made.sub[0]);
          const [channels] = made.channels;
          expect(checked.right.channels).toEqual(
            channels === undefined ? undefined : new Set(channels as ReadonlyArray<string>),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['which ran out', { sub: 'a', exp: NOW }, /exp/],
    ['which does not run out', { sub: 'a' }, /exp/],
    ['which is not valid yet', { sub: 'a', exp: NOW + 9, nbf: NOW + 1 }, /nbf/],
    ['of nobody', { exp: NOW + 9 }, /sub/],
    ['for another database', { sub: 'a', exp: NOW + 9, aud: 'test' }, /aud.*database/],
    ['for channels that are no list', { sub: 'a', exp: NOW + 9, channels: 'a' }, /channels/],
  ])('say why a token does not hold %s', async (_, made, reason) => {
    expect(await bus().check(made)).toMatchObject({
      left: { _tag: 'Unauthorized', reason: expect.stringMatching(reason) },
    });
  });

  test.each(['', '[]', '"a"', 'null', '{', '\u0000'])('are an object, not %j', async (payload) => {
    expect(await bus().check(payload)).toMatchObject({ left: { _tag: 'Unauthorized' } });
  });

  test('are not those of a prototype', async () => {
    const checked = await bus().check(`{"__proto__":{"sub":"a"},"exp":${NOW + 9}}`);
    expect(checked).toMatchObject({ left: { _tag: 'Unauthorized' } });
  });

  test('open no publishing', () => {
    expect(bus().sessions.trusting).toBe(false);
  });
});

describe('the session of a token', () => {
  test('ends for everybody who listens when it runs out, within a tick, once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2 * DAY }),
        fc.integer({ min: 1, max: 4 }),
        async (seconds, listeners) => {
          const { clock, check } = bus();
          const { listen } = rightOf(await check({ sub: 'a', exp: NOW + seconds }));
          const ends: Array<number> = [];
          for (let n = 0; n < listeners; n += 1) {
            listen({ sessionEnded: () => ends.push(clock.now()) });
          }
          clock.advance(seconds * 1000 - 1);
          expect(ends).toEqual([]);
          clock.advance(1 + TICK_MS);
          expect(ends).toHaveLength(listeners);
          clock.advance(DAY * 1000);
          expect(ends).toHaveLength(listeners);
          expect(clock.pending()).toBe(0);
        },
      ),
    );
  });

  test('is not listened to any more by whoever takes it back', async () => {
    const { clock, check } = bus();
    const { listen, forget } = rightOf(await check({ sub: 'a', exp: NOW + 9 }));
    let ends = 0;
    const [first, second, third] = [1, 2, 3].map(() => ({ sessionEnded: () => (ends += 1) }));
    for (const listener of [first, second, third]) if (listener) listen(listener);
    for (const listener of [first, third]) if (listener) forget(listener);
    clock.advance(20_000);
    expect(ends).toBe(1);
  });

  test('leaves no timer when nobody listens', async () => {
    const { clock, check } = bus();
    const { listen, forget } = rightOf(await check({ sub: 'a', exp: NOW + 9 }));
    expect(clock.pending()).toBe(0);
    const listener = { sessionEnded: () => {} };
    listen(listener);
    forget(listener);
    expect(clock.pending()).toBe(0);
  });

  test('ends at once for who listens after it', async () => {
    const { clock, check } = bus();
    const { listen } = rightOf(await check({ sub: 'a', exp: NOW + 9 }));
    clock.advance(60_000);
    let ends = 0;
    listen({ sessionEnded: () => (ends += 1) });
    clock.advance(TICK_MS);
    expect(ends).toBe(1);
  });

  test.each([
    ['in years', `${NOW + 365 * DAY}`],
    ['never', '1e999'],
  ])('that ends %s arms no timer, for there is none so long', async (_, exp) => {
    const { clock, check } = bus();
    const { listen, forget } = rightOf(await check(`{"sub":"a","exp":${exp}}`));
    const listener = { sessionEnded: () => expect.unreachable() };
    listen(listener);
    expect(clock.pending()).toBe(0);
    clock.advance(DAY * 1000);
    forget(listener);
  });
});
