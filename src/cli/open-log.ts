/**
 * Opens the log that a command was pointed at.
 */

import { DEFAULT_HISTORY_MS } from '../library/defaults.ts';
import { silentLogger } from '../library/system.ts';
import type { Log } from '../log/log.ts';
import type { Logger } from '../ports.ts';
import { EXIT, Failure } from './exit.ts';
import type { LogTarget } from './options.ts';

export interface LogSettings {
  readonly log: LogTarget;
  readonly stream: string;
  readonly subjectPrefix: string;
  readonly history?: number;
  readonly replicas?: number;
  /** Whether a stream that is missing is made. */
  readonly create: boolean;
}

/** Opens a log to append to. The store's library is loaded for it alone, so that other commands start faster. */
export const openLog = async (
  settings: LogSettings,
  logger: Logger = silentLogger,
): Promise<Log> => {
  const { log: target, history: historyMs = DEFAULT_HISTORY_MS } = settings;
  switch (target.type) {
    case 'memory': {
      const { memoryLog } = await import('../library/logs.ts');
      return memoryLog({ historyMs });
    }
    case 'file': {
      const { fileLog } = await import('../library/logs.ts');
      return attempt(() => fileLog(target.directory, { historyMs }));
    }
    case 'nats': {
      const { jetstreamLog } = await import('../jetstream.ts');
      return jetstreamLog({ ...target, ...settings, historyMs, logger });
    }
  }
};

/** Opens a log to read, also one that another process writes to. */
export const openLogToRead = async (settings: LogSettings): Promise<Log> => {
  const { log: target } = settings;
  if (target.type === 'memory') {
    throw new Failure(EXIT.usage, 'memory: is inside another process: read it through a node');
  }
  if (target.type === 'nats') return openLog(settings);
  const { fileLogReader } = await import('../library/logs.ts');
  return attempt(() => fileLogReader(target.directory));
};

const attempt = (open: () => Log): Log => {
  try {
    return open();
  } catch (error) {
    const { name, message } = error as Error;
    throw new Failure(name === 'DirectoryInUse' ? EXIT.inUse : EXIT.unavailable, message);
  }
};
