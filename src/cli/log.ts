/**
 * `jetbus log`: reads the log of a database.
 */
import type { Command } from 'commander';
import type { Entry, Stored } from '../bus/entry.ts';
import { encodeMessage } from '../bus/message.ts';
import type { Epoch, Sequence } from '../bus/names.ts';
import { messageIdOf } from '../bus/response.ts';
import { E } from '../fp.ts';
import { ask } from '../log/ask.ts';
import type { Head, Log } from '../log/log.ts';
import { timeOf } from '../replay/words.ts';
import { EXIT, Failure } from './exit.ts';
import { findMessage } from './find-message.ts';
import { openReadable, type ReadSettings, readOptions } from './open-history.ts';
import { collectWhole, option, parseDuration } from './options.ts';
import { onOneLine } from './output.ts';

interface LogOptions extends ReadSettings {
  readonly channel: ReadonlyArray<string>;
  readonly since?: number;
  readonly from?: string;
  readonly follow: boolean;
  readonly json: boolean;
}

type Print = (entry: Entry, epoch: Epoch) => void;

export const addLog = (program: Command): void => {
  const command = program
    .command('log')
    .description('Read the log of a database')
    .argument('<database>', 'the Tryton database')
    .addOption(
      option('--channel <channel...>', 'this channel only').argParser(collectWhole).default([]),
    )
    .addOption(
      option('--since <duration>', 'from so long ago on')
        .argParser(parseDuration)
        .conflicts('from'),
    )
    .addOption(option('--from <id>', 'from this message on'))
    .addOption(option('--follow', 'go on with what is published').default(false))
    .addOption(option('--json', 'lines of JSON, also on a terminal').default(false));
  for (const each of readOptions()) command.addOption(each);
  command.action(readLog);
};

const readLog = async (database: string, options: LogOptions): Promise<void> => {
  if (options.follow && options.log.type === 'history') {
    throw new Failure(EXIT.usage, 'nothing more comes to a history: --follow is not taken');
  }
  const { log, close } = await openReadable(options);
  const print = options.json || !process.stdout.isTTY ? printJson : printLine;
  const isWanted = ({ right: entry }: E.Right<Entry>): boolean =>
    entry.database === database &&
    (options.channel.length === 0 || options.channel.includes(entry.channel));
  try {
    const head = await ask(log.head);
    const start = await startOf(log, head, options);
    await show(log, head.epoch, start, options.follow, (stored) => {
      if (E.isRight(stored) && isWanted(stored)) print(stored.right, head.epoch);
    });
  } finally {
    await close();
  }
};

const startOf = async (
  log: Log,
  { first }: Head,
  { since, from }: LogOptions,
): Promise<Sequence> => {
  if (since !== undefined) return ask(log.before(log.now() - since));
  if (from === undefined) return first - 1;
  return (await findMessage(log, '--from', from)).id.sequence - 1;
};

/** Shows records until all that the log had was shown, or for ever. */
const show = (
  log: Log,
  epoch: Epoch,
  start: Sequence,
  isEndless: boolean,
  take: (stored: Stored) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const following = log.follow(epoch, start, {
      show: take,
      caughtUp: () => {
        if (isEndless) return;
        following.end();
        resolve();
      },
      stalled: (reason) => process.stderr.write(`the log does not answer: ${reason}\n`),
      resumed: () => process.stderr.write('the log answers again\n'),
      reset: () => reject(new Failure(EXIT.unavailable, 'the life of the log has ended')),
    });
  });

const printJson: Print = (entry, epoch) => {
  const id = messageIdOf(entry, epoch);
  const { sequence, database, channel } = entry;
  const head = JSON.stringify({ sequence, instant: timeOf(entry.instant), database, channel });
  const message = onOneLine(encodeMessage(entry.message, id));
  process.stdout.write(`${head.slice(0, -1)},"message":${message}}\n`);
};

const printLine: Print = (entry, epoch) => {
  const sequence = String(entry.sequence).padStart(8);
  const channel = entry.channel.padEnd(24);
  const message = onOneLine(encodeMessage(entry.message, messageIdOf(entry, epoch)));
  process.stdout.write(`${timeOf(entry.instant)}  ${sequence}  ${channel}  ${message}\n`);
};
