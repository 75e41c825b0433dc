/**
 * What trytond is told: its configuration file, and the environment of its processes.
 */
import { join } from 'node:path';
import { checkout } from '../../support/cli.ts';
import { pythonOf, type Release } from './packages.ts';
import { DATABASE_USER } from './postgres.ts';

/** Sections, with the settings of each; an undefined one is not there. */
export type Config = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

const MODULES = join(checkout, 'test/tryton/module');
/** The folder that pip installs the plug-in from. */
export const PLUGIN = join(checkout, 'src/trytond');

/** What holds unless a test says otherwise: the tests' PostgreSQL, and passwords that take no time. */
const DEFAULTS: Config = {
  database: { uri: `postgresql://${DATABASE_USER}@/` },
  password: { passlib: join(import.meta.dirname, 'passlib.ini') },
};

/** As a file for trytond. */
export const configText = (config: Config): string => {
  const sections = new Set([...Object.keys(DEFAULTS), ...Object.keys(config)]);
  return [...sections]
    .map((section) => [section, { ...DEFAULTS[section], ...config[section] }] as const)
    .map(([section, settings]) => {
      const lines = Object.entries(settings).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name} = ${value}`],
      );
      return [`[${section}]`, ...lines, ''].join('\n');
    })
    .join('\n');
};

/** For each process of a release; `plugin` is the folder that its Python finds the plug-in in. */
export const environmentOf = (
  release: Release,
  socket: string,
  plugin = PLUGIN,
): Readonly<Record<string, string>> => ({
  ...pythonOf(release.root, [MODULES, plugin]),
  PGHOST: socket,
  PYTHONUNBUFFERED: '1',
});
