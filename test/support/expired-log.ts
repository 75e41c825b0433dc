/**
 * A log whose entries below a sequence have expired, whatever their age.
 */
import type { Sequence } from '../../src/bus/names.ts';
import { O, pipe, TE } from '../../src/fp.ts';
import type { Log } from '../../src/log/log.ts';

/** What a log has from a sequence on; that may be a record which no client is shown. */
export const expired = (log: Log, first: Sequence): Log => ({
  ...log,
  head: pipe(
    log.head,
    TE.map((head) => ({ ...head, first: Math.min(Math.max(head.first, first), head.last + 1) })),
  ),
  read: (after, limit) => log.read(Math.max(after, first - 1), limit),
  at: (sequence) => (sequence < first ? TE.right(O.none) : log.at(sequence)),
  next: (database, channel, after) => log.next(database, channel, Math.max(after, first - 1)),
});
