/**
 * Nobody is let in by a server that lets everybody in: a session that cannot be has to be refused first.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { HOLDS } from '../../../src/auth/trytond-verdict.ts';
import {
  aboutAda,
  aboutNobody,
  always,
  asking,
  credentialsOf,
  isAboutNobody,
  questionOf,
  startTrytond,
  trytond,
} from '../../support/trytond-server.ts';

describe('a session that cannot be', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('is asked about once for each database, however many sessions of it are', async () => {
    const server = await startTrytond(trytond('good'));
    const { ask } = asking(server.url);
    const databases = ['a', 'b', 'a:b'];
    const questions = Array.from({ length: 60 }, (_, n) =>
      ask(questionOf('good', { database: databases[n % 3] ?? '' })),
    );
    expect(new Set(await Promise.all(questions))).toEqual(new Set([HOLDS]));
    for (const database of databases) await ask(questionOf('good', { database }));
    expect(
      aboutNobody(server)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/a%3Ab/bus', '/a/bus', '/b/bus']);
    expect(aboutAda(server)).toHaveLength(63);
  });

  test('is another one each time, which nobody guesses', async () => {
    const server = await startTrytond(trytond('good'));
    const { ask } = asking(server.url);
    for (const database of ['a', 'b', 'c']) await ask(questionOf('good', { database }));
    const keys = aboutNobody(server).map((asked) => credentialsOf(asked).key);
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is not asked about before one holds', async () => {
    const server = await startTrytond(trytond('good'));
    const { ask } = asking(server.url);
    await ask(questionOf('bad'));
    expect(aboutNobody(server)).toEqual([]);
  });

  test('is asked about again after a minute', async () => {
    const now = performance.now.bind(performance);
    let ahead = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
    const server = await startTrytond(trytond('good'));
    const { ask } = asking(server.url);
    await ask(questionOf());
    ahead = 55_000;
    await ask(questionOf());
    expect(aboutNobody(server)).toHaveLength(1);
    ahead = 60_001;
    await vi.waitFor(async () => {
      expect(await ask(questionOf())).toEqual(HOLDS);
      expect(aboutNobody(server)).toHaveLength(2);
    });
  });

  test.each([308, 501])(
    'has to be refused: who answers everybody with %i is not believed',
    async (status) => {
      const server = await startTrytond(always(status));
      const { ask } = asking(server.url);
      for (const _ of [1, 2, 3]) {
        expect(await ask(questionOf())).toEqual({
          _tag: 'Untrusted',
          reason: expect.stringContaining('any session'),
        });
      }
      expect(aboutNobody(server)).toHaveLength(3);
    },
  );

  test('is needed no less when trytond cannot say', async () => {
    let toNobody = 500;
    const server = await startTrytond((response, asked) =>
      isAboutNobody(asked) && toNobody !== 401
        ? always(toNobody)(response, asked)
        : trytond('good')(response, asked),
    );
    const { ask } = asking(server.url);
    expect(await ask(questionOf())).toMatchObject({ _tag: 'Unknown', reason: /500/ });
    toNobody = 401;
    expect(await ask(questionOf())).toEqual(HOLDS);
    toNobody = 500;
    expect(await ask(questionOf())).toEqual(HOLDS);
  });
});
