/**
 * Every way through a machine, from XState's own graph: what a test of a client, a hub or a node walks along.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventFromLogic } from 'xstate';
import { createTestModel } from 'xstate/graph';
import type { ConnectionEvent } from './event.ts';
import { connectionMachine } from './machine.ts';
import { nameOf } from './step.ts';

export interface PathStep<E> {
  readonly event: E;
  /** The state that the event leads to. */
  readonly state: string;
}

export interface Path<E> {
  readonly description: string;
  readonly steps: ReadonlyArray<PathStep<E>>;
}

/**
 * Every simple path of a machine to a final state, over the events that each state knows: no state comes twice by the
 * same event, so that a transition of a state to itself is on some path too.
 */
export const simplePaths = <M extends AnyStateMachine>(
  machine: M,
  events: ReadonlyArray<EventFromLogic<M>>,
): ReadonlyArray<Path<EventFromLogic<M>>> => {
  const isFinal = ({ status }: AnyMachineSnapshot): boolean => status === 'done';
  const paths = createTestModel(machine as AnyStateMachine).getSimplePaths({
    events: (snapshot) => events.filter((event) => snapshot.can(event)),
    toState: isFinal,
    stopWhen: isFinal,
  });
  return paths.map(({ steps }) => {
    const taken = steps.slice(1).map(({ event, state }) => ({
      event: event as EventFromLogic<M>,
      state: nameOf(state.value),
    }));
    return { description: taken.map(({ event }) => event.type).join(' → '), steps: taken };
  });
};

/** Every simple path of a connection. The events bear whatever facts `events` gives them. */
export const connectionPaths = (
  events: ReadonlyArray<ConnectionEvent>,
): ReadonlyArray<Path<ConnectionEvent>> => simplePaths(connectionMachine, events);
