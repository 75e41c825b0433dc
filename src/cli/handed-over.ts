/**
 * What becomes of a connection that was on its way to a worker which died.
 *
 * Cluster hands a worker one connection after the other, and keeps each open until the worker says that it has it. When the worker
 * dies instead, cluster forgets it: its client would wait for its own time-out, on a connection that nobody reads.
 */
import type { Worker } from 'node:cluster';

interface Handle {
  readonly close: () => void;
}

/** Watches what a worker is handed; what is returned cuts the last of it, once the worker is gone. */
export const watchHandingOver = ({ process: child }: Worker): (() => void) => {
  // It could not even be started.
  if (!child.connected) return () => {};
  const send = child.send.bind(child) as (...args: ReadonlyArray<unknown>) => boolean;
  let last: Handle | undefined;
  child.send = (...args: ReadonlyArray<unknown>): boolean => {
    const [, handle] = args;
    if (isHandle(handle)) last = handle;
    return send(...args);
  };
  // One that the worker had is closed here already, and to close it again does nothing.
  return () => last?.close();
};

const isHandle = (value: unknown): value is Handle =>
  typeof value === 'object' && value !== null && 'close' in value;
