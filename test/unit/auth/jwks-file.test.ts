/**
 * Keys in a file: read when it is opened, and again when it has changed, however it is changed.
 */
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Keys, openJwksFile } from '../../../src/auth/jwks-file.ts';
import { jwtSessions } from '../../../src/auth/jwt.ts';
import { databaseOf } from '../../support/arbitrary.ts';
import { directory } from '../../support/cli.ts';
import { type TestClock, testClock } from '../../support/clock.ts';
import { type Told, tellingLogger } from '../../support/telling-logger.ts';
import { type Issuer, issuerOf, keySetOf } from '../../support/tokens.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, readFile: vi.fn(real.readFile), stat: vi.fn(real.stat) };
});

const SECRET = 'a-secret-that-nobody-should-read';
const BROKEN = `{"keys":[{"kty":"oct","k":"${SECRET}"`;

let old: Issuer;
let young: Issuer;
let path: string;
let clock: TestClock;
let told: ReadonlyArray<Told>;
let keys: Keys;

beforeAll(async () => {
  old = await issuerOf('ES256', 'old');
  young = await issuerOf('ES256', 'new');
});

const open = (): Promise<Keys> => {
  const telling = tellingLogger();
  told = telling.told;
  return openJwksFile(path, clock, telling.logger);
};

beforeEach(async () => {
  clock = testClock();
  path = join(directory(), 'keys.json');
  await fs.writeFile(path, keySetOf(old.jwk));
  keys = await open();
  vi.mocked(fs.readFile).mockClear();
  vi.mocked(fs.stat).mockClear();
});

/** Whose tokens hold now. */
const holding = async (): Promise<ReadonlyArray<string | undefined>> => {
  const { check } = jwtSessions({ keys, clock });
  // Who comes while the file is read is judged by the former keys.
  await keys.current();
  const holds = async (issuer: Issuer) => {
    const token = await issuer.sign({ sub: 'ada', exp: clock.now() / 1000 + 60 });
    return (await check(databaseOf('prod'), `Bearer ${token}`, undefined))._tag === 'Right';
  };
  const found = await Promise.all([old, young].map(holds));
  return [old, young].filter((_, n) => found[n]).map(({ jwk }) => jwk.kid);
};

const aSecondLater = async () => {
  clock.advance(1000);
  return holding();
};

/** Puts another file in its place, as careful people do. */
const replace = async (text: string) => {
  await fs.writeFile(`${path}.new`, text);
  await fs.rename(`${path}.new`, path);
};

describe('a file of keys', () => {
  test('that changes is read again, within a second', async () => {
    await fs.writeFile(path, keySetOf(old.jwk, young.jwk));
    clock.advance(999);
    expect(await holding()).toEqual(['old']);
    clock.advance(1);
    expect(await holding()).toEqual(['old', 'new']);
    await fs.writeFile(path, keySetOf(young.jwk));
    expect(await aSecondLater()).toEqual(['new']);
    const line = { level: 'info', facts: { path }, text: 'read the changed keys' };
    expect(told).toEqual([line, line]);
  });

  test('that stays as it is is not read again', async () => {
    for (let n = 0; n < 5; n += 1) expect(await aSecondLater()).toEqual(['old']);
    expect(fs.readFile).not.toHaveBeenCalled();
    expect(told).toEqual([]);
  });

  test('is not looked at more than once a second, however many poll', async () => {
    clock.advance(1000);
    await Promise.all(Array.from({ length: 100 }, () => keys.current()));
    expect(fs.stat).toHaveBeenCalledTimes(1);
  });

  test('of the same length and the same moment as before is another file when it is put in its place', async () => {
    const before = await fs.stat(path);
    const text = keySetOf({ ...young.jwk, kid: 'new' });
    await fs.writeFile(`${path}.new`, text.padEnd(before.size));
    await fs.utimes(`${path}.new`, before.atime, before.mtime);
    await fs.rename(`${path}.new`, path);
    expect((await fs.stat(path)).size).toBe(before.size);
    expect(await aSecondLater()).toEqual(['new']);
  });

  test('that is a link to a folder which is swapped, as Kubernetes does, is read again', async () => {
    const root = directory();
    const version = async (name: string, text: string) => {
      await fs.mkdir(join(root, name));
      await fs.writeFile(join(root, name, 'keys.json'), text);
      await fs.symlink(name, join(root, '..data_tmp'));
      await fs.rename(join(root, '..data_tmp'), join(root, '..data'));
    };
    await version('..2026_01', keySetOf(old.jwk));
    path = join(root, 'keys.json');
    await fs.symlink(join('..data', 'keys.json'), path);
    keys = await open();
    expect(await holding()).toEqual(['old']);
    await version('..2026_02', keySetOf(young.jwk));
    expect(await aSecondLater()).toEqual(['new']);
    await fs.rm(join(root, '..2026_01'), { recursive: true });
    expect(await aSecondLater()).toEqual(['new']);
  });
});

