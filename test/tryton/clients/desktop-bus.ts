/**
 * Tryton's desktop client without its windows: it logs in and listens by its own modules, as they are installed.
 */
import { join } from 'node:path';
import { checkout, directory, type Running, startProgram } from '../../support/cli.ts';
import { PYTHON, pythonOf, type Release } from '../support/packages.ts';

export interface Account {
  readonly release: Release;
  /** trytond's, or a proxy's before it. */
  readonly url: string;
  readonly database: string;
  readonly login: string;
  readonly password: string;
  /** A command line that runs the client in another place, such as another network. */
  readonly via?: ReadonlyArray<string>;
}

/** What the client hands to the desktop to be shown. */
export interface Shown {
  readonly title: string;
  readonly body: string | null;
  readonly priority: number;
}

const PROGRAM = join(checkout, 'test/tryton/clients/desktop_bus.py');

/** A client that is logged in, until the test ends. */
export class DesktopBus {
  /** The second half of its own channel, `client:…`. */
  readonly client: string;
  readonly #running: Running;

  private constructor(running: Running, client: string) {
    this.#running = running;
    this.client = client;
  }

  static async login(account: Account): Promise<DesktopBus> {
    const { release, url, database, login, password, via = [] } = account;
    const { hostname, port } = new URL(url);
    const client = [PYTHON, PROGRAM, `${hostname}:${port || 80}`, database, login, password];
    const [program = PYTHON, ...args] = [...via, ...client];
    const env = { ...pythonOf(release.root), HOME: directory() };
    const running = startProgram(program, args, { env });
    const [, id = ''] = await running.line(/^\{"client": "(.+)"\}$/);
    return new DesktopBus(running, id);
  }

  /** What it has shown, once there is so much. */
  async shown(count: number): Promise<ReadonlyArray<Shown>> {
    const [, ...lines] = await this.#running.lines(1 + count);
    return lines.map((line) => JSON.parse(line));
  }

  /** Done when its log has a pattern. */
  async logged(pattern: RegExp): Promise<void> {
    await this.#running.line(pattern);
  }

  async logout(): Promise<void> {
    this.#running.kill('SIGUSR1');
    await this.#running.line(/^\{"logout": true\}$/);
  }
}
