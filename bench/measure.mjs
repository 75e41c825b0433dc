/**
 * The rounds: each does every work on one server after the other, so that what is compared ran side by side.
 */
import { REPLAY, WORK } from './plan.mjs';
import { runJob, runReplay } from './run.mjs';
import { SERVERS } from './servers/all.mjs';

/** The servers of a work, each by its name. */
const serversOf = (workName, options) => {
  const work = WORK[workName];
  const chosen = options.servers.map((name) => [name, SERVERS[name]]);
  const able = chosen.filter(
    ([, server]) => work.servers(server) && (server.only?.includes(workName) ?? true),
  );
  if (work.pairs === undefined) return able;
  return able.flatMap(([name, server]) => [
    [name, server],
    ...Object.entries(work.pairs).filter(([, { without }]) => without === name),
  ]);
};

const jobOf = (work, server, options) => {
  const { most = Number.POSITIVE_INFINITY, share = 1 } = server;
  const count = Math.min(options.subscribers, most);
  const { quick, crowd } = options;
  const { warm, publishes, ...size } = work.size({ count, crowd, quick });
  const part = (whole) => whole && Math.ceil(whole * share);
  return { work: work.job, count, ...size, warm: part(warm), publishes: part(publishes) };
};

/** The figures of each round, by work and server. `tell` is told of each as it is measured. */
export const measure = async (options, tell) => {
  const found = Object.fromEntries(options.works.map((name) => [name, {}]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const name of options.works) {
      const { mostRounds = options.rounds } = WORK[name] ?? REPLAY;
      if (round > mostRounds) continue;
      if (name === 'replay') await measureReplay(found.replay, options, tell);
      else await measureWork(name, found[name], round, options, tell);
    }
  }
  return found;
};

const measureWork = async (name, found, round, options, tell) => {
  const work = WORK[name];
  for (const [serverName, server] of serversOf(name, options)) {
    const job = jobOf(work, server, options);
    const { profiles } = options;
    const more = {
      name: `${serverName}-${name}-${round}`,
      ...(profiles === undefined ? {} : { profiles }),
      ...(work.nodes === undefined ? {} : { nodes: work.nodes }),
      ...(work.isSpread ? { isSpread: true } : {}),
      ...(work.args === undefined ? {} : { args: work.args(job) }),
    };
    const figures = await runJob(server, job, more).catch((error) => {
      throw new Error(`${name} on ${serverName}: ${error.message}`, { cause: error });
    });
    const told = work.columns.map(
      ({ key, title, digits, factor = 1 }) => `${title} ${(figures[key] * factor).toFixed(digits)}`,
    );
    tell(`round ${round}, ${name}, ${serverName}: ${told.join('; ')}`);
    found[serverName] = [...(found[serverName] ?? []), figures];
  }
};

const measureReplay = async (found, { quick }, tell) => {
  found.file = [await runReplay(quick ? 1000 : 100_000)];
  tell(`replay: ${found.file[0].perSecond} records/s`);
};
