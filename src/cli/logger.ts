/**
 * What an operator reads: pino's JSON lines on the error stream, or readable ones on a terminal.
 */
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export const createLogger = (): Logger =>
  process.stderr.isTTY
    ? pino(pretty({ destination: 2, ignore: 'pid,hostname', sync: true }))
    : pino(pino.destination({ dest: 2, sync: true }));
