/**
 * Cuts a history out of a log and its journal: the records of a span, and every entry that decided what they say.
 *
 * Two passes over the journal: the first finds how far back the entries must go, the second writes. Of other databases it has
 * the places of their entries alone.
 */
import type { Entry, Stored } from '../bus/entry.ts';
import type { Message } from '../bus/message.ts';
import type { Epoch, Sequence } from '../bus/names.ts';
import { E, O } from '../fp.ts';
import type { Line } from '../journal/line.ts';
import {
  type AnswerRecord,
  type ConnectionRecord,
  isNodeRecord,
  type JournalRecord,
} from '../journal/record.ts';
import { ask, storedAfter } from '../log/ask.ts';
import type { Head } from '../log/log.ts';
import { type EntryLine, type Header, HISTORY_VERSION } from './history-file.ts';
import { Judge } from './judge.ts';
import type { HistoryLog } from './log-now.ts';
import { putRight } from './put-right.ts';
import { recordsOf, type Span } from './span.ts';
import { answerOf } from './verdict.ts';

export interface Export extends Span {
  readonly log: HistoryLog;
  /** The journal, from its beginning, each time. */
  readonly records: () => AsyncIterable<Line>;
  /** Whether messages are replaced by how long they were. */
  readonly isRedacted: boolean;
  /** Whether positions and answers are written as they should have been, by this code. */
  readonly isRecomputed: boolean;
  readonly version: string;
}

const chosen = (options: Export): AsyncIterable<JournalRecord> =>
  recordsOf(options.records(), options);

/** The lines of a history; throws `LogFailure` when the log does not answer. */
export async function* exportHistory(options: Export): AsyncGenerator<string> {
  const head = await ask(options.log.head);
  const reach = await reachOf(options, head);
  const header: Header = {
    jetbus: 'history',
    v: HISTORY_VERSION,
    version: options.version,
    epoch: head.epoch,
    first: reach.first,
    last: reach.last,
    redacted: options.isRedacted,
  };
  yield JSON.stringify(header);
  yield* entryLines(options, reach);
  const redaction = new Redaction(options, head.epoch);
  const records = options.isRecomputed
    ? putRight(new Judge(options.log, head), chosen(options))
    : chosen(options);
  for await (const record of records) {
    yield JSON.stringify(options.isRedacted ? await redaction.of(record) : record);
  }
}

interface Reach {
  readonly first: Sequence;
  readonly last: Sequence;
}

/** The entries that the chosen records were decided by: from the lowest place, and the lowest window, to the highest tail. */
const reachOf = async (options: Export, head: Head): Promise<Reach> => {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  const present = new Set<string>();
  for await (const record of chosen(options)) {
    if (isNodeRecord(record)) {
      present.delete(record.run);
      if (record.life?.epoch !== head.epoch) continue;
      present.add(record.run);
      first = Math.min(first, record.life.floor + 1);
      last = Math.max(last, record.life.tail);
      continue;
    }
    if (!present.has(record.run)) continue;
    last = Math.max(last, record.tail);
    const { place } = record;
    if (place !== undefined) first = Math.min(first, Math.max(place.after, place.first, 1));
  }
  return { first: Math.min(Math.max(first, head.first), last + 1), last };
};

async function* entryLines(options: Export, { first, last }: Reach): AsyncGenerator<string> {
  for await (const stored of storedAfter(options.log, first - 1)) {
    if (E.toUnion(stored).sequence > last) return;
    yield JSON.stringify(entryLine(stored, options));
  }
}

const entryLine = (stored: Stored, options: Export): EntryLine => {
  if (E.isLeft(stored)) {
    const { sequence, instant } = stored.left;
    return { entry: { sequence, instant, database: '', channel: '', message: null, check: '' } };
  }
  const { sequence, instant, database, channel, message, check } = stored.right;
  if (options.database !== undefined && database !== options.database) {
    return { entry: { sequence, instant, database: '', channel: '', message: '{}', check } };
  }
  const text = `{${options.isRedacted ? redacted(message) : message}}`;
  return { entry: { sequence, instant, database, channel, message: text, check } };
};

/** What stands for a message whose body is nobody's business: its type would tell, its length may not. */
const redacted = (message: Message): Message => `"redacted":${message.length}` as Message;

/** Answers' lengths and digests, made anew where the recorded ones were those of the entry; a wrong one stays wrong. */
class Redaction {
  readonly #log: Export['log'];
  readonly #epoch: Epoch;

  constructor({ log }: Export, epoch: Epoch) {
    this.#log = log;
    this.#epoch = epoch;
  }

  async of(record: JournalRecord): Promise<JournalRecord> {
    if (isNodeRecord(record) || record.answer === undefined) return record;
    const { sequence } = record.answer;
    const stored = sequence === null ? O.none : await ask(this.#log.at(sequence));
    if (O.isNone(stored) || E.isLeft(stored.value)) return record;
    return this.#redact(record, record.answer, stored.value.right);
  }

  #redact(record: ConnectionRecord, answer: AnswerRecord, entry: Entry): ConnectionRecord {
    const { sha256, length } = answerOf(entry, this.#epoch);
    if (answer.sha256 !== sha256 || answer.length !== length) return record;
    const message = redacted(entry.message);
    return { ...record, answer: answerOf({ ...entry, message }, this.#epoch) };
  }
}
