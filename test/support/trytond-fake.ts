/**
 * A trytond that answers when the test says so, and sessions that ask it: everything from outside is the test's to decide.
 */
import {
  type TrytondSessions,
  type TrytondSettings,
  trytondSessions,
} from '../../src/auth/trytond.ts';
import type { Question, Trytond } from '../../src/auth/trytond-question.ts';
import { HOLDS, type Verdict } from '../../src/auth/trytond-verdict.ts';
import type { Random, Session } from '../../src/ports.ts';
import { databaseOf } from './arbitrary.ts';
import { type TestClock, testClock } from './clock.ts';
import { session as headerOf } from './http.ts';
import { type Told, tellingLogger } from './telling-logger.ts';

export const SETTINGS: TrytondSettings = { ttlMs: 60_000, negativeTtlMs: 5000, graceMs: 600_000 };

/** What a session is to trytond. */
export interface Ticket {
  readonly database: string;
  readonly user: string;
  readonly key: string;
}

/** Whatever follows from what was done has happened: nothing here waits for more than promises. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const ADA: Ticket = { database: 'prod', user: '7', key: 'k' };
export const BOB: Ticket = { database: 'prod', user: '8', key: 'k' };

interface Pending {
  readonly question: Question;
  readonly answer: (verdict: Verdict) => void;
}

class FakeTrytond implements Trytond {
  /** Every question that was asked. */
  readonly questions: Array<Question> = [];
  pending: ReadonlyArray<Pending> = [];
  isClosed = false;

  readonly ask = (question: Question): Promise<Verdict> => {
    this.questions.push(question);
    return new Promise((answer) => {
      this.pending = [...this.pending, { question, answer }];
    });
  };

  readonly close = async (): Promise<void> => {
    this.isClosed = true;
  };

  /** The questions about a session that have no answer yet. */
  about(ticket: Ticket): ReadonlyArray<Pending> {
    return this.pending.filter(({ question }) => isAbout(question, ticket));
  }

  /** Answers whatever is asked about a session, or whatever is asked. */
  async answer(verdict: Verdict, ticket?: Ticket): Promise<void> {
    const meant = ticket === undefined ? this.pending : this.about(ticket);
    this.pending = this.pending.filter((pending) => !meant.includes(pending));
    for (const { answer } of meant) answer(verdict);
    await settled();
  }
}

const isAbout = ({ database, credentials }: Question, ticket: Ticket): boolean =>
  database === ticket.database &&
  credentials.user === ticket.user &&
  credentials.key === ticket.key;

/** A poll as the hub makes one of it: it listens to the end of its session as soon as it has one. */
export class FakePoll {
  /** `waiting`, then `held` or the tag of an error; `ended` when its session has. */
  state = 'waiting';
  reason: string | undefined;
  ends = 0;
  #session: Session | undefined;

  constructor(sessions: TrytondSessions, ticket: Ticket, header: string, address?: string) {
    void Promise.resolve(sessions.check(databaseOf(ticket.database), header, address)).then(
      (checked) => {
        if (checked._tag === 'Left') {
          this.state = checked.left._tag;
          if ('reason' in checked.left) this.reason = checked.left.reason;
          return;
        }
        this.state = 'held';
        this.#session = checked.right;
        this.#session.listen(this);
      },
    );
  }

  sessionEnded(): void {
    this.ends += 1;
    this.state = 'ended';
  }

  hangUp(): void {
    this.#session?.forget(this);
    this.state = 'gone';
  }
}

export interface TrytondWorld {
  readonly clock: TestClock;
  readonly trytond: FakeTrytond;
  readonly sessions: TrytondSessions;
  readonly told: ReadonlyArray<Told>;
  /** Polls with the header that a client of Tryton sends, or with another. */
  readonly poll: (ticket: Ticket, header?: string, address?: string) => Promise<FakePoll>;
  /** A poll of which trytond says that its session holds. */
  readonly held: (ticket: Ticket) => Promise<FakePoll>;
  /** What a poll is that comes now. */
  readonly stateOf: (ticket: Ticket) => Promise<string>;
}

interface WorldOptions {
  readonly settings?: Partial<TrytondSettings>;
  readonly random?: Random;
}

export const trytondWorld = ({ settings, random = () => 0 }: WorldOptions = {}): TrytondWorld => {
  const clock = testClock();
  // As no process does that serves, a clock should not stand at its very beginning.
  clock.advance(1);
  const trytond = new FakeTrytond();
  const { logger, told } = tellingLogger();
  const sessions = trytondSessions({
    ...{ trytond, clock, random, logger },
    settings: { ...SETTINGS, ...settings },
  });
  const poll: TrytondWorld['poll'] = async (ticket, header = sessionOf(ticket), address) => {
    const polling = new FakePoll(sessions, ticket, header, address);
    await settled();
    return polling;
  };
  return {
    ...{ clock, trytond, sessions, told, poll },
    held: async (ticket) => {
      const polling = await poll(ticket);
      await trytond.answer(HOLDS, ticket);
      if (polling.state !== 'held') throw new Error(`the poll is ${polling.state}`);
      return polling;
    },
    stateOf: async (ticket) => (await poll(ticket)).state,
  };
};

export const sessionOf = ({ user, key }: Ticket, login?: string): string =>
  headerOf(user, login, key);
