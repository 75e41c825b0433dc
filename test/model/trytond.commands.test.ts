/**
 * Whoever polls, hangs up and waits, and whatever trytond answers and when: every poll is held, refused and ended as a plain
 * table of what trytond said last would have it, and trytond is asked no more than that needs.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENDED, HOLDS, unknown, type Verdict } from '../../src/auth/trytond-verdict.ts';
import {
  type FakePoll,
  SETTINGS,
  sessionOf,
  settled,
  type Ticket,
  type TrytondWorld,
  trytondWorld,
} from '../support/trytond-fake.ts';
import { type Said, TrytondOracle } from '../support/trytond-oracle.ts';

/** Each differs from some other in one thing only, and two are one text when they are put together with colons. */
const TICKETS: ReadonlyArray<Ticket> = [
  { database: 'c', user: '7', key: 'a:b' },
  { database: 'b:c', user: '7', key: 'a' },
  { database: 'c', user: '7', key: 'a' },
  { database: 'c', user: '17', key: 'a' },
];

/** Ways to write one and the same session. */
const SPELLINGS: ReadonlyArray<(ticket: Ticket) => string> = [
  sessionOf,
  (ticket) => sessionOf(ticket, 'é 漢字'),
  (ticket) => sessionOf(ticket, '').replace('Session', 'sESSION '),
  (ticket) => sessionOf({ ...ticket, user: `00${ticket.user}` }),
  (ticket) => sessionOf(ticket, 'ad').replace(/=*$/, ''),
];

const VERDICTS: Readonly<Record<Said, Verdict>> = {
  Holds: HOLDS,
  Ended: ENDED,
  Unknown: unknown('test'),
};

interface Real extends TrytondWorld {
  readonly polls: Array<FakePoll>;
}

type Command = fc.AsyncCommand<TrytondOracle, Real>;

const expectAsTheTable = (model: TrytondOracle, { polls, trytond }: Real): void => {
  expect(polls.map(({ state }) => state)).toEqual(model.polls.map(({ state }) => state));
  expect(polls.every(({ ends, state }) => ends === (state === 'ended' ? 1 : 0))).toBe(true);
  const expected = model.sessions.map(({ isAsked }) => (isAsked ? 1 : 0));
  expect(TICKETS.map((ticket) => trytond.about(ticket).length)).toEqual(expected);
  const questions = model.sessions.reduce((sum, session) => sum + session.questions, 0);
  expect(trytond.questions).toHaveLength(questions);
};

/** A command that does the same to both, and holds one against the other. */
const command = (
  text: string,
  act: (model: TrytondOracle, real: Real) => unknown,
  check: (model: Readonly<TrytondOracle>) => boolean = () => true,
): Command => ({
  check,
  run: async (model, real) => {
    await act(model, real);
    await settled();
    expectAsTheTable(model, real);
  },
  toString: () => text,
});

const session = fc.nat(TICKETS.length - 1);

const poll = fc.tuple(session, fc.nat(SPELLINGS.length - 1)).map(([about, spelling]) =>
  command(`poll(${about}, spelling ${spelling})`, async (model, real) => {
    const ticket = TICKETS[about];
    if (ticket === undefined) return;
    real.polls.push(await real.poll(ticket, SPELLINGS[spelling]?.(ticket)));
    model.poll(about);
  }),
);

const hangUp = fc.nat(8).map((which) =>
  command(
    `hangUp(${which})`,
    (model, { polls }) => {
      polls[which]?.hangUp();
      model.hangUp(which);
    },
    ({ polls }) => polls[which]?.state === 'held',
  ),
);

const answer = fc
  .tuple(session, fc.constantFrom<Said>('Holds', 'Ended', 'Unknown'))
  .map(([about, said]) =>
    command(
      `answer(${about}, ${said})`,
      async (model, { trytond }) => {
        await trytond.answer(VERDICTS[said], TICKETS[about]);
        model.answer(about, said);
      },
      ({ sessions }) => sessions[about]?.isAsked === true,
    ),
  );

const { ttlMs, negativeTtlMs, graceMs } = SETTINGS;
const TIMES = [1, 100, 0.75 * negativeTtlMs, negativeTtlMs, 0.75 * ttlMs, ttlMs, graceMs];

const letTimePass = fc.constantFrom(...TIMES).map((milliseconds) =>
  command(`letTimePass(${milliseconds})`, (model, { clock }) => {
    clock.advance(milliseconds);
    model.advance(milliseconds);
  }),
);

/** Some of these do nothing until something is asked, so what makes it is tried more often. */
const commands: Array<fc.Arbitrary<Command>> = [poll, answer, answer, letTimePass, hangUp];

test('every poll is held, refused and ended by what trytond said last, and no question is idle', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands(commands, { maxCommands: 60, size: 'max' }),
      fc.constantFrom(0, 0.5, 0.999),
      async (generated, share) => {
        const world = trytondWorld({ random: () => share });
        const { clock, sessions, trytond } = world;
        await fc.asyncModelRun(
          () => ({
            model: new TrytondOracle(TICKETS.length, clock.elapsed(), share),
            real: { ...world, polls: [] },
          }),
          generated,
        );
        await sessions.close();
        expect(clock.pending()).toBe(0);
        await trytond.answer(HOLDS);
        expect(clock.pending()).toBe(0);
      },
    ),
    { numRuns: 500 },
  );
});
