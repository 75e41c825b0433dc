/**
 * The port of a journal's store: batches of records in, in the order that they came.
 */
import type { TE } from '../fp.ts';
import type { AppendError } from '../log/log.ts';

/** Some records of one run, one after the other. */
export interface Batch {
  readonly run: string;
  /** Lines of JSON in UTF-8, each with its line break behind it. */
  readonly bytes: Uint8Array;
  /** How many there are. */
  readonly records: number;
}

/** Where a node's records go. */
export interface JournalStore {
  /** Keeps a batch, or says why not. One that comes again may be kept twice: the numbers of its records tell. */
  readonly append: (batch: Batch) => TE.TaskEither<AppendError, void>;
  readonly close: () => Promise<void>;
}

/** Told how much of a journal was read, from 0 to 1. */
export type Progress = (share: number) => void;
