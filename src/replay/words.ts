/**
 * Instants and lengths of time in words for people.
 */
import type { Instant } from '../bus/names.ts';

/** An instant, in UTC to the millisecond. */
export const timeOf = (instant: Instant): string => new Date(instant).toISOString();

/** A length of time in milliseconds: `3 ms`, `58.179 s`, `4 min 58 s`. */
export const durationOf = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(3)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
