/**
 * Instants and lengths of time in words for people.
 */
import type { Instant } from '../bus/names.ts';

/** An instant, in UTC to the millisecond. */
export const timeOf = (instant: Instant): string => new Date(instant).toISOString();

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in milliseconds: `3 ms`, `58.179 s`, `4 min 58 s`, `1 h 25 min`, `5 d 0 h`. */
export const durationOf = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < MINUTE * 1000) return `${(milliseconds / 1000).toFixed(3)} s`;
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ${seconds % MINUTE} s`;
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ${minutes} min`;
  return `${Math.floor(seconds / DAY)} d ${Math.floor((seconds % DAY) / HOUR)} h`;
};
