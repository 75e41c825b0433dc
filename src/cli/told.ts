/**
 * What is said of an error: a failure in its own line, and whatever else was thrown whole, for it is a defect of the bus.
 */
import { LogFailure } from '../log/ask.ts';
import { EXIT, type ExitCode, Failure } from './exit.ts';

export interface Told {
  readonly code: ExitCode;
  readonly words: string;
}

export const told = (error: unknown): Told => {
  if (error instanceof Failure) return { code: error.code, words: error.message };
  if (error instanceof LogFailure) return { code: EXIT.unavailable, words: error.message };
  const words = error instanceof Error ? error.stack : undefined;
  return { code: EXIT.software, words: words ?? String(error) };
};
