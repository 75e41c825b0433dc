/**
 * A trytond in processes of its own, on one address over all its lives. It ends with the test run, however that ends.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddress } from '../../support/address.ts';
import { Running } from '../../support/cli.ts';
import { type Config, configText, environmentOf } from './configuration.ts';
import { PYTHON, type Release } from './packages.ts';

export interface TrytondOptions {
  readonly release: Release;
  readonly database: string;
  readonly config: Config;
  /** The folder of PostgreSQL's socket. */
  readonly socket: string;
  /** Its own server of one process unless Debian's uWSGI is told, as `tryton-server-uwsgi` configures it but for two processes. */
  readonly server?: 'uwsgi';
  /** Where the plug-in is, if not in the checkout. */
  readonly plugin?: string;
}

const UWSGI = ['--plugins', 'python3', '--wsgi', 'trytond.application:app', '--threads', '4'];
const TWO_PROCESSES = ['--processes', '2', '--master', '--die-on-term', '--no-orphans'];

export class Trytond {
  readonly url: string;
  readonly #address: string;
  readonly #folder: string;
  readonly #options: TrytondOptions;
  #running: Running | undefined;

  private constructor(folder: string, address: string, options: TrytondOptions) {
    this.url = `http://${address}`;
    this.#address = address;
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: TrytondOptions): Promise<Trytond> {
    const folder = await mkdtemp(join(tmpdir(), 'jetbus-tryton-'));
    const address = await freeAddress();
    const web = { listen: address, root: undefined, ...options.config['web'] };
    const trytond = new Trytond(folder, address, options);
    const config = configText({
      ...options.config,
      database: { path: folder, ...options.config['database'] },
      web,
    });
    await writeFile(trytond.#configFile, config);
    await trytond.launch();
    return trytond;
  }

  /** Starts it, unless it runs; done when it takes requests, with the database loaded. */
  async launch(): Promise<void> {
    if (this.#running !== undefined) return;
    const { release, database, socket, server, plugin } = this.#options;
    const env = {
      ...environmentOf(release, socket, plugin),
      TRYTOND_CONFIG: this.#configFile,
      TRYTOND_DATABASE_NAMES: database,
    };
    if (server === 'uwsgi') {
      const where = ['--http-socket', this.#address];
      this.#running = new Running('uwsgi', [...UWSGI, ...TWO_PROCESSES, ...where], { env });
      await this.#running.line(/spawned uWSGI worker 2/);
    } else {
      const trytond = join(release.root, 'usr/bin/trytond');
      const args = [trytond, '-c', this.#configFile, '-d', database, '-v'];
      this.#running = new Running(PYTHON, args, { env });
      await this.#running.line(/Running on http/);
    }
  }

  /** Its log, once it has what a pattern tells. */
  async logged(pattern: RegExp): Promise<void> {
    await this.#running?.line(pattern);
  }

  readonly stop = (): Promise<void> => this.#end('SIGTERM');
  readonly kill = (): Promise<void> => this.#end('SIGKILL');

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #configFile(): string {
    return join(this.#folder, 'trytond.conf');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.kill(signal);
    await running?.exited;
  }
}
