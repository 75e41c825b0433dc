/**
 * The question as trytond is asked it, over HTTP: what is in it, and how it is sent.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAuthorization } from '../../../src/auth/authorization.ts';
import { HOLDS } from '../../../src/auth/trytond-verdict.ts';
import { database as anyDatabase } from '../../support/arbitrary.ts';
import {
  aboutAda,
  aboutNobody,
  always,
  asking,
  questionOf,
  startTrytond,
  trytond,
} from '../../support/trytond-server.ts';

describe('a question', () => {
  test('is a poll of nothing, with the session and a mark, and no more', async () => {
    const server = await startTrytond(trytond('good'));
    expect(await asking(server.url).ask(questionOf())).toEqual(HOLDS);
    const { host } = new URL(server.url);
    const body = '{"channels":[]}';
    expect(aboutAda(server)).toEqual([
      {
        method: 'POST',
        path: '/prod/bus',
        headers: {
          host,
          connection: 'keep-alive',
          'content-type': 'application/json',
          'content-length': String(body.length),
          authorization: `Session ${Buffer.from('ada:7:good').toString('base64')}`,
          'jetbus-question': '1',
        },
        body,
        port: expect.any(Number),
      },
    ]);
  });

  test('has the address of the client, where it is known', async () => {
    const server = await startTrytond(trytond('good'));
    await asking(server.url).ask(questionOf('good', { address: '2001:db8::1' }));
    expect(aboutAda(server)[0]?.headers).toMatchObject({ 'x-forwarded-for': '2001:db8::1' });
    expect(aboutNobody(server)[0]?.headers).toMatchObject({ 'x-forwarded-for': '2001:db8::1' });
  });

  test('names any database so that it is one part of the path', async () => {
    const server = await startTrytond(always(500));
    const { ask } = asking(server.url);
    await fc.assert(
      fc.asyncProperty(anyDatabase, async (database) => {
        await ask(questionOf('good', { database }));
        const [, part = '', ...rest] = server.asked.at(-1)?.path.split('/') ?? [];
        expect(decodeURIComponent(part)).toBe(database);
        expect(rest).toEqual(['bus']);
      }),
    );
  });

  test.each([
    ['', '/prod/bus'],
    ['/', '/prod/bus'],
    ['/tryton', '/tryton/prod/bus'],
    ['/a/b/', '/a/b/prod/bus'],
  ])('below the path %j goes to %s', async (prefix, path) => {
    const server = await startTrytond(trytond('good'));
    expect(await asking(server.url + prefix).ask(questionOf())).toEqual(HOLDS);
    expect(server.asked.map((asked) => asked.path)).toEqual([path, path]);
  });

  test('follows no redirect', async () => {
    const other = await startTrytond(always(501));
    const server = await startTrytond(trytond('good', always(308, { Location: other.url })));
    expect(await asking(server.url).ask(questionOf())).toEqual(HOLDS);
    expect(other.asked).toEqual([]);
  });
});

describe('the session in a question', () => {
  const text = fc
    .tuple(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('1', '7', '007', '42'),
      fc.string({ minLength: 1, maxLength: 6 }),
    )
    .map((parts) => Buffer.from(parts.join(':')).toString('base64'));

  /** Where decoders differ: letters of another alphabet, padding too early, letters that are none. */
  const damage = fc.array(
    fc.tuple(fc.nat(30), fc.constantFrom('-', '_', '=', '==', '.', 'A', '\u00e9', '')),
    { maxLength: 5 },
  );

  const damaged = fc
    .tuple(text, damage)
    .map(([whole, places]) =>
      places.reduce((rest, [at, what]) => rest.slice(0, at) + what + rest.slice(at + 1), whole),
    );

  test('is what was understood, in Base64 that can be read in one way', async () => {
    const server = await startTrytond(always(500));
    const { ask } = asking(server.url);
    let understood = 0;
    let mended = 0;
    await fc.assert(
      fc.asyncProperty(damaged, async (junk) => {
        const credentials = decodeAuthorization(`Session ${junk}`);
        if (credentials._tag !== 'Session') return;
        understood += 1;
        await ask(questionOf('', { credentials }));
        const { authorization = '' } = server.asked.at(-1)?.headers ?? {};
        const [scheme, base64 = ''] = authorization.split(' ');
        if (base64 !== junk) mended += 1;
        expect(scheme).toBe('Session');
        expect(base64).toMatch(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
        expect(Buffer.from(base64, 'base64').toString('base64')).toBe(base64);
        const { login, user, key } = credentials;
        expect(Buffer.from(base64, 'base64').toString()).toBe(`${login}:${user}:${key}`);
      }),
      { numRuns: 1000 },
    );
    expect(understood).toBeGreaterThan(100);
    expect(mended).toBeGreaterThan(50);
  });
});
