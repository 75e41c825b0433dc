/**
 * What can happen to a connection. Time is among it: a deadline is an event, and nothing here waits.
 */
import type { Entry } from '../bus/entry.ts';
import type { BusError } from '../bus/errors.ts';

export type ConnectionEvent =
  /** Its session holds and its poll was decoded. */
  | { readonly type: 'ADMITTED' }
  /** It may not poll, or asked for what cannot be. */
  | { readonly type: 'REFUSED'; readonly error: BusError }
  /** The log holds an entry for it. */
  | { readonly type: 'FOUND'; readonly entry: Entry }
  /** The log holds nothing for it, up to the tail. */
  | { readonly type: 'NOTHING' }
  /** The log could not be read; it is read again. */
  | { readonly type: 'FAILED'; readonly reason: string }
  /** The tail brought an entry for it. */
  | { readonly type: 'ARRIVED'; readonly entry: Entry }
  /** `long_polling_timeout` is over. */
  | { readonly type: 'DEADLINE' }
  /** The node drains, and this connection's turn has come. */
  | { readonly type: 'DRAIN' }
  /** The session ended during the hold. */
  | { readonly type: 'SESSION_ENDED' }
  /** Another life of the log has begun: where the poll stood is no more. */
  | { readonly type: 'LOG_RESET' }
  /** The client went away. */
  | { readonly type: 'HANGUP' }
  /** The answer was handed over, to its last byte. */
  | { readonly type: 'WRITTEN' };

export type ConnectionEventType = ConnectionEvent['type'];
