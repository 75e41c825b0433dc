/**
 * Finds what a poll is to be answered with: where it stands, and the first entry after that, in the window or below it.
 *
 * It decides nothing itself: where a poll stands is `stand`'s word, and what answers it `next`'s. Finding nothing and
 * saying so is one step, with no `await` between, so that a poll which parks on it misses nothing.
 */
import { type LogUnavailable, logUnavailable } from '../bus/errors.ts';
import type { MessageId } from '../bus/message-id.ts';
import type { Sequence } from '../bus/names.ts';
import { next } from '../bus/next.ts';
import { atReset, type Position, stand, standByLog } from '../bus/resume.ts';
import { expire } from '../bus/window.ts';
import type { ConnectionEvent } from '../connection/event.ts';
import { Deadlines } from '../deadlines.ts';
import { E } from '../fp.ts';
import type { Head, Log } from '../log/log.ts';
import type { Clock } from '../ports.ts';
import type { Connection } from './connection.ts';
import { History } from './history.ts';
import type { Life } from './tail.ts';

/** How long a poll that could not be read for waits before it is read for again. */
const RETRY_MS = 500;

const NOTHING: ConnectionEvent = { type: 'NOTHING' };

export interface ReaderOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly cacheTimeoutMs: number;
  /** Tells a connection what was found. */
  readonly tell: (connection: Connection, event: ConnectionEvent) => void;
  /** Notes where a connection stands before history is read for it, which takes time. */
  readonly placed: (connection: Connection) => void;
}

/** The life of the log that polls are read for in, and what is known of it. */
interface Present extends Life {
  readonly history: History;
}

export class Reader {
  readonly #options: ReaderOptions;
  readonly #retries: Deadlines<Connection>;
  /** Those who wait for the tail to reach a sequence; 0 is for it to have caught up at all. */
  readonly #ahead = new Map<Connection, Sequence>();
  #present: Present | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#retries = new Deadlines(options.clock, (connection) => this.#read(connection));
  }

  get life(): Life | undefined {
    return this.#present;
  }

  /** The window of a life holds all it should: what waits for it is read for. */
  begin({ epoch, window }: Life): void {
    if (this.#present?.window !== window) {
      this.#present = { epoch, window, history: new History(this.#options.log, window) };
    }
    this.advance();
  }

  /** The life is over. */
  end(): void {
    this.#present = undefined;
  }

  /** Takes the tail's word that it moved on. */
  advance(): void {
    if (this.#present === undefined || this.#ahead.size === 0) return;
    const { tail } = this.#present.window;
    for (const [connection, sequence] of this.#ahead) {
      if (sequence > tail) continue;
      this.#ahead.delete(connection);
      this.#read(connection);
    }
  }

  /** The history of the present life, which takes note of what arrives. */
  get history(): History | undefined {
    return this.#present?.history;
  }

  /** Reads for a poll from the beginning: FOUND, NOTHING or FAILED is told, now or later. */
  read(connection: Connection): void {
    connection.place = undefined;
    this.#read(connection);
  }

  /** Reads for a poll again, after a pause. */
  retry(connection: Connection): void {
    this.#retries.delete(connection.retry);
    connection.retry = this.#retries.add(connection, RETRY_MS);
  }

  /** Nothing need be found for a poll any more. */
  forget(connection: Connection): void {
    connection.reads += 1;
    this.#retries.delete(connection.retry);
    if (this.#ahead.size > 0) this.#ahead.delete(connection);
  }

  #read(connection: Connection): void {
    this.forget(connection);
    const present = this.#present;
    if (present === undefined) this.#ahead.set(connection, 0);
    else if (connection.place !== undefined) this.#decide(connection, present);
    else this.#findPlace(connection, present);
  }

  #findPlace(connection: Connection, present: Present): void {
    const { epoch, window, history } = present;
    expire(window, this.#options.log.now() - this.#options.cacheTimeoutMs);
    const standing = stand(connection.lastMessage, epoch, window, history.check);
    if (standing._tag === 'At') {
      this.#place(connection, standing, this.#options.log.first(), present);
    } else if (standing._tag === 'Ahead') void this.#askHead(connection, standing.id, present);
    else void this.#askLog(connection, standing.id, present);
  }

  #place(
    connection: Connection,
    { after, resume }: Position,
    first: Sequence,
    present: Present,
    last?: Sequence,
  ): void {
    connection.after = after;
    const { floor, cutoff } = present.window;
    connection.place = { after, resume, first, floor, cutoff, last };
    this.#decide(connection, present);
  }

  #decide(connection: Connection, present: Present): void {
    const { database, channels, after } = connection;
    const found = next(present.window, database, channels, after);
    const { tell } = this.#options;
    if (found._tag === 'Found') tell(connection, { type: 'FOUND', entry: found.entry });
    else if (found._tag === 'Nothing') tell(connection, NOTHING);
    else {
      this.#options.placed(connection);
      void this.#readHistory(connection, present);
    }
  }

  /** An id above the tail: the tail may be late, or the log may have gone back. */
  async #askHead(connection: Connection, { sequence }: MessageId, present: Present): Promise<void> {
    const { reads } = connection;
    const head = await this.#headOf(present);
    if (connection.reads !== reads) return;
    if (E.isLeft(head)) return this.#fail(connection, head.left.reason);
    if (sequence <= present.window.tail) return this.#read(connection);
    if (sequence <= head.right.last) this.#ahead.set(connection, sequence);
    else {
      const { first, last } = head.right;
      this.#place(connection, atReset(present.window), first, present, last);
    }
  }

  /** An id that the window cannot check: the log has its entry, or another there, or none any more. */
  async #askLog(connection: Connection, id: MessageId, present: Present): Promise<void> {
    const { reads } = connection;
    const { history, window } = present;
    const stored = await history.at(id.sequence);
    const head = E.isRight(stored) ? await this.#headOf(present) : stored;
    if (connection.reads !== reads) return;
    if (E.isLeft(stored)) return this.#fail(connection, stored.left.reason);
    if (E.isLeft(head)) return this.#fail(connection, head.left.reason);
    const { first } = head.right;
    this.#place(connection, standByLog(id, stored.right, first, window), first, present);
  }

  /** Reads up to where the tail stood when the read began, then decides again from there. */
  async #readHistory(connection: Connection, present: Present): Promise<void> {
    const { reads, database, channels, after } = connection;
    const read = await present.history.first(database, channels, after);
    const isFound = E.isRight(read) && E.isRight(read.right);
    const head = isFound ? await this.#headOf(present) : E.right(undefined);
    if (connection.reads !== reads) return;
    if (E.isLeft(read)) return this.#fail(connection, read.left.reason);
    if (E.isLeft(head)) return this.#fail(connection, head.left.reason);
    if (E.isRight(read.right)) {
      return this.#options.tell(connection, { type: 'FOUND', entry: read.right.right });
    }
    connection.after = read.right.left;
    this.#read(connection);
  }

  /** Where the log stands, if it still is in the present life: what was read before this answer was of that life too. */
  async #headOf({ history, epoch }: Present): Promise<E.Either<LogUnavailable, Head>> {
    const head = await history.head();
    return E.isRight(head) && head.right.epoch !== epoch
      ? E.left(logUnavailable('another life began'))
      : head;
  }

  #fail(connection: Connection, reason: string): void {
    this.#options.tell(connection, { type: 'FAILED', reason });
  }
}
