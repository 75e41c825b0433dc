/**
 * The signals by which a process is told to stop.
 */
import { systemClock } from '../library/system.ts';
import { EXIT } from './exit.ts';

/** npm passes a signal on that a terminal or systemd has given to the node already: they come within so long. */
const ECHO_MS = 1000;

/** Whether a signal says once more what one has said that came so many milliseconds before it. Pure. */
export const isEcho = (sinceFirstMs: number): boolean => sinceFirstMs < ECHO_MS;

/** Aborted by the first signal to stop, with its name for a reason; one that is no echo of it ends the process at once, after `cutShort`. */
export const stopSignal = (cutShort: () => void = () => {}): AbortSignal => {
  const stop = new AbortController();
  let first: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const now = systemClock.elapsed();
      if (first !== undefined && !isEcho(now - first)) {
        cutShort();
        process.exit(EXIT.unavailable);
      }
      first ??= now;
      stop.abort(signal);
    });
  }
  return stop.signal;
};

/** Does something in the very moment of the abort, or now if it was before; done when that is. */
export const whenAborted = <A>(
  stop: AbortSignal,
  act: (reason: string) => A,
): Promise<Awaited<A>> =>
  new Promise((resolve, reject) => {
    const begin = (): void => {
      Promise.resolve(act(String(stop.reason))).then(resolve, reject);
    };
    if (stop.aborted) begin();
    else stop.addEventListener('abort', begin, { once: true });
  });
