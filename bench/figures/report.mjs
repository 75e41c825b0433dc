/**
 * What a run found: tables and verdicts for people, JSON for machines, a chart.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { REPLAY, WORK } from '../plan.mjs';
import { SERVERS } from '../servers/all.mjs';
import { chartOf } from './chart.mjs';
import { summarise } from './summary.mjs';
import { tableOf } from './table.mjs';
import { judge, verdictsOf } from './targets.mjs';

const say = (text) => process.stdout.write(`${text}\n`);

/** `found` are the figures of each round, by work and server. */
export const report = (found, machine, options) => {
  const results = summariesOf(found);
  const { works, subscribers, rounds } = options;
  say(`\n${machine.processor}, ${machine.system}; ${machine.versions.join('; ')}`);
  say(`${subscribers} subscribers, ${rounds} rounds in alternation; ${machine.pinning}`);
  say(
    `load of the machine before ${machine.loadBefore[0].toFixed(1)}, after ${loadavg()[0].toFixed(1)}`,
  );
  say('The median, its ratio to the floor, and below it the least and the greatest.');
  for (const name of works) {
    const { title, columns, footnote } = WORK[name] ?? REPLAY;
    const rows = Object.entries(results[name]).map(([server, figures]) => [
      titleOf(server),
      figures,
    ]);
    say(tableOf(title, columns, rows).trimEnd());
    if (footnote !== undefined) say(footnote);
  }
  const judged = options.quick ? [] : judge(results);
  if (judged.length > 0) say(`\n${verdictsOf(judged)}`);
  const { json, svg } = options;
  if (json !== undefined) {
    const all = { machine, options, results, targets: judged };
    writeFileSync(json, `${JSON.stringify(all, undefined, 2)}\n`);
  }
  if (svg !== undefined) writeFileSync(svg, chartOf(panelsOf(results)));
};

/** Each server's figures compared with the floor's, and with a journal or workers to the same server's without. */
const summariesOf = (found) =>
  Object.fromEntries(
    Object.entries(found).map(([name, servers]) => [
      name,
      Object.fromEntries(
        Object.entries(servers).map(([server, rounds]) => {
          const without = WORK[name]?.pairs?.[server]?.without;
          return [server, summarise(rounds, servers[without ?? 'floor'])];
        }),
      ),
    ]),
  );

const titleOf = (name) =>
  (SERVERS[name] ?? WORK.journal.pairs[name] ?? WORK.workers.pairs[name])?.title;

const kindOf = ({ isJetbus, isPeer } = {}) => (isPeer ? 'peer' : isJetbus ? 'ours' : 'floor');

const panelsOf = (results) =>
  [
    ['Fan-out: CPU of a delivery, µs (lighter: nats-server’s)', 'fan-out', 'cpu', 0],
    ['Direct: CPU of a delivery and its publish, µs (lighter: nats-server’s)', 'direct', 'cpu', 0],
    ['Memory of a held poll, kB', results.crowd === undefined ? 'idle' : 'crowd', 'memory', 1],
  ].map(([title, work, key, digits]) => ({
    title,
    key,
    digits,
    rows: Object.entries(results[work] ?? {}).map(([name, figures]) => ({
      name: titleOf(name),
      kind: kindOf(SERVERS[name]),
      figures,
    })),
  }));
