/**
 * The hub runs one machine for each poll against one tail of the log, and is the only interpreter of its effects.
 *
 * It decides nothing itself: what follows from an event is `step`'s word, and what a poll is answered with the reader's.
 */
import type { Entry } from '../bus/entry.ts';
import { type BusError, badRequest, busDisabled, closed } from '../bus/errors.ts';
import { decodeText } from '../bus/message.ts';
import { Database } from '../bus/names.ts';
import { decodePoll, type Poll } from '../bus/poll.ts';
import { Chain } from '../chain.ts';
import type { ConnectionEvent } from '../connection/event.ts';
import type { Effect } from '../connection/machine.ts';
import { step } from '../connection/step.ts';
import { Deadlines } from '../deadlines.ts';
import { E } from '../fp.ts';
import type { Recorder } from '../journal/recorder.ts';
import type { Log } from '../log/log.ts';
import type { Checked, Clock, Random, Session, Sessions } from '../ports.ts';
import { Bodies } from './bodies.ts';
import { Connection, type Respond } from './connection.ts';
import { Reader } from './reader.ts';
import type { Life } from './tail.ts';
import { Waiters } from './waiters.ts';

export interface HubSettings {
  readonly longPollingTimeoutMs: number;
  /** The share of that, from 0 to 1, by which a hold may be shorter: those that began together end apart. */
  readonly longPollingJitter: number;
  readonly cacheTimeoutMs: number;
  readonly allowSubscribe: boolean;
}

export interface HubOptions {
  readonly log: Log;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: HubSettings;
  /** What records every connection's events, if anything does. */
  readonly journal?: Recorder;
}

/** A poll as it came in: nothing of it is decoded, and nobody has been believed. */
export interface PollRequest {
  readonly database: string;
  readonly authorization: string | undefined;
  /** Of the client, where it is known. */
  readonly address?: string;
  readonly body: Uint8Array;
}

/** How long after its turn a client has to take its answer before a drain goes on without it. */
const DRAIN_GRACE_MS = 1000;

const ADMITTED: ConnectionEvent = { type: 'ADMITTED' };
const DEADLINE: ConnectionEvent = { type: 'DEADLINE' };
const DRAIN: ConnectionEvent = { type: 'DRAIN' };
const SESSION_ENDED: ConnectionEvent = { type: 'SESSION_ENDED' };
const LOG_RESET: ConnectionEvent = { type: 'LOG_RESET' };
const HANGUP: ConnectionEvent = { type: 'HANGUP' };
const WRITTEN: ConnectionEvent = { type: 'WRITTEN' };

