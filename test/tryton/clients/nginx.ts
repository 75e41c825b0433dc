/**
 * nginx as docs/tryton/nginx.conf sets it up: that very file inside Debian's own nginx.conf, with only its addresses replaced, so
 * that what an installation has around it is around it here too.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freeAddress } from '../../support/address.ts';
import { checkout, Running } from '../../support/cli.ts';

export interface NginxOptions {
  /** Where trytond is, without a path. */
  readonly trytond: string;
  /** Where each node of Jetbus is. */
  readonly jetbus: ReadonlyArray<string>;
  /** What an installation has in its http block beside the file. */
  readonly around?: string;
  /** Texts of the file that are to be others, such as a time too long for a test. */
  readonly instead?: Readonly<Record<string, string>>;
}

export interface Nginx {
  readonly url: string;
  /** Everything that nginx has read, as it reads it: `nginx -T`. */
  readonly configuration: string;
  readonly stop: () => Promise<void>;
}

const run = promisify(execFile);
const FILE = join(checkout, 'docs/tryton/nginx.conf');
const DEBIAN = '/etc/nginx/nginx.conf';
const TRIES = 3;

/** Starts nginx on a free address; done when it listens. */
export const startNginx = async (options: NginxOptions, tries = TRIES): Promise<Nginx> => {
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-nginx-'));
  const address = await freeAddress();
  const main = join(directory, 'nginx.conf');
  await writeFile(join(directory, 'tryton.conf'), await siteOf(options, address));
  await writeFile(main, await mainOf(options, directory));
  const { stdout: configuration } = await run('nginx', ['-T', '-c', main]);
  // Without its master, so that killing the process ends all of it.
  const nginx = new Running('nginx', ['-c', main, '-g', 'daemon off; master_process off;'], {});
  const stop = async () => {
    nginx.kill('SIGKILL');
    await nginx.exited;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await nginx.line(/OS: /);
    return { url: `http://${address}`, configuration, stop };
  } catch (error) {
    await stop();
    // The free address was taken by somebody else in between.
    if (tries > 1 && String(error).includes('Address already in use')) {
      return startNginx(options, tries - 1);
    }
    throw error;
  }
};

const siteOf = async (options: NginxOptions, address: string): Promise<string> => {
  const { trytond, jetbus, instead = {} } = options;
  const [first = '', ...more] = jetbus.map((url) => `server ${new URL(url).host} fail_timeout=2s;`);
  const addresses = {
    'listen 80;': `listen ${address};`,
    'server 127.0.0.1:8000;': `server ${new URL(trytond).host};`,
    'server 127.0.0.1:8100 fail_timeout=2s;': first,
    '# server 127.0.0.1:8101 fail_timeout=2s;': more.join('\n'),
  };
  return replaced(await readFile(FILE, 'utf8'), { ...addresses, ...instead });
};

/** Debian's file, but for what belongs to the machine: its log, its process id, its other sites, its folders. */
const mainOf = async ({ around = '' }: NginxOptions, directory: string): Promise<string> => {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  const ours = [...folders, around, `include ${join(directory, 'tryton.conf')};`].join('\n');
  return replaced(await readFile(DEBIAN, 'utf8'), {
    'pid /run/nginx.pid;': `pid ${join(directory, 'pid')};`,
    'error_log /var/log/nginx/error.log;': 'error_log stderr notice;',
    'access_log /var/log/nginx/access.log;': 'access_log off;',
    'include /etc/nginx/conf.d/*.conf;': ours,
    'include /etc/nginx/sites-enabled/*;': '',
  });
};

const replaced = (text: string, instead: Readonly<Record<string, string>>): string =>
  Object.entries(instead).reduce((sum, [from, to]) => {
    const [before = '', ...after] = sum.split(from);
    if (after.length !== 1) throw new Error(`“${from}” is there ${after.length} times, not once`);
    return `${before}${to}${after[0]}`;
  }, text);
