/**
 * Which token holds, by its signature.
 */
import fc from 'fast-check';
import { base64url, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { jwtSessions } from '../../../src/auth/jwt.ts';
import type { BusError } from '../../../src/bus/errors.ts';
import type { E } from '../../../src/fp.ts';
import type { Session } from '../../../src/ports.ts';
import { databaseOf } from '../../support/arbitrary.ts';
import { testClock } from '../../support/clock.ts';
import { session } from '../../support/http.ts';
import { type Issuer, issuerOf, keysOf } from '../../support/tokens.ts';

const NOW = 1_800_000_000;
const SOON = NOW + 60;

let rsa: Issuer;
let elliptic: Issuer;
let edwards: Issuer;

beforeAll(async () => {
  rsa = await issuerOf('RS256', 'rsa');
  elliptic = await issuerOf('ES256', 'elliptic');
  edwards = await issuerOf('EdDSA', 'edwards');
});

/** What a token is to a bus that has these keys. */
const checkWith = (issuers: ReadonlyArray<Issuer>, header: string | undefined, database = 'prod') =>
  jwtSessions({
    keys: keysOf(...issuers.map(({ jwk }) => jwk)),
    clock: testClock(NOW * 1000),
  }).check(databaseOf(database), header, undefined);

const check = (token: string, database?: string) =>
  checkWith([rsa, elliptic, edwards], `Bearer ${token}`, database);

const refusedFor = (reason: RegExp) => ({
  _tag: 'Left',
  left: { _tag: 'Unauthorized', reason: expect.stringMatching(reason) },
});

const userIn = (checked: E.Either<BusError, Session>) =>
  checked._tag === 'Right' ? checked.right.user : undefined;

describe('a token that is signed', () => {
  test.each(['RS256', 'PS384', 'ES256', 'ES512', 'EdDSA'])(
    'by %s holds, and its subject is the user',
    async (algorithm) => {
      const issuer = await issuerOf(algorithm, 'k');
      const token = await issuer.sign({ sub: 'ada@example.com', exp: SOON });
      expect(userIn(await checkWith([issuer], `bEARER ${token}`))).toBe('ada@example.com');
    },
  );

  test('holds by any key of the set that its header names', async () => {
    for (const issuer of [rsa, elliptic, edwards]) {
      expect(userIn(await check(await issuer.sign({ sub: 'ada', exp: SOON })))).toBe('ada');
    }
  });

  test('by a key that it does not name holds by any that fits, and by no other', async () => {
    const issuers = await Promise.all(['a', 'b', 'c'].map((kid) => issuerOf('ES256', kid)));
    const claims = { sub: 'ada', exp: SOON };
    const checkAll = async (issuer: Issuer, made = claims) =>
      checkWith([rsa, ...issuers], `Bearer ${await issuer.sign(made, null)}`);
    for (const issuer of issuers) expect(userIn(await checkAll(issuer))).toBe('ada');
    const stranger = await issuerOf('ES256', 'a');
    expect(await checkAll(stranger)).toMatchObject(refusedFor(/signature verification failed/));
    for (const issuer of issuers) {
      const late = await checkAll(issuer, { ...claims, exp: NOW });
      expect(late).toMatchObject(refusedFor(/exp/));
    }
  });

  test('by a key that is not in the set does not hold, whatever it is called', async () => {
    const stranger = await issuerOf('ES256', 'stranger');
    const claims = { sub: 'ada', exp: SOON };
    expect(await check(await stranger.sign(claims))).toMatchObject(refusedFor(/no applicable key/));
    const disguised = await stranger.sign(claims, 'elliptic');
    expect(await check(disguised)).toMatchObject(refusedFor(/signature verification failed/));
  });

  test('with a secret does not hold, be it in the set or be it a public key that all have', async () => {
    const secret = new TextEncoder().encode('a secret of thirty-two bytes here');
    const claims = { sub: 'ada', exp: SOON };
    const { n = '' } = rsa.jwk;
    const { kid: _, ...plain } = rsa.jwk;
    for (const bytes of [secret, base64url.decode(n), Buffer.from(JSON.stringify(plain))]) {
      for (const kid of ['rsa', 'secret']) {
        const token = await new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid })
          .sign(bytes);
        const oct = { kty: 'oct', k: base64url.encode(bytes), kid: 'secret', alg: 'HS256' };
        const { check: checkHere } = jwtSessions({
          keys: keysOf(rsa.jwk, oct),
          clock: testClock(NOW * 1000),
        });
        const checked = await checkHere(databaseOf('prod'), `Bearer ${token}`, undefined);
        expect(checked).toMatchObject(refusedFor(/alg/));
      }
    }
  });

  test('by nobody does not hold', async () => {
    const unsecured = new UnsecuredJWT({ sub: 'ada' }).setExpirationTime(SOON).encode();
    const [, payload = '', signature = ''] = (await rsa.sign({ sub: 'ada', exp: SOON })).split('.');
    for (const alg of ['none', 'None', 'NONE', '', 'RS25']) {
      const header = base64url.encode(JSON.stringify({ alg, kid: 'rsa' }));
      for (const end of ['', signature]) {
        expect(userIn(await check(`${header}.${payload}.${end}`))).toBeUndefined();
      }
    }
    expect(userIn(await check(unsecured))).toBeUndefined();
  });

  test('and was changed says the same or does not hold', async () => {
    const token = await elliptic.sign({ sub: 'ada', exp: SOON });
    const letters = [...'ABCZabcz0189-_.='];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom('', ...letters),
        async (at, letter) => {
          const checked = await check(token.slice(0, at) + letter + token.slice(at + 1));
          expect([undefined, 'ada']).toContain(userIn(checked));
          const [head, body] = token.split('.');
          const [head2, body2] = (token.slice(0, at) + letter + token.slice(at + 1)).split('.');
          if (head !== head2 || body !== body2) expect(userIn(checked)).toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a poll without a token', () => {
  test.each([
    ['nothing', undefined],
    ['a session of Tryton’s', session(7)],
    ['a password', 'Basic YTpi'],
    ['a scheme alone', 'Bearer '],
  ])('but with %s is refused without a word', async (_, header) => {
    expect(await checkWith([rsa], header)).toEqual({
      _tag: 'Left',
      left: { _tag: 'Unauthorized' },
    });
  });

  test.each(['x', '..', 'a.b.c', 'é.é.é', `${'a'.repeat(1000)}.b.c`])(
    'but with junk is refused, and told',
    async (junk) => {
      expect(await check(junk)).toMatchObject(refusedFor(/./));
    },
  );
});
