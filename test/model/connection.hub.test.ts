/**
 * Every path of the connection machine, walked on a real hub: each event is brought about by what brings it about in life.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionEvent, ConnectionEventType } from '../../src/connection/event.ts';
import { connectionPaths } from '../../src/connection/paths.ts';
import type { Answer, Connection } from '../../src/hub/connection.ts';
import {
  type BusFixture,
  busFixture,
  LONG_POLLING_TIMEOUT_MS,
  RETRY_MS,
  settle,
} from '../support/bus-fixture.ts';
import { EVENT_TYPES, TRANSITIONS } from '../support/transitions.ts';

const DRAIN_MS = 1000;

const paths = connectionPaths(EVENT_TYPES.map((type) => ({ type }) as ConnectionEvent));

const ANSWERS: Readonly<Partial<Record<ConnectionEventType, Answer['_tag']>>> = {
  REFUSED: 'Refused',
  FOUND: 'Entry',
  ARRIVED: 'Entry',
  DEADLINE: 'Nothing',
  DRAIN: 'Nothing',
  SESSION_ENDED: 'Nothing',
};

let bus: BusFixture;
let answers: Array<Answer>;
let connection: Connection;

const bringAbout: Readonly<Record<ConnectionEventType, () => unknown>> = {
  ADMITTED: () => bus.sessions.decide(true),
  REFUSED: () => bus.sessions.decide(false),
  FOUND: async () => {
    await bus.publish('c', { found: true });
    bus.clock.advance(RETRY_MS);
    bus.log.letThrough();
  },
  NOTHING: () => {
    bus.clock.advance(RETRY_MS);
    bus.log.letThrough();
  },
  FAILED: () => bus.log.fail(),
  ARRIVED: () => bus.publish('c', { arrived: true }),
  DEADLINE: () => bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100),
  DRAIN: () => {
    void bus.node.stop(DRAIN_MS);
    bus.clock.advance(DRAIN_MS);
  },
  SESSION_ENDED: () => bus.sessions.endAll(),
  LOG_RESET: () => {
    bus.log.hold('at');
    bus.rewind();
  },
  HANGUP: () => bus.node.hub.hangUp(connection),
  WRITTEN: () => bus.node.hub.written(connection),
};

beforeEach(async () => {
  bus = await busFixture();
  answers = [];
  bus.log.hold('at');
  connection = bus.node.hub.open(
    {
      database: 'db',
      authorization: 'held',
      body: Buffer.from(JSON.stringify({ channels: ['c'], last_message: bus.oldId })),
    },
    (given) => answers.push(given),
  );
});

describe('a poll in the hub', () => {
  test('every transition is on some path', () => {
    const taken = new Set<string>();
    for (const { steps } of paths) {
      let from = 'idle';
      for (const { event, state } of steps) {
        taken.add(`${from} ${event.type} ${state}`);
        from = state;
      }
    }
    expect([...taken].sort()).toEqual(
      TRANSITIONS.map(([from, event, to]) => `${from} ${event} ${to}`).sort(),
    );
  });

  test.each(paths.map((path) => [path.description, path] as const))('%s', async (_, { steps }) => {
    expect(connection.state.name).toBe('idle');
    for (const { event, state } of steps) {
      await bringAbout[event.type]();
      await settle();
      expect(connection.state.name, `after ${event.type}`).toBe(state);
      expect(bus.node.hub.held).toBe(state === 'closed' ? 0 : 1);
    }
    const expected = steps.flatMap(({ event }) => ANSWERS[event.type] ?? []);
    expect(answers.map(({ _tag }) => _tag)).toEqual(expected);
    await bus.publish('c', { late: true }).catch(() => {});
    bus.clock.advance(LONG_POLLING_TIMEOUT_MS + 100);
    expect(answers).toHaveLength(expected.length);
    expect(bus.sessions.listening).toBe(0);
    expect(bus.clock.pending()).toBe(0);
  });
});
