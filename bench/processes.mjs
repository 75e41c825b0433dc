/**
 * What the server's processes have used, as Linux counts it: CPU in microseconds, and memory in bytes. A process counts with all
 * that it started.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** The unit of /proc/PID/stat on every Linux that Node runs on. */
const TICK_US = 10_000;

/** A process and all below it. */
export const treeOf = (root) => {
  const all = running();
  const tree = all.filter(({ pid }) => pid === root);
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
};

const running = () =>
  readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(name) ?? []) : []));

const statOf = (name) => {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
    return {
      pid: Number(name),
      name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
      parent: Number(fields[1]),
      user: (user + endedUser) * TICK_US,
      system: (system + endedSystem) * TICK_US,
    };
  } catch {
    return undefined; // It ended while it was looked at.
  }
};

/** The processes that another one started. */
export const childrenOf = (parent) => running().filter((each) => each.parent === parent);

const sum = (figures) => figures.reduce((total, figure) => total + figure, 0);

/** Of processes and all below them. */
export const cpuOf = (roots) => {
  const tree = roots.flatMap(treeOf);
  return {
    user: sum(tree.map(({ user }) => user)),
    system: sum(tree.map(({ system }) => system)),
  };
};

/** What is resident of processes and all below them; pages that several have count once for each. */
export const memoryOf = (roots) =>
  sum(
    roots.flatMap(treeOf).map(({ pid }) => {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    }),
  );

/** Starts to count the CPU of the server, and of its store; the function that is returned says how much it was. */
export const countCpu = ({ server, store }) => {
  const roots = { server, store };
  const before = { server: cpuOf(server), store: cpuOf(store) };
  return () =>
    Object.fromEntries(
      Object.entries(roots).map(([name, pids]) => {
        const { user, system } = cpuOf(pids);
        const used = { user: user - before[name].user, system: system - before[name].system };
        return [name, { ...used, total: used.user + used.system }];
      }),
    );
};
