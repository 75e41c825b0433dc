/**
 * The states of a node's one tail of the log.
 *
 *     connecting ──▶ catchingUp ──▶ live ◀──▶ stalled;  another life of the log: rebuilding ──▶ catchingUp
 *
 * A real XState actor (`tail.ts` starts it): there is one in a node, it lives as long, and its state is shown.
 */
import { setup } from 'xstate';

export type TailEvent =
  /** The log answered, and is followed from the start of the window. */
  | { readonly type: 'OPENED' }
  /** Everything that the log had when following began was shown. */
  | { readonly type: 'CAUGHT_UP' }
  | { readonly type: 'STALLED' }
  | { readonly type: 'RESUMED' }
  /** The life that was followed is over. */
  | { readonly type: 'RESET' }
  | { readonly type: 'STOP' };

const stopped = 'stopped';
const rebuilding = 'rebuilding';

export const tailMachine = setup({
  types: { events: {} as TailEvent },
  actions: {
    /** Ask the log where it stands until it answers, and follow it. */
    open: () => {},
    /** Let the polls know that the window holds all it should. */
    begin: () => {},
    /** Drop the window, and let the polls know. */
    drop: () => {},
    end: () => {},
  },
}).createMachine({
  id: 'tail',
  initial: 'connecting',
  states: {
    connecting: {
      entry: 'open',
      on: { OPENED: 'catchingUp', STOP: stopped },
    },
    catchingUp: {
      on: { CAUGHT_UP: 'live', STALLED: 'stalled', RESET: rebuilding, STOP: stopped },
    },
    live: {
      entry: 'begin',
      on: { STALLED: 'stalled', RESET: rebuilding, STOP: stopped },
    },
    stalled: {
      on: { RESUMED: 'catchingUp', RESET: rebuilding, STOP: stopped },
    },
    rebuilding: {
      entry: ['drop', 'open'],
      on: { OPENED: 'catchingUp', STOP: stopped },
    },
    stopped: {
      entry: 'end',
      type: 'final',
    },
  },
});
