/**
 * Sessions that trytond knows. Jetbus keeps no table of users: it asks, and believes the answer for a while.
 *
 * A session that held is asked about again whenever its time is over, as long as a poll of it is held, so that its end ends the
 * poll. While trytond cannot be asked, sessions that held go on for a grace time; one that is not known is never refused for that.
 */
import { LRUCache } from 'lru-cache';
import { basicAuthorization, closed, sessionsUnavailable, unauthorized } from '../bus/errors.ts';
import type { Database, UserId } from '../bus/names.ts';
import { Deadlines, type Due } from '../deadlines.ts';
import { added, each, type Few, removed } from '../few.ts';
import { E } from '../fp.ts';
import type {
  Checked,
  Clock,
  Logger,
  Random,
  Session,
  SessionListener,
  Sessions,
} from '../ports.ts';
import { decodeAuthorization, type SessionCredentials } from './authorization.ts';
import type { Question, Trytond } from './trytond-question.ts';
import type { Verdict } from './trytond-verdict.ts';

export interface TrytondSettings {
  /** How long a session that holds is believed, at most. */
  readonly ttlMs: number;
  /** How long one that does not is refused without asking, at most. */
  readonly negativeTtlMs: number;
  /** How long after that a session goes on while trytond cannot be asked. */
  readonly graceMs: number;
}

interface TrytondSessionsOptions {
  readonly trytond: Trytond;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: TrytondSettings;
}

/** Up to which part a verdict's time is cut, so that the questions about many sessions spread. */
const SPREAD = 0.25;
/** More sessions than these that do not hold are asked about each time. */
const MAX_REFUSED = 10_000;
/** More sessions than these that are not known are not asked about at once: those that are known come next in line. */
const MAX_STRANGERS = 1000;
/** How long a trouble is not told again. */
const SILENCE_MS = 60_000;

export interface TrytondSessions extends Sessions {
  /** Asks no more. */
  readonly close: () => Promise<void>;
}

export const trytondSessions = (options: TrytondSessionsOptions): TrytondSessions => {
  const known = new KnownSessions(options);
  return {
    trusting: false,
    check: (database, authorization, address) => {
      if (authorization === undefined) return E.left(unauthorized);
      const heard = known.heard(database, authorization);
      if (heard !== undefined) return heard;
      const credentials = decodeAuthorization(authorization);
      if (credentials._tag === 'Basic') return E.left(basicAuthorization);
      if (credentials._tag !== 'Session' || !canBe(credentials)) return E.left(unauthorized);
      return known.check({ database, credentials, address }, authorization);
    },
    close: () => {
      known.close();
      return options.trytond.close();
    },
  };
};

const MAX_USER = 2 ** 31 - 1;
const MAX_KEY = 256;

/** Whether trytond could have such a session: what its database cannot hold makes it fail, not refuse. */
const canBe = ({ user, key }: SessionCredentials): boolean =>
  Number(user) <= MAX_USER && key.length <= MAX_KEY && /^[\x21-\x7e]+$/.test(key);

/** A session that held when trytond was last asked. */
class Known implements Session {
  readonly name: string;
  /** This session, as the answer to who asks. */
  readonly checked: Checked = E.right(this);
  listeners: Few<SessionListener>;
  question: Question;
  /** The Authorization header that it last came with. */
  header = '';
  /** When trytond last said that it holds, by the clock's `elapsed` … */
  heldAt = 0;
  /** … and until when it is not asked again. */
  until = 0;
  expiry: Due<Known> | undefined;
  hasEnded = false;

  constructor(name: string, question: Question) {
    this.name = name;
    this.question = question;
  }

  get user(): UserId {
    return this.question.credentials.user;
  }

  listen(listener: SessionListener): void {
    if (this.hasEnded) listener.sessionEnded();
    else this.listeners = added(this.listeners, listener);
  }

  forget(listener: SessionListener): void {
    this.listeners = removed(this.listeners, listener);
  }
}

class KnownSessions {
  readonly #options: TrytondSessionsOptions;
  readonly #known = new Map<string, Known>();
  /** The same by the headers that they last came with: a client sends the same one with each poll. */
  readonly #heard = new Map<string, Known>();
  readonly #refused: LRUCache<string, true>;
  readonly #asking = new Map<string, Promise<Checked>>();
  readonly #expiries: Deadlines<Known>;
  /** Whether a trouble was told, and its end was not. */
  #isTold = false;
  #silentUntil = 0;
  #isClosed = false;