describe('a file that holds no keys', () => {
  test.each([
    ['nothing', '', /not JSON/],
    ['half of it', BROKEN, /not JSON/],
    ['no set', '{}', /malformed/],
    ['null', 'null', /malformed/],
    ['a list', '[]', /malformed/],
    ['keys that are none', '{"keys":["a"]}', /malformed/],
    ['none', '{"keys":[]}', /holds no keys/],
    ['a secret', `{"keys":[{"kty":"oct","k":"${SECRET}"}]}`, /holds a secret/],
    [
      'half of a pair too many',
      `{"keys":[{"kty":"EC","x":"x","d":"${SECRET}"}]}`,
      /holds a secret/,
    ],
  ])('but %s is not opened, and a changed one not used', async (_, text, reason) => {
    await fs.writeFile(path, text);
    expect(await aSecondLater()).toEqual(['old']);
    expect(told).toEqual([
      {
        level: 'error',
        facts: { path, reason: expect.stringMatching(reason) },
        text: 'the keys cannot be read, so the former ones stay',
      },
    ]);
    expect(JSON.stringify(told)).not.toContain(SECRET.slice(0, 5));
    const opening = open();
    await expect(opening).rejects.toThrow(reason);
    await expect(opening).rejects.not.toThrow(SECRET.slice(0, 5));
  });

  test('because it is not there is not opened', async () => {
    await fs.rm(path);
    await expect(open()).rejects.toThrow(/ENOENT.*keys\.json/);
  });

  test('is told once, and again when it is another trouble', async () => {
    await fs.writeFile(path, BROKEN);
    for (let n = 0; n < 5; n += 1) expect(await aSecondLater()).toEqual(['old']);
    expect(told).toHaveLength(1);
    await fs.rm(path);
    for (let n = 0; n < 5; n += 1) expect(await aSecondLater()).toEqual(['old']);
    expect(told).toHaveLength(2);
  });

  test('is read as soon as it does, and the next trouble is told', async () => {
    for (let n = 1; n <= 2; n += 1) {
      await replace(BROKEN);
      expect(await aSecondLater()).not.toEqual([]);
      await replace(keySetOf(young.jwk));
      expect(await aSecondLater()).toEqual(['new']);
      expect(told.map(({ level }) => level)).toEqual(Array(n).fill(['error', 'info']).flat());
    }
  });

  test('for a moment only, though it did not change, is read after that', async () => {
    await replace(keySetOf(young.jwk));
    vi.mocked(fs.readFile).mockRejectedValueOnce(new Error('EACCES'));
    expect(await aSecondLater()).toEqual(['old']);
    expect(await aSecondLater()).toEqual(['new']);
  });

  test('because it was away, and is there again as it was, is as it was; the next time is told', async () => {
    for (const times of [1, 2]) {
      await fs.rename(path, `${path}.away`);
      expect(await aSecondLater()).toEqual(['old']);
      await fs.rename(`${path}.away`, path);
      expect(await aSecondLater()).toEqual(['old']);
      expect(told).toHaveLength(times);
    }
  });
});
