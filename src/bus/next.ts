/**
 * The answer to a poll.
 *
 * Given the window of a log and where a poll stands, `next` is the first entry on one of the poll's channels after that
 * position, nothing, or `Behind`: the window does not reach that far back. Nothing is removed: a log has many readers.
 */
import type { Entry } from './entry.ts';
import type { Channel, Database, Sequence } from './names.ts';
import { firstAfter, type Window } from './window.ts';

export type Next =
  | { readonly _tag: 'Found'; readonly entry: Entry }
  | { readonly _tag: 'Nothing' }
  | { readonly _tag: 'Behind' };

const NOTHING: Next = { _tag: 'Nothing' };
const BEHIND: Next = { _tag: 'Behind' };

export const next = (
  window: Window,
  database: Database,
  channels: ReadonlyArray<Channel>,
  after: Sequence,
): Next => {
  if (after >= window.tail) return NOTHING;
  if (after < window.floor) return BEHIND;
  let found: Entry | undefined;
  for (const channel of channels) {
    const entry = firstAfter(window, database, channel, after);
    if (entry !== undefined && (found === undefined || entry.sequence < found.sequence)) {
      found = entry;
    }
  }
  return found === undefined ? NOTHING : { _tag: 'Found', entry: found };
};
