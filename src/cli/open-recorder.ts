/**
 * Makes the recorder of a node that keeps a journal.
 */

import { Recorder } from '../journal/recorder.ts';
import { JournalWriter } from '../journal/writer.ts';
import { systemClock, systemNewId } from '../library/system.ts';
import type { Log } from '../log/log.ts';
import type { Logger } from '../ports.ts';
import { openJournal } from './open-journal.ts';
import type { LogSettings } from './open-log.ts';
import type { JournalSwitch, JournalTarget } from './options.ts';
import { version } from './version.ts';

/** What a node is told about its journal, and what it says of itself in there. */
export interface RecordSettings {
  readonly journal?: JournalSwitch;
  readonly journalHistory: number;
  readonly journalSample: number;
  readonly longPollingTimeout: number;
  readonly cacheTimeout: number;
  readonly allowSubscribe: boolean;
}

const RUN_DIGITS = 12;

/** A recorder of a new run, whose instants are those of the log. */
export const openRecorder = async (
  target: JournalTarget,
  options: RecordSettings & Omit<LogSettings, 'create'>,
  log: Log,
  logger: Logger,
): Promise<Recorder> => {
  const store = await openJournal(
    target,
    { ...options, create: true },
    options.journalHistory,
    logger,
  );
  const run = systemNewId().replaceAll('-', '').slice(0, RUN_DIGITS);
  logger.info({ run }, 'what connections see is recorded');
  return new Recorder({
    writer: new JournalWriter({ store, clock: systemClock, logger, run }),
    clock: systemClock,
    now: () => log.now(),
    version,
    settings: {
      long_polling_timeout: options.longPollingTimeout / 1000,
      cache_timeout: options.cacheTimeout / 1000,
      allow_subscribe: options.allowSubscribe,
    },
    sample: options.journalSample,
  });
};
