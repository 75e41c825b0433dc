/**
 * What can be measured, by the names that `--servers` takes.
 */
import { availableParallelism } from 'node:os';
import { startFloor, startNetFloor } from './floor.mjs';
import { startJetbus } from './jetbus.mjs';
import { startNchan } from './nchan.mjs';
import { startTrytond } from './trytond.mjs';

const jetbus = (log, { args = [], ...more } = {}) => ({
  isJetbus: true,
  title: `Jetbus, ${log}`,
  start: (options) =>
    startJetbus({ log, ...more, ...options, args: [...args, ...(options.args ?? [])] }),
});
const journaled = (log) => ({
  ...jetbus(log, { journal: true }),
  title: `Jetbus, ${log}, with a journal`,
  without: log,
});

const byWorkers = (count) => ({
  ...jetbus('nats', { args: ['--workers', String(count)] }),
  title: `Jetbus, nats, ${count} workers`,
  without: 'nats',
});

export const SERVERS = {
  floor: { title: 'bare node:http, the floor', start: startFloor },
  net: { title: 'bare node:net', start: startNetFloor, only: ['fan-out', 'direct'] },
  memory: jetbus('memory'),
  file: jetbus('file'),
  nats: jetbus('nats'),
  nchan: { title: 'nchan (nginx, C)', start: startNchan, isPeer: true },
  // A thread for each poll: with 2,000 it closes connections. It is given less to do, as it takes so long.
  trytond: {
    title: 'trytond and PostgreSQL',
    start: startTrytond,
    isPeer: true,
    most: 1000,
    share: 1 / 20,
  },
};

export const JOURNALED = {
  'memory+journal': journaled('memory'),
  'file+journal': journaled('file'),
  'nats+journal': journaled('nats'),
};

/** As many workers as there are cores for, at most. */
export const WORKERS = Object.fromEntries(
  [2, 4]
    .filter((count) => count <= availableParallelism())
    .map((count) => [`nats×${count}`, byWorkers(count)]),
);
