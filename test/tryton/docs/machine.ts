/**
 * A fresh machine: Debian 12 with its own systemd, processes, files and network, on which Node is installed and the repository
 * is in /opt/jetbus. It has this machine's kernel and this machine's way to the registries of packages, and no port of its
 * own is one of this machine's. It lives in memory, and ends with this process however that ends.
 */
import { execFile } from 'node:child_process';
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout, directory, type Ended, Running } from '../../support/cli.ts';
import { freshDebian } from './debian.ts';

const run = promisify(execFile);

const SCRIPT = join(checkout, 'test/tryton/docs/machine.sh');
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** As root has it who has just logged in. */
const ENVIRONMENT = {
  HOME: '/root',
  LANG: 'C.UTF-8',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

export class Machine {
  readonly #all: ReadonlyArray<Running>;
  /** Its first process, as this machine numbers it. */
  readonly #init: string;

  private constructor(all: ReadonlyArray<Running>, init: string) {
    this.#all = all;
    this.#init = init;
  }

  /** Done when it has booted, and reaches the registries. */
  static async boot(say: (line: string) => void): Promise<Machine> {
    const debian = await freshDebian(say);
    const args = [SCRIPT, debian, checkout, process.execPath, ...(await npm())];
    const machine = new Running('unshare', [...NAMESPACES, ...args], {});
    const all = [machine];
    try {
      await machine.line(/Reached target .*multi-user/);
      const init = await childOf(await childOf(machine.pid));
      const network = ['--configure', '--disable-host-loopback', '--mtu=65520', '--ready-fd=1'];
      const slirp = new Running('slirp4netns', [...network, init, 'tap0'], {});
      all.push(slirp);
      await slirp.line(/^1/);
      return new Machine(all, init);
    } catch (error) {
      await end(all);
      throw new Error(`The fresh machine does not boot: ${(error as Error).message}`);
    }
  }

  /** Starts commands as root types them in; none is done after one that fails. */
  start(commands: string): Running {
    const environment = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
    const shell = ['env', '--ignore-environment', '--chdir=/root', ...environment, 'bash', '-ec'];
    const inside = ['--target', this.#init, '--all', '--', ...shell];
    return new Running('nsenter', [...inside, commands], {});
  }

  run(commands: string): Promise<Ended> {
    return this.start(commands).exited;
  }

  /** What commands print; fails with all that they said when one of them fails. */
  async output(commands: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(commands);
    if (code === 0) return stdout;
    throw new Error(
      `Exit code ${code} of\n\n${commands}\n\n${stdout.slice(-4000)}${stderr.slice(-4000)}`,
    );
  }

  /** What to put before a command line of this machine's to run it in the fresh machine's network, as a client of it. */
  nearby(): ReadonlyArray<string> {
    return ['nsenter', `--net=/proc/${this.#init}/ns/net`, '--'];
  }

  /** A program of this machine's as one that does so by itself, until the test ends. */
  async nearbyProgram(program: string): Promise<string> {
    const file = join(directory(), 'nearby');
    await writeFile(file, `#!/bin/sh\nexec ${this.nearby().join(' ')} ${program} "$@"\n`, {
      mode: 0o700,
    });
    return file;
  }

  off(): Promise<void> {
    return end(this.#all);
  }
}

const end = async (all: ReadonlyArray<Running>): Promise<void> => {
  for (const each of all) each.kill('SIGKILL');
  await Promise.all(all.map(({ exited }) => exited));
};

const childOf = async (pid: number | string | undefined): Promise<string> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const [child = ''] = children.split(' ');
  if (child === '') throw new Error(`the process ${pid} has no child`);
  return child;
};

/** Where npm is, and its two files of settings. */
const npm = async (): Promise<ReadonlyArray<string>> => {
  const [root, user, global] = await Promise.all(
    [
      ['root', '--global'],
      ['config', 'get', 'userconfig'],
      ['config', 'get', 'globalconfig'],
    ].map(async (args) => (await run('npm', args, { cwd: '/' })).stdout.trim()),
  );
  return [await realpath(join(root ?? '', 'npm')), user ?? '', global ?? ''];
};
