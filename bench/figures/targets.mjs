/**
 * What was promised (docs/performance.md), and whether the figures keep it. Each promise is for every log that was measured.
 */
const LOGS = ['memory', 'file', 'nats'];

/** `found` is the figure of a log, `most` or `least` what it should be at most or at least. */
const TARGETS = [
  {
    title: 'fan-out: CPU at most 1.15 times the floor’s',
    work: 'fan-out',
    most: 1.15,
    found: ({ cpu }) => cpu.ratio,
    alone: ({ serverCpu }) => serverCpu.ratio,
  },
  {
    title: 'direct: CPU at most 1.25 times the floor’s',
    work: 'direct',
    most: 1.25,
    found: ({ cpu }) => cpu.ratio,
    alone: ({ serverCpu }) => serverCpu.ratio,
  },
  {
    title: 'crowd: a held poll at most 2 kB above the floor’s',
    work: 'crowd',
    most: 2,
    unit: ' kB',
    found: ({ memory }, floor) => floor && memory.median - floor.memory.median,
  },
  {
    title: 'resume: many behind, recent, at most 2 times 1 behind',
    work: 'resume',
    most: 2,
    found: ({ farCpu, nearCpu }) => farCpu.median / nearCpu.median,
  },
  {
    title: 'resume: many behind, old, at most 2 times 1 behind',
    work: 'resume',
    most: 2,
    found: ({ oldCpu, nearCpu }) => oldCpu.median / nearCpu.median,
  },
  {
    title: 'crowd: p99 at most 3 times the floor’s',
    work: 'crowd',
    most: 3,
    found: ({ p99 }) => p99.ratio,
  },
  {
    title: 'idle: at most 1 % of a core with no polls',
    work: 'idle',
    most: 1,
    unit: ' %',
    found: ({ idleCpu }) => idleCpu.median * 100,
  },
  {
    title: 'journal: CPU at most 1.05 times that without',
    work: 'journal',
    most: 1.05,
    isOf: (name) => name.endsWith('+journal'),
    found: ({ cpu }) => cpu.ratio,
  },
];

const TRYTOND = 35;

/** Each target with what was found of each server; those of which nothing was measured are left out. */
export const judge = (results) => [
  ...TARGETS.flatMap((target) => judgeOne(target, results[target.work] ?? {})),
  ...judgeTrytond(results['fan-out'] ?? {}),
];

const judgeOne = ({ title, most, unit = '×', isOf, found, alone }, { floor, ...servers }) =>
  Object.entries(servers)
    .filter(([name]) => (isOf === undefined ? LOGS.includes(name) : isOf(name)))
    .flatMap(([name, figures]) => {
      const value = found(figures, floor);
      if (value === undefined) return [];
      const without = alone?.(figures);
      return [{ title, server: name, value, unit, holds: value <= most, without, most }];
    });

const judgeTrytond = ({ trytond, ...servers }) =>
  LOGS.flatMap((name) => {
    if (trytond === undefined || servers[name] === undefined) return [];
    const value = trytond.cpu.median / servers[name].cpu.median;
    const title = `fan-out: at least ${TRYTOND} times trytond’s deliveries per CPU second`;
    return [{ title, server: name, value, unit: '×', holds: value >= TRYTOND }];
  });

export const verdictsOf = (judged) =>
  judged
    .map(({ title, server, value, unit, holds, without, most }) => {
      const aside =
        without === undefined || server !== 'nats'
          ? ''
          : `, ${without.toFixed(2)}× without nats-server${!holds && without <= most ? ': holds' : ''}`;
      const word = holds ? 'holds         ' : 'does not hold ';
      return `${word} ${title}: ${server} ${value.toFixed(2)}${unit}${aside}`;
    })
    .join('\n');
