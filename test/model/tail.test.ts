/**
 * Every path of the tail's machine, walked by a real tail on a log that does what the test says.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../src/bus/entry.ts';
import { logUnavailable } from '../../src/bus/errors.ts';
import { simplePaths } from '../../src/connection/paths.ts';
import { TE } from '../../src/fp.ts';
import { type Life, startTail, type Tail } from '../../src/hub/tail.ts';
import { type TailEvent, tailMachine } from '../../src/hub/tail-machine.ts';
import { silentLogger } from '../../src/library/system.ts';
import type { Follower, Log } from '../../src/log/log.ts';
import { memoryLog, memoryStore } from '../../src/log/memory.ts';
import { settle } from '../support/bus-fixture.ts';
import { type TestClock, testClock } from '../support/clock.ts';

type Transition = readonly [from: string, event: TailEvent['type'], to: string];

const TRANSITIONS: ReadonlyArray<Transition> = [
  ['connecting', 'OPENED', 'catchingUp'],
  ['connecting', 'STOP', 'stopped'],
  ['catchingUp', 'CAUGHT_UP', 'live'],
  ['catchingUp', 'STALLED', 'stalled'],
  ['catchingUp', 'RESET', 'rebuilding'],
  ['catchingUp', 'STOP', 'stopped'],
  ['live', 'STALLED', 'stalled'],
  ['live', 'RESET', 'rebuilding'],
  ['live', 'STOP', 'stopped'],
  ['stalled', 'RESUMED', 'catchingUp'],
  ['stalled', 'RESET', 'rebuilding'],
  ['stalled', 'STOP', 'stopped'],
  ['rebuilding', 'OPENED', 'catchingUp'],
  ['rebuilding', 'STOP', 'stopped'],
];

const TYPES = ['OPENED', 'CAUGHT_UP', 'STALLED', 'RESUMED', 'RESET', 'STOP'] as const;
const paths = simplePaths(
  tailMachine,
  TYPES.map((type) => ({ type })),
);

/** A log that answers, and tells its follower, only what the test says. */
class Puppet {
  readonly port: Log;
  follower: Follower | undefined;
  following = 0;
  #answers = false;

  constructor(clock: TestClock) {
    const log = memoryLog(memoryStore(clock, 'epoch', 1000));
    this.port = {
      ...log,
      head: () => (this.#answers ? log.head() : TE.left(logUnavailable('test'))()),
      follow: (_epoch, _after, follower) => {
        this.follower = follower;
        this.following += 1;
        this.#answers = false;
        return {
          end: () => {
            this.following -= 1;
          },
        };
      },
    };
  }

  answer(): void {
    this.#answers = true;
  }
}

let clock: TestClock;
let log: Puppet;
let tail: Tail;
let heard: Array<string>;
let lives: Array<Life>;

const bringAbout: Readonly<Record<TailEvent['type'], () => void>> = {
  OPENED: () => {
    log.answer();
    clock.advance(500);
  },
  CAUGHT_UP: () => log.follower?.caughtUp(0),
  STALLED: () => log.follower?.stalled('the test says so'),
  RESUMED: () => log.follower?.resumed(),
  RESET: () => log.follower?.reset(),
  STOP: () => tail.stop(),
};

beforeEach(async () => {
  clock = testClock();
  log = new Puppet(clock);
  heard = [];
  lives = [];
  tail = startTail({
    log: log.port,
    clock,
    logger: silentLogger,
    cacheTimeoutMs: 300_000,
    listener: {
      began: (life) => {
        heard.push('began');
        lives.push(life);
      },
      moved: (entry: Entry | undefined) => heard.push(entry === undefined ? 'moved' : 'entry'),
      ended: () => heard.push('ended'),
    },
  });
  await settle();
});

describe('the tail', () => {
  test('every transition is on some path', () => {
    const taken = new Set<string>();
    for (const { steps } of paths) {
      let from = 'connecting';
      for (const { event, state } of steps) {
        taken.add([from, event.type, state].join(' '));
        from = state;
      }
    }
    expect([...taken].sort()).toEqual(TRANSITIONS.map((each) => each.join(' ')).sort());
  });

  test.each(paths.map((path) => [path.description, path] as const))('%s', async (_, { steps }) => {
    expect(tail.status().state).toBe('connecting');
    for (const { event, state } of steps) {
      bringAbout[event.type]();
      await settle();
      expect(tail.status().state, `after ${event.type}`).toBe(state);
    }
    const count = (what: string, list: ReadonlyArray<string>) =>
      list.filter((each) => each === what).length;
    const states = steps.map(({ state }) => state);
    expect(count('began', heard)).toBe(count('live', states));
    expect(count('ended', heard)).toBe(count('rebuilding', states));
    expect(clock.pending()).toBe(0);
  });

  test('says why it is stalled until it is live again', async () => {
    for (const event of ['OPENED', 'CAUGHT_UP', 'STALLED'] as const) {
      bringAbout[event]();
      await settle();
    }
    expect(tail.status()).toMatchObject({ state: 'stalled', reason: 'the test says so' });
    for (const event of ['RESUMED', 'CAUGHT_UP'] as const) bringAbout[event]();
    expect(tail.status()).not.toHaveProperty('reason');
    expect(lives[0]).toBe(lives[1]);
  });

  test('says why it is still connecting', () => {
    expect(tail.status()).toMatchObject({ state: 'connecting', reason: 'test' });
  });
});
