/**
 * The states of a bus node: starting → serving → draining → stopped.
 *
 * A real XState actor (`node.ts` starts it). A tail that stalls does not change it: polls go on waiting.
 */
import { setup } from 'xstate';

export type NodeEvent =
  /** The tail is live for the first time. */
  | { readonly type: 'READY' }
  /** Held polls are to end, spread over time. */
  | { readonly type: 'DRAIN' }
  /** No poll is held any more, or the time for it is over. */
  | { readonly type: 'DRAINED' };

export const nodeMachine = setup({
  types: { events: {} as NodeEvent },
  actions: {
    /** Give every held poll its turn to end. */
    drain: () => {},
    /** Let go of whatever is left. */
    stop: () => {},
  },
}).createMachine({
  id: 'node',
  initial: 'starting',
  states: {
    starting: { on: { READY: 'serving', DRAIN: 'draining' } },
    serving: { on: { DRAIN: 'draining' } },
    draining: { entry: 'drain', on: { DRAINED: 'stopped' } },
    stopped: { entry: 'stop', type: 'final' },
  },
});
