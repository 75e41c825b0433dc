/**
 * Databases of trytond. To make one takes it ten seconds, so there is one of each release with the tests' module in it, and
 * every other is a copy of that, which PostgreSQL makes in a blink.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Config, configText, environmentOf } from './configuration.ts';
import { PYTHON, type Release } from './packages.ts';
import { sql } from './postgres.ts';

const run = promisify(execFile);

export const ADMIN_PASSWORD = 'admin';

const templateOf = ({ name }: Release): string => `template_${name.replace('.', '_')}`;

/** Has trytond make the tables of a database, which is there already, and activate the tests' module. */
const initialise = async (
  release: Release,
  database: string,
  config: Config,
  socket: string,
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'jetbus-tryton-'));
  const [conf, password] = [join(folder, 'trytond.conf'), join(folder, 'password')];
  await writeFile(conf, configText(config));
  await writeFile(password, `${ADMIN_PASSWORD}\n`);
  const admin = join(release.root, 'usr/bin/trytond-admin');
  const what = ['-d', database, '--update', 'jetbus_test', '--activate-dependencies'];
  try {
    await run(PYTHON, [admin, '-c', conf, ...what, '--email', 'admin@example.com'], {
      env: { ...process.env, ...environmentOf(release, socket), TRYTONPASSFILE: password },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const makeTemplate = async (release: Release, socket: string): Promise<void> => {
  const template = templateOf(release);
  await sql(socket, `CREATE DATABASE ${template}`);
  await initialise(release, template, {}, socket);
};

/** A database, and what trytond's configuration says of it. */
export interface Database {
  readonly database: string;
  readonly settings: NonNullable<Config['database']>;
}

/** A new database of a release; its name is one of its own. */
export const copyTemplate = async (release: Release, socket: string): Promise<Database> => {
  const database = `shop_${randomBytes(6).toString('hex')}`;
  await sql(socket, `CREATE DATABASE ${database} TEMPLATE ${templateOf(release)}`);
  return { database, settings: {} };
};

/** A database that is a file in a folder. */
export const newSqlite = async (
  release: Release,
  socket: string,
  folder: string,
): Promise<Database> => {
  const settings = { uri: 'sqlite://', path: folder };
  await writeFile(join(folder, 'shop.sqlite'), '');
  await initialise(release, 'shop', { database: settings }, socket);
  return { database: 'shop', settings };
};
