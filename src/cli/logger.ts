/**
 * What an operator reads: pino's JSON lines on the error stream, or readable ones on a terminal.
 */
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** `facts` are in each line. */
export const createLogger = (facts: object = {}): Logger =>
  (process.stderr.isTTY
    ? pino(pretty({ destination: 2, ignore: 'pid,hostname', sync: true }))
    : pino(pino.destination({ dest: 2, sync: true }))
  ).child(facts);