export class Hub {
  readonly #options: HubOptions;
  readonly #connections = new Chain<Connection>();
  readonly #waiters = new Waiters<Connection>();
  readonly #deadlines: Deadlines<Connection>;
  readonly #drainTurns: Deadlines<Connection>;
  readonly #reader: Reader;
  readonly #bodies = new Bodies();
  readonly #effects: Readonly<
    Record<Effect, (connection: Connection, event: ConnectionEvent) => void>
  > = {
    arm: (connection) => this.#arm(connection),
    disarm: (connection) => this.#disarm(connection),
    read: (connection) => this.#reader.read(connection),
    retry: (connection) => this.#reader.retry(connection),
    park: (connection) => this.#waiters.add(connection),
    unpark: (connection) => this.#waiters.delete(connection),
    answer: (connection, event) => this.#answer(connection, event),
    answerNothing: (connection) =>
      connection.respond({ _tag: 'Nothing', resume: connection.place?.resume }),
    refuse: (connection, event) => {
      if (event.type === 'REFUSED') connection.respond({ _tag: 'Refused', error: event.error });
    },
    release: (connection) => this.#release(connection),
  };
  readonly #onSessionEnd = (connection: Connection) => this.#dispatch(connection, SESSION_ENDED);
  /** When the drain under way is over, by the clock's `elapsed`. */
  #drainEnd: number | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    const { log, clock, settings } = options;
    this.#deadlines = new Deadlines(clock, (connection) => this.#dispatch(connection, DEADLINE));
    this.#drainTurns = new Deadlines(clock, (connection) => this.#dispatch(connection, DRAIN));
    this.#reader = new Reader({
      log,
      clock,
      cacheTimeoutMs: settings.cacheTimeoutMs,
      tell: (connection, event) => this.#dispatch(connection, event),
      placed: (connection) => options.journal?.placed(connection),
    });
  }

  /** Polls that are not closed yet. */
  get held(): number {
    return this.#connections.size;
  }

  /** Whether held polls are being ended, so that their clients should go elsewhere. */
  get isDraining(): boolean {
    return this.#drainEnd !== undefined;
  }

  /** Takes a poll. It is answered once, through `respond`, unless its client hangs up first. */
  open(request: PollRequest, respond: Respond): Connection {
    const connection = this.#hold(respond);
    const database = decodeDatabase(request.database);
    if (E.isLeft(database)) {
      this.#refuse(connection, database.left);
      return connection;
    }
    connection.database = database.right;
    const { authorization, address } = request;
    const checked = this.#options.sessions.check(database.right, authorization, address);
    if (checked instanceof Promise) {
      void checked.then((session) => this.#admit(connection, request.body, session));
    } else this.#admit(connection, request.body, checked);
    return connection;
  }

  /** Takes a poll of this very program, which is trusted to listen to any channel. */
  openTrusted(database: Database, poll: Poll, respond: Respond): Connection {
    const connection = this.#hold(respond);
    connection.database = database;
    this.#enter(connection, poll);
    return connection;
  }

  /** The client of a poll went away: nothing that was not written counts as received. */
  hangUp(connection: Connection): void {
    this.#dispatch(connection, HANGUP);
  }

  /** The answer to a poll was written whole. */
  written(connection: Connection): void {
    this.#dispatch(connection, WRITTEN);
  }

  /** The tail has caught up: its window may answer. */
  begin(life: Life): void {
    this.#options.journal?.began(life);
    this.#reader.begin(life);
  }

  /** The tail moved on, and saw `entry` if a client may be shown it. */
  arrive(entry: Entry | undefined): void {
    if (entry !== undefined && this.#reader.life !== undefined) {
      this.#reader.history?.saw(entry);
      for (const connection of this.#waiters.on(entry.database, entry.channel)) {
        this.#dispatch(connection, { type: 'ARRIVED', entry });
      }
    }
    this.#reader.advance();
  }

  /** The life of the log is over: every poll finds its place anew when the next one has begun. */
  reset(): void {
    this.#reader.end();
    this.#bodies.clear();
    for (const connection of this.#connections.members()) this.#dispatch(connection, LOG_RESET);
  }

  /**
   * Ends every held poll at a moment of its own within `milliseconds`, and whatever comes meanwhile too.
   * Done when none is left, or when the time is over.
   */
  drain(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    this.#drainEnd = clock.elapsed() + milliseconds;
    for (const connection of this.#connections.members()) this.#giveTurn(connection);
    return new Promise((resolve) => {
      const timeUp = clock.after(milliseconds + DRAIN_GRACE_MS, resolve);
      this.#onEmpty = () => {
        timeUp();
        resolve();
      };
      if (this.held === 0) this.#onEmpty();
    });
  }

  /** Refuses whoever is still asked about, and forgets the rest. */
  close(): void {
    for (const connection of this.#connections.members()) {
      this.#refuse(connection, closed);
      this.#dispatch(connection, HANGUP);
    }
  }

  #hold(respond: Respond): Connection {
    const connection = new Connection(respond, this.#onSessionEnd);
    connection.link = this.#connections.add(connection);
    this.#options.journal?.opened(connection);
    return connection;
  }

  #admit(connection: Connection, body: Uint8Array, session: Checked): void {
    if (E.isLeft(session)) {
      this.#refuse(connection, session.left);
      return;
    }
    connection.user = session.right.user;
    const poll = this.#decode(body, session.right);
    if (E.isLeft(poll)) {
      this.#refuse(connection, poll.left);
      return;
    }
    this.#enter(connection, poll.right);
    // Only now, for it may end at once: a poll that was not admitted has no session to lose.
    if (connection.link === undefined) return;
    connection.session = session.right;
    session.right.listen(connection);
  }

  #decode(body: Uint8Array, { user, channels }: Session): E.Either<BusError, Poll> {
    if (!this.#options.settings.allowSubscribe) return E.left(busDisabled);
    const text = decodeText(body);
    return E.isLeft(text) ? text : decodePoll(text.right, user, channels);
  }

  #refuse(connection: Connection, error: BusError): void {
    this.#dispatch(connection, { type: 'REFUSED', error });
  }

  #enter(connection: Connection, { channels, lastMessage }: Poll): void {
    connection.channels = channels;
    connection.lastMessage = lastMessage;
    this.#dispatch(connection, ADMITTED);
    this.#options.journal?.entered(connection);
  }

  #dispatch(connection: Connection, event: ConnectionEvent): void {
    const { state, effects } = step(connection.state, event);
    if (state === connection.state && effects.length === 0) return;
    connection.state = state;
    this.#options.journal?.took(connection, event, this.#bodyOf(event));
    // By index: an iterator over a frozen array allocates at each step.
    for (let n = 0; n < effects.length; n += 1) {
      this.#effects[effects[n] as Effect](connection, event);
    }
  }

  #arm(connection: Connection): void {
    const { random, settings } = this.#options;
    const { longPollingTimeoutMs, longPollingJitter } = settings;
    const held = longPollingTimeoutMs * (1 - longPollingJitter * random());
    connection.deadline = this.#deadlines.add(connection, held);
    if (this.#drainEnd !== undefined) this.#giveTurn(connection);
  }

  #disarm(connection: Connection): void {
    this.#deadlines.delete(connection.deadline);
    this.#drainTurns.delete(connection.turn);
    this.#reader.forget(connection);
  }

  #giveTurn(connection: Connection): void {
    const { clock, random } = this.#options;
    const left = Math.max(0, (this.#drainEnd ?? 0) - clock.elapsed());
    this.#drainTurns.delete(connection.turn);
    connection.turn = this.#drainTurns.add(connection, left * random());
  }

  #answer(connection: Connection, event: ConnectionEvent): void {
    const epoch = this.#reader.life?.epoch;
    const resume = connection.place?.resume;
    if (epoch === undefined || resume === undefined || !('entry' in event)) return;
    const { entry } = event;
    const body = this.#bodies.of(entry, epoch);
    connection.respond({ _tag: 'Entry', entry, epoch, body, resume });
  }

  /** The answer that brings an event's entry, if it has one. */
  #bodyOf(event: ConnectionEvent): Uint8Array | undefined {
    const epoch = this.#reader.life?.epoch;
    return epoch === undefined || !('entry' in event)
      ? undefined
      : this.#bodies.of(event.entry, epoch);
  }

  #release(connection: Connection): void {
    if (connection.link !== undefined) this.#connections.remove(connection.link);
    connection.link = undefined;
    this.#drainTurns.delete(connection.turn);
    connection.session?.forget(connection);
    if (this.held === 0) this.#onEmpty?.();
  }
}

const decodeDatabase = (name: string): E.Either<BusError, Database> =>
  Database.is(name)
    ? E.right(name)
    : E.left(badRequest('invalid_request', 'database', 'should be 1 to 1,024 bytes of UTF-8'));
