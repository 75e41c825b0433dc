/**
 * An installation of Tryton with Jetbus as its bus, for the tests of one `describe`: its database and its trytond are there
 * before the first and gone after the last. Each test serves a Jetbus of its own, on the address that trytond knows.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, inject, onTestFinished } from 'vitest';
import { freeAddress } from '../../support/address.ts';
import { type Running, type Serving, serve } from '../../support/cli.ts';
import type { Config } from './configuration.ts';
import { ADMIN_PASSWORD, copyTemplate, newSqlite } from './database.ts';
import { Listener, type Listening } from './listener.ts';
import type { Release, ReleaseName } from './packages.ts';
import { login, type User } from './rpc.ts';
import { Trytond, type TrytondOptions } from './trytond.ts';

export interface InstallationOptions extends Pick<TrytondOptions, 'server' | 'plugin'> {
  /** More of trytond's configuration. */
  readonly config?: Config;
  /** Where trytond keeps its data, if not in PostgreSQL. */
  readonly backend?: 'sqlite';
}

export const PUBLISH_TOKEN = 'the-token-of-publishers';
const PASSWORD = 'Qx7-vineyard';

export const releaseNamed = (name: ReleaseName): Release => {
  const release = inject('tryton').releases.find((each) => each.name === name);
  if (release === undefined) throw new Error(`there is no trytond ${name}`);
  return release;
};

/** Trytond's settings of a bus that is the plug-in. */
const busSettings = (address: string, spool: string): Config[string] => ({
  class: 'trytond_jetbus.Bus',
  jetbus_url: `http://${address}`,
  jetbus_token: PUBLISH_TOKEN,
  jetbus_spool: spool,
});

/** Stops a node as an operator does. */
export const stop = async (node: Running): Promise<void> => {
  node.kill('SIGTERM');
  await node.exited;
};

export class Installation {
  readonly database: string;
  readonly trytond: Trytond;
  /** Where trytond expects Jetbus. */
  readonly address: string;
  readonly #folder: string;
  readonly #options: TrytondOptions;

  private constructor(trytond: Trytond, options: TrytondOptions, address: string, folder: string) {
    this.database = options.database;
    this.trytond = trytond;
    this.address = address;
    this.#folder = folder;
    this.#options = options;
  }

  static async make(name: ReleaseName, options: InstallationOptions): Promise<Installation> {
    const { socket } = inject('tryton');
    const release = releaseNamed(name);
    const address = await freeAddress();
    const folder = await mkdtemp(join(tmpdir(), 'jetbus-installation-'));
    const { database, settings } =
      options.backend === 'sqlite'
        ? await newSqlite(release, socket, folder)
        : await copyTemplate(release, socket);
    const config = {
      ...options.config,
      database: { ...settings, ...options.config?.['database'] },
      bus: { ...busSettings(address, join(folder, 'spool')), ...options.config?.['bus'] },
    };
    const all: TrytondOptions = { ...options, release, database, config, socket };
    return new Installation(await Trytond.start(all), all, address, folder);
  }

  /** One more trytond on the same database and the same spool, until the test ends. */
  async another(): Promise<Trytond> {
    const trytond = await Trytond.start(this.#options);
    onTestFinished(() => trytond.dispose());
    return trytond;
  }

  /** A Jetbus that asks trytond about sessions, until the test ends; `sessions` is trytond or what stands before it. */
  async serve(args: ReadonlyArray<string> = [], sessions = this.trytond.url): Promise<Serving> {
    const who = ['--sessions', `trytond:${sessions}`, '--publish-token', PUBLISH_TOKEN];
    const where = ['--listen', this.address, '--log', 'memory:', '--drain', '0'];
    const serving = await serve([...where, ...who, ...args]);
    // It answers what it is asked before it stops: a publisher that it leaves alone would ask the next one again.
    onTestFinished(() => stop(serving.node));
    return serving;
  }

  login(name = 'admin', password = name === 'admin' ? ADMIN_PASSWORD : PASSWORD): Promise<User> {
    return login(this.trytond.url, this.database, name, password);
  }

  /** Logs in as somebody new. */
  async loginAsNew(name: string): Promise<User> {
    const admin = await this.login();
    await admin.call('model.res.user.create', [[{ name, login: name, password: PASSWORD }]]);
    return this.login(name);
  }

  /** A client of that user's, on this installation's Jetbus. */
  listen({ authorization }: User, channels: ReadonlyArray<string> = []): Listener {
    return new Listener(this.listening(authorization, channels));
  }

  listening(authorization?: string, channels: ReadonlyArray<string> = []): Listening {
    return { url: `http://${this.address}`, database: this.database, authorization, channels };
  }

  async remove(): Promise<void> {
    await this.trytond.dispose();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What is there while a test of this `describe` runs. */
export const installation = (
  name: ReleaseName,
  options: InstallationOptions = {},
): (() => Installation) => {
  let made: Installation | undefined;
  beforeAll(async () => {
    made = await Installation.make(name, options);
  });
  // A test that failed may have left trytond stopped.
  beforeEach(() => made?.trytond.launch());
  afterAll(() => made?.remove());
  return () => {
    if (made === undefined) throw new Error('it is there only while a test runs');
    return made;
  };
};
