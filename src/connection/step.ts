/**
 * The machine as a table: what an event makes of a state, and which effects it asks for.
 *
 * XState's pure `transition` is asked once for each pair of state and event, and its answer is remembered: the machine has
 * no context, so a pair has one outcome, and all connections share a handful of frozen states
 * (docs/decisions/0002-the-machine-as-a-table.md).
 */
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { ConnectionEvent, ConnectionEventType } from './event.ts';
import { connectionMachine, type Effect } from './machine.ts';

type Snapshot = SnapshotFrom<typeof connectionMachine>;

/** A state by its name, `waiting.reading`; each is one object, so that they are compared by identity. */
export interface ConnectionState {
  readonly name: string;
  /** XState's own snapshot of it. */
  readonly snapshot: Snapshot;
}

export interface Step {
  readonly state: ConnectionState;
  readonly effects: ReadonlyArray<Effect>;
}

const states = new Map<string, ConnectionState>();
const table = new Map<ConnectionState, Map<ConnectionEventType, Step>>();

/**
 * What an event makes of a connection in `state`, by its type: the event's facts are for whoever carries out the effects.
 * An event that the state does not know changes nothing.
 */
export const step = (state: ConnectionState, { type }: Pick<ConnectionEvent, 'type'>): Step =>
  table.get(state)?.get(type) ?? remember(state, type);

const remember = (state: ConnectionState, type: ConnectionEventType): Step => {
  const event = { type } as ConnectionEvent;
  const [snapshot, actions] = transition(connectionMachine, state.snapshot, event);
  const outcome = Object.freeze({
    state: stateOf(snapshot),
    effects: Object.freeze(actions.map(({ type }) => type as Effect)),
  });
  const row = table.get(state) ?? new Map<ConnectionEventType, Step>();
  table.set(state, row.set(type, outcome));
  return outcome;
};

const stateOf = (snapshot: Snapshot): ConnectionState => {
  const name = nameOf(snapshot.value);
  const known = states.get(name);
  if (known !== undefined) return known;
  const state = Object.freeze({ name, snapshot: Object.freeze(snapshot) });
  states.set(name, state);
  return state;
};

type StateValue = string | { readonly [key: string]: StateValue | undefined };

/** `{waiting: 'reading'}` as `waiting.reading`. */
export const nameOf = (value: StateValue): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([parent, child]) => (child === undefined ? parent : `${parent}.${nameOf(child)}`))
        .join(' ');

/** Where every connection begins. */
export const initialState: ConnectionState = stateOf(initialTransition(connectionMachine)[0]);
