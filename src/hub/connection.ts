/**
 * One poll in the hub: its state, and the facts that the effects need. The state decides; the facts only serve it.
 */
import type { Entry } from '../bus/entry.ts';
import type { BusError } from '../bus/errors.ts';
import type { Channel, Database, Epoch, Sequence, UserId } from '../bus/names.ts';
import type { LastMessage } from '../bus/poll.ts';
import type { Place, Resume } from '../bus/resume.ts';
import type { Link } from '../chain.ts';
import { type ConnectionState, initialState } from '../connection/step.ts';
import type { Due } from '../deadlines.ts';
import type { Recorded } from '../journal/recorder.ts';
import type { Session, SessionListener } from '../ports.ts';

/** What a poll is answered with. */
export type Answer =
  | EntryAnswer
  | {
      readonly _tag: 'Nothing';
      /** Unknown when the poll ended before it was known where it stood. */
      readonly resume: Resume | undefined;
    }
  | { readonly _tag: 'Refused'; readonly error: BusError };

export interface EntryAnswer {
  readonly _tag: 'Entry';
  readonly entry: Entry;
  readonly epoch: Epoch;
  /** The response's JSON in UTF-8: one buffer for all whom the entry answers at once. */
  readonly body: Uint8Array;
  readonly resume: Resume;
}

/** Hands an answer over; whoever does so tells the hub when it was written, or that the client has gone. */
export type Respond = (answer: Answer) => void;

export class Connection implements Recorded, SessionListener {
  state: ConnectionState = initialState;
  readonly respond: Respond;
  readonly #onSessionEnd: (connection: Connection) => void;
  /** Known once the poll's session holds; a program that embeds the bus has none. */
  user: UserId | undefined;
  database = '' as Database;
  channels: ReadonlyArray<Channel> = [];
  lastMessage: LastMessage = { _tag: 'None' };
  /** Where it was found to stand, once that is known. */
  place: Place | undefined;
  /** Nothing for it is left to find up to here. */
  after: Sequence = 0;
  /** What the journal has of it. */
  trace: Recorded['trace'];
  /** Counts its reads, so that one which was overtaken is known by its number. */
  reads = 0;
  /** Its place among all connections … */
  link: Link<Connection> | undefined;
  /** … and when it is to end: by its own time, and by the drain's; when its place is read for again. */
  deadline: Due<Connection> | undefined;
  turn: Due<Connection> | undefined;
  retry: Due<Connection> | undefined;
  /** What it listens to, once it is admitted. */
  session: Session | undefined;

  constructor(respond: Respond, onSessionEnd: (connection: Connection) => void) {
    this.respond = respond;
    this.#onSessionEnd = onSessionEnd;
  }

  sessionEnded(): void {
    this.#onSessionEnd(this);
  }
}
