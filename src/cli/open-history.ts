/**
 * Opens what a command reads back: a log and the journal of it, or both from one file.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../library/system.ts';
import type { Log } from '../log/log.ts';
import type { Clock } from '../ports.ts';
import { readEntries, readHeader, readRecords } from '../replay/history-file.ts';
import { EXIT, Failure } from './exit.ts';
import { type JournalReader, openJournalToRead } from './open-journal.ts';
import { type LogSettings, openLogToRead } from './open-log.ts';
import {
  type JournalTarget,
  option,
  parseJournalTarget,
  parseReadTarget,
  type ReadTarget,
} from './options.ts';
import { streamOptions } from './stream-options.ts';

export interface ReadSettings extends Pick<LogSettings, 'stream' | 'subjectPrefix'> {
  readonly log: ReadTarget;
}

export interface HistorySettings extends ReadSettings {
  readonly journal?: JournalTarget;
}

/** The options that name a log to read. */
export const readOptions = () => [
  option('--log <log>', 'file:DIR, nats://host:port,host:port or history:FILE')
    .argParser(parseReadTarget)
    .default(parseReadTarget('file:.jetbus'), 'file:.jetbus'),
  ...streamOptions(),
];

/** The option that names a journal to read. */
export const journalOption = () =>
  option(
    '--journal <journal>',
    'beside (the log, or in its history), FILE.jsonl or nats://host:port',
  ).argParser(parseJournalTarget);

export interface LogReader {
  readonly log: Log;
  readonly close: () => Promise<void>;
}

/** Opens a log to read, also one in a history's file. */
export const openReadable = async (settings: ReadSettings): Promise<LogReader> => {
  const { log: target } = settings;
  if (target.type === 'history') return openCopy(target.path);
  const log = await openLogToRead({ ...settings, log: target, create: false });
  return { log, close: () => log.close() };
};

/** Opens the journal of a log. */
export const openRecords = async (settings: HistorySettings): Promise<JournalReader> => {
  const { log: target, journal = { type: 'beside' } } = settings;
  if (target.type !== 'history') {
    return openJournalToRead(journal, { ...settings, log: target, create: false });
  }
  if (journal.type !== 'beside') {
    throw new Failure(EXIT.usage, `${target.path} has its journal in it: --journal is not taken`);
  }
  return { lines: (_, progress) => readRecords(target.path, progress), close: async () => {} };
};

/** A clock that stands still, so that a log's own stands at its last entry. */
const stopped: Clock = { ...systemClock, now: () => 0 };

/** The log of a history's file: it is copied to where it can be searched, and the copy is removed when it is closed. */
const openCopy = async (path: string): Promise<LogReader> => {
  const [{ copyLog }, { fileLogReader }] = await Promise.all([
    import('../log/file-copy.ts'),
    import('../log/file.ts'),
  ]);
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-history-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await copyLog(directory, await readHeader(path), readEntries(path));
  } catch (error) {
    await remove();
    throw new Failure(EXIT.data, (error as Error).message);
  }
  const log = fileLogReader({ directory, clock: stopped });
  return { log, close: () => log.close().then(remove) };
};
