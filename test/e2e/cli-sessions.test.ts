/**
 * `jetbus serve --sessions`: who may poll a node, as it is told it, and as its clients find it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { directory, publish, run, type Serving, serve } from '../support/cli.ts';
import { type PollBody, poll } from '../support/http.ts';
import { type Issuer, issuerOf, keySetOf } from '../support/tokens.ts';

const SOON = { timeout: 10_000, interval: 20 };
const EMPTY = '{"message":null,"channel":null}';
const TOKEN = ['--publish-token', 'secret'];
const MEMORY = ['--log', 'memory:', '--listen', '127.0.0.1:0'];

let issuer: Issuer;
let other: Issuer;

beforeAll(async () => {
  issuer = await issuerOf('ES256', 'k1');
  other = await issuerOf('RS256', 'k2');
});

const fileOf = async (text: string): Promise<string> => {
  const path = join(directory(), 'keys.json');
  await writeFile(path, text);
  return path;
};

const inSeconds = (seconds: number): number => Date.now() / 1000 + seconds;

/** Polls with a token of these claims. */
const pollAs = async (
  { url }: Serving,
  claims: Readonly<Record<string, unknown>>,
  body: PollBody,
  by = issuer,
) => poll(url, 'demo', body, { Authorization: `Bearer ${await by.sign(claims)}` });

const withKeys = async (...more: ReadonlyArray<string>): Promise<Serving> => {
  const path = await fileOf(keySetOf(issuer.jwk));
  return serve(['--log', 'memory:', '--sessions', `jwt:${path}`, ...TOKEN, ...more]);
};

const bearer = { Authorization: 'Bearer secret' };

describe('serve refuses', () => {
  test.each(['jwt:keys.json', 'trytond:http://127.0.0.1:8000'])(
    'a bus with --sessions %s that everybody may publish on',
    async (sessions) => {
      for (const more of [[], ['--insecure']]) {
        const ended = await run(['serve', ...MEMORY, '--sessions', sessions, ...more]);
        expect(ended).toMatchObject({ code: 64, stdout: '' });
        expect(ended.stderr).toContain('--publish-token');
      }
    },
  );

  test('sessions of no kind, and says which there are', async () => {
    const { stderr } = await run(['serve', ...MEMORY, ...TOKEN, '--sessions', 'nobody']);
    for (const kind of ['trytond:URL', 'jwt:FILE', 'trust']) expect(stderr).toContain(kind);
  });

  test('keys that are not there', async () => {
    const path = join(directory(), 'no-keys.json');
    const ended = await run(['serve', ...MEMORY, ...TOKEN, '--sessions', `jwt:${path}`]);
    expect(ended).toMatchObject({ code: 64, stdout: '' });
    expect(ended.stderr).toContain(`--sessions jwt:${path}: ENOENT`);
  });

  test.each([
    ['half a file', '{"keys":[{"k":"hush"', 'it is not JSON'],
    ['no JSON at all', 'hush', 'it is not JSON'],
    ['no set', '{"hush":1}', 'malformed'],
    ['an empty set', '{"keys":[]}', 'it holds no keys'],
  ])('%s for keys, and quotes nothing of it', async (_, text, words) => {
    const path = await fileOf(text);
    const ended = await run(['serve', ...MEMORY, ...TOKEN, '--sessions', `jwt:${path}`]);
    expect(ended).toMatchObject({ code: 64, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`^jetbus: --sessions jwt:${path}: .*${words}\n$`));
    expect(ended.stderr).not.toContain('hush');
  });
});

describe('a node with --sessions jwt', () => {
  test('brings messages to whoever has a token, on the channels that it names', async () => {
    const node = await withKeys();
    const claims = { sub: '7', exp: inSeconds(60), channels: ['a'], aud: ['demo'] };
    const held = pollAs(node, claims, { channels: ['a', 'b', 'user:8'] });
    for (const channel of ['b', 'user:8', 'a']) {
      expect((await publish(node.url, channel, '{}', bearer)).status).toBe(201);
    }
    expect(JSON.parse((await held).body)).toMatchObject({ channel: 'a' });
    await publish(node.url, 'user:7', '{}', bearer);
    const own = await pollAs(node, { ...claims, channels: [] }, { channels: ['a'] });
    expect(JSON.parse(own.body)).toMatchObject({ channel: 'user:7' });
  });

  test('refuses others, and tells them why', async () => {
    const node = await withKeys();
    const refused = [
      [pollAs(node, { sub: '7', exp: inSeconds(-1) }, {}), /exp/],
      [pollAs(node, { sub: '7' }, {}), /exp/],
      [pollAs(node, { sub: '7', exp: inSeconds(60), aud: 'test' }, {}), /database/],
      [pollAs(node, { sub: '7', exp: inSeconds(60) }, {}, other), /no applicable key/],
    ] as const;
    for (const [answer, reason] of refused) {
      const { status, headers, body } = await answer;
      expect({ status, body }).toEqual({ status: 401, body: '' });
      expect(headers['www-authenticate']).toMatch(/^Bearer .*error="invalid_token"/);
      expect(headers['www-authenticate']).toMatch(reason);
    }
    const session = await poll(node.url, 'demo', {});
    expect(session.headers['www-authenticate']).toBe('Basic realm="Tryton"');
    expect(session.status).toBe(401);
  });

  test('ends a hold when its token runs out', async () => {
    const node = await withKeys();
    const exp = Math.ceil(inSeconds(1));
    const { status, body } = await pollAs(node, { sub: '7', exp }, {});
    expect({ status, body }).toEqual({ status: 200, body: EMPTY });
    expect(inSeconds(0)).toBeGreaterThanOrEqual(exp);
    expect((await pollAs(node, { sub: '7', exp }, {})).status).toBe(401);
  });

  test('takes new keys without a restart, by the environment too', async () => {
    const path = await fileOf(keySetOf(issuer.jwk));
    const node = await serve([], {
      env: {
        JETBUS_LOG: 'memory:',
        JETBUS_SESSIONS: `jwt:${path}`,
        JETBUS_PUBLISH_TOKEN: 'secret',
        JETBUS_LONG_POLLING_TIMEOUT: '0',
      },
    });
    const statusOf = async (by: Issuer) =>
      (await pollAs(node, { sub: '7', exp: inSeconds(60) }, {}, by)).status;
    expect([await statusOf(issuer), await statusOf(other)]).toEqual([200, 401]);
    await writeFile(path, '{"keys":[{"k":"hush"');
    let isTold = false;
    const told = node.node.line(/"msg":"the keys cannot be read, so the former ones stay"/);
    void told.then(() => {
      isTold = true;
    });
    const look = async () => {
      expect(await statusOf(issuer)).toBe(200);
      return isTold;
    };
    await expect.poll(look, SOON).toBe(true);
    await writeFile(path, keySetOf(other.jwk));
    await expect.poll(() => statusOf(other), SOON).toBe(200);
    expect(await statusOf(issuer)).toBe(401);
    node.node.kill('SIGTERM');
    const { code, stderr } = await node.node.exited;
    expect(code).toBe(0);
    expect(stderr).not.toContain('hush');
  });

  test('says no more than its address: nobody has a token to try it with', async () => {
    const { node } = await withKeys();
    node.kill('SIGTERM');
    expect((await node.exited).stdout).toMatch(/^Jetbus serves on http:\S+\n$/);
  });
});
