/**
 * A bar on the terminal of whoever waits.
 */
import type { Progress } from '../journal/journal.ts';

export interface Bar {
  readonly progress: Progress;
  readonly stop: () => void;
}

const WHOLE = 1000;

export const noBar: Bar = { progress: () => {}, stop: () => {} };

/** A bar on the error stream, where that is a terminal. It is to be stopped before anything is printed. */
export const progressBar = async (): Promise<Bar> => {
  if (!process.stderr.isTTY) return noBar;
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{bar} {percentage} %, {eta_formatted} to go',
    clearOnComplete: true,
  });
  bar.start(WHOLE, 0);
  return {
    progress: (share) => bar.update(Math.min(WHOLE, Math.round(share * WHOLE))),
    stop: () => bar.stop(),
  };
};
