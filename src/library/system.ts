/**
 * The ports as this machine provides them: its clocks, its randomness, and silence.
 */
import { randomUUID } from 'node:crypto';
import type { Clock, Logger, NewId, Random } from '../ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

export const systemNewId: NewId = () => randomUUID();

export const systemRandom: Random = () => Math.random();

export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