  constructor(options: TrytondSessionsOptions) {
    this.#options = options;
    const { clock } = options;
    this.#refused = new LRUCache({
      max: MAX_REFUSED,
      ttlResolution: 0,
      perf: { now: clock.elapsed },
    });
    this.#expiries = new Deadlines(clock, (session) => this.#expire(session));
  }

  /** A session that came with this very header before, and is still believed. */
  heard(database: Database, header: string): Checked | undefined {
    const session = this.#heard.get(header);
    const isHeard = session?.question.database === database && this.#isBelieved(session);
    return isHeard ? session.checked : undefined;
  }

  check(question: Question, header: string): Checked | Promise<Checked> {
    const name = nameOf(question);
    const session = this.#known.get(name);
    if (session !== undefined && this.#isBelieved(session)) {
      this.#hear(session, header);
      return session.checked;
    }
    if (this.#refused.has(name)) return E.left(unauthorized);
    const isStranger = session === undefined && !this.#asking.has(name);
    if (isStranger && this.#asking.size >= MAX_STRANGERS) {
      return E.left(sessionsUnavailable('too many sessions are asked about'));
    }
    return this.#ask(name, question);
  }

  #isBelieved({ until }: Known): boolean {
    return this.#now < until;
  }

  /** Each session is kept under one header, so that there are no more of these than sessions. */
  #hear(session: Known, header: string): void {
    this.#unhear(session);
    session.header = header;
    this.#heard.set(header, session);
  }

  #unhear(session: Known): void {
    if (this.#heard.get(session.header) === session) this.#heard.delete(session.header);
  }

  close(): void {
    this.#isClosed = true;
    this.#known.clear();
    this.#heard.clear();
    this.#expiries.clear();
  }

  get #now(): number {
    return this.#options.clock.elapsed();
  }

  /** Asks once, however many want to know. */
  #ask(name: string, question: Question): Promise<Checked> {
    const asked = this.#asking.get(name);
    if (asked !== undefined) return asked;
    const answer = this.#options.trytond.ask(question).then((verdict) => {
      this.#asking.delete(name);
      if (this.#isClosed) return E.left(closed);
      this.#tell(verdict);
      return this.#learn(name, question, verdict);
    });
    this.#asking.set(name, answer);
    return answer;
  }

  #learn(name: string, question: Question, verdict: Verdict): Checked {
    const { ttlMs, negativeTtlMs } = this.#options.settings;
    const session = this.#known.get(name);
    switch (verdict._tag) {
      case 'Holds': {
        const held = session ?? new Known(name, question);
        held.question = question;
        held.heldAt = this.#now;
        this.#known.set(name, held);
        return this.#believe(held, ttlMs);
      }
      case 'Ended':
        this.#refused.set(name, true, { ttl: this.#jittered(negativeTtlMs) });
        if (session !== undefined) this.#end(session);
        return E.left(unauthorized);
      case 'Untrusted':
        if (session !== undefined) this.#end(session);
        return E.left(sessionsUnavailable(verdict.reason));
      case 'Unknown':
        if (session !== undefined && this.#now < this.#graceEnd(session)) {
          return this.#believe(
            session,
            Math.min(negativeTtlMs, this.#graceEnd(session) - this.#now),
          );
        }
        if (session !== undefined) this.#end(session);
        return E.left(sessionsUnavailable(verdict.reason));
    }
  }

  #believe(session: Known, milliseconds: number): Checked {
    const wait = this.#jittered(milliseconds);
    session.until = this.#now + wait;
    this.#expireIn(session, wait);
    return session.checked;
  }

  #expire(session: Known): void {
    if (session.listeners !== undefined) {
      void this.#ask(session.name, session.question);
      return;
    }
    const left = this.#graceEnd(session) - this.#now;
    if (left > 0) this.#expireIn(session, left);
    else this.#end(session);
  }

  #expireIn(session: Known, milliseconds: number): void {
    this.#expiries.delete(session.expiry);
    session.expiry = this.#expiries.add(session, milliseconds);
  }

  #graceEnd({ heldAt }: Known): number {
    const { ttlMs, graceMs } = this.#options.settings;
    return heldAt + ttlMs + graceMs;
  }

  #end(session: Known): void {
    session.hasEnded = true;
    this.#known.delete(session.name);
    this.#unhear(session);
    this.#expiries.delete(session.expiry);
    for (const listener of each(session.listeners)) listener.sessionEnded();
    session.listeners = undefined;
  }

  #jittered(milliseconds: number): number {
    return milliseconds * (1 - SPREAD * this.#options.random());
  }

  /** Once a minute at most: another poll may be answered well in between. */
  #tell(verdict: Verdict): void {
    const { logger } = this.#options;
    if (!('reason' in verdict)) {
      if (this.#isTold) logger.info({}, 'trytond answers for sessions again');
      this.#isTold = false;
    } else if (this.#now >= this.#silentUntil) {
      logger.error({ reason: verdict.reason }, 'trytond cannot be asked about sessions');
      this.#isTold = true;
      this.#silentUntil = this.#now + SILENCE_MS;
    }
  }
}

/** A session by what trytond looks at, not by the login, which may be any. Neither a user nor a key has a space. */
const nameOf = ({ database, credentials: { user, key } }: Question): string =>
  `${user} ${key} ${database}`;
