/**
 * Opens what a command reads back: a log and the journal of it, or both from one file.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import type { Instant } from '../bus/names.ts';
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

/** A poll may be held for a day: those that were open at an instant began no longer before it. */
const LEAD_MS = 25 * 3_600_000;

/** From when on a journal is read for what happened from an instant on: from its beginning, where there is none. */
export const leadTo = (instant: Instant | undefined): Instant =>
  instant === undefined ? 0 : Math.max(0, instant - LEAD_MS);

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
  new Option(
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

/**
 * The log of a history's file: it is copied to where it can be searched. The copy is removed as soon as it is open, so that
 * nothing of it is left, however the process ends.
 */
const openCopy = async (path: string): Promise<LogReader> => {
  const [{ copyLog }, { fileLogReader }] = await Promise.all([
    import('../log/file-copy.ts'),
    import('../log/file.ts'),
  ]);
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-history-'));
  try {
    await copyLog(directory, await readHeader(path), readEntries(path));
    const log = fileLogReader({ directory, clock: stopped });
    return { log, close: () => log.close() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(code === undefined ? EXIT.data : EXIT.unavailable, message);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
