/**
 * Options: as they are given, as the environment has them, and as they should not be.
 */
import { describe, expect, test } from 'vitest';
import { run, serve } from '../support/cli.ts';
import { poll, request } from '../support/http.ts';

const BAD_VALUES: ReadonlyArray<[command: string, option: string, value: string]> = [
  ['serve', '--listen', '127.0.0.1:70000'],
  ['serve', '--log', 'redis://localhost'],
  ['serve', '--sessions', 'nobody'],
  ['serve', '--sessions', 'trusted'],
  ['serve', '--sessions', 'jwt:'],
  ['serve', '--sessions', 'trytond:'],
  ['serve', '--sessions', 'trytond:localhost:8000'],
  ['serve', '--sessions', 'trytond:ftp://localhost'],
  ['serve', '--sessions', 'trytond:http://user:password@localhost:8000'],
  ['serve', '--sessions', 'trytond:http://localhost:8000/?x'],
  ['serve', '--session-ttl', '0'],
  ['serve', '--session-ttl', '0.09'],
  ['serve', '--session-negative-ttl', '0'],
  ['serve', '--session-grace', '-1'],
  ['serve', '--long-polling-jitter', '1.1'],
  ['serve', '--long-polling-jitter', '-0.1'],
  ['serve', '--long-polling-jitter', 'some'],
  ['serve', '--long-polling-timeout', 'soon'],
  ['serve', '--cache-timeout', '86401'],
  ['serve', '--history', 'a while'],
  ['serve', '--drain', '-1'],
  ['serve', '--workers', '0'],
  ['serve', '--workers', '1.5'],
  ['serve', '--workers', '65'],
  ['serve', '--workers', 'all'],
  ['serve', '--replicas', '2'],
  ['serve', '--stream', 'two words'],
  ['serve', '--subject-prefix', 'bus.*'],
  ['publish demo a {}', '--url', 'ftp://127.0.0.1'],
  ['publish demo a {}', '--log', '/tmp'],
  ['notify demo Hello --user 1', '--priority', '4'],
  ['poll demo', '--count', '0'],
  ['poll demo', '--session', 'demo'],
  ['log demo', '--since', 'yesterday'],
  ['log demo --since 1h', '--from', 'x-1-00000000'],
];

describe('a bad value', () => {
  test.each(BAD_VALUES)('of %s %s %s exits 64 and names the option', async (command, ...option) => {
    const { code, stdout, stderr } = await run([...command.split(' '), ...option]);
    expect(code).toBe(64);
    expect(stderr).toContain(option[0]);
    expect(stdout).toBe('');
  });

  test('in the environment exits 64 and names the variable too', async () => {
    const { code, stderr } = await run(['serve'], { env: { JETBUS_DRAIN: 'x' } });
    expect(code).toBe(64);
    expect(stderr).toMatch(/--drain.*JETBUS_DRAIN/);
  });
});

describe('the environment', () => {
  test.each(['serve', 'publish', 'notify', 'poll', 'log'])(
    'has a variable for each option of %s, as its help says, which exits 0',
    async (command) => {
      const { code, stdout, stderr } = await run([command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: jetbus ${command} [options]`);
      const [, options = ''] = /^Options:\n([\s\S]*?)\n\n/m.exec(stdout) ?? [];
      const each = options.replace(/\n {4,}/g, ' ').split('\n');
      const shown = each.map((text) => [
        /--(?:no-)?([a-z-]+)/.exec(text)?.[1],
        /env:\s+(\w+)\)/.exec(text)?.[1],
      ]);
      const isPublishing = command === 'publish' || command === 'notify';
      const expected = shown.map(([name = '']) => {
        if (name === 'help') return [name, undefined];
        if (name === 'log' && isPublishing) return [name, 'JETBUS_PUBLISH_LOG'];
        return [name, `JETBUS_${name.replaceAll('-', '_').toUpperCase()}`];
      });
      expect(shown.length).toBeGreaterThan(4);
      expect(shown).toEqual(expected);
    },
  );

  test('configures a node, a publisher and a poll', async () => {
    const { url } = await serve([], {
      env: {
        JETBUS_LOG: 'memory:',
        JETBUS_PUBLISH_TOKEN: 'secret',
        JETBUS_LONG_POLLING_TIMEOUT: '0.1',
        JETBUS_CORS: 'https://a.example,https://b.example',
      },
    });
    const env = {
      JETBUS_URL: url,
      JETBUS_TOKEN: 'secret',
      JETBUS_CHANNEL: 'a, and b',
      JETBUS_COUNT: '2',
    };
    const { code } = await run(['publish', 'demo', 'a, and b', '{"n":1}'], { env });
    expect(code).toBe(0);
    const { stdout } = await run(['poll', 'demo'], { env });
    expect(stdout).toMatch(/^\{"message":\{"n":1,.*\n\{"message":null,"channel":null\}\n$/);

    for (const origin of ['https://a.example', 'https://b.example']) {
      const { headers } = await poll(url, 'demo', {}, { Origin: origin });
      expect(headers['access-control-allow-origin']).toBe(origin);
    }
    expect((await poll(url, 'demo', {}, { Origin: 'https://c.example' })).status).toBe(403);
  });

  test('gives way to the command line', async () => {
    const { url } = await serve(['--log', 'memory:'], {
      env: { JETBUS_LISTEN: '192.0.2.1:80', JETBUS_LOG: 'redis:' },
    });
    expect((await request({ url, path: '/-/readyz', method: 'GET' })).status).not.toBe(404);
  });

  test.each([
    { value: 'true', status: 200 },
    { value: 'false', status: 501 },
  ])('JETBUS_ALLOW_SUBSCRIBE=$value answers polls with $status', async ({ value, status }) => {
    const { url } = await serve(['--log', 'memory:', '--long-polling-timeout', '0'], {
      env: { JETBUS_ALLOW_SUBSCRIBE: value },
    });
    expect((await poll(url, 'demo', {})).status).toBe(status);
  });

  test.each([
    ['JETBUS_SESSIONS', 'jwt:'],
    ['JETBUS_SESSION_TTL', '0'],
    ['JETBUS_SESSION_NEGATIVE_TTL', 'x'],
    ['JETBUS_SESSION_GRACE', 'x'],
    ['JETBUS_LONG_POLLING_JITTER', '2'],
  ])('has %s for the option, and no %s', async (name, value) => {
    const { code, stderr } = await run(['serve'], { env: { [name]: value } });
    expect(code).toBe(64);
    expect(stderr).toContain(name);
  });

  test('JETBUS_INSECURE=false insists on loopback', async () => {
    const { code } = await run(['serve', '--listen', '0.0.0.0:0', '--log', 'memory:'], {
      env: { JETBUS_INSECURE: 'false' },
    });
    expect(code).toBe(64);
  });
});
