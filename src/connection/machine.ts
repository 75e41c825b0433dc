/**
 * One poll, from its request to the end of its answer.
 *
 *     idle ──▶ waiting (reading ◀──▶ parked) ──▶ responding ──▶ closed
 *
 * The machine has no context, no guard, no timer and no I/O, so each pair of state and event has one outcome and its
 * transitions are a finite table (`step.ts`). It is the only place where a poll's state lives. Its actions are stubs: their
 * names are the effects that the hub carries out.
 */
import { setup } from 'xstate';
import type { ConnectionEvent } from './event.ts';

/** What the hub is asked to do, in order. */
const effects = {
  /** Count the time to the deadline. */
  arm: () => {},
  disarm: () => {},
  /** Find where the poll stands and the next entry after that: FOUND, NOTHING or FAILED. */
  read: () => {},
  /** The same, once the log may answer again. */
  retry: () => {},
  /** Be woken by the next entry on the poll's channels. */
  park: () => {},
  unpark: () => {},
  /** Answer with the event's entry … */
  answer: () => {},
  /** … with nothing … */
  answerNothing: () => {},
  /** … or with the event's error. */
  refuse: () => {},
  /** Forget the connection. */
  release: () => {},
};

/** An effect by name: data, which the hub alone interprets. */
export type Effect = keyof typeof effects;

const emptyHanded = { target: 'responding', actions: 'answerNothing' } as const;

export const connectionMachine = setup({
  types: { events: {} as ConnectionEvent },
  actions: effects,
}).createMachine({
  id: 'connection',
  initial: 'idle',
  states: {
    idle: {
      on: {
        ADMITTED: 'waiting',
        REFUSED: { target: 'responding', actions: 'refuse' },
        HANGUP: 'closed',
      },
    },
    waiting: {
      entry: 'arm',
      exit: 'disarm',
      on: {
        DEADLINE: emptyHanded,
        DRAIN: emptyHanded,
        SESSION_ENDED: emptyHanded,
        LOG_RESET: '.reading',
        HANGUP: 'closed',
      },
      initial: 'reading',
      states: {
        reading: {
          entry: 'read',
          on: {
            FOUND: { target: '#connection.responding', actions: 'answer' },
            NOTHING: 'parked',
            FAILED: { actions: 'retry' },
          },
        },
        parked: {
          entry: 'park',
          exit: 'unpark',
          on: {
            ARRIVED: { target: '#connection.responding', actions: 'answer' },
          },
        },
      },
    },
    responding: {
      on: {
        WRITTEN: 'closed',
        HANGUP: 'closed',
      },
    },
    closed: {
      entry: 'release',
      type: 'final',
    },
  },
});
