/**
 * A journal in memory, and its replay: so that any test that runs a node can hold the node's own account against the log.
 */
import { E } from '../../src/fp.ts';
import type { HubSettings } from '../../src/hub/hub.ts';
import type { Batch, JournalStore } from '../../src/journal/journal.ts';
import type { Line } from '../../src/journal/line.ts';
import type { JournalRecord } from '../../src/journal/record.ts';
import { Recorder } from '../../src/journal/recorder.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import { silentLogger } from '../../src/library/system.ts';
import type { Log } from '../../src/log/log.ts';
import type { Clock } from '../../src/ports.ts';
import { type Export, exportHistory } from '../../src/replay/export.ts';
import { Judge } from '../../src/replay/judge.ts';
import { type Outcome, verify } from '../../src/replay/verify.ts';
import { answer } from './logs.ts';
import { linesIn } from './records.ts';

/** How long a writer gathers. */
export const GATHER_MS = 200;

export interface TestJournal extends JournalStore {
  /** The records written so far, as text. */
  readonly lines: ReadonlyArray<string>;
}

/** The lines of a batch. */
export const textsIn = ({ bytes }: Pick<Batch, 'bytes'>): ReadonlyArray<string> =>
  Buffer.from(bytes).toString().split('\n').slice(0, -1);

/** The batch of some lines. */
export const batchOf = (run: string, lines: ReadonlyArray<string>): Batch => ({
  run,
  bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')),
  records: lines.length,
});

export const memoryJournal = (): TestJournal => {
  const lines: Array<string> = [];
  return {
    lines,
    append: (batch) => async () => {
      lines.push(...textsIn(batch));
      return E.right(undefined);
    },
    close: async () => {},
  };
};

export interface RecorderOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly settings: HubSettings;
  readonly run: string;
  readonly sample?: number;
}

export const recorderOn = (
  store: JournalStore,
  { log, clock, settings, run, sample = 1 }: RecorderOptions,
): Recorder =>
  new Recorder({
    writer: new JournalWriter({ store, clock, logger: silentLogger, run }),
    clock,
    now: () => log.now(),
    version: '0.0.0',
    settings: {
      long_polling_timeout: settings.longPollingTimeoutMs / 1000,
      cache_timeout: settings.cacheTimeoutMs / 1000,
      allow_subscribe: settings.allowSubscribe,
    },
    sample,
  });

export async function* linesOf(texts: Iterable<string>): AsyncGenerator<Line> {
  for (const text of texts) yield* linesIn([text]);
}

export const verifyOn = async (log: Log, texts: Iterable<string>): Promise<Outcome> =>
  verify(new Judge(log, await answer(log.head)), linesOf(texts));

/** Of a count: all of it was judged. */
export const WHOLE = { incomplete: 0, uncheckable: 0 };

/** The record that a divergence is about. */
export const recordIn = ({ divergence }: Pick<Outcome, 'divergence'>): JournalRecord | undefined =>
  divergence !== undefined && 'record' in divergence.happening
    ? divergence.happening.record
    : undefined;

/** The lines of a history: all of a journal and of its log, if no less is asked for. */
export const exported = async (
  { texts, log }: { readonly texts: ReadonlyArray<string>; readonly log: Log },
  options: Partial<Export> = {},
): Promise<ReadonlyArray<string>> => {
  const history = exportHistory({
    from: 0,
    to: Number.POSITIVE_INFINITY,
    database: undefined,
    log,
    records: () => linesOf(texts),
    isRedacted: false,
    isRecomputed: false,
    version: '0.0.0',
    ...options,
  });
  const lines: Array<string> = [];
  for await (const line of history) lines.push(line);
  return lines;
};
