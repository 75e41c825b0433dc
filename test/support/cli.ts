/**
 * The built command line as people run it: in processes of its own, which are killed when the test that started them ends.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Answer, databasePath, request } from './http.ts';

export interface RunOptions {
  /** Added to this process's environment, less whatever it has of Jetbus's. */
  readonly env?: Readonly<Record<string, string>>;
  /** The whole of its input; nothing if not given. */
  readonly input?: string;
  readonly cwd?: string;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Serving {
  readonly node: Running;
  readonly url: string;
}

type Arguments = ReadonlyArray<string>;

export const checkout = resolve(import.meta.dirname, '../..');
export const main = join(checkout, 'dist/cli/main.js');

/** Runs a command of Jetbus to its end. */
export const run = (args: Arguments, options: RunOptions = {}): Promise<Ended> =>
  start(args, options).exited;

/** Starts a command of Jetbus. */
export const start = (args: Arguments, options: RunOptions = {}): Running => {
  if (!existsSync(main)) throw new Error(`${main} is missing: npm run build makes it`);
  return startProgram(process.execPath, [main, ...args], options);
};

/** Starts any program. */
export const startProgram = (
  program: string,
  args: Arguments,
  options: RunOptions = {},
): Running => {
  const running = new Running(program, args, options);
  onTestFinished(async () => {
    running.kill('SIGKILL');
    await running.exited;
  });
  return running;
};

/** Starts a node on a free port, or on another `--listen`; done when it listens. */
export const serve = async (args: Arguments, options: RunOptions = {}): Promise<Serving> => {
  const node = start(['serve', '--listen', '127.0.0.1:0', ...args], options);
  const [, url = ''] = await node.line(/^Jetbus serves on (\S+)$/);
  return { node, url };
};

/** Publishes a message to the database `demo` over HTTP, which costs no process. */
export const publish = (
  url: string,
  channel: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  request({
    url,
    path: `${databasePath('demo')}/bus/publish`,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: `{"channel":${JSON.stringify(channel)},"message":${message}}`,
  });

/** What a node says of itself. */
export const readyz = (url: string): Promise<Answer> =>
  request({ url, path: '/-/readyz', method: 'GET' });

/** A new directory, which is removed when the test ends. */
export const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'jetbus-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Whether a program is there, and its version bears a name if one is given. */
export const isInstalled = (program: string, name = ''): boolean => {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 && stdout.includes(name);
};

export const linesOf = (text: string): ReadonlyArray<string> =>
  text.split('\n').filter((line) => line !== '');

const environment = (added: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^JETBUS_/.test(name))),
  NO_PROXY: '127.0.0.1',
  ...added,
});

/** Kills a process when this one ends in whatever way: the shell's input ends then. */
const killWithThisProcess = (child: ChildProcess): void => {
  const script = 'read -r _; kill -KILL "$0"';
  const guard = spawn('sh', ['-c', script, String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.once('exit', () => guard.kill('SIGKILL'));
};

export class Running {
  readonly exited: Promise<Ended>;
  readonly #child;
  #stdout = '';
  #stderr = '';
  #hasEnded = false;
  #looks: Array<() => void> = [];

  constructor(program: string, args: Arguments, { env = {}, input, cwd = tmpdir() }: RunOptions) {
    const child = spawn(program, args, { cwd, env: environment(env), stdio: 'pipe' });
    this.#child = child;
    child.stdin.on('error', () => {}).end(input);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#look();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#look();
    });
    this.exited = new Promise((end, fail) => {
      child.once('error', fail);
      child.once('close', (code) => {
        this.#hasEnded = true;
        this.#look();
        end({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
    if (child.pid !== undefined) killWithThisProcess(child);
  }

  /** What its output, or else its error stream, has of a pattern, once it has; fails when it ends without. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    const wanted = new RegExp(pattern, 'm');
    return this.#until(
      String(pattern),
      () => wanted.exec(this.#stdout) ?? wanted.exec(this.#stderr),
    );
  }

  /** Its first lines of output, once it has so many. */
  lines(count: number): Promise<ReadonlyArray<string>> {
    return this.#until(`${count} lines`, () => {
      const whole = this.#stdout.split('\n').slice(0, -1);
      return whole.length < count ? null : whole.slice(0, count);
    });
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Signals again and again until it has ended: its exit code. */
  async killedBy(signal: NodeJS.Signals): Promise<number | null> {
    const again = setInterval(() => this.kill(signal), 100);
    const { code } = await this.exited;
    clearInterval(again);
    return code;
  }

  /** Reads no more of its output, as `head` does that has seen enough. */
  closeOutput(): void {
    this.#child.stdout.destroy();
  }

  #until<A>(what: string, find: () => A | null): Promise<A> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found !== null) resolve(found);
        else if (!this.#hasEnded) this.#looks.push(look);
        else reject(new Error(`ended before ${what}:\n${this.#stdout}\n${this.#stderr}`));
      };
      look();
    });
  }

  #look(): void {
    for (const look of this.#looks.splice(0)) look();
  }
}
