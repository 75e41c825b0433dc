/**
 * Opens the journal that a command was pointed at, to write or to read.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../bus/names.ts';
import { fileJournal, readFileJournal } from '../journal/file-journal.ts';
import type { JournalStore, Progress } from '../journal/journal.ts';
import type { Line } from '../journal/line.ts';
import { logJournal, readLogJournal } from '../journal/log-journal.ts';
import type { Logger } from '../ports.ts';
import { EXIT, Failure } from './exit.ts';
import { type LogSettings, openLog, openLogToRead } from './open-log.ts';
import type { JournalTarget } from './options.ts';

/** Opens a journal to write. One in a log keeps what is younger than `historyMs`. */
export const openJournal = async (
  target: JournalTarget,
  settings: LogSettings,
  historyMs: number,
  logger: Logger,
): Promise<JournalStore> =>
  target.type === 'lines'
    ? fileJournal(target.path)
    : logJournal(await openLog({ ...besides(target, settings), history: historyMs }, logger));

export interface JournalReader {
  /** The records that were written at an instant or later, and some that are older. */
  readonly lines: (from: Instant, progress?: Progress) => AsyncIterable<Line>;
  readonly close: () => Promise<void>;
}

export const openJournalToRead = async (
  target: JournalTarget,
  settings: LogSettings,
): Promise<JournalReader> => {
  if (target.type === 'lines') {
    const file = await open(target.path).catch((error: Error) => {
      throw new Failure(EXIT.unavailable, error.message);
    });
    const isFile = (await file.stat()).isFile();
    await file.close();
    if (!isFile) throw new Failure(EXIT.unavailable, `${target.path} is no file`);
    return {
      lines: (_, progress) => readFileJournal(target.path, progress),
      close: async () => {},
    };
  }
  const log = await openLogToRead(besides(target, settings)).catch((error: Failure) => {
    throw new Failure(error.code, `there is no journal: ${error.message}`);
  });
  return {
    lines: (from, progress) => readLogJournal(log, from, progress),
    close: () => log.close(),
  };
};

/** Where the log of a journal is: its subjects lie outside those of the bus. */
const besides = (
  target: Exclude<JournalTarget, { type: 'lines' }>,
  settings: LogSettings,
): LogSettings => ({
  ...settings,
  log: target.type === 'beside' ? besideLog(settings.log) : target,
  stream: `${settings.stream}_JOURNAL`,
  subjectPrefix: `${settings.subjectPrefix}-journal`,
});

const besideLog = (log: LogSettings['log']): LogSettings['log'] => {
  switch (log.type) {
    case 'memory':
      throw new Failure(EXIT.usage, 'there is no journal beside memory: name one, FILE.jsonl');
    case 'file':
      return { type: 'file', directory: join(log.directory, 'journal') };
    case 'nats':
      return log;
  }
};
