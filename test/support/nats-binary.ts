/**
 * Finds the real nats-server the tests run against, and fetches one where there is none, so that
 * `npm test` needs nothing installed beforehand and never needs root. On Debian-like systems apt
 * fetches and verifies the package from the system's own sources. Elsewhere the project's GitHub
 * release is used: its archive is checked against the SHA256SUMS of that same release, which shows
 * that the download is intact, not who made it.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { unpackPackages } from './apt.ts';

type Binary = { readonly path: string; readonly version: string };
/** `fetchInto` unpacks into a directory and answers where in it the binary is. */
type Source = { readonly name: string; readonly fetchInto: (directory: string) => Promise<string> };

const run = promisify(execFile);
const checkout = resolve(import.meta.dirname, '../..');
const cache = join(checkout, '.cache', 'nats-server');
const releaseVersion = 'v2.12.7';
const releases = 'https://github.com/nats-io/nats-server/releases/download';
const releaseArch: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm7' };
const otherwise = 'Install nats-server, or set NATS_SERVER_BIN to the path of one.';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inspect = async (path: string): Promise<Binary> => {
  const { stdout } = await run(path, ['--version']);
  const version = /\bv(\d\S*)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`it prints no version but ${JSON.stringify(stdout)}`);
  return { path, version };
};

const inspectNamed = (path: string): Promise<Binary> =>
  inspect(path).catch((error: unknown) => {
    throw new Error(`NATS_SERVER_BIN names ${path}, which does not run: ${reason(error)}`);
  });

const firstThatRuns = async (paths: ReadonlyArray<string>): Promise<Binary | undefined> => {
  for (const path of paths) {
    const binary = await inspect(path).catch(() => undefined);
    if (binary !== undefined) return binary;
  }
  return undefined;
};

const fetchWithApt = async (directory: string): Promise<string> => {
  const root = await unpackPackages(directory, { packages: ['nats-server'], otherwise });
  const places = ['sbin', 'bin'].map((place) => join(root, 'usr', place, 'nats-server'));
  const binary = await firstThatRuns(places);
  if (binary === undefined) throw new Error(`apt's nats-server holds none that runs. ${otherwise}`);
  return binary.path;
};

const download = async (file: string): Promise<Buffer> => {
  const url = `${releases}/${releaseVersion}/${file}`;
  const response = await fetch(url).catch((error: unknown) => {
    throw new Error(`${url} cannot be reached: ${reason(error)}. ${otherwise}`);
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}. ${otherwise}`);
  return Buffer.from(await response.arrayBuffer());
};

const fetchRelease = async (directory: string): Promise<string> => {
  const arch = releaseArch[process.arch] ?? process.arch;
  const name = `nats-server-${releaseVersion}-${process.platform}-${arch}`;
  const archive = `${name}.tar.gz`;
  const sums = (await download('SHA256SUMS')).toString();
  const contents = await download(archive);
  const digest = createHash('sha256').update(contents).digest('hex');
  const listed = sums.split('\n').some((line) => line.trim() === `${digest}  ${archive}`);
  if (!listed) throw new Error(`${archive} (SHA-256 ${digest}) is not in its release's SHA256SUMS`);
  await writeFile(join(directory, archive), contents);
  await run('tar', ['-xzf', archive], { cwd: directory });
  return join(directory, name, 'nats-server');
};

const source = (): Promise<Source> =>
  run('apt-get', ['--version']).then(
    () => ({ name: 'apt', fetchInto: fetchWithApt }),
    () => ({ name: releaseVersion, fetchInto: fetchRelease }),
  );

/** Builds beside the cached path and renames into it, so that parallel fetches cannot collide. */
const fetchTo = async (path: string, { fetchInto }: Source): Promise<Binary> => {
  await mkdir(dirname(path), { recursive: true });
  const directory = await mkdtemp(join(cache, 'fetch-'));
  try {
    await rename(await fetchInto(directory), path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return inspect(path);
};

export const natsServerBinary = async (log: (line: string) => void): Promise<Binary> => {
  const { NATS_SERVER_BIN: named, PATH = '' } = process.env;
  if (named) return inspectNamed(resolve(named));
  const from = await source();
  const platform = `${process.platform}-${process.arch}`;
  const cached = join(cache, from.name, platform, 'nats-server');
  const onPath = PATH.split(delimiter).map((directory) => resolve(directory, 'nats-server'));
  const found = await firstThatRuns([...onPath, cached]);
  if (found !== undefined) return found;
  log(
    `Fetching nats-server (${from.name}) into ${relative(checkout, cached)}, as none is installed.`,
  );
  return fetchTo(cached, from);
};
