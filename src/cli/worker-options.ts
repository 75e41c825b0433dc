/**
 * How many processes serve, as a node is told it.
 */
import { InvalidArgumentError, type Option } from 'commander';
import { EXIT, Failure } from './exit.ts';
import type { LogSettings } from './open-log.ts';
import type { RecordSettings } from './open-recorder.ts';
import { option } from './options.ts';

export interface WorkerOptions {
  readonly workers: number;
}

/** More than the cores of most machines: a number beyond it is a mistake. */
const MAX_WORKERS = 64;

export const workerOptions = (): ReadonlyArray<Option> => [
  option('--workers <count>', 'how many processes share the address; more than 1 on nats://… only')
    .argParser(parseWorkers)
    .default(1),
];

const parseWorkers = (text: string): number => {
  if (!/^[1-9]\d?$/.test(text) || Number(text) > MAX_WORKERS) {
    throw new InvalidArgumentError(`should be a whole number from 1 to ${MAX_WORKERS}`);
  }
  return Number(text);
};

/** Refuses several processes on what one process owns. */
export const refuseWorkers = ({
  workers,
  log,
  journal,
}: WorkerOptions & Pick<LogSettings, 'log'> & Pick<RecordSettings, 'journal'>): void => {
  if (workers === 1) return;
  if (log.type !== 'nats') {
    throw new Failure(
      EXIT.usage,
      `--workers ${workers} needs --log nats://…: one process owns a log in memory or in a directory`,
    );
  }
  if (journal?.type === 'lines') {
    throw new Failure(
      EXIT.usage,
      `--workers ${workers} takes no --journal ${journal.path}: one process writes a file; beside the log or on nats://… they all can`,
    );
  }
};
