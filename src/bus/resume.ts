/**
 * Where a poll stands: its last message resolved, once, to a sequence. From then on only sequences count.
 *
 * | last message                                  | stands                             | told as     |
 * | --------------------------------------------- | ---------------------------------- | ----------- |
 * | none                                          | before the oldest recent entry     | `start`     |
 * | an id whose entry is there                    | after it                           | `exact`     |
 * | an id whose entry has left the log            | after it; others may have left too | `truncated` |
 * | another life, another entry, junk             | before the oldest recent entry     | `reset`     |
 *
 * An id above the tail, or one below the window, needs a look at the log first; the verdict says which.
 */
import { E, O } from '../fp.ts';
import type { Stored } from './entry.ts';
import type { Check, MessageId } from './message-id.ts';
import type { Epoch, Instant, Sequence } from './names.ts';
import type { LastMessage } from './poll.ts';
import { at, sequenceBefore, type Window } from './window.ts';

/** What a client may rely on, as the header `Bus-Resume` tells it. */
export type Resume = 'start' | 'exact' | 'truncated' | 'reset';

export interface Position {
  readonly after: Sequence;
  readonly resume: Resume;
}

/** A position, and what it was found by besides the window: so that it can be found again from a recording. */
export interface Place extends Position {
  /** The first sequence that the log had. */
  readonly first: Sequence;
  /** The floor of the window: what is not above it had left the window. */
  readonly floor: Sequence;
  /** Entries older than this were not recent. */
  readonly cutoff: Instant;
  /** The last sequence that the log had, where it was asked whether it has one that this node had not seen. */
  readonly last?: Sequence | undefined;
}

export type Standing =
  | ({ readonly _tag: 'At' } & Position)
  /** The tail has not seen this sequence yet; the log may have it. */
  | { readonly _tag: 'Ahead'; readonly id: MessageId }
  /** The window does not hold this sequence; the log may. */
  | { readonly _tag: 'Unchecked'; readonly id: MessageId };

/** Where a poll with this last message stands. `known` are checks of entries that the window no longer holds. */
export const stand = (
  lastMessage: LastMessage,
  epoch: Epoch,
  window: Window,
  known: (sequence: Sequence) => Check | undefined,
): Standing => {
  if (lastMessage._tag === 'None') return standAt(atStart(window));
  if (lastMessage._tag === 'Junk' || lastMessage.id.epoch !== epoch)
    return standAt(atReset(window));
  const { id } = lastMessage;
  if (id.sequence > window.tail) return { _tag: 'Ahead', id };
  const check = at(window, id.sequence)?.check ?? known(id.sequence);
  if (check === undefined) return { _tag: 'Unchecked', id };
  return standAt(check === id.check ? after(id, 'exact') : atReset(window));
};

/** Where a poll stands whose id the window could not check: by what the log, which begins at `first`, has at its sequence. */
export const standByLog = (
  id: MessageId,
  stored: O.Option<Stored>,
  first: Sequence,
  window: Window,
): Position => {
  if (O.isNone(stored) || id.sequence < first)
    return after(id, id.sequence + 1 === first ? 'exact' : 'truncated');
  const same = E.isRight(stored.value) && stored.value.right.check === id.check;
  return same ? after(id, 'exact') : atReset(window);
};

/** Where a poll stands whose id the log does not know: as without one, and told. */
export const atReset = (window: Window): Position => ({
  after: sequenceBefore(window),
  resume: 'reset',
});

const atStart = (window: Window): Position => ({ after: sequenceBefore(window), resume: 'start' });

const after = (id: MessageId, resume: Resume): Position => ({ after: id.sequence, resume });

const standAt = ({ after, resume }: Position): Standing => ({ _tag: 'At', after, resume });
