/**
 * What is done and on which servers, and what is told of it.
 */
import { JOURNALED, SERVERS, WORKERS } from './servers/all.mjs';
import { spreading } from './servers/start.mjs';

const micro = (key, title, ratio = false) => ({ key, title: `${title}, µs`, digits: 1, ratio });
const milli = (key, title, ratio = false) => ({ key, title: `${title}, ms`, digits: 1, ratio });
const second = (key, title, ratio = false) => ({ key, title: `${title}/s`, digits: 0, ratio });
const kilobytes = (key, title, ratio = false) => ({ key, title: `${title}, kB`, digits: 1, ratio });
const percent = (key, title) => ({ key, title: `${title}, %`, digits: 2, factor: 100 });

const cpu = [
  micro('cpu', 'CPU each', true),
  micro('serverCpu', 'server', true),
  micro('storeCpu', 'store'),
  micro('kernelCpu', 'kernel'),
];
const latency = [milli('p50', 'p50', true), milli('p99', 'p99', true), milli('max', 'max', true)];
const memory = [
  kilobytes('memory', 'a held poll', true),
  kilobytes('uncollectedMemory', 'with garbage', true),
  { key: 'wholeMemory', title: 'in all, MB', digits: 0 },
];

const isAny = () => true;
const isOurs = ({ isJetbus }) => isJetbus;
const isNotTrytond = ({ most }) => most === undefined;

/** What fits into a number of subscribers, in the full run and in the quick one. */
const sized = (full, quick) => (options) => (options.quick ? quick : full)(options);

export const WORK = {
  'fan-out': {
    title: 'Fan-out: one publish answers all held polls; for each delivery',
    job: 'fanOut',
    servers: isAny,
    size: sized(
      ({ count }) => ({ warm: Math.ceil(40_000 / count), publishes: Math.ceil(60_000 / count) }),
      () => ({ warm: 3, publishes: 5 }),
    ),
    columns: [...cpu, ...latency, second('perSecond', 'deliveries')],
  },
  direct: {
    title: 'Direct: each publish answers one held poll; for each delivery, its publish included',
    job: 'direct',
    servers: isAny,
    size: sized(
      ({ count }) => ({ warm: 8 * count, publishes: 10 * count, publishers: 16 }),
      ({ count }) => ({ warm: count, publishes: 2 * count, publishers: 4 }),
    ),
    columns: [...cpu, ...latency, second('perSecond', 'deliveries')],
  },
  resume: {
    title: 'Resume: a poll that comes back with an old id, and is answered at once',
    job: 'resume',
    servers: isOurs,
    mostRounds: 2,
    args: ({ windowSeconds }) => ['--cache-timeout', String(windowSeconds)],
    size: sized(
      () => ({ count: 2000, behind: 100_000, windowSeconds: 75 }),
      () => ({ count: 50, behind: 500, windowSeconds: 10 }),
    ),
    columns: [
      micro('nearCpu', '1 behind'),
      micro('farCpu', 'many behind, recent'),
      micro('oldCpu', 'many behind, old'),
      milli('nearP50', 'p50 of 1'),
      milli('farP50', 'recent'),
      milli('oldP50', 'old'),
    ],
  },
  idle: {
    title: 'Idle: memory of a held poll, and CPU while nothing happens',
    job: 'idle',
    servers: isAny,
    mostRounds: 1,
    size: sized(
      () => ({ settleSeconds: 20, emptySeconds: 20, holdingSeconds: 60 }),
      () => ({ settleSeconds: 0, emptySeconds: 1, holdingSeconds: 1 }),
    ),
    columns: [
      ...memory,
      percent('idleCpu', 'core, no polls'),
      percent('holdingCpu', 'core, holding'),
    ],
  },
  crowd: {
    title: 'Crowd: as many polls as one process can hold, fan-out; for each delivery',
    job: 'crowd',
    servers: isNotTrytond,
    size: sized(
      ({ crowd }) => ({ count: crowd, warm: 1, publishes: 4 }),
      () => ({ count: 400, warm: 1, publishes: 2 }),
    ),
    columns: [...cpu.slice(0, 2), ...latency, ...memory.slice(0, 2)],
  },
  publish: {
    title: 'Publish: acknowledged messages, by one publisher and by 64',
    job: 'publish',
    servers: isNotTrytond,
    size: sized(
      () => ({ warm: 5000, publishes: 12_000 }),
      () => ({ warm: 100, publishes: 400 }),
    ),
    columns: [
      second('perSecondAlone', 'by one', true),
      milli('p50Alone', 'p50'),
      second('perSecond', 'by 64', true),
      milli('p50', 'p50'),
      milli('p99', 'p99'),
      micro('cpu', 'CPU each', true),
      micro('serverCpu', 'server'),
      micro('storeCpu', 'store'),
    ],
  },
  journal: {
    title: 'Journal: fan-out without it and with it; for each delivery',
    job: 'fanOut',
    servers: isOurs,
    pairs: JOURNALED,
    size: sized(
      ({ count }) => ({ warm: Math.ceil(40_000 / count), publishes: Math.ceil(60_000 / count) }),
      () => ({ warm: 3, publishes: 5 }),
    ),
    columns: [...cpu, ...latency],
  },
  workers: {
    title: 'Workers: fan-out by one process and by several on one address; for each delivery',
    footnote: `Ratios are to one process. Here the ${spreading}.`,
    job: 'fanOut',
    servers: (server) => server === SERVERS.nats,
    pairs: WORKERS,
    isSpread: true,
    size: sized(
      ({ count }) => ({ warm: Math.ceil(80_000 / count), publishes: Math.ceil(80_000 / count) }),
      () => ({ warm: 3, publishes: 5 }),
    ),
    columns: [second('perSecond', 'deliveries', true), ...cpu, ...latency],
  },
  herd: {
    title:
      'Herd: one of two nodes is killed, and all its clients come to the other; for each client',
    job: 'herd',
    servers: (server) => server === SERVERS.floor || server === SERVERS.nats,
    nodes: 2,
    size: () => ({}),
    columns: [{ key: 'seconds', title: 'until all are held, s', digits: 2, ratio: true }, ...cpu],
  },
};

/** Measured by bench/replay.mjs, which starts what it needs itself. */
export const REPLAY = {
  title: 'Replay: jetbus replay --verify of a recorded history',
  mostRounds: 1,
  columns: [
    { key: 'records', title: 'records', digits: 0 },
    { key: 'perSecond', title: 'records/s', digits: 0 },
    { key: 'megabytes', title: 'peak, MB', digits: 0 },
  ],
};
