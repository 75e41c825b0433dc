import { describe, expect, test } from 'vitest';
import type { ConnectionEvent } from '../../src/connection/event.ts';
import type { Effect } from '../../src/connection/machine.ts';
import { connectionPaths } from '../../src/connection/paths.ts';
import { type ConnectionState, initialState, step } from '../../src/connection/step.ts';
import { EVENT_TYPES, TRANSITIONS } from '../support/transitions.ts';

const events = EVENT_TYPES.map((type) => ({ type }) as ConnectionEvent);
const paths = connectionPaths(events);

/** The states by name, as the paths reach them. */
const states = new Map<string, ConnectionState>([[initialState.name, initialState]]);
for (const { steps } of paths) {
  let state = initialState;
  for (const { event } of steps) {
    state = step(state, event).state;
    states.set(state.name, state);
  }
}

describe('the connection machine', () => {
  test('has five states', () => {
    expect([...states.keys()].sort()).toEqual(
      ['closed', 'idle', 'responding', 'waiting.parked', 'waiting.reading'].sort(),
    );
  });

  test.each(TRANSITIONS)('%s on %s becomes %s', (from, type, to, effects) => {
    const event = events.find((each) => each.type === type);
    const state = states.get(from);
    if (event === undefined || state === undefined) throw new Error(`no ${from}`);
    const outcome = step(state, event);
    expect(outcome.state.name).toBe(to);
    expect(outcome.effects).toEqual(effects);
  });

  test('an event that a state does not know changes nothing', () => {
    for (const state of states.values()) {
      for (const event of events) {
        if (TRANSITIONS.some(([from, type]) => from === state.name && type === event.type))
          continue;
        expect(step(state, event)).toEqual({ state, effects: [] });
      }
    }
  });

  test('a pair of state and event has one outcome, which nobody can change', () => {
    const [event] = events;
    if (event === undefined) throw new Error('no event');
    expect(step(initialState, event)).toBe(step(initialState, event));
    expect(Object.isFrozen(step(initialState, event))).toBe(true);
    expect(Object.isFrozen(step(initialState, event).state)).toBe(true);
  });

  test.each(paths.map((path) => [path.description, path] as const))(
    'on the path %s the table goes where XState goes, and answers once',
    (_, { steps }) => {
      let state = initialState;
      const done: Array<Effect> = [];
      for (const { event, state: expected } of steps) {
        const outcome = step(state, event);
        state = outcome.state;
        done.push(...outcome.effects);
        expect(state.name).toBe(expected);
      }
      const times = (...effects: ReadonlyArray<Effect>) =>
        done.filter((effect) => effects.includes(effect)).length;
      const isAnswered = steps.some(({ state: name }) => name === 'responding');
      expect(state.name).toBe('closed');
      expect(times('answer', 'answerNothing', 'refuse')).toBe(isAnswered ? 1 : 0);
      expect(times('arm')).toBe(times('disarm'));
      expect(times('park')).toBe(times('unpark'));
      expect(times('release')).toBe(1);
    },
  );
});
