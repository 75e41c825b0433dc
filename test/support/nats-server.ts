/**
 * A test kit around the real nats-server: a test starts, stops, kills, pauses and restarts servers
 * and clusters, each on its own ports and directory, so that test files can run side by side.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { freeAddress } from './address.ts';

/**
 * Kills the server when this process ends in whatever way. A shell does it, as its input ends
 * then: vitest ends its workers with SIGTERM or SIGKILL, and neither emits an 'exit' event.
 */
const killWithThisProcess = (server: ChildProcess): void => {
  const guard = spawn('sh', ['-c', 'read _; kill -9 $0', `${server.pid}`], { detached: true });
  server.once('exit', () => guard.kill('SIGKILL'));
};

/** Stops it for certain: after the signal alone, a busy process may still find time to answer. */
const halt = (server: ChildProcess | undefined): void => {
  const halted = 'grep -qs ") T" /proc/$0/stat || ps -o state= -p $0 | grep -q T';
  const script = `kill -STOP $0 && until ${halted}; do sleep .01; done`;
  execFileSync('sh', ['-c', script, `${server?.pid}`], { stdio: 'ignore', timeout: 5_000 });
};

/** Waits for the log to say so; the server says it once JetStream is up and clients may connect. */
const untilReady = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = '';
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes('Server is ready')) resolve();
    });
    server.once('close', (code, signal) => {
      reject(new Error(`nats-server ended (${code ?? signal}) before it was ready:\n${log}`));
    });
  });

const until = async (what: string, ms: number, check: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + ms;
  while (!(await check().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what} does not become ready`);
    await sleep(50);
  }
};

export class NatsServer {
  readonly url: string;
  readonly storeDir: string;
  readonly #directory: string;
  readonly #health: string;
  #process: ChildProcess | undefined;

  readonly stop = (): Promise<void> => this.#end('SIGTERM');
  readonly kill = (): Promise<void> => this.#end('SIGKILL');
  /** On the same port and store; in a cluster it does not wait for the others, see `healthy`. */
  readonly restart = (): Promise<void> => this.stop().then(() => this.#launch());
  readonly pause = (): void => halt(this.#process);
  readonly resume = (): void => void this.#process?.kill('SIGCONT');

  private constructor(directory: string, address: string, monitor: string) {
    this.url = `nats://${address}`;
    this.storeDir = join(directory, 'store');
    this.#directory = directory;
    this.#health = `http://${monitor}/healthz`;
  }

  /** `config` is further lines for the server's config file. */
  static async start({ config = '' }: { readonly config?: string } = {}): Promise<NatsServer> {
    const directory = await mkdtemp(join(tmpdir(), 'jetbus-nats-'));
    const [address, monitor] = [await freeAddress(), await freeAddress()];
    const server = new NatsServer(directory, address, monitor);
    const own = `server_name: "${address}"\nlisten: "${address}"\nhttp: "${monitor}"`;
    const jetstream = `jetstream { store_dir: ${JSON.stringify(server.storeDir)} }`;
    await writeFile(join(directory, 'nats.conf'), [own, jetstream, config, ''].join('\n'));
    await server.#launch();
    return server;
  }

  /** Waits until JetStream works here; in a cluster it does once there is a leader to follow. */
  async healthy(): Promise<void> {
    await until(this.url, 20_000, async () => (await fetch(this.#health)).ok);
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #launch(): Promise<void> {
    const { JETBUS_TEST_NATS_SERVER: binary } = process.env;
    if (!binary) throw new Error('JETBUS_TEST_NATS_SERVER is not set: use test/vitest.config.ts');
    const args = ['-c', join(this.#directory, 'nats.conf')];
    this.#process = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    await once(this.#process, 'spawn');
    killWithThisProcess(this.#process);
    await untilReady(this.#process);
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const server = this.#process;
    if (!server?.kill(signal)) return;
    server.kill('SIGCONT'); // a paused process sees no SIGTERM
    await once(server, 'exit');
  }
}

/** A leader may not know its followers' resources yet: only a stream on all of them proves it. */
const untilReplicating = async (servers: ReadonlyArray<NatsServer>): Promise<void> => {
  const connection = await connect({ servers: servers.map(({ url }) => url) });
  const probe = { name: 'probe', num_replicas: servers.length, storage: StorageType.Memory };
  await until('the cluster', 5_000, async () => {
    const { streams } = await jetstreamManager(connection, { timeout: 1000 });
    return (await streams.add(probe)) && (await streams.delete(probe.name));
  }).finally(() => connection.close());
};

export const stopCluster = async (servers: ReadonlyArray<NatsServer>): Promise<void> => {
  await Promise.all(servers.map((server) => server.dispose()));
};

const formCluster = async (size: number): Promise<Array<NatsServer>> => {
  const members = await Promise.all(Array.from({ length: size }, freeAddress));
  const routes = members.map((member) => `"nats://${member}"`).join(', ');
  const shared = `name: "${members[0]}", routes: [${routes}]`;
  const configs = members.map((listen) => `cluster { listen: "${listen}", ${shared} }`);
  const servers: Array<NatsServer> = [];
  try {
    for (const config of configs) servers.push(await NatsServer.start({ config }));
    await Promise.all(servers.map((server) => server.healthy()));
    await untilReplicating(servers);
    return servers;
  } catch (error) {
    await stopCluster(servers);
    throw error;
  }
};

/** Tries thrice, as fresh servers of some versions at times form a cluster that stays broken. */
export const startCluster = (size: number): Promise<Array<NatsServer>> => {
  const attempt = () => formCluster(size);
  return attempt().catch(attempt).catch(attempt);
};
