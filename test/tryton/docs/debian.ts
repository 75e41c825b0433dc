/**
 * Debian 12 as it is when it has just been installed, in a folder. debootstrap makes it from the mirror that this machine
 * has its own packages from, in a minute, so it is kept.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { installPackages, mirrors } from '../../support/apt.ts';
import { checkout, Running } from '../../support/cli.ts';

const RELEASE = 'bookworm';
const INCLUDED = ['systemd', 'systemd-sysv', 'dbus', 'ca-certificates'];
/** What it mounts goes with it, also when it is killed. */
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const place = join(checkout, '.cache/tryton/debian-12');

/** The programs that make and boot it, and the packages of those. */
const NEEDED = {
  debootstrap: '/usr/sbin/debootstrap',
  'systemd-container': '/usr/bin/systemd-nspawn',
  slirp4netns: '/usr/bin/slirp4netns',
};

type Say = (line: string) => void;

/** Answers where it is, once it is there; fails with the reason where it cannot be had. */
export const freshDebian = async (say: Say): Promise<string> => {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'Only root can boot a fresh machine, to type docs/tryton.md into. Run it as root.',
    );
  }
  await installMissing(say);
  if (!existsSync(place)) {
    say(`Making a fresh Debian 12 in ${relative(checkout, place)}, as there is none yet.`);
    await make();
  }
  return place;
};

const installMissing = async (say: Say): Promise<void> => {
  const missing = Object.entries(NEEDED).flatMap(([name, file]) =>
    existsSync(file) ? [] : [name],
  );
  if (missing.length === 0) return;
  say(`Installing ${missing.join(' ')} by apt, to boot a fresh machine.`);
  await installPackages(missing, `On Debian 12, install ${Object.keys(NEEDED).join(' ')}.`);
};

/** Beside its place, and renamed, so that it is there wholly or not at all. */
const make = async (): Promise<void> => {
  const [mirror] = await mirrors();
  await mkdir(dirname(place), { recursive: true });
  const folder = await mkdtemp(`${place}-`);
  const root = join(folder, 'root');
  try {
    const options = ['--variant=minbase', `--include=${INCLUDED.join(',')}`];
    const args = [...NAMESPACES, 'debootstrap', ...options, RELEASE, root, mirror ?? ''];
    const { code, stdout, stderr } = await new Running('unshare', args, {}).exited;
    if (code !== 0) {
      const end = `${stdout}${stderr}`.slice(-2000);
      throw new Error(`There is no fresh Debian 12, as debootstrap ends with ${code}:\n${end}`);
    }
    await rename(root, place);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
