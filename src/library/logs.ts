/**
 * The embedded logs, opened with this machine's clock.
 */

import * as file from '../log/file.ts';
import type { Log } from '../log/log.ts';
import * as memory from '../log/memory.ts';
import { DEFAULT_HISTORY_MS } from './defaults.ts';
import { systemClock, systemNewId } from './system.ts';

export interface EmbeddedLogOptions {
  /** How long entries are kept, in milliseconds; a day if not given. */
  readonly historyMs?: number;
}

/** A log in this process's memory. */
export const memoryLog = ({ historyMs = DEFAULT_HISTORY_MS }: EmbeddedLogOptions = {}): Log => {
  const epoch = systemNewId().replaceAll('-', '');
  return memory.memoryLog(memory.memoryStore(systemClock, epoch, historyMs));
};

/** The durable log of a directory. Throws `DirectoryInUse` when another process has it. */
export const fileLog = (
  directory: string,
  { historyMs = DEFAULT_HISTORY_MS }: EmbeddedLogOptions = {},
): Log => file.fileLog({ directory, historyMs, clock: systemClock });

/** The log of a directory that another process writes to. Throws when there is none. */
export const fileLogReader = (directory: string): Log =>
  file.fileLogReader({ directory, clock: systemClock });
