/**
 * Starts the programs of a server, on the cores that are theirs, and ends them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';

/** With two cores and more, servers have the first for themselves; the load, the stores and whatever else have the others. */
const isPinned = availableParallelism() > 1 && canPin();
const OTHERS = `1-${availableParallelism() - 1}`;

function canPin() {
  try {
    execFileSync('taskset', ['--version']);
    return true;
  } catch {
    return false;
  }
}

export const pinning = isPinned
  ? `servers on core 0, their stores and the load on ${OTHERS.replace(/^1-1$/, 'core 1')}`
  : 'nothing is pinned to a core';

/** Where a server is that is measured by how many cores it can use: nearly everywhere. */
const SPREAD = `0-${Math.max(1, availableParallelism() - 2)}`;

export const spreading = isPinned
  ? `servers had cores ${SPREAD} of ${availableParallelism()}, and shared ${OTHERS.replace(/^1-1$/, 'core 1')} with their stores and the load`
  : `servers had all ${availableParallelism()} cores, with their stores and the load`;

/** Moves this process, and what it starts from now on, away from the servers' core. */
export const leaveServersAlone = () => {
  if (isPinned) execFileSync('taskset', ['-apc', OTHERS, String(process.pid)]);
};

/** Moves processes that are running to the servers' core. */
export const moveToServers = (pids) => {
  if (isPinned) for (const pid of pids) execFileSync('taskset', ['-apc', '0', String(pid)]);
};

const placeOf = (isServer, isSpread) =>
  isServer && isPinned ? ['taskset', '-c', isSpread ? SPREAD : '0'] : [];

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** Starts a program; done when a line of its output or of its error stream is as it should be. */
export const startProgram = async (program, args, { isServer, isSpread, ready, cwd }) => {
  const [file, ...rest] = [...placeOf(isServer, isSpread), program, ...args];
  const child = spawn(file, rest, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const ended = once(child, 'close').then(() => running.delete(child));
  let said = '';
  const found = await new Promise((resolve, reject) => {
    const look = (line) => {
      said = `${said}${line}\n`.slice(-4000);
      const match = ready.exec(line);
      if (match !== null) resolve(match);
    };
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', look);
    }
    child.once('error', reject);
    void ended.then(() => reject(new Error(`${program} ended before it was ready:\n${said}`)));
  });
  const stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    await ended;
  };
  const failed = ended.then(() => {
    throw new Error(`${program} ended while it was needed:\n${said}`);
  });
  failed.catch(() => {});
  return { pid: child.pid, found, stop, failed };
};

/** Node, ready to collect its garbage when it is told, and to write a profile of it if that is wanted. */
export const startNode = (args, { profiles, name, ...options }) => {
  const profiling =
    profiles === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profiles}`, ...profileName(name, options)];
  const collecting = ['--expose-gc', '--import', new URL('collect.mjs', import.meta.url).href];
  return startProgram(process.execPath, [...collecting, ...profiling, ...args], {
    isServer: true,
    ...options,
  });
};

/** The token that a node is given, and takes. */
export const TOKEN = 'bench';

/** Nodes, and the processes of their store, as the load is told of them: they take polls as Jetbus does, and said on which ports when they began. */
export const targetOf = (nodes, store, more) => {
  const ports = nodes.map(({ found }) => Number(found[1]));
  const server = nodes.map(({ pid }) => pid);
  return {
    target: {
      ...{ adapter: 'jetbus', port: ports[0], ports, database: 'bench', token: TOKEN },
      pids: { server, store, collects: true },
      ...more,
    },
    failed: nodes[nodes.length - 1].failed,
    stop: () => Promise.all(nodes.map(({ stop }) => stop())),
  };
};

/** Workers are started with the arguments of their primary, and would all write the one file. */
const profileName = (name, { isSpread }) =>
  isSpread ? [] : [`--cpu-prof-name=${name}.cpuprofile`];

/** A port that is free now, for programs that cannot choose one themselves. */
export const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
};
