/**
 * What a subscriber would receive from a log: the answers to a client that polls now, takes each, and polls again.
 */
import type { Entry } from '../bus/entry.ts';
import type { Database, Instant, Sequence } from '../bus/names.ts';
import { next } from '../bus/next.ts';
import type { LastMessage, Poll } from '../bus/poll.ts';
import { atReset, type Position, stand, standByLog } from '../bus/resume.ts';
import { emptyWindow, expire } from '../bus/window.ts';
import { ask } from '../log/ask.ts';
import type { Head, Log } from '../log/log.ts';
import { Tape } from './tape.ts';

export interface Simulated {
  readonly position: Position;
  readonly entries: AsyncIterable<Entry>;
}

/** How many entries the window holds that the answers are looked for in. */
const REACH = 1000;

/** Where the poll stands in the log as it is now, and the entries it would be answered with, one poll after the other. */
export const simulate = async (
  log: Log,
  database: Database,
  { channels, lastMessage }: Poll,
  cacheTimeoutMs: number,
): Promise<Simulated> => {
  const head = await ask(log.head);
  const position = await standNow(log, head, lastMessage, log.now() - cacheTimeoutMs);
  return { position, entries: entriesAfter(log, head, position.after, database, channels) };
};

const standNow = async (
  log: Log,
  head: Head,
  lastMessage: LastMessage,
  cutoff: Instant,
): Promise<Position> => {
  const window = emptyWindow(await ask(log.before(cutoff)));
  await new Tape(log).advance(window, head.last, Number.POSITIVE_INFINITY);
  expire(window, cutoff);
  const standing = stand(lastMessage, head.epoch, window, () => undefined);
  switch (standing._tag) {
    case 'At':
      return standing;
    case 'Ahead':
      return atReset(window);
    case 'Unchecked': {
      const stored = await ask(log.at(standing.id.sequence));
      return standByLog(standing.id, stored, head.first, window);
    }
  }
};

async function* entriesAfter(
  log: Log,
  head: Head,
  start: Sequence,
  database: Database,
  channels: Poll['channels'],
): AsyncGenerator<Entry> {
  const tape = new Tape(log);
  for (let after = start; after < head.last; ) {
    const window = emptyWindow(after);
    await tape.advance(window, Math.min(after + REACH, head.last), Number.POSITIVE_INFINITY);
    let found = next(window, database, channels, after);
    while (found._tag === 'Found') {
      yield found.entry;
      found = next(window, database, channels, found.entry.sequence);
    }
    after = window.tail;
  }
}
