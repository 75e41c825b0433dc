/**
 * What the bench can be told.
 */
import { parseArgs } from 'node:util';
import { WORK } from './plan.mjs';
import { SERVERS } from './servers/all.mjs';

const HELP = `npm run bench -- [OPTIONS]

  --subscribers N     clients that poll, 2000 if not given
  --crowd N           clients of the work crowd, 18000 if not given, or as many as there can be open files
  --rounds N          rounds in alternation, 3 if not given
  --only WORK,…       ${Object.keys(WORK).join(', ')}, replay
  --servers NAME,…    ${Object.keys(SERVERS).join(', ')}
  --peers             nchan and trytond too; installs them by apt where they are missing
  --quick             whether it works, in seconds: its figures say nothing
  --json FILE         all figures, for machines
  --svg FILE          a chart
  --profiles DIR      a CPU profile of each server of Node; slows it down (bench/profile.mjs reads them)
`;

const OPTIONS = {
  subscribers: { type: 'string' },
  crowd: { type: 'string' },
  rounds: { type: 'string' },
  only: { type: 'string' },
  servers: { type: 'string' },
  peers: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  json: { type: 'string' },
  svg: { type: 'string' },
  profiles: { type: 'string' },
  help: { type: 'boolean', default: false },
};

export class UsageError extends Error {}

/** The options of a command line; undefined when help was asked for and is printed. */
export const parseOptions = (args) => {
  const { values } = parse(args);
  if (values.help) {
    process.stdout.write(HELP);
    return undefined;
  }
  const { quick, peers } = values;
  const servers = listOf(values.servers, Object.keys(SERVERS), '--servers');
  if (!peers && servers?.some((name) => SERVERS[name].isPeer)) {
    throw new UsageError('--peers is needed, since they are installed where they are missing');
  }
  const usual = Object.keys(SERVERS).filter((name) => peers || !SERVERS[name].isPeer);
  return {
    ...values,
    subscribers: numberOf(values.subscribers, '--subscribers') ?? (quick ? 100 : 2000),
    crowd: numberOf(values.crowd, '--crowd') ?? 18_000,
    rounds: numberOf(values.rounds, '--rounds') ?? (quick ? 1 : 3),
    works: listOf(values.only, [...Object.keys(WORK), 'replay'], '--only') ?? [
      ...Object.keys(WORK),
      'replay',
    ],
    servers: servers ?? usual,
  };
};

const parse = (args) => {
  try {
    return parseArgs({ args, options: OPTIONS });
  } catch (error) {
    throw new UsageError(error.message);
  }
};

const numberOf = (text, name) => {
  if (text === undefined) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new UsageError(`${name} should be a whole number from 1 on`);
};

const listOf = (text, known, name) => {
  const list = text?.split(',');
  const unknown = list?.find((each) => !known.includes(each));
  if (unknown !== undefined) {
    throw new UsageError(`${name} has ${unknown}, which is none of ${known.join(', ')}`);
  }
  return list;
};
