/**
 * What the figures were measured on.
 */
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release } from 'node:os';
import { natsServer } from './servers/nats.mjs';
import { prepareNchan } from './servers/nchan.mjs';
import { pinning } from './servers/start.mjs';
import { prepareTrytond } from './servers/trytond.mjs';

/** What some servers need first; each says its version. */
const PREPARE = {
  nats: async () => `nats-server ${(await natsServer()).version}`,
  nchan: prepareNchan,
  trytond: prepareTrytond,
};
/** How many files a process can have open, sockets among them. */
export const openFiles = () =>
  Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1]);

/** The machine and the versions of what is measured, which is installed where it is missing. */
export const describeMachine = async ({ servers }) => {
  const versions = [];
  for (const name of servers) if (PREPARE[name] !== undefined) versions.push(await PREPARE[name]());
  const [{ model }] = cpus();
  return {
    when: new Date().toISOString(),
    processor: `${cpus().length} × ${model} (${arch()})`,
    system: `Linux ${release()}`,
    versions: [`Node ${process.version.slice(1)}`, ...versions],
    pinning,
    loadBefore: loadavg(),
  };
};
