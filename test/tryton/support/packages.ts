/**
 * The Tryton that the tests run: Debian 12's own packages, which are installed where they are missing and that may be
 * done, and trytond 7.0 with its clients from Debian 13, unpacked into a folder. They run on the packages of Python that
 * Debian 12 has. Where they cannot be had, everything fails with the reason.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { installPackages, unpackPackages } from '../../support/apt.ts';
import { checkout } from '../../support/cli.ts';

export const RELEASES = ['6.0', '7.0'] as const;
export type ReleaseName = (typeof RELEASES)[number];

export interface Release {
  readonly name: ReleaseName;
  /** Which one of the release it is exactly. */
  readonly version: string;
  /** Where its `usr` is: the machine's own root, or a folder. */
  readonly root: string;
}

type Say = (line: string) => void;

const run = promisify(execFile);

const MACHINE = '/';
export const PYTHON = '/usr/bin/python3';
const TRYTON = ['tryton-server', 'tryton-client', 'tryton-sao'];
const NEEDED = [
  ...TRYTON,
  'postgresql',
  'python3-psycopg2',
  'python3-pip',
  'python3-setuptools',
  'uwsgi-plugin-python3',
  'nginx',
];
const otherwise = `On Debian 12, install ${NEEDED.join(' ')}.`;

const isInstalled = (name: string): Promise<boolean> =>
  run('dpkg', ['--status', name]).then(
    ({ stdout }) => /^Status: .* installed$/m.test(stdout),
    () => false,
  );

const install = async (say: Say): Promise<void> => {
  const missing: Array<string> = [];
  for (const name of NEEDED) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return;
  say(`Installing ${missing.join(' ')} by apt, as the tests with Tryton need them.`);
  await installPackages(missing, otherwise);
};

/** Unpacked beside its place and renamed, so that it is there wholly or not at all. */
const unpackInto = async (path: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const directory = await mkdtemp(`${path}-`);
  try {
    await rename(
      await unpackPackages(directory, { packages: TRYTON, release: 'trixie', otherwise }),
      path,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const inspect = async (name: ReleaseName, root: string): Promise<Release> => {
  const [trytond, env] = [join(root, 'usr/bin/trytond'), { ...process.env, ...pythonOf(root) }];
  const { stdout } = await run(PYTHON, [trytond, '--version'], { env });
  const version = stdout.trim().replace(/^trytond /, '');
  if (!version.startsWith(`${name}.`)) {
    throw new Error(`${trytond} is ${version}, and the tests want ${name}. ${otherwise}`);
  }
  return { name, version, root };
};

/** What Python needs in its environment to find a release, and further folders before it. */
export const pythonOf = (
  root: string,
  folders: ReadonlyArray<string> = [],
): Readonly<Record<string, string>> => {
  const own = root === MACHINE ? [] : [join(root, 'usr/lib/python3/dist-packages')];
  return {
    PYTHONPATH: [...folders, ...own].join(':'),
    // The checkout, which holds the plug-in, stays without compiled files.
    PYTHONPYCACHEPREFIX: join(checkout, '.cache/tryton/compiled'),
  };
};

/** The releases, once they are there; tells which they are, and what it had to fetch. */
export const releases = async (say: Say): Promise<ReadonlyArray<Release>> => {
  await install(say);
  const unpacked = join(checkout, '.cache/tryton/7.0');
  const found = await inspect('7.0', unpacked).catch(async () => {
    say(`Unpacking Tryton 7.0 of Debian 13 into ${relative(checkout, unpacked)}.`);
    await rm(unpacked, { recursive: true, force: true });
    await unpackInto(unpacked);
    return inspect('7.0', unpacked);
  });
  return [await inspect('6.0', MACHINE), found];
};
