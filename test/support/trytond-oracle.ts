/**
 * What is known of trytond's sessions, by the rules alone: a table of who was last said to hold, and when.
 */
import { SETTINGS } from './trytond-fake.ts';

export type Said = 'Holds' | 'Ended' | 'Unknown';

/** The deadlines look once in so many milliseconds. */
const TICK_MS = 100;

const { ttlMs, negativeTtlMs, graceMs } = SETTINGS;

export interface OraclePoll {
  readonly session: number;
  state: string;
}

class OracleSession {
  /** How often it was asked about. */
  questions = 0;
  isAsked = false;
  /** When trytond last said that it holds, if that still counts. */
  heldAt: number | undefined;
  believedUntil = 0;
  refusedUntil = 0;

  /** What a poll of it is at the moment that it comes. */
  stateAt(now: number): string {
    if (this.heldAt !== undefined && now < this.believedUntil) return 'held';
    return now <= this.refusedUntil ? 'Unauthorized' : 'waiting';
  }

  ask(): void {
    if (!this.isAsked) this.questions += 1;
    this.isAsked = true;
  }

  /** When it is asked about again as long as a poll is held. */
  get nextQuestion(): number {
    return Math.ceil(this.believedUntil / TICK_MS) * TICK_MS;
  }
}

export class TrytondOracle {
  readonly polls: Array<OraclePoll> = [];
  readonly sessions: ReadonlyArray<OracleSession>;
  readonly #share: number;
  #now: number;

  /** `share`: which share of the quarter every verdict's time is cut by. */
  constructor(sessions: number, now: number, share: number) {
    this.sessions = Array.from({ length: sessions }, () => new OracleSession());
    this.#now = now;
    this.#share = share;
  }

  poll(session: number): void {
    const about = this.#session(session);
    const state = about.stateAt(this.#now);
    this.polls.push({ session, state });
    if (state === 'waiting') about.ask();
  }

  hangUp(poll: number): void {
    const gone = this.polls[poll];
    if (gone !== undefined) gone.state = 'gone';
  }

  answer(session: number, said: Said): void {
    const about = this.#session(session);
    about.isAsked = false;
    if (said === 'Holds') about.heldAt = this.#now;
    const graceEnd = (about.heldAt ?? Number.NEGATIVE_INFINITY) + ttlMs + graceMs;
    if (said === 'Holds' || (said === 'Unknown' && this.#now < graceEnd)) {
      const most = said === 'Holds' ? ttlMs : Math.min(negativeTtlMs, graceEnd - this.#now);
      about.believedUntil = this.#after(most);
      this.#turn(session, 'waiting', 'held');
      return;
    }
    about.heldAt = undefined;
    if (said === 'Ended') about.refusedUntil = this.#after(negativeTtlMs);
    this.#turn(session, 'waiting', said === 'Ended' ? 'Unauthorized' : 'SessionsUnavailable');
    this.#turn(session, 'held', 'ended');
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [session, about] of this.sessions.entries()) {
      const isHeld = this.polls.some((poll) => poll.session === session && poll.state === 'held');
      if (isHeld && this.#now >= about.nextQuestion) about.ask();
    }
  }

  #session(session: number): OracleSession {
    const about = this.sessions[session];
    if (about === undefined) throw new Error(`no session ${session}`);
    return about;
  }

  #after(milliseconds: number): number {
    return this.#now + milliseconds * (1 - this.#share / 4);
  }

  #turn(session: number, from: string, to: string): void {
    for (const poll of this.polls) {
      if (poll.session === session && poll.state === from) poll.state = to;
    }
  }
}
