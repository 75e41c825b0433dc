/**
 * Carries `jetbus replay` out.
 */
import { parseMessageId } from '../bus/message-id.ts';
import { Database, type Instant } from '../bus/names.ts';
import { O } from '../fp.ts';
import type { Line } from '../journal/line.ts';
import type { Log } from '../log/log.ts';
import { chosenLines } from '../replay/span.ts';
import { EXIT, type ExitCode, Failure } from './exit.ts';
import { findMessage } from './find-message.ts';
import { leadTo, openReadable, openRecords } from './open-history.ts';
import { parseInstant } from './options.ts';
import { noBar, progressBar } from './progress.ts';
import { writeHistory } from './replay-export.ts';
import { writePage } from './replay-html.ts';
import { type ReplayOptions, refuseIdle } from './replay-options.ts';
import { printSimulation } from './replay-simulate.ts';
import { printMoment, printTimelines } from './replay-timeline.ts';
import { printVerification } from './replay-verify.ts';

/** Replays as it is told, and answers with the exit code. */
export const replay = async (
  name: string | undefined,
  options: ReplayOptions,
): Promise<ExitCode> => {
  const database = databaseOf(name);
  refuseIdle(options);
  const { log, close } = await openReadable(options);
  try {
    return options.simulate
      ? await printSimulation(log, database, options)
      : await replayJournal(log, database, options);
  } finally {
    await close();
  }
};

/** What a journal is replayed for: each way reads it from its beginning, as often as it asks. */
const replayJournal = async (
  log: Log,
  database: Database | undefined,
  options: ReplayOptions,
): Promise<ExitCode> => {
  const journal = await openRecords(options);
  const { verify, export: history, html, at } = options;
  const isPrinting = [verify, history, html, at].every((mode) => !mode);
  const bar = isPrinting && process.stdout.isTTY ? noBar : await progressBar();
  const lines = (): AsyncIterable<Line> => journal.lines(leadTo(options.from), bar.progress);
  try {
    if (verify) {
      return await printVerification(log, verified(lines(), database, options), bar.stop);
    }
    if (history !== undefined) {
      await writeHistory(history, log, lines, database, options, bar.stop);
    } else if (html !== undefined) {
      await writePage(html, log, lines(), database, options, bar.stop);
    } else if (at !== undefined) {
      await printMoment(await momentOf(at, log), lines(), database, options, bar.stop);
    } else {
      await printTimelines(log, lines(), database, options);
    }
    return EXIT.ok;
  } finally {
    bar.stop();
    await journal.close();
  }
};

/** The lines to verify: all, or those of a database and a span. */
const verified = (
  lines: AsyncIterable<Line>,
  database: Database | undefined,
  { from = 0, to = Number.POSITIVE_INFINITY }: ReplayOptions,
): AsyncIterable<Line> =>
  database === undefined && from === 0 && to === Number.POSITIVE_INFINITY
    ? lines
    : chosenLines(lines, { from, to, database });

/** A time, or the time at which the message of an id was published. */
const momentOf = async (text: string, log: Log): Promise<Instant> => {
  if (O.isNone(parseMessageId(text))) return instantOf(text);
  const { entry } = await findMessage(log, '--at', text);
  if (entry === undefined) throw new Failure(EXIT.data, `message ${text} has left the log`);
  return entry.instant;
};

const databaseOf = (name: string | undefined): Database | undefined => {
  if (name === undefined || Database.is(name)) return name;
  throw new Failure(EXIT.usage, 'the database should be 1 to 1,024 bytes of UTF-8');
};

const instantOf = (text: string): Instant => {
  try {
    return parseInstant(text);
  } catch (error) {
    throw new Failure(EXIT.usage, `--at ${text} ${(error as Error).message}`);
  }
};
