/**
 * Debian's packages for the tests: installed on the machine where that may be done, or unpacked into a folder, which
 * leaves the machine as it is and needs no root. Apt verifies both by the keys that the machine trusts.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Installs packages; when it may not or cannot, it says so, and what else could be done. */
export const installPackages = async (
  packages: ReadonlyArray<string>,
  otherwise: string,
): Promise<void> => {
  const names = packages.join(' ');
  if (process.getuid?.() !== 0) {
    throw new Error(`Only root may install ${names}. ${otherwise}`);
  }
  const apt = (...args: ReadonlyArray<string>) =>
    run('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  // An unrelated source that fails must not matter, so the installation alone decides.
  const update = await apt('update').then(({ stderr }) => stderr, reason);
  await apt('install', '--yes', '--no-install-recommends', ...packages).catch((error: unknown) => {
    throw new Error(`apt does not install ${names}. ${otherwise}\n${update}\n${reason(error)}`);
  });
};

/** Apt's state lives in the given directory, and hooks that serve the system's state are off. */
const privateState = (directory: string): string => `
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State::Lists "${directory}/lists";
Dir::Cache "${directory}/cache";
`;

/** No sources but those of one file, and nothing known of what is installed. */
const ownSources = (directory: string): string => `
Dir::State::Status "${directory}/status";
Dir::Etc::SourceList "${directory}/release.list";
Dir::Etc::SourceParts "/dev/null";
`;

/** The mirrors that the machine has its own packages from. */
export const mirrors = async (): Promise<ReadonlyArray<string>> => {
  const system = await readFile('/etc/os-release', 'utf8');
  const own = /^VERSION_CODENAME=(\S+)$/m.exec(system)?.[1];
  const format = '$(RELEASE) $(COMPONENT) $(REPO_URI)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format]);
  const found = stdout.split('\n').flatMap((line) => {
    const [suite, component, mirror] = line.split(' ');
    return suite === own && component === 'main' && mirror !== undefined ? [mirror] : [];
  });
  if (found.length === 0) {
    throw new Error(`None of apt's sources has the suite ${own}, so there is no mirror to ask`);
  }
  return [...new Set(found)];
};

/** The lines of another release of the system, at those mirrors. */
const sourcesOf = async (release: string): Promise<string> =>
  (await mirrors()).map((mirror) => `deb ${mirror} ${release} main\n`).join('');

export interface Unpacking {
  readonly packages: ReadonlyArray<string>;
  /** Of which release of Debian; the machine's own sources if not given. */
  readonly release?: string;
  readonly otherwise: string;
}

/** Unpacks packages, without those that they need, and answers where; apt's own files are beside it. */
export const unpackPackages = async (
  directory: string,
  { packages, release, otherwise }: Unpacking,
): Promise<string> => {
  const conf = join(directory, 'apt.conf');
  const root = join(directory, 'root');
  const apt = (...args: ReadonlyArray<string>) =>
    run('apt-get', ['-c', conf, ...args], { cwd: directory });
  await mkdir(join(directory, 'lists', 'partial'), { recursive: true });
  if (release !== undefined) {
    await writeFile(join(directory, 'status'), '');
    await writeFile(join(directory, 'release.list'), await sourcesOf(release));
  }
  const sources = release === undefined ? '' : ownSources(directory);
  await writeFile(conf, privateState(directory) + sources);
  // An unrelated source that fails must not matter, so the download alone decides.
  const update = await apt('update').then(({ stderr }) => stderr, reason);
  await apt('download', ...packages).catch((error: unknown) => {
    const names = packages.join(' ');
    throw new Error(`apt offers no ${names}. ${otherwise}\n${update}\n${reason(error)}`);
  });
  const archives = (await readdir(directory)).filter((name) => name.endsWith('.deb'));
  await mkdir(root);
  for (const archive of archives) await run('dpkg', ['-x', join(directory, archive), root]);
  return root;
};
