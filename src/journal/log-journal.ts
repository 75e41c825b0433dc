/**
 * A journal in a log of its own: on JetStream another stream, on the embedded log another directory. A batch is an entry.
 */
import type { Channel, Database, Instant, Sequence } from '../bus/names.ts';
import { E, pipe, TE } from '../fp.ts';
import { ask, storedAfter } from '../log/ask.ts';
import type { Log } from '../log/log.ts';
import type { JournalStore, Progress } from './journal.ts';
import { type Line, parseRecords } from './line.ts';

const CHANNEL = 'journal' as Channel;
/** Batches that one read brings. */
const STRETCH = 50;

export const logJournal = (log: Log): JournalStore => ({
  append: ({ run, bytes }) =>
    pipe(
      log.append({ database: run as Database, channel: CHANNEL, bytes: messageOf(bytes) }),
      TE.map(() => undefined),
    ),
  close: () => log.close(),
});

/** The records of a journal in a log, from those that it took at an instant on. Throws when the log does not answer. */
export async function* readLogJournal(
  log: Log,
  from: Instant,
  progress: Progress = () => {},
): AsyncGenerator<Line> {
  const { last } = await ask(log.head);
  const start: Sequence = await ask(log.before(from));
  for await (const batch of storedAfter(log, start, STRETCH)) {
    if (E.isLeft(batch)) yield E.left(batch.left.reason);
    else yield* recordsOf(batch.right.message);
    progress((E.toUnion(batch).sequence - start) / Math.max(1, last - start));
  }
}

const [HEAD, TAIL] = [Buffer.from('{"records":['), Buffer.from(']}')];
const LINE_BREAK = 0x0a;
const COMMA = 0x2c;

/** The lines as a message: no line of JSON has a line break in it but its own. */
const messageOf = (lines: Uint8Array): Uint8Array => {
  const message = Buffer.concat([HEAD, lines.subarray(0, -1), TAIL]);
  for (let at = message.indexOf(LINE_BREAK); at !== -1; at = message.indexOf(LINE_BREAK, at)) {
    message[at] = COMMA;
  }
  return message;
};

const recordsOf = (message: string): ReadonlyArray<Line> => {
  const { records } = JSON.parse(`{${message}}`) as { records?: unknown };
  return Array.isArray(records) ? records.flatMap(parseRecords) : [E.left('no batch of records')];
};
