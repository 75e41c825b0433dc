/**
 * A PostgreSQL of the tests' own: in a new folder, on a socket in that folder and on no port. Its server refuses to run as
 * root, so root runs it as Debian's user `postgres`. It writes nothing through to the disk, since it lives for one run.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Running } from '../../support/cli.ts';

export interface Postgres {
  /** The folder of its socket, for `PGHOST`. */
  readonly socket: string;
  readonly version: string;
  readonly stop: () => Promise<void>;
}

const run = promisify(execFile);
const PROGRAMS = '/usr/lib/postgresql';
export const DATABASE_USER = 'tryton';

const isRoot = process.getuid?.() === 0;
const ACCOUNT = ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--'];

/** A command line as the user that PostgreSQL may run as. */
const unprivileged = (program: string, args: ReadonlyArray<string>): [string, Array<string>] =>
  isRoot ? ['setpriv', [...ACCOUNT, program, ...args]] : [program, [...args]];

/** The folder of the newest version's programs; Debian has them outside the path. */
const programs = async (): Promise<string> => {
  const versions = (await readdir(PROGRAMS)).sort((a, b) => Number(b) - Number(a));
  return join(PROGRAMS, versions[0] ?? '', 'bin');
};

const ownFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'jetbus-postgres-'));
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  if (isRoot) await run('chown', ['-R', 'postgres:postgres', folder]);
  return folder;
};

const settings = (folder: string): ReadonlyArray<string> =>
  [
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'max_connections=200',
    // To make tables trytond reads views that join many: with every join planned it takes a third of the time.
    'geqo=off',
    'join_collapse_limit=20',
    'from_collapse_limit=20',
    'jit=off',
  ].flatMap((setting) => ['-c', setting]);

/** Starts it; done when it takes connections. */
export const startPostgres = async (): Promise<Postgres> => {
  const [bin, folder] = [await programs(), await ownFolder()];
  const data = join(folder, 'data');
  const cluster = ['--pgdata', data, '--username', DATABASE_USER, '--auth', 'trust', '--no-sync'];
  const encoding = ['--encoding', 'UTF8', '--locale', 'C.UTF-8'];
  await run(...unprivileged(join(bin, 'initdb'), [...cluster, ...encoding]), { cwd: folder });
  const server = join(bin, 'postgres');
  const running = new Running(...unprivileged(server, ['-D', data, ...settings(folder)]), {});
  await running.line(/database system is ready to accept connections/);
  const { stdout } = await run(server, ['--version']);
  return {
    socket: folder,
    version: /[\d.]+/.exec(stdout)?.[0] ?? stdout,
    stop: async () => {
      running.kill('SIGINT');
      await running.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Runs a statement on the server whose socket is there. */
export const sql = async (socket: string, statement: string): Promise<string> => {
  const where = ['--host', socket, '--username', DATABASE_USER, '--dbname', 'postgres'];
  const args = [...where, '--no-psqlrc', '--tuples-only', '--command', statement];
  const { stdout } = await run('psql', args);
  return stdout.trim();
};
